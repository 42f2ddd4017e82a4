"""Generates text as it is typed on pages: sentences, names, addresses, dates and amounts."""

import functools
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from data.signatures.printed_noise import WORDS_FILE

T = TypeVar("T")

_COMMON = (
    *("the", "of", "to", "and", "in", "a", "that", "is", "for", "it", "on", "with", "as", "by", "be", "this", "we"),
    *("at", "from", "or", "have", "are", "which", "not", "you", "our", "your"),
)
_FIRST_NAMES = (
    *("James", "John", "Robert", "Mary", "William", "David", "Richard", "Charles", "Joseph", "Thomas", "Susan"),
    *("Karen", "Paul", "Mark", "Donald", "George", "Kenneth", "Carrie", "Steven", "Edward", "Brian", "Ronald"),
    *("Anthony", "Kevin", "Helen", "Laura", "Alan", "Harold", "Walter", "Marion", "Arthur", "Louise", "Norman"),
    *("Alexander", "Frances", "Ruth"),
)
_SURNAMES = (
    *("Smith", "Whitman", "Brown", "Davis", "Miller", "Wilson", "Moore", "Taylor", "Anderson", "Jackson", "White"),
    *("Harris", "Martin", "Thompson", "Garcia", "Robinson", "Clark", "Lewis", "Lee", "Walker", "Hall", "Allen"),
    *("Young", "King", "Wright", "Lopez", "Hill", "Scott", "Green", "Adams", "Baker", "Nelson", "Carter"),
    *("Mitchell", "Hoffmann", "Stevens", "Keller", "Tanaka", "Garrett", "Norwood", "Sterling", "Bowman"),
    *("Travers", "Osborne", "Colby", "Glenn", "Ford", "Yu", "Gardenier", "Li", "Oakes"),
)
_TITLES = (
    *("President", "Vice President", "Director", "Manager", "Secretary", "Treasurer", "Scientific Director"),
    *("Sales Manager", "Executive Assistant", "Assistant Professor", "Contracting Officer", "General Counsel"),
    *("Chairman", "Project Director", "Media Planner", "Purchasing Director", "Associate Director of Research"),
    *("Marketing Assistant", "Administrator", "Realty Specialist", "Senior Vice President"),
)
_STREETS = (
    *("Main", "Park", "Third", "Madison", "Oak", "Washington", "Hill", "Broad", "Elm", "Lincoln", "Market"),
    *("Church", "Lake", "Union", "River", "Franklin"),
)
_CITIES = (
    *("New York, New York", "Richmond, Virginia", "Louisville, Kentucky", "Washington, D.C."),
    *("Winston-Salem, N.C.", "Chicago, Illinois", "Boston, Massachusetts", "Atlanta, GA", "Greensboro, NC"),
    *("Denver, Colorado", "Los Angeles, California", "Dallas, TX", "Kansas City, MO"),
)
_KINDS = (
    *("Company", "Corporation", "Inc.", "Associates", "& Sons", "Laboratories", "Institute", "University"),
    *("Council", "Properties, LLC", "Group"),
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November"),
    "December",
)
CLOSINGS = (
    *("Sincerely,", "Sincerely yours,", "Very truly yours,", "Yours truly,", "Yours sincerely,", "Cordially,"),
    *("Best regards,", "Regards,", "With best wishes,", "Kind regards,", "Respectfully,", "Respectfully submitted,"),
)


@functools.cache
def words() -> tuple[str, ...]:
    """The vocabulary."""
    return tuple(WORDS_FILE.read_text(encoding="utf-8").split())


def pick(rng: np.random.Generator, choices: Sequence[T]) -> T:
    """One of the choices, with equal probabilities."""
    return choices[int(rng.integers(len(choices)))]


def phrase(rng: np.random.Generator, length: int) -> str:
    """A sequence of words, about half of them frequent function words."""
    vocabulary = words()
    small = rng.random(length) < 0.45
    index = rng.random(length)
    return " ".join(
        _COMMON[int(i * len(_COMMON))] if s else vocabulary[int(i * len(vocabulary))]
        for s, i in zip(small, index, strict=True)
    )


def sentence(rng: np.random.Generator) -> str:
    """A sentence of 5 to 24 words, some with a comma, a number or an amount."""
    parts = phrase(rng, int(rng.integers(5, 25))).split(" ")
    for _ in range(int(rng.integers(3))):
        i = int(rng.integers(1, len(parts)))
        parts[i] = pick(
            rng, (parts[i - 1] + ",", number(rng), "$" + number(rng), pick(rng, _SURNAMES), "(" + parts[i] + ")")
        )
    return parts[0].capitalize() + " " + " ".join(parts[1:]) + "."


def prose(rng: np.random.Generator, sentences: int) -> str:
    """A paragraph of so many sentences."""
    return "  ".join(sentence(rng) for _ in range(sentences))


def number(rng: np.random.Generator) -> str:
    """A count or an amount: 7, 1,250, 83.50."""
    value = int(10 ** rng.uniform(0, 6))
    return f"{value:,}" if rng.random() < 0.6 else f"{value / 100:,.2f}"


def person(rng: np.random.Generator) -> str:
    """A name as typed under a signature."""
    first = pick(rng, _FIRST_NAMES)
    form = pick(rng, ("{f} {m}. {s}", "{i}. {m}. {s}", "{f} {s}", "{f} {m}. {s}, Ph.D.", "{i}. {s}", "Dr. {f} {s}"))
    return form.format(f=first, i=first[0], m=pick(rng, "ABCDEFGHJKLMPRSTW"), s=pick(rng, _SURNAMES))


def surname(rng: np.random.Generator) -> str:
    """A family name."""
    return pick(rng, _SURNAMES)


def title(rng: np.random.Generator) -> str:
    """The title under a name."""
    return pick(rng, _TITLES)


def company(rng: np.random.Generator) -> str:
    """The name of an organisation."""
    name = f"{pick(rng, _SURNAMES)} {pick(rng, words()).capitalize()}" if rng.random() < 0.5 else phrase(rng, 2).title()
    return f"{'The ' * (rng.random() < 0.3 and not name.startswith('The'))}{name} {pick(rng, _KINDS)}"


def date(rng: np.random.Generator) -> str:
    """A date as typed."""
    month, day, year = int(rng.integers(12)), int(rng.integers(1, 29)), int(rng.integers(1940, 2016))
    return (
        pick(
            rng,
            (f"{_MONTHS[month]} {day}, {year}", f"{day} {_MONTHS[month]} {year}", f"{month + 1}/{day}/{year % 100:02}"),
        )
        if rng.random() < 0.4
        else f"{_MONTHS[month]} {day}, {year}"
    )


def street(rng: np.random.Generator) -> str:
    """The line of an address with the street."""
    return f"{rng.integers(10, 9999)} {pick(rng, _STREETS)} {pick(rng, ('Street', 'Avenue', 'Road', 'Boulevard'))}"


def city(rng: np.random.Generator) -> str:
    """The line of an address with the town and its postal code."""
    return f"{pick(rng, _CITIES)} {rng.integers(10000, 99999)}"

"""Plans the handwriting of synthetic names as salient points of the pen: letters, words, initials, flourishes.

A *component* is written without lifting the pen: float [n, 3] of x and y in x-heights, y up from the baseline, and 1
at corners.
"""

import dataclasses
import functools

import numpy as np

# Letters as salient points "x,y" in tenths of the x-height, y up from the baseline. The path has a corner at "^" and
# runs smoothly through the others; "/" lifts the pen; dots and bars after "|" are written after the word. A small
# letter starts at the end of the stroke that joins it to the previous letter.
_LETTERS = {
    "a": "8,9^ 4,10 0,4 3,0 8,9^ 9,1 13,3",
    "b": "6,15 4,22 1,15 1,3 5,0 8,5 6,9^ 11,8",
    "c": "7,8 4,10 0,5 4,0 9,3",
    "d": "8,9^ 4,10 0,4 3,0 8,8 10,22^ 10,2 14,3",
    "e": "4,3 7,7 4,10 1,5 4,0 9,3",
    "f": "5,12 7,21 4,20 2,4 2,-11 5,-8 4,0^ 9,3",
    "g": "8,9^ 4,10 0,4 3,0 8,9^ 8,-6 4,-12 2,-8 11,3",
    "h": "6,15 4,22 1,15 1,0^ 5,9 8,8 8,2 12,3",
    "i": "3,10^ 3,2 5,0 9,3 | 5,16 6,17",
    "j": "3,10^ 3,-6 0,-12 -3,-8 8,3 | 4,16 5,16",
    "k": "6,15 4,22 1,15 1,0^ 4,8 7,9 6,5 3,5^ 8,0 12,3",
    "l": "5,13 6,21 3,20 2,4 5,0 9,3",
    "m": "2,10 2,0^ 5,9 7,8 7,0^ 10,9 12,8 12,2 16,3",
    "n": "2,10 2,0^ 5,9 8,9 8,2 12,3",
    "o": "6,9 3,10 0,4 4,0 7,5 5,10 8,8 12,9",
    "p": "2,10^ 1,-11^ 3,7 7,10 9,4 5,0 12,3",
    "r": "2,10^ 4,9 7,9 7,2 11,3",
    "s": "5,11^ 7,4 4,0 1,1^ 10,3",
    "t": "4,19^ 3,4 5,0 10,3 | -2,12 9,14",
    "u": "2,10^ 2,3 5,0 9,9^ 9,2 13,3",
    "v": "2,10 5,1 9,10 13,8",
    "w": "2,10^ 3,1 7,8^ 8,1 12,9 15,8",
    "y": "2,10^ 3,3 6,2 9,10^ 8,-6 4,-12 2,-8 12,3",
    "z": "2,9 6,10 2,2 6,1 5,-8 1,-11 0,-7 10,3",
    "A": "0,0 6,14 12,24^ 15,0 / 3,9 17,10",
    "B": "4,22^ 1,0^ 2,20 8,25 12,19 5,13^ 13,8 9,0 1,2",
    "C": "14,19 11,24 2,14 4,1 10,0 16,6",
    "D": "6,22^ 4,2 -1,1 10,1 18,13 10,24 0,19",
    "E": "12,21 8,24 3,19 8,13^ 0,6 5,0 14,5",
    "F": "7,21 4,2 -2,3 / -2,20 5,24 16,23 / 2,12 11,13",
    "G": "14,19 10,24 1,12 5,2 13,10^ 13,-6 6,-11 3,-6 18,2",
    "H": "3,23^ 1,0 / 14,24 12,0 / -1,11 17,13",
    "J": "2,19 8,25 10,14 5,-10 -2,-9 0,-3 14,4",
    "K": "3,23 1,0 / 14,23 3,11^ 15,0 19,3",
    "L": "3,12 9,22 7,25 4,19 3,4 0,0 4,2 14,0 19,4",
    "M": "0,0^ 5,24^ 9,3^ 17,24^ 18,2 22,3",
    "N": "0,0^ 3,23^ 12,0^ 16,25",
    "O": "9,24 0,13 7,0 15,11 9,24 6,20 17,23",
    "P": "4,21 2,-2 / -2,17 6,25 13,20 10,12 3,11",
    "R": "4,22 2,0 / -1,18 7,25 13,20 10,13 4,12^ 14,0 19,3",
    "S": "13,19 9,24 4,18 9,9 6,0 -1,3 16,5",
    "T": "9,22 7,3 3,0 / -3,20 5,24 18,23",
    "V": "0,21 4,22 8,0^ 16,24",
    "W": "0,22 4,0^ 9,18^ 13,0^ 20,25",
    "Y": "0,22 4,12 10,15 14,23^ 10,-4 4,-11 0,-7 15,3",
    "Z": "1,20 7,24 13,22 2,2 6,3 15,0 20,4",
    "0": "6,15 1,8 5,0 9,8 5,15",
    "1": "1,12 4,16^ 3,0",
    "2": "1,12 5,16 8,11 0,0^ 5,1 10,0",
    "3": "1,14 6,16 7,10 3,8^ 8,5 4,0 0,2",
    "4": "2,16 0,7^ 9,7 / 7,12 6,-2",
    "5": "2,15^ 1,9^ 7,8 6,1 0,1 / 2,15 9,16",
    "6": "7,16 1,7 4,0 8,4 4,7 1,4",
    "7": "0,15^ 9,15^ 3,0",
    "8": "8,14 3,14 8,4 3,0 1,4 8,14",
    "9": "8,13 3,15 2,9 8,12^ 7,0",
    "/": "0,-2 7,18",
    "-": "0,7 6,7",
    ".": "0,0 1,1",
    ",": "1,1 0,-3",
    "$": "8,14 3,15 2,9 8,6 5,1 0,2 / 5,18 4,-2",
}
_INITIALS = "ABCDEFGHJKLMNOPRSTVWYZ"
_VOWELS = "aaeeeiiouy"
_CONSONANTS = "bcdfghjkllmmnnnprrrssttvwz"

_FORMS = [(5, 6), (1, 6), (4, 1, 5), (7,), (1, 1, 5), (4, 5), (1, 8), (5, 4), (3, 2), (4, 1, 1)]
"""Usual numbers of letters in the words of a name; 1 is an initial."""


@dataclasses.dataclass(frozen=True)
class _Hand:
    """Parameters of a handwriting.

    Args:
      width: factor of letters' width.
      capital: factor of capitals' height.
      fade: share of the height by which letters shrink along a word.
      spread: standard deviation of letters' points, x-heights.
      space: between letters, x-heights.
      lifts: probability of lifting the pen after a letter.
      joins: whether capitals join the next letter.
      printed: whether letters are separate, without the strokes that join them.
    """

    width: float
    capital: float
    fade: float
    spread: float
    space: float
    lifts: float
    joins: bool
    printed: bool = False


def _parse(points: str) -> np.ndarray:
    return np.array([[*map(float, p.rstrip("^").split(",")), 10 * p.endswith("^")] for p in points.split()]) / 10


@functools.cache
def _letter(letter: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """(components of a letter written at once, components written after the word)."""
    now, _, later = _LETTERS[letter].partition("|")
    return [_parse(part) for part in now.split("/")], [_parse(later)] if later else []


def _plan_word(letters: str, hand: _Hand, rng: np.random.Generator) -> list[np.ndarray]:
    """Components of a word that begins at x = 0; delayed dots and bars come last."""
    written: list[np.ndarray] = []
    delayed: list[np.ndarray] = []
    x, connect = 0.0, False
    for i, letter in enumerate(letters):
        capital, small = letter.isupper(), letter.islower()
        width = hand.width * (hand.capital**0.5 if capital else 1)
        height = hand.capital if capital else 1 - hand.fade * i / len(letters) if small else 1
        now, later = (
            [
                part * (width, height, 1) + rng.normal((x, 0, 0), (hand.spread, hand.spread, 0), part.shape)
                for part in parts
            ]
            for parts in _letter(letter)
        )
        if hand.printed:
            now = [part[:-1] if small and part is now[-1] and len(part) > 3 else part for part in now]
        elif connect:
            now[0] = np.vstack([written.pop(), now[0]])
        elif small:
            now[0] = np.vstack([(now[0][0, 0] - 0.4, rng.uniform(0, 0.5), 0), now[0]])  # a lead-in from the baseline
        written += now
        delayed += later

        end = now[-1][-1, 0]
        if not small:  # the next letter begins below bars and beside bowls
            points = np.concatenate(now)
            right = points[points[:, 1] <= 1.3 * hand.capital, 0].max()
            connect = capital and hand.joins and end >= 0.8 * right
            x = (max(right, end) if connect else right) + hand.space
        else:
            connect = rng.random() >= hand.lifts
            x = (max(part[:, 0].max() for part in now) if hand.printed else end) + hand.space
    return written + delayed


def plan_name(rng: np.random.Generator) -> list[np.ndarray]:
    """Components of a random name in a random handwriting, in the order of writing."""
    hand = _Hand(
        width=rng.uniform(0.65, 1.3),
        capital=rng.uniform(0.9, 1.7),
        fade=rng.choice([0.0, 0.2, 0.5, 0.9]),
        spread=rng.uniform(0.04, 0.12),
        space=rng.uniform(-0.15, 0.45),
        lifts=rng.choice([0.1, 0.25, 0.5, 0.9]),
        joins=rng.random() < 0.4,
    )
    components: list[np.ndarray] = []
    x = 0.0
    for usual_length in _FORMS[rng.integers(len(_FORMS))]:
        length = usual_length + int(rng.integers(-1, 2)) if usual_length > 1 else 1
        word = [part + np.array([x, 0, 0]) for part in _plan_word(_random_word(length, rng), hand, rng)]
        x = max(part[:, 0].max() for part in word)
        if length == 1 and rng.random() < 0.6:  # the full stop of an initial
            word.append(np.array([(x + 0.2, 0, 1), (x + 0.3, 0.05, 1)]))
        components += word
        x += rng.uniform(0.5, 1.5)
    return components


def plan_printing(text: str, rng: np.random.Generator) -> list[np.ndarray]:
    """Components of given words in separate letters, see `plan_writing`.

    Args:
      text: letters that names use, digits and `/-.,$`; others are left out.
      rng: source of every random choice.
    """
    hand = _Hand(
        width=rng.uniform(0.6, 1.0),
        capital=rng.uniform(0.8, 1.1),
        fade=0.0,
        spread=rng.uniform(0.03, 0.1),
        space=rng.uniform(0.1, 0.6),
        lifts=1.0,
        joins=False,
        printed=True,
    )
    return _plan_words(text, hand, rng)


def plan_writing(text: str, rng: np.random.Generator, space: tuple[float, float] = (-0.15, 0.45)) -> list[np.ndarray]:
    """Components of given words, numbers and dates in a random handwriting, in the order of writing.

    Args:
      text: letters that names use, digits and `/-.,$`; others are left out.
      rng: source of every random choice.
      space: between letters, least and most, x-heights.
    """
    hand = _Hand(
        width=rng.uniform(0.65, 1.3),
        capital=rng.uniform(0.8, 1.2),
        fade=rng.choice([0.0, 0.0, 0.2, 0.5]),
        spread=rng.uniform(0.04, 0.12),
        space=rng.uniform(*space),
        lifts=rng.choice([0.1, 0.25, 0.5, 0.9]),
        joins=rng.random() < 0.4,
    )
    return _plan_words(text, hand, rng)


def _plan_words(text: str, hand: _Hand, rng: np.random.Generator) -> list[np.ndarray]:
    components: list[np.ndarray] = []
    x = 0.0
    for word in text.split():
        letters = "".join(letter for letter in word if letter in _LETTERS)
        if letters:
            written = [part + np.array([x, 0, 0]) for part in _plan_word(letters, hand, rng)]
            x = max(part[:, 0].max() for part in written) + rng.uniform(0.5, 1.2)
            components += written
    return components


def _random_word(length: int, rng: np.random.Generator) -> str:
    """A capital, then small vowels and consonants that mostly alternate."""
    letters = _INITIALS[rng.integers(len(_INITIALS))]
    vowel = letters not in "AEO"
    while len(letters) < length:
        pool = _VOWELS if vowel else _CONSONANTS
        letters += pool[rng.integers(len(pool))]
        vowel = not vowel if rng.random() < 0.85 else vowel
    return letters


def plan_flourish(name: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Components of a flourish after a name: none, a long tail, an underline, a paraph below, or a loop through it."""
    points = np.concatenate(name)
    left, right = points[:, 0].min(), points[:, 0].max()
    width, below = right - left, min(points[:, 1].min(), -0.5) - 0.3
    start, stop = left + rng.uniform(0, 0.4) * width, right - rng.uniform(0, 0.3) * width
    paths = [
        [],
        [(right - 0.1, 0.2), (right + 0.15 * width + 1, rng.uniform(-0.4, 0.6))],
        [(start, below), (stop, below + rng.uniform(0, 0.8))],
        [(right, 0.3), (right + 0.5, below + 0.3), (start, below), (start - 0.4, below - 0.6), (stop, below)],
        [(start, 0.4), (right + 0.6, 0.6), (right, 1.4), (start + 0.2 * width, 1.0)],
    ]
    path = paths[rng.choice(len(paths), p=[0.5, 0.25, 0.12, 0.08, 0.05])]
    return [np.column_stack([rng.normal(path, 0.2), np.zeros(len(path))])] if path else []

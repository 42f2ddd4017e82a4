"""Synthetic signatures of made-up writers, drawn by the Sigma-Lognormal model and scanned as ballpoint on white paper.

A writer is an action plan: letters given by a few salient points each, joined into a name, crossed, dotted, underlined,
and turned into overlapping strokes. A sample is one more execution of that plan. Sizes, line widths and greys follow
scans of real signatures at 300 dpi.

Sources:
- M. A. Ferrer, M. Diaz-Cabrera and A. Morales, "Static signature synthesis: a neuromotor inspired approach for
  biometrics", IEEE TPAMI 37, 2015: the plan, and the ink.
- M. Diaz, M. A. Ferrer, G. S. Eskander and R. Sabourin, "Generation of duplicated off-line signature images for
  verification systems", IEEE TPAMI 39, 2017: what differs within a writer.
"""

import dataclasses
import functools

import cv2
import numpy as np

from data.sigma_lognormal import (
    perturb,
    reach_targets,
    smooth_turns,
    Strokes,
    strokes_between,
    Trajectory,
    trajectory,
)

TIME_STEP = 0.005
"""Seconds between samples of a trajectory: the 200 Hz of a digitising tablet."""


@dataclasses.dataclass(frozen=True, eq=False)
class Writer:
    """What stays the same in all signatures of one person.

    Args:
      strokes: the action plan, px at 300 dpi, y down.
      pen_width: width of a slow, fully pressed line, px.
      ink: grey value of that line, 0 black to 255 white.
      speed: mean speed of the plan with the pen down, px/s.
      margin: float [2, 2], usual paper (left, above) and (right, below) of the ink, px.
      variability: how much samples differ; 1 is usual, see `data.sigma_lognormal.perturb`.
    """

    strokes: Strokes
    pen_width: float
    ink: int
    speed: float
    margin: np.ndarray
    variability: float


@functools.lru_cache(maxsize=512)
def make_writer(seed: int, writer: int) -> Writer:
    """Makes up writer number `writer` of population `seed`; the same pair always gives the same writer.

    Raises:
      ValueError: a negative number.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(writer,)))
    name = _plan_name(rng)
    strokes = _plan_strokes(_place(name + _plan_flourish(name, rng), rng), rng)
    path = trajectory(strokes, TIME_STEP)
    return Writer(
        strokes=strokes,
        pen_width=rng.uniform(3.0, 4.8),
        ink=int(rng.integers(45, 110)),
        speed=float(path.speed[path.pen_down].mean()),
        margin=rng.uniform(0, ((35, 125), (50, 105))),
        variability=rng.uniform(0.8, 1.5),
    )


def draw_signature(seed: int, writer: int, sample: int) -> np.ndarray:
    """Draws one signature as a grey scan, cut out with the loose margins of scans cut by hand.

    Depends on the three numbers alone: not on the process, nor on what was drawn before.

    Args:
      seed: which population of writers, at least 0.
      writer: which writer, at least 0.
      sample: which of the writer's signatures, at least 0.

    Returns:
      uint8 [H, W], 0 black to 255 white paper; most are 450 to 700 px wide and 200 to 500 px high.

    Raises:
      ValueError: a negative number.
    """
    person = make_writer(seed, writer)
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(writer, sample)))
    strokes = _vary_small_strokes(perturb(person.strokes, rng, person.variability), rng)
    path = trajectory(strokes, TIME_STEP)
    path = dataclasses.replace(path, position=path.position @ _small_affine(rng, person.variability))
    return _scan(path, person, rng)


# ---- the writer's action plan ----

# Letters as salient points "x,y" in tenths of the x-height, y up from the baseline. The path has a corner at "^" and
# runs smoothly through the others; "/" lifts the pen; what follows "|", dots and bars, is written after the word. A
# small letter starts where the stroke that joins it to the letter before ends.
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
}
_INITIALS = "ABCDEFGHJKLMNOPRSTVWYZ"
_VOWELS = "aaeeeiiouy"
_CONSONANTS = "bcdfghjkllmmnnnprrrssttvwz"

_FORMS = [(5, 6), (1, 6), (4, 1, 5), (7,), (1, 1, 5), (4, 5), (1, 8), (5, 4), (3, 2), (4, 1, 1)]
"""Usual numbers of letters in the words of a name; 1 is an initial."""


@dataclasses.dataclass(frozen=True)
class _Hand:
    """Habits of a hand.

    Args:
      width: factor of letters' width.
      capital: factor of capitals' height.
      fade: share of the height that is lost along a word.
      spread: standard deviation of letters' points, x-heights.
      space: between letters, x-heights.
      lifts: chance to lift the pen after a letter.
      joins: whether capitals join the next letter.
    """

    width: float
    capital: float
    fade: float
    spread: float
    space: float
    lifts: float
    joins: bool


# Below, a component is what is written without lifting the pen: float [n, 3] of x, y in x-heights and 1 at corners.


def _parse(points: str) -> np.ndarray:
    return np.array([[*map(float, p.rstrip("^").split(",")), 10 * p.endswith("^")] for p in points.split()]) / 10


@functools.cache
def _letter(letter: str) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """The letter's components written at once and those written after the word."""
    now, _, later = _LETTERS[letter].partition("|")
    return [_parse(part) for part in now.split("/")], [_parse(later)] if later else []


def _plan_word(letters: str, hand: _Hand, rng: np.random.Generator) -> list[np.ndarray]:
    """Writes a word from x = 0, the delayed dots and bars last."""
    written: list[np.ndarray] = []
    delayed: list[np.ndarray] = []
    x, connect = 0.0, False
    for i, letter in enumerate(letters):
        capital = letter in _INITIALS
        width = hand.width * (hand.capital**0.5 if capital else 1)
        height = hand.capital if capital else 1 - hand.fade * i / len(letters)
        now, later = (
            [
                part * (width, height, 1) + rng.normal((x, 0, 0), (hand.spread, hand.spread, 0), part.shape)
                for part in parts
            ]
            for parts in _letter(letter)
        )
        if connect:
            now[0] = np.vstack([written.pop(), now[0]])
        elif not capital:
            now[0] = np.vstack([(now[0][0, 0] - 0.4, rng.uniform(0, 0.5), 0), now[0]])  # a lead-in from the baseline
        written += now
        delayed += later

        end = now[-1][-1, 0]
        if capital:  # the next letter goes below bars and beside bowls
            points = np.concatenate(now)
            right = points[points[:, 1] <= 1.3 * hand.capital, 0].max()
            connect = hand.joins and end >= 0.8 * right
            x = (max(right, end) if connect else right) + hand.space
        else:
            connect = rng.random() >= hand.lifts
            x = end + hand.space
    return written + delayed


def _plan_name(rng: np.random.Generator) -> list[np.ndarray]:
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
        word = [part + np.array([x, 0, 0]) for part in _plan_word(_make_up_word(length, rng), hand, rng)]
        x = max(part[:, 0].max() for part in word)
        if length == 1 and rng.random() < 0.6:  # the full stop of an initial
            word.append(np.array([(x + 0.2, 0, 1), (x + 0.3, 0.05, 1)]))
        components += word
        x += rng.uniform(0.5, 1.5)
    return components


def _make_up_word(length: int, rng: np.random.Generator) -> str:
    letters = _INITIALS[rng.integers(len(_INITIALS))]
    vowel = letters not in "AEO"
    while len(letters) < length:
        pool = _VOWELS if vowel else _CONSONANTS
        letters += pool[rng.integers(len(pool))]
        vowel = not vowel if rng.random() < 0.85 else vowel
    return letters


def _plan_flourish(name: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """What ends the signature: nothing, a long tail, an underline, a paraph below, or a loop through the name."""
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


def _place(components: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Slants and turns the plan and brings it to the size of the box on the form; from here on px, y down."""
    slant, slope = rng.normal((0.35, 0.08), (0.25, 0.12))
    to_page = np.array([[1, 0], [slant, 1]]) @ _rotation(slope)
    placed = [part[:, :2] @ to_page for part in components]
    scale = (rng.normal((550, 330), (45, 50)) / np.ptp(np.concatenate(placed), axis=0)).min()
    return [np.column_stack([xy * (scale, -scale), part[:, 2]]) for xy, part in zip(placed, components, strict=True)]


def _plan_strokes(components: list[np.ndarray], rng: np.random.Generator) -> Strokes:
    """Chains components by strokes in the air, and gives every stroke its lognormal."""
    points = np.concatenate(components)
    targets, corner = points[:, :2], points[:, 2] > 0
    lifts = np.cumsum([len(part) for part in components])[:-1] - 1  # the last points before the pen leaves the paper
    corner[lifts] = corner[lifts + 1] = True
    pen_down = np.ones(len(targets) - 1, bool)
    pen_down[lifts] = False

    length = np.hypot(*np.diff(targets, axis=0).T)
    sigma = rng.uniform(0.18, 0.26) * np.exp(rng.normal(0, 0.08, len(length)))
    mu = np.log(rng.uniform(0.16, 0.24) * (np.maximum(length, 8) / 40) ** 0.3) + rng.normal(0, 0.03, len(length))
    spread = sigma * np.exp(mu)  # roughly the standard deviation of each lognormal, s
    pause = np.where(pen_down[1:] != pen_down[:-1], 1.6, np.where(corner[1:-1], 1.25, 1.0))
    interval = 0.5 * (spread[1:] + spread[:-1]) * pause * rng.uniform(1.7, 3.0)

    turn = smooth_turns(targets, corner) * rng.uniform(0.5, 1.1)  # from angular to round hands
    strokes = strokes_between(targets, turn, mu, sigma, interval, pen_down)
    return reach_targets(strokes, targets, turn, TIME_STEP, rounds=int(rng.integers(3)))  # from hasty to careful hands


# ---- one execution ----


def _rotation(angle: float) -> np.ndarray:
    """For row vectors, from +x towards +y."""
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _small_affine(rng: np.random.Generator, amount: float) -> np.ndarray:
    """Scale, aspect, slant and rotation of one execution as a 2x2 matrix for row vectors."""
    scale, aspect, slant, turn = rng.normal(0, (0.04, 0.03, 0.04, 0.025)) * amount
    return np.diag(np.exp([scale + aspect, scale - aspect])) @ np.array([[1, 0], [slant, 1]]) @ _rotation(turn)


def _vary_small_strokes(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Now and then forgets a dot or bar, or drags the pen over a short way meant for the air."""
    pen_down = strokes.pen_down.copy()
    alone = 1 + np.flatnonzero(pen_down[1:-1] & ~pen_down[:-2] & ~pen_down[2:])
    hops = np.flatnonzero(~pen_down & (strokes.distance < np.median(strokes.distance)))
    if len(alone) and rng.random() < 0.2:
        pen_down[rng.choice(alone)] = False
    if len(hops) and rng.random() < 0.2:
        pen_down[rng.choice(hops)] = True
    return dataclasses.replace(strokes, pen_down=pen_down)


# ---- pen, paper and scanner ----

_GRAIN = np.sort(np.abs(np.random.default_rng(0).normal(0, 4, 256))).astype(np.uint8)
"""Paper grain: how far a random byte makes a pixel darker than white."""

_COVER = np.sort(np.random.default_rng(1).normal(220, 40, 256)).clip(100, 255).astype(np.uint8)
"""How much of its ink the ball leaves on the fibres, 255 all of it, by random byte."""

_FINE, _SHIFT, _LEVELS = 3, 4, 8
"""Pixels of the drawing per pixel of the scan, fractional bits of its coordinates, and line widths told apart."""


def line_width(speed: np.ndarray, distance_to_lift: np.ndarray, pen_width: float, usual_speed: float) -> np.ndarray:
    """Width of the ink line: thin where the pen is fast, and where it lands on or leaves the paper.

    Args:
      speed: float [T], px/s.
      distance_to_lift: float [T], px of path to the nearer end of what is written without lifting the pen.
      pen_width: px, at rest and fully pressed.
      usual_speed: px/s, above 0.

    Returns:
      float [T], px, between 0.3 and 1 of `pen_width`.
    """
    pressure = 0.55 + 0.45 * np.clip(distance_to_lift / (4 * pen_width), 0, 1)
    return pen_width * np.maximum(pressure * (1 - 0.5 * speed / (speed + 2 * usual_speed)), 0.3)


def _pressed_width(path: Trajectory, person: Writer, rng: np.random.Generator) -> np.ndarray:
    """Width of the ink line along the path, float [T], px, 0 where the pen is up."""
    travelled = np.cumsum(path.speed) * TIME_STEP
    edges = np.flatnonzero(np.diff(path.pen_down, prepend=False, append=False))
    starts, stops = edges[::2], edges[1::2]
    run = np.searchsorted(stops, np.arange(len(travelled)), side="right").clip(max=len(stops) - 1)
    to_lift = np.minimum(travelled - travelled[starts[run]], travelled[stops[run] - 1] - travelled)

    force = rng.normal(1, 0.15, int(10 * len(travelled) * TIME_STEP) + 2).clip(0.5, 1.3)  # wavers ten times a second
    force = np.interp(np.linspace(0, len(force) - 1, len(travelled)), np.arange(len(force)), force)
    return path.pen_down * force * line_width(path.speed, to_lift, person.pen_width, person.speed)


def _draw_line(points: np.ndarray, width: np.ndarray, person: Writer, size: tuple[int, int]) -> np.ndarray:
    """Draws the line larger and shrinks it, which smooths its edges faster than OpenCV's own anti-aliasing.

    Args:
      points: float [T, 2], px.
      width: float [T], px, 0 where the pen is up.
      person: whose pen it is.
      size: width and height of the scan in px.

    Returns:
      uint8 [H, W], how dark the ink is: 0 is none.
    """
    points = np.round(points * (_FINE << _SHIFT)).astype(np.int32)
    level = np.ceil(width / person.pen_width * _LEVELS).astype(int).clip(max=_LEVELS)
    cuts = np.flatnonzero(np.diff(level)) + 1
    pieces: list[list[np.ndarray]] = [[] for _ in range(_LEVELS + 1)]
    for start, stop in zip([0, *cuts], [*cuts, len(level)], strict=True):
        pieces[level[start]].append(points[start : stop + 1])  # one point of overlap leaves no gaps

    drawing = np.zeros((size[1] * _FINE, size[0] * _FINE), np.uint8)
    for i in range(1, _LEVELS + 1):  # lightest first, so that the pressed parts stay on top
        darkness = (255 - person.ink) * (0.3 + 0.7 * i / _LEVELS)
        thickness = max(1, round(i / _LEVELS * person.pen_width * _FINE))
        cv2.polylines(drawing, pieces[i], False, darkness, thickness, cv2.LINE_8, _SHIFT)
    return cv2.resize(drawing, size, interpolation=cv2.INTER_AREA)


def _scan(path: Trajectory, person: Writer, rng: np.random.Generator) -> np.ndarray:
    inked = path.position[path.pen_down]
    margin = np.maximum(rng.normal(person.margin, (8, 15)), 2)
    left_top = inked.min(0) - margin[0]
    width, height = (int(length) for length in np.ceil(inked.max(0) - left_top + margin[1]))
    line = _draw_line(path.position - left_top, _pressed_width(path, person, rng), person, (width, height))

    noise = rng.integers(0, 256, (2, height, width), dtype=np.uint8)
    cover = cv2.LUT(cv2.blur(noise[0], (2, 2)), _COVER)
    ink = cv2.multiply(cv2.GaussianBlur(line, (3, 3), 0.7), cover, scale=1 / 255)
    return cv2.subtract(cv2.LUT(noise[1], 255 - _GRAIN), ink)

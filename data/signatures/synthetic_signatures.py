"""Draws signatures of synthetic writers with the Sigma-Lognormal model, as scans of ballpoint on white paper.

A writer is an action plan: letters with a few salient points each, joined to a name, crossed, dotted, underlined, and
converted to overlapping strokes. A sample is one execution of that plan. Sizes, line widths and greys follow scans of
real signatures at 300 dpi.

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

from data.signatures.cursive_names import plan_flourish, plan_name
from data.signatures.sigma_lognormal import (
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
    """The properties that all signatures of one writer share.

    Args:
      strokes: the action plan, px at 300 dpi, y down.
      pen_width: width of a slow, fully pressed line, px.
      ink: grey value of that line, 0 black to 255 white.
      speed: mean speed of the plan with the pen down, px/s.
      margin: float [2, 2], usual margins (left, top) and (right, bottom) of the ink, px.
      variability: how much samples differ; 1 is usual, see `data.signatures.sigma_lognormal.perturb`.
    """

    strokes: Strokes
    pen_width: float
    ink: int
    speed: float
    margin: np.ndarray
    variability: float


@functools.lru_cache(maxsize=512)
def make_writer(seed: int, writer: int) -> Writer:
    """Generates a writer; the same numbers always give the same writer.

    Args:
      seed: which population of writers, at least 0.
      writer: which writer, at least 0.

    Raises:
      ValueError: a negative number.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(writer,)))
    name = plan_name(rng)
    strokes = _plan_strokes(_place(name + plan_flourish(name, rng), rng), rng)
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
    """Draws one signature as a grey scan with loose margins, as those of scans that people crop.

    The result depends on the three numbers alone, not on the process or on earlier calls.

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


def _place(components: list[np.ndarray], rng: np.random.Generator) -> list[np.ndarray]:
    """Slants and turns the plan and scales it to the size of a box on a form. The result is in px, y down."""
    slant, slope = rng.normal((0.35, 0.08), (0.25, 0.12))
    to_page = np.array([[1, 0], [slant, 1]]) @ _rotation(slope)
    placed = [part[:, :2] @ to_page for part in components]
    scale = (rng.normal((550, 330), (45, 50)) / np.ptp(np.concatenate(placed), axis=0)).min()
    return [np.column_stack([xy * (scale, -scale), part[:, 2]]) for xy, part in zip(placed, components, strict=True)]


def _plan_strokes(components: list[np.ndarray], rng: np.random.Generator) -> Strokes:
    """Connects components by strokes in the air, and chooses the lognormal parameters of every stroke."""
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
    """The rotation matrix for row vectors, from +x towards +y."""
    return np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])


def _small_affine(rng: np.random.Generator, amount: float) -> np.ndarray:
    """Scale, aspect, slant and rotation of one execution as a 2x2 matrix for row vectors."""
    scale, aspect, slant, turn = rng.normal(0, (0.04, 0.03, 0.04, 0.025)) * amount
    return np.diag(np.exp([scale + aspect, scale - aspect])) @ np.array([[1, 0], [slant, 1]]) @ _rotation(turn)


def _vary_small_strokes(strokes: Strokes, rng: np.random.Generator) -> Strokes:
    """Sometimes omits a dot or bar, or leaves the pen down on a short stroke in the air."""
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
"""Share of the ink that reaches the paper, 255 for all of it, by random byte."""

_FINE, _SHIFT, _LEVELS = 3, 4, 8
"""Pixels of the drawing per pixel of the scan, fractional bits of its coordinates, number of line widths."""


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

    force = rng.normal(1, 0.15, int(10 * len(travelled) * TIME_STEP) + 2).clip(0.5, 1.3)  # varies ten times per second
    force = np.interp(np.linspace(0, len(force) - 1, len(travelled)), np.arange(len(force)), force)
    return path.pen_down * force * line_width(path.speed, to_lift, person.pen_width, person.speed)


def _draw_line(points: np.ndarray, width: np.ndarray, person: Writer, size: tuple[int, int]) -> np.ndarray:
    """Draws the line enlarged and shrinks it, which smooths its edges faster than OpenCV's anti-aliasing.

    Args:
      points: float [T, 2], px.
      width: float [T], px, 0 where the pen is up.
      person: the writer, for pen and ink.
      size: width and height of the scan in px.

    Returns:
      uint8 [H, W], the darkness of the ink, 0 without ink.
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

"""The kinds of pages that are drawn: the layout of each, its paper, and how loose its boxes are."""

import dataclasses
from typing import Protocol

import numpy as np

from data.drawn_pages.certificates import certificate
from data.drawn_pages.cheques import cheque
from data.drawn_pages.contracts import contract
from data.drawn_pages.forms import form
from data.drawn_pages.leases import lease
from data.drawn_pages.letters import letter
from data.drawn_pages.manuscripts import manuscript
from data.drawn_pages.notices import notice
from data.drawn_pages.sheet import Sheet

_PAPERS = ((612.0, 792.0), (595.0, 842.0), (612.0, 1008.0))
"""Width and height of letter, A4 and legal paper, points."""


class Layout(Protocol):
    """Puts type and marks on a sheet; without signatures if it is not signed."""

    def __call__(self, sheet: Sheet, rng: np.random.Generator, signed: bool = True) -> None: ...


class Paper(Protocol):
    """Chooses (width, height in points, dots per inch)."""

    def __call__(self, rng: np.random.Generator) -> tuple[float, float, float]: ...


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of pages.

    Attributes:
      layout: puts type and marks on a sheet.
      paper: chooses the sheet and its resolution.
      slack: distance of the boxes from the ink, see `data.drawn_pages.mark_boxes`.
    """

    layout: Layout
    paper: Paper
    slack: float


def _office(rng: np.random.Generator) -> tuple[float, float, float]:
    width, height = _PAPERS[rng.choice(len(_PAPERS), p=(0.9, 0.06, 0.04))]
    return width, height, _resolution(rng)


def _a4(rng: np.random.Generator) -> tuple[float, float, float]:
    width, height = _PAPERS[rng.choice(2, p=(0.25, 0.75))]
    return width, height, _resolution(rng)


def _either_way(rng: np.random.Generator) -> tuple[float, float, float]:
    """Upright or, more often, lying."""
    width, height, dpi = _a4(rng)
    return (height, width, dpi) if rng.random() < 0.6 else (width, height, dpi)


def _slip(rng: np.random.Generator) -> tuple[float, float, float]:
    width, height = 480.0 * rng.uniform(0.95, 1.25), 215.0 * rng.uniform(0.95, 1.1)
    return width, height, 150.0 * rng.uniform(0.95, 1.3)


def _resolution(rng: np.random.Generator) -> float:
    return rng.choice((100, 118, 143, 150, 190), p=(0.2, 0.2, 0.3, 0.2, 0.1)) * rng.uniform(0.96, 1.04)


KINDS = {
    "letter": Kind(letter, _office, 0.006),  # boxes on letters are loose
    "lease": Kind(lease, _office, 0.002),
    "form": Kind(form, _office, 0.002),
    "cheque": Kind(cheque, _slip, 0.004),
    "certificate": Kind(certificate, _either_way, 0.004),
    "notice": Kind(notice, _a4, 0.004),
    "contract": Kind(contract, _a4, 0.003),
    "manuscript": Kind(manuscript, _office, 0.004),
}
"""Every kind by its name in the config."""

USUAL = {"letter": 0.42, "lease": 0.32, "form": 0.23, "cheque": 0.03}
"""Name -> weight of the kinds of SignverOD's pages."""

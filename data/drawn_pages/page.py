"""Draws scanned pages with signatures, initials, redactions and hand-written dates, and the boxes around them.

Sizes, places and frequencies of the usual kinds follow SignverOD (https://www.kaggle.com/datasets/victordibia/signverod),
with letters and memos of tobacco companies, federal leases, tax forms and cheques.
"""

import dataclasses
from collections.abc import Mapping

import numpy as np

from data.drawn_pages.camera import photograph
from data.drawn_pages.kinds import KINDS, USUAL
from data.drawn_pages.scanner import scan
from data.drawn_pages.sheet import Sheet

_BLANK = 0.08
"""Share of the pages without signatures."""


@dataclasses.dataclass(frozen=True, eq=False)
class Page:
    """A scanned page.

    Args:
      pixels: uint8 [H, W], 0 black to 255 white, dark ink on white paper.
      boxes: float32 [n, 4], ymin, xmin, ymax, xmax as shares of the page's height and width, inside [0, 1].
      labels: int64 [n], 1 signature, 2 initials, 3 redaction, 4 date.
    """

    pixels: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray


def draw_page(
    seed: int, page: int, slack: float = 1.0, kinds: Mapping[str, float] = USUAL, photographed: float = 0.0
) -> Page:
    """Draws one page. The result depends on the arguments alone, not on the process or on earlier calls.

    Args:
      seed: which collection of pages, at least 0.
      page: which page of it, at least 0.
      slack: distance of boxes from the ink relative to SignverOD's boxes; changes only the boxes. 0: boxes enclose the
        ink alone.
      kinds: name of a kind in `data.drawn_pages.kinds.KINDS` -> its weight.
      photographed: share of the pages that are photographed instead of scanned.

    Raises:
      ValueError: a negative number.
    """
    # a generator of its own, so that the layout is the same whether a page is photographed or not
    camera = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(page, 0)))
    if camera.random() >= photographed:
        sheet, rng, usual = lay_out(seed, page, kinds=kinds)
        return Page(*scan(sheet, rng, slack * usual))
    sheet, _, usual = lay_out(seed, page, kinds=kinds, pen=camera.uniform(0.55, 1.0))
    return Page(*photograph(sheet, camera, slack * usual))


def lay_out(
    seed: int, page: int, printed: float = 0.0, kinds: Mapping[str, float] = USUAL, pen: float = 1.0
) -> tuple[Sheet, np.random.Generator, float]:
    """Lays out the sheet of a page.

    Args:
      seed, page, kinds: as of `draw_page`.
      printed: share of the signatures in separate letters.
      pen: darkness of the labelled handwriting, a share of full ink.

    Returns:
      (sheet, rng, slack), the arguments of `scanner.scan`.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(page,)))
    weights = np.array(list(kinds.values()))
    kind = KINDS[list(kinds)[rng.choice(len(kinds), p=weights / weights.sum())]]
    width, height, dpi = kind.paper(rng)
    stretch = round(rng.uniform(0.88, 1.2), 2)
    sheet = Sheet(width, height, dpi / 72, stretch=stretch, printed=printed, pen=pen)
    kind.layout(sheet, rng, signed=bool(rng.random() >= _BLANK))
    return sheet, rng, kind.slack

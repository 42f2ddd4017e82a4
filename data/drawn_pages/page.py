"""Draws scanned pages with signatures, initials, redactions and hand-written dates, and the boxes around them.

Sizes, places and frequencies follow SignverOD (https://www.kaggle.com/datasets/victordibia/signverod), with letters and
memos of tobacco companies, federal leases, tax forms and cheques.
"""

import dataclasses

import numpy as np

from data.drawn_pages.cheques import cheque
from data.drawn_pages.forms import form
from data.drawn_pages.leases import lease
from data.drawn_pages.letters import letter
from data.drawn_pages.scanner import scan
from data.drawn_pages.sheet import Sheet

_KINDS = (letter, lease, form, cheque)
_SHARES = (0.42, 0.32, 0.23, 0.03)

_SLACK = {letter: 0.006, lease: 0.002, form: 0.002, cheque: 0.004}
"""Distance of the boxes from the ink on each kind of page, see `scanner.scan`; boxes on letters are loose."""

_PAPERS = ((612.0, 792.0), (595.0, 842.0), (612.0, 1008.0))
"""Width and height of letter, A4 and legal paper, points."""

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


def draw_page(seed: int, page: int, slack: float = 1.0) -> Page:
    """Draws one page. The result depends on the numbers alone, not on the process or on earlier calls.

    Args:
      seed: which collection of pages, at least 0.
      page: which page of it, at least 0.
      slack: distance of boxes from the ink relative to SignverOD's boxes; changes only the boxes.

    Raises:
      ValueError: a negative number.
    """
    sheet, rng, usual = lay_out(seed, page)
    return Page(*scan(sheet, rng, slack * usual))


def lay_out(seed: int, page: int, printed: float = 0.0) -> tuple[Sheet, np.random.Generator, float]:
    """Lays out the sheet of a page.

    Args:
      seed, page: as of `draw_page`.
      printed: share of the signatures in separate letters.

    Returns:
      (sheet, rng, slack), the arguments of `scanner.scan`.
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(page,)))
    layout = _KINDS[rng.choice(len(_KINDS), p=_SHARES)]
    if layout is cheque:
        width, height = 480.0 * rng.uniform(0.95, 1.25), 215.0 * rng.uniform(0.95, 1.1)
        dpi = 150.0 * rng.uniform(0.95, 1.3)
    else:
        width, height = _PAPERS[rng.choice(len(_PAPERS), p=(0.9, 0.06, 0.04))]
        dpi = rng.choice((100, 118, 143, 150, 190), p=(0.2, 0.2, 0.3, 0.2, 0.1)) * rng.uniform(0.96, 1.04)
    sheet = Sheet(width, height, dpi / 72, stretch=round(rng.uniform(0.88, 1.2), 2), printed=printed)
    layout(sheet, rng, signed=bool(rng.random() >= _BLANK))
    return sheet, rng, _SLACK[layout]

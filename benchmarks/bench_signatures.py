"""Measures the quality of mode=extract from end to end on drawn pages, whose ink is known.

The script draws pages with a seed that no training uses, and finds, cuts out and cleans with the pretrained models, or
with others by `extract.detector=<run> extract.cleaner=<run>`. For each class it reports the number of objects, the
number of boxes, the share of objects that are found (by a box of the same class that overlaps the true one by half or
more), the share of boxes that are right, and precision, recall and F1 of the ink of the cleaned cut-outs.

The ink is compared with that of the handwriting, which the sheet records while a page is drawn. Ink of other marks in a
cut-out counts as true ink as well.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from benchmarks import measure
from engine.hardware.tensorflow_setup import configure_tensorflow

SEED = 4711
"""Seed of the pages; no recipe uses it."""

MATCH = 0.5


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--pages", type=int, default=200, help="pages to draw (%(default)s)")
    given = options.parse_args()
    config = measure.config_of(["mode=extract", "extract.input=.", *given.overrides])
    configure_tensorflow(config)

    from data.ink import find_ink
    from data.pages.page_classes import CLASSES
    from engine.modes.used_models import find_model
    from models.cleaner.export import load_cleaner
    from models.detector.export import load_detector
    from models.extraction.cutting import clean, cut, QuickModel
    from models.extraction.finding import Finder

    settings, cache = config.extract, Path(config.dataset.cache_dir)
    detector, cleaner_model = (find_model(task, getattr(settings, task)) for task in ("detector", "cleaner"))
    measure.show("detector", detector.about)
    measure.show("cleaner", cleaner_model.about)
    finder = Finder(load_detector(detector.folder(cache)), detector.size, settings.score)
    cleaner = QuickModel(load_cleaner(cleaner_model.folder(cache)))
    counts = {name: Counts() for name in CLASSES}
    for number in range(given.pages):
        page, ink = drawn_with_ink(SEED, number)
        height, width = page.pixels.shape
        truth = [
            (CLASSES[label - 1], (left * width, top * height, right * width, bottom * height))
            for (top, left, bottom, right), label in zip(page.boxes, page.labels, strict=True)
        ]
        found = finder.find(page.pixels)
        matched = match(truth, found)
        for kind, _ in truth:
            counts[kind].there += 1
        for each in found:
            counts[each.kind].found += 1
        for index in matched.values():
            counts[found[index].kind].right += 1
        for index in matched.values():
            each = found[index]
            if each.kind == "redaction":
                continue
            cleaned, _ = clean(cleaner, cut(page.pixels, each.box, settings.margin))
            true = cut(ink, each.box, settings.margin) & find_ink(cut(page.pixels, each.box, settings.margin))
            counts[each.kind].add_ink(true, cleaned < 255, find_ink(cut(page.pixels, each.box, settings.margin)))
    print(
        f"{'':<11}{'there':>7}{'found':>8}{'right':>8}{'ink precision':>15}{'recall':>8}{'F1':>8}{'F1 uncleaned':>14}"
    )
    for kind, count in counts.items():
        print(f"{kind:<11}{count.row()}", flush=True)


class Counts:
    """Counts of one class."""

    def __init__(self) -> None:
        self.there = self.found = self.right = 0
        self._hits = self._kept = self._true = self._raw_hits = self._raw = 0

    def add_ink(self, true: np.ndarray, kept: np.ndarray, before: np.ndarray) -> None:
        """Adds the pixels of a cut-out, bool [h, w]: ink of the handwriting, after cleaning, and before cleaning."""
        self._true += int(true.sum())
        self._kept += int(kept.sum())
        self._hits += int((true & kept).sum())
        self._raw += int(before.sum())
        self._raw_hits += int((true & before).sum())

    def row(self) -> str:
        """The cells of a row of the table."""
        cells = [f"{self.there:>7}", _share(self.right, self.there, 8), _share(self.right, self.found, 8)]
        cells += [_share(self._hits, self._kept, 15), _share(self._hits, self._true, 8)]
        cells += [_share(2 * self._hits, self._kept + self._true, 8)]
        return "".join([*cells, _share(2 * self._raw_hits, self._raw + self._true, 14)])


def _share(part: int, whole: int, width: int) -> str:
    return f"{part / whole:>{width}.3f}" if whole else f"{'':>{width}}"


def match(truth: list, found: list) -> dict[int, int]:
    """Index of a true box -> index of the found box of its class that overlaps it most; each box is matched once."""
    from models.extraction.finding import overlap

    pairs = [
        (overlap(box, each.box), number, index)
        for number, (kind, box) in enumerate(truth)
        for index, each in enumerate(found)
        if kind == each.kind
    ]
    matched: dict[int, int] = {}
    for share, number, index in sorted(pairs, reverse=True):
        if share >= MATCH and number not in matched and index not in matched.values():
            matched[number] = index
    return matched


def drawn_with_ink(seed: int, number: int):
    """(a page of `draw_page`, bool [H, W] ink of its marks).

    The sheet records the ink of each mark, and the scanner's feed transforms it as it transforms the page.
    """
    import cv2

    from data.drawn_pages import page as page_module
    from data.drawn_pages import scanner
    from data.drawn_pages.sheet import Sheet

    noted: list[np.ndarray] = []
    fed: list[np.ndarray] = []

    class NotingSheet(Sheet):
        def __init__(self, *args, **kwargs) -> None:
            super().__init__(*args, **kwargs)
            self.marks_ink = np.zeros_like(self.ink)
            noted.append(self.marks_ink)

        def mark(self, label, ink, x, y, takes_in=()) -> None:
            whole, self.ink = self.ink, self.marks_ink
            self.paste(ink, x, y)
            self.ink = whole
            super().mark(label, ink, x, y, takes_in)

    feed, sheet = scanner._feed, page_module.Sheet

    def noting_feed(rows, columns, rng):
        matrix = feed(rows, columns, rng)
        fed.append(matrix)
        return matrix

    scanner._feed, page_module.Sheet = noting_feed, NotingSheet
    try:
        page = page_module.draw_page(seed, number)
    finally:
        scanner._feed, page_module.Sheet = feed, sheet
    rows, columns = noted[-1].shape
    ink = cv2.warpAffine(noted[-1], fed[-1], (columns, rows), flags=cv2.INTER_LINEAR) > 60
    if _is_upside_down(page.pixels, ink):
        ink = ink[::-1, ::-1]
    return page, cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)  # wear thickens lines


def _is_upside_down(pixels: np.ndarray, ink: np.ndarray) -> bool:
    """Whether the page was fed upside down, so that the recorded ink lies where the page is white."""
    if not ink.any():
        return False
    dark = pixels < 128
    return dark[::-1, ::-1][ink].mean() > dark[ink].mean()


if __name__ == "__main__":
    measure.run(main)

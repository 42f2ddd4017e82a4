"""Goal: checking and converting labelled pages uses every core: per core, 0.9 times the speed of a Pillow loop.

Both decode every picture, check its boxes and write TFRecords with the pictures' own bytes. The files are those of
`--data`, a folder with SignverOD's tables and pictures, or drawn pages at the size of scans, about as many as SignverOD
has. The project also finds duplicate pictures and splits by document. They take turns. Takes three minutes.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from benchmarks import measure
from data.labelled_pages import LabelledPage
from data.labels.page_conversion import check_pages, write_shards
from data.labels.signverod_tables import read_tables
from data.pages.page_records import serialise_encoded_page
from data.pages.tf_examples import write_records
from data.parallel import map_chunks, one_pool, usable_cores
from data.splits.document_split import split_by_document

GOAL_A_CORE = 0.9
PAGE_SIZE = (3300, 2560)
DRAWN_PAGES = 160
COPIES = 16


def main() -> None:
    """Measures and prints."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--data", type=Path, help="folder that holds SignverOD's tables and images/ (default: draw)")
    options.add_argument("--pairs", type=int, default=3, help="turns of each (%(default)s)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        pages = [page for page in read_tables(given.data).pages if page.path] if given.data else _draw(folder)

        def rate(convert) -> float:
            with tempfile.TemporaryDirectory(dir=folder) as target:
                return len(pages) / measure.seconds_of(lambda: convert(pages, Path(target)))

        rate(_ours), rate(_plain_loop)  # loads the files into the page cache
        measured = measure.in_turns(lambda: rate(_ours), lambda: rate(_plain_loop), given.pairs)
    ours, plain = measure.medians(measured)
    ratio, cores = measure.median_ratio(measured), usable_cores()
    measure.show("pages", f"{len(pages)}, {cores} cores")
    measure.show("checked, split and written", f"{ours:8.1f} pages/s")
    measure.show("a Pillow loop", f"{plain:8.1f} pages/s")
    measure.show("ratio", f"{ratio:8.2f} ({measure.spread(measured)})")
    goal = GOAL_A_CORE * cores
    measure.report(f"{goal:.1f} times or more", f"{ratio:.2f} times", ratio >= goal)


def _ours(pages: Sequence[LabelledPage], folder: Path) -> None:
    with one_pool():
        checked = check_pages(pages)
        write_shards(folder, split_by_document(checked.pages, 0.2, checked.content_of))


def _plain_loop(pages: Sequence[LabelledPage], folder: Path) -> None:
    """A loop of a few lines: one page after the other, without a split."""

    def records():
        for page in pages:
            content = page.path.read_bytes()
            with Image.open(page.path) as image:
                image.load()
                assert ((page.boxes >= 0) & (page.boxes <= 1)).all()
                assert (page.boxes[:, 2:] > page.boxes[:, :2]).all()
                size = (image.height, image.width)
            yield serialise_encoded_page(page.name, content, "png", size, page.boxes, page.labels)

    write_records(folder / "train-0", records())


def _draw(folder: Path) -> list[LabelledPage]:
    jobs = [(number, folder) for number in range(DRAWN_PAGES)]
    return [page for chunk in map_chunks(_draw_pages, jobs, 8) for page in chunk]


def _draw_pages(jobs: Sequence[tuple[int, Path]]) -> list[LabelledPage]:
    """Draws pages at the size of scans, each several times with a small shift; runs in a worker process."""
    import cv2

    from data.drawn_pages import draw_page

    pages = []
    for number, folder in jobs:
        page = draw_page(1, number)
        pixels = cv2.resize(page.pixels, PAGE_SIZE[::-1], interpolation=cv2.INTER_NEAREST)
        pixels = np.where(pixels > 127, 255, 0).astype(np.uint8)
        for copy in range(COPIES):
            path = folder / f"document{number}_page{copy}.png"
            pixels[0, copy] ^= 255
            cv2.imwrite(str(path), np.roll(pixels, copy, axis=0), [cv2.IMWRITE_PNG_BILEVEL, 1])
            document = f"document{number}"
            pages.append(LabelledPage(path.name, path, page.boxes, page.labels, document, "drawn", PAGE_SIZE))
    return pages


if __name__ == "__main__":
    measure.run(main)

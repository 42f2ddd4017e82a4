"""Draws crops of SignverOD's pages before and after cleaning, one of each document, as a picture for the docs.

  python benchmarks/draw_cleaned_crops.py <run>/export <SignverOD> docs/cleaned_crops.png

The crops are the boxes of the dataset's signatures. `--seed` alone determines which ones are shown.
"""

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PIL import Image

from data.errors import UserError
from data.labels.clean_split import read_signverod
from data.pictures.document_pages import read_pages

SIGNATURE = 1
GAP = 6


def main() -> None:
    """Draws the picture."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("export", type=Path, help="SavedModel of a cleaner")
    options.add_argument("root", type=Path, help="SignverOD's folder, with pictures and tables")
    options.add_argument("picture", type=Path, help="file to write")
    options.add_argument("--seed", type=int, default=0, help="which crops are shown (%(default)s)")
    options.add_argument("--count", type=int, default=24, help="how many (%(default)s)")
    options.add_argument("--columns", type=int, default=3, help="pairs side by side (%(default)s)")
    options.add_argument("--cell", type=int, nargs=2, default=(200, 110), help="width and height of a crop in pixels")
    options = options.parse_args()
    try:
        draw(options)
    except UserError as error:
        sys.exit(f"error: {error}")


def draw(options: argparse.Namespace) -> None:
    """Cleans the crops and writes the sheet."""
    from models.cleaner.export import load_cleaner
    from models.cleaner.prediction import clean_scan

    model, cells = load_cleaner(options.export), []
    for crop in signverod_crops(options.root, options.seed, options.count):
        cleaned, _ = clean_scan(model, crop)
        cells.append(np.hstack([fitted(crop, options.cell), fitted(cleaned, options.cell)]))
    height, width = cells[0].shape
    rows = -(-len(cells) // options.columns)
    sheet = np.full((rows * (height + GAP) + GAP, options.columns * (width + GAP) + GAP), 150, np.uint8)
    for number, cell in enumerate(cells):
        row, column = divmod(number, options.columns)
        top, left = GAP + row * (height + GAP), GAP + column * (width + GAP)
        sheet[top : top + height, left : left + width] = cell
    Image.fromarray(sheet).save(options.picture, optimize=True)


def signverod_crops(root: Path, seed: int, count: int) -> list[np.ndarray]:
    """Crops of signatures, uint8 [H, W], one of each of `count` documents, in random order."""
    crops, documents = [], set()
    pages = [page for page in read_signverod(root).pages if page.path and page.path.is_file()]
    for number in np.random.default_rng(seed).permutation(len(pages)):
        page = pages[number]
        signatures = page.boxes[page.labels == SIGNATURE]
        if page.document in documents or not len(signatures) or page.path is None:
            continue
        documents.add(page.document)
        _, scan = next(read_pages(page.path))
        top, left, bottom, right = (signatures[0] * np.tile(scan.shape, 2)).round().astype(int)
        crops.append(scan[top:bottom, left:right])
        if len(crops) == count:
            return crops
    sys.exit(f"error: {root} has signatures of only {len(crops)} documents")


def fitted(crop: np.ndarray, cell: tuple[int, int]) -> np.ndarray:
    """A crop in the middle of a white cell of (width, height), as large as possible: uint8 [height, width]."""
    width, height = cell
    factor = min((width - 4) / crop.shape[1], (height - 4) / crop.shape[0])
    size = max(1, round(crop.shape[1] * factor)), max(1, round(crop.shape[0] * factor))
    small = np.asarray(Image.fromarray(crop).resize(size, Image.Resampling.LANCZOS))
    placed = np.full((height, width), 255, np.uint8)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    placed[top : top + size[1], left : left + size[0]] = small
    placed[:, -1] = 190
    return placed


if __name__ == "__main__":
    main()

"""Cleans scans of any size and mode with an exported cleaner."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from data.ink import find_ink, resize_ink, signature_ink
from data.own_files import save_picture
from data.pictures.document_pages import read_pages
from data.pictures.reading import BadScan
from models.cleaner.drawing import triptych
from models.cleaner.metrics import INK_THRESHOLD
from models.task import FileResult


def clean_scan(model: tf.keras.Model, scan: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Cleans one scan at its own size.

    The network finds the signature's ink at 224x224. Its output, resized to the scan, decides which ink of the scan
    stays, so strokes keep their sharpness.

    Args:
      model: from `models.cleaner.export.load_cleaner`.
      scan: uint8 [H, W], dark on light.

    Returns:
      (cleaned, whiteness): uint8 [H, W], the scan with everything but the signature made white; float32 [224, 224] in
      [0, 1], the output of the network.
    """
    ink = find_ink(scan)
    paper = np.where(resize_ink(ink), 0.0, 1.0).astype(np.float32)
    whiteness = model.predict(np.repeat(paper[None, ..., None], 3, axis=-1), batch_size=1, verbose=0)[0, ..., 0]
    kept = Image.fromarray(whiteness).resize(scan.shape[::-1], Image.Resampling.BICUBIC)
    keep = ink & (np.asarray(kept) < INK_THRESHOLD)
    return np.where(keep, scan, 255).astype(np.uint8), whiteness


def clean_files(model: tf.keras.Model, files: Sequence[Path], folder: Path) -> Iterator[FileResult]:
    """Cleans files one by one, writing `<name>_cleaned.png` and `<name>_compared.png` a page into a folder.

    Pages that training would leave out (`data.ink.signature_ink`) are left out here too, for the same reason.

    Yields:
      The result of each file as it is done; its output is the picture of the last page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names: set[str] = set()
    for file in files:
        target, refused, pages = None, [], 0
        try:
            for page_name, scan in read_pages(file):
                pages += 1
                try:
                    signature_ink(scan)
                except BadScan as error:
                    refused.append((pages, str(error)))
                    continue
                other_name = page_name.replace(file.stem, file.name.replace(".", "_"), 1)
                numbered = (f"{other_name}_{count}" for count in itertools.count(2))
                name = next(name for name in itertools.chain([page_name, other_name], numbered) if name not in names)
                names.add(name)
                target = folder / f"{name}_cleaned.png"
                _clean_page(model, scan, target, folder / f"{name}_compared.png")
        except BadScan as error:
            refused.append((pages + 1, str(error)))
        yield FileResult(file, target, _describe(refused, several=pages > 1 or target is not None))


def _describe(refused: Sequence[tuple[int, str]], *, several: bool) -> str:
    """Why pages, by number, were not cleaned."""
    return "; ".join(f"page {number} left out: {reason}" if several else reason for number, reason in refused)


def _clean_page(model: tf.keras.Model, scan: np.ndarray, target: Path, compared: Path) -> None:
    cleaned, whiteness = clean_scan(model, scan)
    save_picture(target, Image.fromarray(cleaned))
    small = (np.where(resize_ink(find_ink(scan)), 0.0, 1.0), whiteness)
    full = triptych(scan / 255.0, cleaned / 255.0)
    at_model_size = triptych(*small)
    width = max(full.shape[1], at_model_size.shape[1])
    parts = [np.pad(p, ((0, 8), (0, width - p.shape[1])), constant_values=255) for p in (full, at_model_size)]
    save_picture(compared, Image.fromarray(np.vstack(parts)))

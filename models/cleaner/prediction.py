"""Cleans scans of any size, shape and mode with an exported cleaner."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from data.ink import signature_ink
from data.own_files import free_name, save_picture
from data.paper import cut_out, local_ink
from data.pictures.document_pages import read_pages
from data.pictures.greys import grey_of
from data.pictures.reading import BadScan
from models.cleaner.drawing import beside
from models.cleaner.pieces import Pieces
from models.cleaner.views import Blend, plan_views, shown
from models.task import FileResult

_VIEWS_AT_ONCE = 32


def clean_scan(model: tf.keras.Model, scan: np.ndarray, *, transparent: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Cleans a crop around a signature, or anything larger, at its own size and in its own colours.

    The network sees the crop as one view of 224x224, or a large one as several that overlap
    (`models.cleaner.views`). Its output, resized to the crop, decides which ink of the crop is kept
    (`models.cleaner.pieces`), so strokes keep their sharpness and colour (`data.paper`).

    Args:
      model: from `models.cleaner.export.load_cleaner`.
      scan: uint8 [H, W], or red, green and blue, uint8 [H, W, 3]; dark on light, of any height and width.
      transparent: whether the background is transparent instead of white.

    Returns:
      (cleaned, whiteness): uint8 of the scan's shape, with everything but the signature made white, or [H, W, 4], red,
      green, blue and opacity, if transparent; float32 [H, W] in [0, 1], the output of the network at the scan's size.
    """
    keep, whiteness = find_signature(model, scan)
    return cut_out(scan, keep, transparent=transparent), whiteness


def find_signature(model: tf.keras.Model, scan: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The ink of the signature in a crop.

    Args:
      model, scan: as of `clean_scan`.

    Returns:
      (bool [H, W], True where ink of the signature is; the output of the network as of `clean_scan`).
    """
    ink = local_ink(scan)
    blend = Blend(ink.shape)
    pieces = Pieces(ink)
    views = plan_views(ink, pieces.stroke)
    for start in range(0, len(views), _VIEWS_AT_ONCE):
        some = views[start : start + _VIEWS_AT_ONCE]
        paper = np.stack([shown(ink, view) for view in some])
        whitened = model.predict(np.repeat(paper[..., None], 3, axis=-1), batch_size=len(some), verbose=0)
        for view, whiteness in zip(some, whitened[..., 0], strict=True):
            blend.add(view, whiteness)
    whiteness = blend.whiteness()
    return pieces.kept(whiteness), whiteness


def clean_files(
    model: tf.keras.Model, files: Sequence[Path], folder: Path, *, transparent: bool = False
) -> Iterator[FileResult]:
    """Cleans files one by one, writing `<name>_cleaned.png` and `<name>_compared.png` a page into a folder.

    Pages that training would leave out (`data.ink.signature_ink`) are left out here too, for the same reason.

    Args:
      model, transparent: as of `clean_scan`.
      files: to clean.
      folder: made if missing.

    Yields:
      The result of each file as it is done; its output is the picture of the last page.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names: set[str] = set()
    for file in files:
        target, refused, pages = None, [], 0
        try:
            for page_name, scan in read_pages(file, colour=True):
                pages += 1
                try:
                    signature_ink(grey_of(scan))
                except BadScan as error:
                    refused.append((pages, str(error)))
                    continue
                other_name = page_name.replace(file.stem, file.name.replace(".", "_"), 1)
                name = free_name([page_name, other_name], names)
                names.add(name)
                target = folder / f"{name}_cleaned.png"
                cleaned, _ = clean_scan(model, scan, transparent=transparent)
                save_picture(target, Image.fromarray(cleaned))
                save_picture(folder / f"{name}_compared.png", Image.fromarray(beside(scan, cleaned)))
        except BadScan as error:
            refused.append((pages + 1, str(error)))
        yield FileResult(file, target, _describe(refused, several=pages > 1 or target is not None))


def _describe(refused: Sequence[tuple[int, str]], *, several: bool) -> str:
    """Why pages, by number, were not cleaned."""
    return "; ".join(f"page {number} left out: {reason}" if several else reason for number, reason in refused)

"""Cleans scans of any size and mode with an exported cleaner."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from data.ink import find_ink, resize_ink
from data.own_files import save_picture
from data.pictures.reading import BadScan, read_scan
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
    """Cleans files one by one, writing `<name>_cleaned.png` and `<name>_compared.png` into a folder.

    Yields:
      The result of each file as it is done.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names: set[str] = set()
    for file in files:
        name = file.stem if file.stem not in names else file.name.replace(".", "_")
        names.add(name)
        try:
            scan = read_scan(file)
            if min(scan.shape) < 8:
                raise BadScan(f"only {scan.shape[1]}x{scan.shape[0]} pixels")
        except BadScan as error:
            yield FileResult(file, None, str(error))
            continue
        cleaned, whiteness = clean_scan(model, scan)
        target = folder / f"{name}_cleaned.png"
        save_picture(target, Image.fromarray(cleaned))
        small = (np.where(resize_ink(find_ink(scan)), 0.0, 1.0), whiteness)
        full = triptych(scan / 255.0, cleaned / 255.0)
        at_model_size = triptych(*small)
        width = max(full.shape[1], at_model_size.shape[1])
        parts = [np.pad(p, ((0, 8), (0, width - p.shape[1])), constant_values=255) for p in (full, at_model_size)]
        save_picture(folder / f"{name}_compared.png", Image.fromarray(np.vstack(parts)))
        yield FileResult(file, target, "")

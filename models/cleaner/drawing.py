"""Pictures of pairs: noisy, cleaned and target side by side."""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from data.ink import unpack
from data.own_files import save_picture
from data.sampling import halves, spread
from data.signatures.pair_data import PairData

_GAP = 4
_SQUARE = 8
_COLUMNS = 3


def triptych(*images: np.ndarray) -> np.ndarray:
    """Puts pictures of one height side by side, a grey line between them.

    Args:
      images: float [H, W] or [H, W, C] in [0, 1]; of several channels the first is shown.

    Returns:
      uint8 [H, sum of W + gaps].
    """
    panels = []
    for image in images:
        image = image[..., 0] if image.ndim == 3 else image
        panels += [np.full((image.shape[0], _GAP), 160, np.uint8), np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)]
    return np.hstack(panels[1:])


def beside(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Two pictures of one size and any mode side by side, a grey line between them; transparency is a checkerboard.

    Args:
      before: uint8 [H, W] or [H, W, 3].
      after: uint8 [H, W], [H, W, 3] or [H, W, 4].

    Returns:
      uint8 [H, 2 W + gap], or [H, 2 W + gap, 3] if one of them has colours.
    """
    if after.shape[2:] == (4,):
        rows, columns = np.indices(after.shape[:2]) // _SQUARE
        squares = np.where((rows + columns) % 2, 215, 245)[..., None]
        opacity = after[..., 3:] / 255
        after = np.rint(opacity * after[..., :3] + (1 - opacity) * squares).astype(np.uint8)
    if before.ndim != after.ndim:
        before, after = (np.dstack([p] * 3) if p.ndim == 2 else p for p in (before, after))
    line = np.full((before.shape[0], _GAP, *before.shape[2:]), 160, np.uint8)
    return np.hstack([before, line, after])


def save_sheet(
    path: Path, triptychs: list[np.ndarray], titles: tuple[str, ...] = ("noisy", "cleaned", "target")
) -> None:
    """Writes triptychs of one size as a sheet of three columns, with a head line that names the panels."""
    height, width = triptychs[0].shape
    rows = []
    for start in range(0, len(triptychs), _COLUMNS):
        row = triptychs[start : start + _COLUMNS]
        row += [np.full_like(row[0], 255)] * (_COLUMNS - len(row) if len(triptychs) > _COLUMNS else 0)
        line = np.full((height, 3 * _GAP), 96, np.uint8)
        rows += [np.hstack([part for t in row for part in (line, t)][1:]), np.full((3 * _GAP, 1), 96, np.uint8)]
    sheet_width = rows[0].shape[1]
    head = np.full((28, sheet_width), 255, np.uint8)
    per_row = min(_COLUMNS, len(triptychs))
    panel = width / len(titles)
    for column in range(per_row):
        for position, title in enumerate(titles):
            x = int(column * (width + 3 * _GAP) + position * panel + 6)
            cv2.putText(head, title, (x, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 1, cv2.LINE_AA)
    body = [np.broadcast_to(row, (row.shape[0], sheet_width)) for row in rows[:-1]]
    save_picture(path, Image.fromarray(np.vstack([head, *body])))


def draw_pair_samples(data: PairData, path: Path, count: int) -> None:
    """Pairs spread evenly over both splits, training first: noisy, and the clean signature that is its label."""
    train, validation = halves(count, data.signatures, len(data.validation))
    owners = np.repeat(np.arange(len(data.parts)), [len(part.pools.ink) for part in data.parts])
    pairs = []
    for number, place in enumerate(spread(data.signatures, train)):
        pools = data.parts[owners[place]].pools
        index = place - int(np.argmax(owners == owners[place]))
        variant = number % pools.ink.shape[1]
        ink = pools.ink[index, variant]
        pairs.append((ink | pools.noise_over(index, variant), ink))
    fixed = data.validation
    pairs += [(fixed.noisy[i], fixed.clean[i]) for i in spread(len(fixed), validation)]
    shown = [triptych(*(1.0 - unpack(picture) for picture in pair)) for pair in pairs]
    save_sheet(path, shown, titles=("noisy", "clean"))

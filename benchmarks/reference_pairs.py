"""A reimplementation of the pair generator that this project replaces: Pillow inside `tf.py_function`.

SignVer's reference trainer (victordibia/signver, `training/habana`) makes each pair from the scan when it is needed: it
draws lines and words at the size of the scan, pastes the signature over them, and thresholds the picture before and
after resizing it to the model's size. Words and fonts are this project's, because the reference downloads its own.
"""

import functools
from collections.abc import Sequence
from pathlib import Path

import cv2
import matplotlib
import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw, ImageFont

from data.signatures.printed_noise import CLOSINGS, FONT_FILES, FONT_SIZE, LINE_WIDTH, PUNCTUATION, WORDS_FILE
from data.signver import MODEL_SIZE

_SIZE = (MODEL_SIZE, MODEL_SIZE)


def reference_pairs(paths: Sequence[Path], batch_size: int, parallel_calls: int) -> tf.data.Dataset:
    """An endless stream of batches, each made by one `tf.py_function`.

    Args:
      paths: PNG scans of signatures.
      batch_size: pairs in a batch.
      parallel_calls: batches made at once.

    Returns:
      Dataset of (noisy, clean), float32 [batch_size, 224, 224, 3] in [0, 1], white paper = 1.
    """
    rng = np.random.default_rng(0)

    def make_batch(batch: tf.Tensor) -> tuple[np.ndarray, np.ndarray]:
        pairs = [_pair(path.decode(), np.random.default_rng(rng.integers(2**63))) for path in batch.numpy()]
        noisy, clean = zip(*pairs, strict=True)
        return np.stack(noisy), np.stack(clean)

    dataset = tf.data.Dataset.from_tensor_slices([str(path) for path in paths]).repeat()
    dataset = dataset.batch(batch_size, drop_remainder=True)
    return dataset.map(
        lambda batch: tf.py_function(make_batch, [batch], [tf.float32, tf.float32]), num_parallel_calls=parallel_calls
    ).prefetch(2)


def _pair(path: str, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    with Image.open(path) as file:
        scan = file.convert("RGB")
    signature = _thresholded(scan)
    page = _printed_page(scan.size, rng)
    page.paste(signature, mask=Image.fromarray(255 - np.asarray(signature.convert("L"))))
    return _at_model_size(page), _at_model_size(signature)


def _thresholded(image: Image.Image) -> Image.Image:
    grey = cv2.cvtColor(np.asarray(image), cv2.COLOR_RGB2GRAY)
    _, black_on_white = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return Image.fromarray(black_on_white).convert("RGB")


def _at_model_size(image: Image.Image) -> np.ndarray:
    small = _thresholded(image.resize(_SIZE, Image.Resampling.BICUBIC))
    return np.asarray(small, np.float32) / 255


def _printed_page(size: tuple[int, int], rng: np.random.Generator) -> Image.Image:
    """Draws white paper with lines, words and sometimes salt."""
    width, height = size
    page = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(page)
    y = int(height * rng.choice((0.2, 0.5, 0.8)))
    for ends, line_y in (((0, width), y), (rng.integers(0, width, 2), int(rng.integers(height)))):
        thickness = int(rng.integers(LINE_WIDTH[0], LINE_WIDTH[1] + 1))
        draw.line((int(ends[0]), line_y, int(ends[1]), line_y), fill="black", width=thickness)
    for _ in range(rng.integers(1, 4)):
        file = Path(matplotlib.get_data_path(), "fonts", "ttf", str(rng.choice(FONT_FILES)))
        font = ImageFont.truetype(str(file), int(rng.integers(FONT_SIZE[0], FONT_SIZE[1] + 1)))
        corner = (int(rng.integers(width // 2)), int(rng.integers(height)))
        draw.text(corner, _phrase(rng), fill="black", font=font)
    if rng.random() < 0.5:
        pixels = np.array(page)
        pixels[rng.random((height, width)) < rng.uniform(0, 0.25)] = 255
        page = Image.fromarray(pixels)
    return page


def _phrase(rng: np.random.Generator) -> str:
    words = _words()
    chosen = [words[rng.integers(len(words))] for _ in range(rng.integers(1, 4))]
    chosen.append(PUNCTUATION[rng.integers(len(PUNCTUATION))])
    if rng.random() < 0.3:
        chosen.append(CLOSINGS[rng.integers(len(CLOSINGS))])
    change = (str.lower, str.upper, str.capitalize)[rng.integers(3)]
    return change(" ".join(chosen))


@functools.cache
def _words() -> list[str]:
    return WORDS_FILE.read_text().split()

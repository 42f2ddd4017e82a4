"""Measures an exported detector on the original pages of a dataset, in the way SignVer runs it."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from data.pages.page_pools import PageSet
from models.detector.metrics import PageMetrics


def evaluate_detector(
    detector: Callable[[tf.Tensor], dict],
    pages: PageSet,
    progress: Callable[[int, str], None] = lambda done, text: None,
) -> dict[str, float]:
    """Metrics of `models.detector.metrics` over every page as it is and inverted, and AP50 of each half.

    Args:
      detector: an export, loaded by `tf.saved_model.load`.
      pages: a split of a dataset; its shards are read again.
      progress: called with (pages done, "").
    """
    metrics, count = PageMetrics(), len(pages)
    for index in range(count):
        page, (boxes, labels) = pages.full_page(index), pages.objects(index)
        in_pixels = np.tile(page.shape, 2)
        for number, shown in ((index, page), (index + count, 255 - page)):
            found = find_boxes(detector, shown)
            metrics.add(number, page.shape, boxes * in_pixels, labels, *found)
        progress(index + 1, "")
    halves = {"AP50_as_scanned": range(count), "AP50_inverted": range(count, 2 * count)}
    return metrics.result() | {name: metrics.result(half)["AP50"] for name, half in halves.items()}


def find_boxes(detector: Callable[[tf.Tensor], dict], page: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Calls an export as SignVer does.

    Args:
      detector: loaded by `tf.saved_model.load`.
      page: uint8 [H, W], or [H, W, 3].

    Returns:
      (boxes float32 [N, 4], ymin, xmin, ymax, xmax in pixels, labels int64 [N], scores float32 [N]), best first.
    """
    colours = page if page.ndim == 3 else np.repeat(page[..., None], 3, axis=-1)
    outputs = detector(tf.constant(colours[None]))
    boxes, labels, scores = (outputs[f"detection_{name}"].numpy()[0] for name in ("boxes", "classes", "scores"))
    return boxes * np.tile(page.shape[:2], 2).astype(np.float32), labels.astype(np.int64), scores

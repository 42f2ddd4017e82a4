"""Measures an exported detector on the original pages of a dataset, in the way SignVer runs it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import tensorflow as tf

from data.pages.page_data import Pages
from models.detector.metrics import PageMetrics
from models.part_metrics import mean_of_parts

Truth = tuple[np.ndarray, np.ndarray]
"""The labels of a page: boxes float [n, 4], ymin, xmin, ymax, xmax in pixels, and labels int [n], from 1 on."""

Found = tuple[np.ndarray, np.ndarray, np.ndarray]
"""The detections on a page: boxes and labels as in `Truth`, and scores float [k], best first."""


def evaluate_detector(
    detector: Callable[[tf.Tensor], dict],
    pages: Pages,
    progress: Callable[[int, str], None] = lambda done, text: None,
    parts: Mapping[str, range] = MappingProxyType({}),
    observe: Callable[[str, np.ndarray, Truth, Found], None] = lambda name, page, truth, found: None,
) -> dict[str, float]:
    """Metrics of `models.detector.metrics` over every page as it is and inverted, and AP50 of each half.

    Args:
      detector: an export, loaded by `tf.saved_model.load`.
      pages: a split of a dataset; its shards are read again.
      progress: called with (pages done, "").
      parts: of a mixture: name -> its pages; the metrics are then those of each part and their means.
      observe: called with the name of each page, the page as it is, uint8 [H, W], its labels and its detections.
    """
    metrics, count = PageMetrics(), len(pages)
    for index in range(count):
        page, (boxes, labels) = pages.full_page(index), pages.objects(index)
        truth = boxes * np.tile(page.shape, 2), labels
        for number, shown in ((index, page), (index + count, 255 - page)):
            found = find_boxes(detector, shown)
            metrics.add(number, page.shape, *truth, *found)
            if shown is page:
                observe(pages.name(index), page, truth, found)
        progress(index + 1, "")
    of_parts = {
        name: _with_halves(metrics, shown, count) for name, shown in (parts or {"": range(count)}).items() if shown
    }
    return mean_of_parts(of_parts) if parts else of_parts[""]


def _with_halves(metrics: PageMetrics, pages: range, count: int) -> dict[str, float]:
    """The metrics of some pages, and AP50 of those as scanned and of those inverted, `count` numbers on."""
    inverted = range(pages.start + count, pages.stop + count)
    halves = {"AP50_as_scanned": pages, "AP50_inverted": inverted}
    both = metrics.result([*pages, *inverted])
    return both | {name: metrics.result(half)["AP50"] for name, half in halves.items()}


def find_boxes(detector: Callable[[tf.Tensor], dict], page: np.ndarray) -> Found:
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

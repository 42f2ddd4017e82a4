"""An exported detector measured on pages as they were shipped."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from small_pages import marked_page, write_shard

from data.pages.canvas import Canvas
from data.pages.page_pools import load_page_pools, PageSet
from models.detector.evaluation import evaluate_detector


class FindsWhatIsBlack:
    """Finds the block of a page that is dark on light, nothing on others; notes the sizes it was shown."""

    def __init__(self) -> None:
        self.sizes: list[tuple[int, int]] = []

    def __call__(self, page: tf.Tensor) -> dict[str, tf.Tensor]:
        pixels = page.numpy()[0, ..., 0]
        self.sizes.append(pixels.shape)
        rows, columns = np.nonzero(pixels == 0) if pixels.mean() > 127 else ([0], [0])
        height, width = pixels.shape
        corners = (min(rows) / height, min(columns) / width, (max(rows) + 1) / height, (max(columns) + 1) / width)
        return {
            "detection_boxes": tf.constant([[corners]], tf.float32),
            "detection_classes": tf.constant([[1.0]]),
            "detection_scores": tf.constant([[0.9]]),
            "num_detections": tf.constant(1.0),
        }


@pytest.fixture
def pages(tmp_path: Path) -> PageSet:
    marked = [marked_page((300, 200), (40, 30, 80, 160)), marked_page((90, 120), (10, 30, 40, 100))]
    shard = write_shard(tmp_path / "eval-0", marked)
    return load_page_pools(
        tmp_path, [shard], [shard], train_canvas=Canvas((64, 64)), validation_canvas=Canvas((64, 64))
    ).validation


def test_every_page_is_shown_as_shipped_and_inverted(pages: PageSet):
    detector, reported = FindsWhatIsBlack(), []
    metrics = evaluate_detector(detector, pages, lambda done, text: reported.append(done))
    assert detector.sizes == [(300, 200)] * 2 + [(90, 120)] * 2
    assert reported == [1, 2]
    assert metrics["AP50_as_scanned"] == pytest.approx(1)
    assert metrics["AP50_inverted"] == 0
    assert metrics["precision"] == pytest.approx(0.5)
    assert metrics["recall"] == pytest.approx(0.5)
    assert metrics["AP75"] == pytest.approx(metrics["AP50"])

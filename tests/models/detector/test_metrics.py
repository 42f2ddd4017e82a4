"""COCO's metrics against tf-models' evaluator and against boxes counted by hand."""

import math

import numpy as np
import pytest
import tensorflow as tf
from official.vision.evaluation.coco_evaluator import COCOEvaluator

from models.detector.metrics import MAX_DETECTIONS, PageMetrics, SHOWN_SCORE

SIZE = (1000, 800)
BOX, ELSEWHERE = (100, 100, 200, 300), (600, 400, 700, 500)

Rows = list[tuple[tuple[float, float, float, float], int]]
Found = list[tuple[tuple[float, float, float, float], int, float]]


def add(metrics: PageMetrics, page: int, true: Rows, found: Found) -> None:
    boxes, labels = np.array([box for box, _ in true]).reshape(-1, 4), np.array([label for _, label in true], int)
    found_boxes = np.array([box for box, _, _ in found]).reshape(-1, 4)
    found_labels, scores = (np.array([row[column] for row in found]) for column in (1, 2))
    metrics.add(page, SIZE, boxes, labels, found_boxes, found_labels.astype(int), scores)


def random_page(rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Boxes and labels, and found boxes that are nearly right, wrong or of another class; rows of 0 fill up."""
    count = int(rng.integers(1, 8))
    corners = rng.uniform(0, 600, (count, 2))
    boxes = np.hstack([corners, corners + rng.uniform(20, 200, (count, 2))]).astype(np.float32)
    labels = rng.integers(1, 5, count)
    near = boxes + rng.normal(0, rng.uniform(1, 12), boxes.shape)
    corners = rng.uniform(0, 600, (5, 2))
    found = np.vstack([near, boxes[:2] + 3, np.hstack([corners, corners + rng.uniform(20, 200, (5, 2))])])
    found_labels = np.concatenate([labels, labels[:2], rng.integers(1, 5, 5)])
    found_labels = np.where(rng.random(len(found)) < 0.1, found_labels % 4 + 1, found_labels)
    scores = rng.uniform(0.02, 1, len(found))
    order, filling = np.argsort(-scores), 20 - len(scores)
    return (
        boxes,
        labels,
        np.pad(found[order], ((0, filling), (0, 0))).astype(np.float32),
        np.pad(found_labels[order], (0, filling)),
        np.pad(scores[order], (0, filling)).astype(np.float32),
    )


def tf_models_metrics(pages: list[tuple[np.ndarray, ...]]) -> dict[str, float]:
    evaluator = COCOEvaluator(annotation_file=None, include_mask=False, need_rescale_bboxes=False)
    for number, (boxes, labels, found, found_labels, scores) in enumerate(pages):
        page = {"source_id": [number]}
        truth = {"height": [SIZE[0]], "width": [SIZE[1]], "num_detections": [len(labels)]}
        truth |= {"boxes": [boxes], "classes": [labels]}
        predictions = {"detection_boxes": [found], "detection_classes": [found_labels], "detection_scores": [scores]}
        predictions |= {"num_detections": [len(scores)]}
        images = (page | truth, page | predictions)
        evaluator.update_state(*({name: tf.constant(value) for name, value in image.items()} for image in images))
    return evaluator.result()


@pytest.mark.parametrize("seed", range(4))
def test_the_metrics_are_tf_models(seed: int):
    rng = np.random.default_rng(seed)
    pages = [random_page(rng) for _ in range(12)]
    metrics = PageMetrics()
    for number, page in enumerate(pages):
        metrics.add(number, SIZE, *page)
    ours, theirs = metrics.result(), tf_models_metrics(pages)
    assert 0.1 < ours["AP"] < 0.9
    for name in ("AP", "AP50", "AP75"):
        assert ours[name] == pytest.approx(theirs[name], abs=1e-6), name
    subset = [pages[number] for number in (2, 5, 7)]
    assert metrics.result([7, 2, 5])["AP"] == pytest.approx(tf_models_metrics(subset)["AP"], abs=1e-6)


def test_everything_found_is_one():
    metrics = PageMetrics()
    for page in range(3):
        add(metrics, page, [(BOX, 1), (ELSEWHERE, 4)], [(BOX, 1, 0.9), (ELSEWHERE, 4, 0.5)])
    expected = {"AP": 1, "AP50": 1, "AP75": 1, "AP50_signature": 1, "AP50_date": 1, "precision": 1, "recall": 1}
    assert metrics.result() == pytest.approx(expected)


def test_nothing_found_is_zero_and_precision_of_nothing_no_number():
    metrics = PageMetrics()
    add(metrics, 0, [(BOX, 1)], [])
    result = metrics.result()
    assert math.isnan(result.pop("precision"))
    assert result == {"AP": 0, "AP50": 0, "AP75": 0, "AP50_signature": 0, "recall": 0}


def test_everything_wrong_is_zero():
    metrics = PageMetrics()
    add(metrics, 0, [(BOX, 1)], [(ELSEWHERE, 1, 0.9), (BOX, 2, 0.8)])
    assert metrics.result()["AP50"] == 0
    assert metrics.result()["precision"] == 0
    assert metrics.result()["recall"] == 0


def test_with_no_object_there_is_no_number():
    metrics = PageMetrics()
    assert all(math.isnan(value) for value in metrics.result().values())
    add(metrics, 0, [], [(BOX, 1, 0.9)])
    assert {"AP", "AP50", "AP75", "precision", "recall"} <= set(metrics.result())
    assert all(math.isnan(value) for value in metrics.result().values())


def test_rows_of_score_0_are_filling():
    one, other = PageMetrics(), PageMetrics()
    add(one, 0, [(BOX, 1)], [(BOX, 1, 0.9)])
    add(other, 0, [(BOX, 1)], [(BOX, 1, 0.9), *[((0, 0, 0, 0), 0, 0.0)] * 99])
    assert one.result() == other.result()


def test_precision_and_recall_at_the_score_as_counted_by_hand():
    metrics = PageMetrics()
    shifted = (100, 150, 200, 350)  # overlaps BOX by 150 of 250: 0.6
    far = (100, 250, 200, 450)  # by 50 of 350
    found = [(BOX, 1, SHOWN_SCORE), (ELSEWHERE, 1, 0.9), (shifted, 1, 0.21), (far, 2, 0.5), (BOX, 2, 0.1)]
    add(metrics, 0, [(BOX, 1), (BOX, 2)], found)  # right: the first; wrong: two; below the score: two
    add(metrics, 1, [(BOX, 1), (ELSEWHERE, 3)], [(shifted, 1, 0.8), (BOX, 1, 0.7)])  # the second comes too late
    add(metrics, 2, [], [(BOX, 4, 0.9), (BOX, 1, 0.95)])  # no class has label 4; one is wrong
    result = metrics.result()
    assert result["recall"] == pytest.approx(2 / 4)
    assert result["precision"] == pytest.approx(2 / 6)
    assert metrics.result(pages=[0])["recall"] == pytest.approx(1 / 2)
    assert metrics.result(pages=[0])["precision"] == pytest.approx(1 / 3)
    assert metrics.result(pages=[1])["precision"] == pytest.approx(1 / 2)


def test_classes_are_averaged_and_named():
    metrics = PageMetrics()
    add(metrics, 0, [(BOX, 1), (ELSEWHERE, 2)], [(BOX, 1, 0.9)])
    result = metrics.result()
    assert result["AP50_signature"] == pytest.approx(1)
    assert result["AP50_initials"] == 0
    assert result["AP50"] == pytest.approx(0.5)
    assert "AP50_date" not in result


def test_of_a_page_the_hundred_best_boxes_count():
    metrics = PageMetrics()
    wrong = [((0, 0, 10 + n, 10), 1, 0.9) for n in range(MAX_DETECTIONS)]
    add(metrics, 0, [(BOX, 1)], [*wrong, (BOX, 1, 0.3)])
    assert metrics.result()["recall"] == 0


def test_the_order_of_pages_and_asking_twice_change_nothing():
    rng = np.random.default_rng(0)
    pages = [random_page(rng) for _ in range(6)]
    one, other = PageMetrics(), PageMetrics()
    for number in range(6):
        one.add(number, SIZE, *pages[number])
        other.add(5 - number, SIZE, *pages[5 - number])
    assert one.result() == pytest.approx(other.result())
    assert one.result() == one.result()

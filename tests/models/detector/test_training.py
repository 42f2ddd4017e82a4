"""The tf-models task: evaluation in training agrees with the evaluation of the export."""

import dataclasses

import cv2
import numpy as np
import pytest
import tensorflow as tf
from composing import accepted
from small_pages import MarkedPage, STILL, write_shard
from small_runs import SMALL_DETECTOR

from data.pages.canvas import Canvas
from data.pages.page_data import PageData, PagePart
from data.pages.page_pools import load_page_pools
from models.detector.evaluation import evaluate_detector, find_boxes
from models.detector.export import SignverDetector
from models.detector.training import _by_level, Batch, DetectorTask

SIZE = (128, 64)
CANVAS = Canvas(SIZE, stretched=True)


@pytest.fixture(scope="module")
def network() -> tf.keras.Model:
    """With weights that find something anywhere."""
    tf.keras.utils.set_random_seed(1)
    network, rng = accepted(*SMALL_DETECTOR).model.build(), np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.15, w.shape).astype(w.dtype) for w in network.get_weights()])
    return network


@pytest.fixture(scope="module")
def data(network: tf.keras.Model, tmp_path_factory: pytest.TempPathFactory) -> PageData:
    """Pages on which some of what the network finds is true, and some other things."""
    detector, rng = SignverDetector(network, CANVAS), np.random.default_rng(3)

    def page(height: int, width: int) -> MarkedPage:
        pixels = np.full((height, width), 255, np.uint8)
        for _ in range(6):
            start, end = (tuple(int(rng.integers(side)) for side in (width, height)) for _ in range(2))
            cv2.line(pixels, start, end, 0, 2)
        boxes, labels, scores = find_boxes(detector, pixels)
        shares = (boxes / np.tile(pixels.shape, 2)).clip(0, 1).astype(np.float32)
        (real,) = np.nonzero((scores > 0) & ((shares[:, 2:] - shares[:, :2]) > 0.02).all(axis=1))
        chosen = real[[0, 1, 4, 9]]
        return pixels, np.vstack([shares[chosen], np.float32([[0.1, 0.1, 0.3, 0.4]])]), np.append(labels[chosen], 1)

    folder = tmp_path_factory.mktemp("pages")
    shard = write_shard(folder / "eval-0", [page(*size) for size in ((256, 128), (100, 64), (200, 300))])
    pools = load_page_pools(folder, [shard], [shard], train_canvas=CANVAS, validation_canvas=CANVAS)
    return PageData((PagePart("", 1.0, pools, STILL),))


def task(network: tf.keras.Model, data: PageData, batch_size: int) -> DetectorTask:
    model = accepted(*SMALL_DETECTOR).model
    params = model.task_config()
    params.train_data.global_batch_size = params.validation_data.global_batch_size = batch_size
    return DetectorTask(params, model, data, initialise=lambda network: None, seed=1, first_step=0)


def evaluated(network: tf.keras.Model, data: PageData, batch_size: int) -> dict[str, float]:
    detector, state = task(network, data, batch_size), None
    (loss,) = detector.build_metrics(training=False)
    for batch in detector.build_inputs(detector.task_config.validation_data):
        state = detector.aggregate_logs(state, detector.validation_step(batch, network, [loss]))
    return detector.reduce_aggregated_logs(state) | {"loss": float(loss.result())}


def test_evaluation_in_training_is_that_of_the_export(network: tf.keras.Model, data: PageData):
    during, after = evaluated(network, data, 2), evaluate_detector(SignverDetector(network, CANVAS), data.validation)
    assert during["AP50"] > 0.05
    assert np.isfinite(during["loss"])
    for name in ("AP", "AP50", "AP75", "precision", "recall"):
        assert during[name] == pytest.approx(after[name], abs=0.05), name


@pytest.mark.parametrize("batch_size", [1, 4, 5])
def test_the_metrics_are_the_same_whatever_the_batch_and_its_filling(
    network: tf.keras.Model, data: PageData, batch_size: int
):
    ours, theirs = evaluated(network, data, batch_size), evaluated(network, data, 3)
    for name in ("AP", "AP50", "recall"):
        assert ours[name] == pytest.approx(theirs[name], abs=1e-3), name


def test_pages_of_two_ranks_have_the_seeds_of_one_process(network: tf.keras.Model, data: PageData):
    """Of the third step, in the order of `train_pages`."""
    ranks = [task(network, data, 4) for _ in range(2)]
    for rank, detector in enumerate(ranks):
        detector.build_inputs(detector.task_config.train_data, tf.distribute.InputContext(2, rank, 2))
    alone = task(network, data, 4)._seeds(4, tf.constant(2, tf.int64))
    both = tf.concat([detector._seeds(2, tf.constant(2, tf.int64)) for detector in ranks], axis=0)
    np.testing.assert_array_equal(both, alone)
    np.testing.assert_array_equal(alone[:, 1], [8, 9, 10, 11])


def test_a_new_evaluation_starts_from_nothing(network: tf.keras.Model, data: PageData):
    detector = task(network, data, 6)
    results = []
    for _ in range(2):
        (batch,) = detector.build_inputs(detector.task_config.validation_data)
        state = detector.aggregate_logs(None, detector.validation_step(batch, network))
        results.append(detector.reduce_aggregated_logs(state))
    assert results[0] == pytest.approx(results[1], nan_ok=True)


def test_a_step_lowers_the_loss_of_its_batch(data: PageData):
    tf.keras.utils.set_random_seed(1)
    new = accepted(
        *SMALL_DETECTOR, "model.refiner_filters=[]"
    ).model.build()  # a refiner draws other boxes at each step
    detector, optimizer = task(new, data, 2), tf.keras.optimizers.SGD(0.003)
    batch = next(iter(detector.build_inputs(detector.task_config.train_data)))
    losses = [float(detector.train_step(batch, new, optimizer)["loss"]) for _ in range(5)]
    assert losses[-1] < losses[0]


def mixture(data: PageData, **labels: list[int]) -> PageData:
    """The same pages as two parts, labelled with some classes only."""
    parts = []
    for name, known in labels.items():
        (part,) = data.parts
        train = dataclasses.replace(part.pools.train, labels=np.resize(known, part.pools.train.labels.shape))
        pools = dataclasses.replace(part.pools, train=train)
        parts.append(PagePart(name, 1.0, pools, STILL))
    return PageData(tuple(parts))


def test_a_mixture_is_measured_by_part_and_by_the_mean_of_its_parts(network: tf.keras.Model, data: PageData):
    mixed = mixture(data, mine=[1, 2, 3, 4], yours=[1, 2, 3, 4])
    alone, both = evaluated(network, data, 2), evaluated(network, mixed, 4)
    after = evaluate_detector(SignverDetector(network, CANVAS), mixed.validation, parts=mixed.validation_parts)
    for name in ("AP", "AP50", "recall"):
        assert both[f"mine/{name}"] == both[f"yours/{name}"] == pytest.approx(alone[name], abs=1e-6), name
        assert both[name] == pytest.approx(alone[name], abs=1e-6)
        assert after[f"mine/{name}"] == pytest.approx(after[name], abs=1e-6)
    assert {"mine/AP50_inverted", "yours/AP50_as_scanned"} <= after.keys()


def gradients(detector: DetectorTask, network: tf.keras.Model, batch: Batch, of: str) -> dict[str, tf.Tensor]:
    """The gradient of a training batch's loss by the logits or the offsets of each level."""
    pages, targets = batch
    with tf.GradientTape() as tape:
        outputs = network(detector._network_input(pages, network), training=True)
        tape.watch(outputs[of])
        loss = detector.build_losses(outputs, _by_level(targets))[0]
    return tape.gradient(loss, outputs[of])


def test_a_class_that_a_part_does_not_label_is_not_taught_to_be_background(network: tf.keras.Model, data: PageData):
    """Only the page of the part that labels dates teaches anything about them."""
    mixed = mixture(data, every=[1, 2, 3, 4], signatures=[1])
    detector = task(network, mixed, 2)
    batch = next(iter(detector.build_inputs(detector.task_config.train_data)))
    np.testing.assert_array_equal(batch[1]["known"], [[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]])
    by_level = gradients(detector, network, batch, "cls_outputs")
    for level, gradient in by_level.items():
        by_class = gradient.numpy().reshape(2, -1, 5)
        assert not by_class[1, :, 2:].any(), level
        assert by_class[0, :, 2:].any()
        assert by_class[1, :, 1].any()


def test_boxes_are_learned_from_the_parts_that_the_mixture_names_and_classes_from_all(
    network: tf.keras.Model, data: PageData
):
    both = mixture(data, followed=[1, 2, 3, 4], other=[1, 2, 3, 4])
    followed, other = both.parts
    one = PageData((followed, dataclasses.replace(other, learns_boxes=False)))
    detector, of_all = task(network, one, 2), task(network, both, 2)
    batch = next(iter(detector.build_inputs(detector.task_config.train_data)))
    whole = next(iter(of_all.build_inputs(of_all.task_config.train_data)))
    offsets = gradients(detector, network, batch, "box_outputs")
    rows = np.concatenate([gradient.numpy().reshape(2, -1) for gradient in offsets.values()], axis=1)
    assert rows[0].any()
    assert not rows[1].any()
    logits = gradients(detector, network, batch, "cls_outputs")
    expected = gradients(of_all, network, whole, "cls_outputs")
    for level, gradient in logits.items():
        np.testing.assert_allclose(gradient, expected[level], rtol=1e-5, atol=1e-9)

"""The tf-models task: evaluation in training says what an evaluation of the export says."""

import cv2
import numpy as np
import pytest
import tensorflow as tf
from composing import accepted
from small_pages import MarkedPage, write_shard
from small_runs import SMALL_DETECTOR

from data.pages.page_augmentation import Augmentation
from data.pages.page_pools import load_page_pools, PagePools
from models.detector.evaluation import evaluate_detector, find_boxes
from models.detector.export import SignverDetector
from models.detector.training import DetectorTask

SIZE = (128, 64)
STILL = Augmentation(scale=(1.0, 1.0), stretch=0.0, rotation=0.0, thickness=0.0, noise=0.0, inverted=0.0)


@pytest.fixture(scope="module")
def network() -> tf.keras.Model:
    """With weights that find something anywhere."""
    tf.keras.utils.set_random_seed(1)
    network, rng = accepted(*SMALL_DETECTOR).model.build(), np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.15, w.shape).astype(w.dtype) for w in network.get_weights()])
    return network


@pytest.fixture(scope="module")
def pools(network: tf.keras.Model, tmp_path_factory: pytest.TempPathFactory) -> PagePools:
    """Pages on which some of what the network finds is true, and some other things."""
    detector, rng = SignverDetector(network, SIZE), np.random.default_rng(3)

    def page(height: int, width: int) -> MarkedPage:
        pixels = np.full((height, width), 255, np.uint8)
        for _ in range(6):
            start, end = (tuple(int(rng.integers(side)) for side in (width, height)) for _ in range(2))
            cv2.line(pixels, start, end, 0, 2)
        boxes, labels, scores = find_boxes(detector, pixels)
        chosen = [index for index in (0, 1, 4, 9) if scores[index] > 0]
        shares = np.vstack([boxes[chosen] / np.tile(pixels.shape, 2), [[0.1, 0.1, 0.3, 0.4]]]).astype(np.float32)
        return pixels, shares.clip(0, 1), np.append(labels[chosen], 1)

    folder = tmp_path_factory.mktemp("pages")
    shard = write_shard(folder / "eval-0", [page(*size) for size in ((256, 128), (100, 64), (200, 300))])
    return load_page_pools(folder, [shard], [shard], train_size=SIZE, validation_size=SIZE)


def task(network: tf.keras.Model, pools: PagePools, batch_size: int) -> DetectorTask:
    model = accepted(*SMALL_DETECTOR).model
    params = model.task_config()
    params.train_data.global_batch_size = params.validation_data.global_batch_size = batch_size
    build = {"build_network": lambda: network, "initialise": lambda new: None}
    return DetectorTask(params, **build, pools=pools, encoder=model.label_encoder(), augmentation=STILL, seed=1)


def evaluated(network: tf.keras.Model, pools: PagePools, batch_size: int) -> dict[str, float]:
    detector, state = task(network, pools, batch_size), None
    (loss,) = detector.build_metrics(training=False)
    for batch in detector.build_inputs(detector.task_config.validation_data):
        state = detector.aggregate_logs(state, detector.validation_step(batch, network, [loss]))
    return detector.reduce_aggregated_logs(state) | {"loss": float(loss.result())}


def test_evaluation_in_training_is_that_of_the_export(network: tf.keras.Model, pools: PagePools):
    during, after = evaluated(network, pools, 2), evaluate_detector(SignverDetector(network, SIZE), pools.validation)
    assert during["AP50"] > 0.05
    assert np.isfinite(during["loss"])
    for name in ("AP", "AP50", "AP75", "precision", "recall"):
        assert during[name] == pytest.approx(after[name], abs=0.05), name


@pytest.mark.parametrize("batch_size", [1, 4, 5])
def test_the_metrics_are_the_same_whatever_the_batch_and_its_filling(
    network: tf.keras.Model, pools: PagePools, batch_size: int
):
    ours, theirs = evaluated(network, pools, batch_size), evaluated(network, pools, 3)
    for name in ("AP", "AP50", "recall"):
        assert ours[name] == pytest.approx(theirs[name], abs=1e-3), name


def test_a_new_evaluation_starts_from_nothing(network: tf.keras.Model, pools: PagePools):
    detector = task(network, pools, 6)
    results = []
    for _ in range(2):
        (batch,) = detector.build_inputs(detector.task_config.validation_data)
        state = detector.aggregate_logs(None, detector.validation_step(batch, network))
        results.append(detector.reduce_aggregated_logs(state))
    assert results[0] == pytest.approx(results[1], nan_ok=True)


def test_a_step_lowers_the_loss_of_its_batch(pools: PagePools):
    tf.keras.utils.set_random_seed(1)
    new = accepted(*SMALL_DETECTOR).model.build()
    detector, optimizer = task(new, pools, 2), tf.keras.optimizers.SGD(0.003)
    batch = next(iter(detector.build_inputs(detector.task_config.train_data)))
    losses = [float(detector.train_step(batch, new, optimizer)["loss"]) for _ in range(5)]
    assert losses[-1] < losses[0]

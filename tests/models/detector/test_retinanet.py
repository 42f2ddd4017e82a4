"""The detector's networks: outputs that fit their anchors, and the same function without own layers."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from composing import accepted
from official.vision.ops import anchor
from omegaconf import DictConfig
from small_runs import SMALL_DETECTOR

from models.detector.network import NUM_CLASSES
from models.detector.small_network import PRIOR
from models.layers.scaled_convolution import ScaledConv2D

VARIANTS = {
    "small": (),
    "one look": ("model.refiner_filters=[]",),
    "deep": ("model.max_level=5", "model.filters=[8,8,16,24]", "model.blocks=2", "model.head_convolutions=[0,2]"),
    "wide anchors": ("model.aspect_ratios=[2.0]", "model.anchor_size=3.0"),
    "many anchors": ("model.assignment=overlap", "model.num_scales=2", "model.aspect_ratios=[1.0,2.5,6.0]"),
}


def small(*overrides: str) -> DictConfig:
    return accepted(*SMALL_DETECTOR, *overrides).model


@functools.cache
def perturbed(*overrides: str) -> tf.keras.Model:
    """As if trained a little: no bias is zero any more, and boxes differ from anchors."""
    network, rng = small(*overrides).build(), np.random.default_rng(0)
    network.set_weights([w + rng.normal(0, 0.05, w.shape).astype(w.dtype) for w in network.get_weights()])
    return network


def images(size: tuple[int, int], count: int = 2, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(1).random((count, *size, channels)).astype(np.float32)


@pytest.mark.parametrize("overrides", VARIANTS.values(), ids=VARIANTS)
def test_every_anchor_has_its_outputs(overrides: tuple[str, ...]):
    model = small(*overrides)
    outputs = perturbed(*overrides)(images((128, 64)), training=True)
    per_location = model.num_scales * len(model.aspect_ratios)
    levels = [str(level) for level in range(3, model.max_level + 1)]
    assert sorted(outputs["cls_outputs"]) == sorted(outputs["box_outputs"]) == levels
    for level in levels:
        height, width = 128 // 2 ** int(level), 64 // 2 ** int(level)
        assert outputs["cls_outputs"][level].shape == (2, height, width, per_location * NUM_CLASSES)
        assert outputs["box_outputs"][level].shape == (2, height, width, per_location * 4)
    count = sum(int(tf.size(offsets)) for offsets in outputs["box_outputs"].values()) // (2 * 4)
    assert count == len(model.label_encoder().anchors)


@pytest.mark.parametrize("overrides", VARIANTS.values(), ids=VARIANTS)
def test_the_networks_own_anchors_are_those_of_the_targets(overrides: tuple[str, ...]):
    model, settings = small(*overrides), perturbed(*overrides).get_config()
    names = ("min_level", "max_level", "num_scales", "aspect_ratios", "anchor_size")
    boxes = anchor.Anchor(**{name: settings[name] for name in names}, image_size=(128, 64)).multilevel_boxes
    flat = np.concatenate([values.numpy().reshape(-1, 4) for values in boxes.values()])
    np.testing.assert_allclose(model.label_encoder().anchors.boxes, flat, atol=1e-3)


def test_a_new_network_expects_nothing_anywhere():
    tf.keras.utils.set_random_seed(1)
    outputs = small().build()(images((128, 64)), training=True)
    scores = np.concatenate([tf.sigmoid(logits).numpy().ravel() for logits in outputs["cls_outputs"].values()])
    assert scores.mean() == pytest.approx(PRIOR, rel=0.2)
    offsets = np.concatenate([values.numpy().ravel() for values in outputs["box_outputs"].values()])
    assert np.abs(offsets).mean() < 0.2  # of an anchor's side; a tenth is usual


@pytest.mark.parametrize("overrides", VARIANTS.values(), ids=VARIANTS)
def test_the_plain_network_is_the_same_function_without_own_layers(overrides: tuple[str, ...]):
    network = perturbed(*overrides)
    plain = small(*overrides).plain(network)
    own = [module for module in plain.submodules if isinstance(module, ScaledConv2D)]
    assert own == []
    assert any(isinstance(module, ScaledConv2D) for module in network.submodules)
    ours, theirs = (one(images((128, 64)), training=True) for one in (plain, network))
    for kind in ("cls_outputs", "box_outputs"):
        for level, expected in theirs[kind].items():
            np.testing.assert_allclose(ours[kind][level], expected, atol=1e-4, err_msg=f"{kind} {level}")
    extent = np.array([[128, 64], [100, 64]], np.float32)
    ours, theirs = (one(images((128, 64)), image_shape=extent, training=False) for one in (plain, network))
    np.testing.assert_allclose(ours["detection_scores"], theirs["detection_scores"], atol=1e-4)


def test_boxes_are_those_of_the_best_anchors_within_the_page():
    network = perturbed()
    extent = np.array([[128, 64], [64, 64]], np.float32)
    outputs = network(images((128, 64)), image_shape=extent, training=False)
    assert outputs["detection_boxes"].shape == (2, 100, 4)
    for boxes, (height, width) in zip(outputs["detection_boxes"].numpy(), extent, strict=True):
        assert boxes.min() >= 0
        assert boxes[:, [0, 2]].max() <= height
        assert boxes[:, [1, 3]].max() <= width
    scores = outputs["detection_scores"].numpy()
    assert (np.diff(scores) <= 0).all()


def test_every_weight_learns():
    network = perturbed("model.refiner_filters=[]")  # which has a loss of its own
    with tf.GradientTape() as tape:
        outputs = network(images((128, 64)), training=True)
        loss = sum(
            tf.reduce_mean(values**2) for kind in ("cls_outputs", "box_outputs") for values in outputs[kind].values()
        )
    gradients = tape.gradient(loss, network.trainable_variables)
    for variable, gradient in zip(network.trainable_variables, gradients, strict=True):
        assert gradient is not None, variable.name
        assert float(tf.norm(gradient)) > 0, variable.name


def test_it_computes_in_bfloat16_and_answers_in_float32():
    tf.keras.mixed_precision.set_global_policy("mixed_bfloat16")
    try:
        outputs = small().build()(images((128, 64)), training=True)
    finally:
        tf.keras.mixed_precision.set_global_policy("float32")
    assert {values.dtype for kind in ("cls_outputs", "box_outputs") for values in outputs[kind].values()} == {
        tf.float32
    }


def test_the_reference_is_tf_models_experiment_but_for_the_classes():
    params = accepted("task=detector", "model=retinanet").model.task_config()
    assert params.model.num_classes == 5
    assert params.model.input_size == [640, 640, 3]
    assert (params.model.min_level, params.model.max_level) == (3, 7)
    assert (params.model.anchor.num_scales, params.model.anchor.anchor_size) == (3, 4.0)
    assert params.model.anchor.aspect_ratios == [0.5, 1.0, 2.0]
    assert params.model.backbone.type == "resnet"
    assert params.model.backbone.resnet.model_id == 50
    assert params.losses.l2_weight_decay == pytest.approx(1e-4)
    assert params.init_checkpoint is None
    assert params.annotation_file is None


@pytest.mark.slow
def test_the_reference_network_is_resnet_50_with_a_pyramid():
    model = accepted("task=detector", "model=retinanet").model
    network = model.build()
    outputs = network(images((640, 640), 1, channels=3), training=True)
    assert {level: values.shape[1:] for level, values in outputs["cls_outputs"].items()} == {
        str(level): (640 // 2**level, 640 // 2**level, 9 * NUM_CLASSES) for level in range(3, 8)
    }
    count = sum(int(tf.size(offsets)) for offsets in outputs["box_outputs"].values()) // 4
    assert count == len(model.label_encoder().anchors) == 76_725
    assert network.backbone.input_shape[-1] == 3
    assert 32e6 < network.count_params() < 38e6
    assert model.plain(network) is network
    assert network.losses  # weight decay

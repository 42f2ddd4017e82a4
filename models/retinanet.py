"""The detector's networks as tf-models' `RetinaNetModel`: the reference one, and the small one."""

from typing import Any

import tensorflow as tf
from official.core import exp_factory
from official.vision.configs import retinanet as retinanet_config
from official.vision.modeling import factory
from official.vision.modeling.layers.detection_generator import MultilevelDetectionGenerator
from official.vision.modeling.retinanet_model import RetinaNetModel
from omegaconf import DictConfig

from data.pages.anchor_targets import Anchors
from data.pages.page_classes import CLASSES
from models.host import HOST
from models.page_metrics import MAX_DETECTIONS
from models.plain import plain_network
from models.retinanet_small import build_backbone, build_head, build_pyramid, Head

EXPERIMENT = "retinanet_resnetfpn_coco"
"""tf-models' experiment that SignVer's detector was trained with."""

NUM_CLASSES = len(CLASSES) + 1
"""With the background, class 0."""

MIN_LEVEL = 3
"""The finest level of every pyramid: a stride of 8 pixels."""

MAX_OVERLAP = 0.3
"""Of two boxes of a class that overlap more the better one stays. Objects of a class lie side by side on pages: 0.5,
usual for photographs, leaves a signature two boxes now and then."""

MIN_SCORE = 0.01
"""Boxes below are never looked at."""


def anchors_of(model: DictConfig) -> Anchors:
    """The anchors of a configured network."""
    return Anchors(
        size=tuple(model.input_size),
        min_level=MIN_LEVEL,
        max_level=model.max_level,
        num_scales=model.num_scales,
        aspect_ratios=tuple(model.aspect_ratios),
        anchor_size=model.anchor_size,
        unmatched_threshold=model.unmatched_threshold,
    )


def task_params(model: DictConfig) -> retinanet_config.RetinaNetTask:
    """tf-models' task config of a network: the experiment's, with what the config says otherwise."""
    params = exp_factory.get_exp_config(EXPERIMENT).task
    params.init_checkpoint, params.annotation_file = None, None
    params.model.num_classes = NUM_CLASSES
    params.model.input_size = [*model.input_size, 3]
    params.model.max_level = model.max_level
    params.model.anchor.num_scales = model.num_scales
    params.model.anchor.aspect_ratios = list(model.aspect_ratios)
    params.model.anchor.anchor_size = model.anchor_size
    if model.name == "retinanet_small":
        params.losses.l2_weight_decay = 0.0
    return params


def build_detector(model: DictConfig) -> RetinaNetModel:
    """The configured network, with its weights made.

    Returns:
      Model from images float [B, H, W, C] (`models.page_input.network_input`; C is `backbone.input_shape[-1]`) to
      tf-models' outputs: logits and offsets by level, and, unless training, boxes in pixels, best first.
    """
    params = task_params(model)
    if model.name == "retinanet":
        decay = params.losses.l2_weight_decay
        network = factory.build_retinanet(
            tf.keras.layers.InputSpec(shape=[None, *params.model.input_size]),
            params.model,
            tf.keras.regularizers.l2(decay / 2) if decay else None,  # halved to mean tf.nn.l2_loss
        )
        return _assemble(model, network.backbone, network.decoder, network.head)
    levels = range(MIN_LEVEL, model.max_level + 1)
    return _assemble(
        model,
        build_backbone(list(model.filters), model.blocks),
        build_pyramid(list(model.filters)[1:], model.pyramid_filters),
        Head(
            build_head(
                NUM_CLASSES,
                model.num_scales * len(model.aspect_ratios),
                model.pyramid_filters,
                tuple(model.head_convolutions),
                levels,
            ),
            name="head",
        ),
    )


def plain_detector(model: DictConfig, network: RetinaNetModel) -> RetinaNetModel:
    """The same function without layers of this project, which cost time that a trained network need not spend."""
    if model.name == "retinanet":
        return network
    head = Head(plain_network(network.head.network), name="head")
    return _assemble(model, plain_network(network.backbone), plain_network(network.decoder), head)


class DetectionGenerator(MultilevelDetectionGenerator):
    """tf-models' generator on float32, whatever the network computes in: its suppression takes nothing else.

    It works on the host, wherever the network does: the number of boxes that suppression leaves changes from page to
    page, and Gaudi would compile for each anew.
    """

    def __call__(self, raw_boxes: dict, raw_scores: dict, *others: Any) -> dict[str, tf.Tensor]:
        with tf.device(HOST):
            raw_boxes, raw_scores = (
                {level: tf.cast(value, tf.float32) for level, value in raw.items()} for raw in (raw_boxes, raw_scores)
            )
            return super().__call__(raw_boxes, raw_scores, *others)


def _assemble(
    model: DictConfig, backbone: tf.keras.Model, pyramid: tf.keras.Model, head: tf.keras.layers.Layer
) -> RetinaNetModel:
    network = RetinaNetModel(
        backbone=backbone,
        decoder=pyramid,
        head=head,
        detection_generator=DetectionGenerator(
            pre_nms_score_threshold=MIN_SCORE,
            nms_iou_threshold=MAX_OVERLAP,
            max_num_detections=MAX_DETECTIONS,
            nms_version="batched",
        ),
        min_level=MIN_LEVEL,
        max_level=model.max_level,
        num_scales=model.num_scales,
        aspect_ratios=list(model.aspect_ratios),
        anchor_size=model.anchor_size,
    )
    images = tf.zeros([1, *model.input_size, backbone.input_shape[-1]])
    extent = tf.constant([[float(side) for side in model.input_size]])
    network(images, image_shape=extent, training=False)  # Keras counts and saves nothing of what was never called
    return network

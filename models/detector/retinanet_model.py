"""tf-models' `RetinaNetModel` around a backbone, a pyramid and a head."""

from typing import Any

import tensorflow as tf
from official.vision.modeling.layers.detection_generator import MultilevelDetectionGenerator
from official.vision.modeling.retinanet_model import RetinaNetModel

from models.detector.metrics import MAX_DETECTIONS
from models.detector.network import DetectorModel, MIN_LEVEL
from models.host import HOST

MAX_OVERLAP = 0.3
"""Of two boxes of a class that overlap more, suppression keeps the better one. Objects of a class are side by side on
pages; 0.5, which is usual for photographs, sometimes leaves two boxes on a signature."""

MIN_SCORE = 0.01
"""Suppression drops boxes with a lower score."""


class DetectionGenerator(MultilevelDetectionGenerator):
    """tf-models' generator in float32, whatever the network computes in: its suppression takes no other type.

    It runs on the host, wherever the network runs: the number of boxes after suppression changes from page to page, and
    Gaudi would compile for each number.
    """

    def __call__(self, raw_boxes: dict, raw_scores: dict, *others: Any) -> dict[str, tf.Tensor]:
        with tf.device(HOST):
            raw_boxes, raw_scores = (
                {level: tf.cast(value, tf.float32) for level, value in raw.items()} for raw in (raw_boxes, raw_scores)
            )
            return super().__call__(raw_boxes, raw_scores, *others)


def assemble(
    model: DetectorModel, backbone: tf.keras.Model, pyramid: tf.keras.Model, head: tf.keras.layers.Layer
) -> RetinaNetModel:
    """Joins the parts of a network and makes its weights.

    Args:
      model: its config.
      backbone, pyramid, head: with features by level, as tf-models' parts.
    """
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
    images = tf.zeros([1, *model.size, backbone.input_shape[-1]])
    extent = tf.constant([[float(side) for side in model.size]])
    network(images, image_shape=extent, training=False)  # Keras neither counts nor saves layers that were never called
    return network

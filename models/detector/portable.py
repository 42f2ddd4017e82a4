"""The detector in operations that other formats support: no area resizing, no combined suppression."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tensorflow as tf
from official.vision.ops import anchor

from data.pages.canvas import Canvas
from models.detector.box_refiner import refined, refiner_of
from models.detector.box_voting import averaged
from models.detector.export import GREY, PAGE
from models.detector.metrics import MAX_DETECTIONS
from models.detector.network import DetectorModel, MIN_LEVEL
from models.detector.page_input import network_input
from models.detector.retinanet_model import DetectionGenerator
from models.detector.suppression import MAX_OVERLAP, MIN_SCORE, one_class_shown
from models.export_folder import trained_network
from models.formats.converters import convert


def convert_detector(model: DetectorModel, checkpoint: str, formats: Mapping[str, Path]) -> None:
    """Writes the weights of a checkpoint as files of other formats, with the input and outputs of the SavedModel.

    Args:
      model: config of the network.
      checkpoint: prefix of a checkpoint that holds `model`.
      formats: name of a format -> its file.
    """
    with trained_network(model.build, checkpoint) as network:
        module = PortableDetector(model.plain(network), model)
        for name, path in formats.items():
            convert(module, module.__call__, name, path)


class PortableDetector(tf.Module):
    """The same function as `models.detector.export.SignverDetector`, up to rounding.

    Args:
      network: `RetinaNetModel` of Keras' own layers.
      model: its config.
    """

    def __init__(self, network: tf.keras.Model, model: DetectorModel) -> None:
        super().__init__()
        self._network, self._canvas, self._refinement = network, model.canvas, model.refinement
        self._channels = network.backbone.input_shape[-1]
        self._decode = DetectionGenerator(apply_nms=False)
        anchors = anchor.Anchor(
            min_level=MIN_LEVEL,
            max_level=model.max_level,
            num_scales=model.num_scales,
            aspect_ratios=list(model.aspect_ratios),
            anchor_size=model.anchor_size,
            image_size=model.size,
        ).multilevel_boxes
        self._anchors = {level: tf.expand_dims(boxes, 0).numpy() for level, boxes in anchors.items()}

    @tf.function(input_signature=[PAGE], autograph=False)
    def __call__(self, page: tf.Tensor) -> dict[str, tf.Tensor]:
        """As `SignverDetector.serve`: finds boxes on a page, uint8 [1, H, W, 3], dark on light or light on dark."""
        image, extent = fitted(page, self._canvas)
        ink = network_input(image, self._channels)
        features = self._network.decoder(self._network.backbone(ink))
        scores, offsets, _ = self._network.head(features)
        anchors = {level: tf.constant(boxes) for level, boxes in self._anchors.items()}
        found: dict[str, Any] = self._decode(offsets, scores, anchors, extent)
        candidates, candidate_scores = found["decoded_boxes"][:, :, 0], found["decoded_box_scores"]
        boxes, scores, labels = (value[None] for value in suppress(candidates[0], candidate_scores[0]))
        boxes = averaged(boxes, labels, candidates, candidate_scores)
        boxes, scores, labels = one_class_shown(boxes, scores, labels)
        if (refiner := refiner_of(self._network)) is not None:
            boxes = refined(refiner, ink, boxes, scores, extent, self._refinement)
        return {
            "detection_boxes": boxes / tf.tile(extent, [1, 2])[None],
            "detection_scores": scores,
            "detection_classes": labels,
            "num_detections": tf.constant([float(MAX_DETECTIONS)]),
        }


def fitted(page: tf.Tensor, canvas: Canvas) -> tuple[tf.Tensor, tf.Tensor]:
    """As `models.detector.export.place`; each side is resized by a product with a matrix."""
    full, size = tf.shape(page)[1:3], canvas.size
    limits = tf.constant(size)
    scales = tf.cast(limits, tf.float32) / tf.cast(full, tf.float32)
    if not canvas.stretched:
        scales = tf.reduce_min(scales)
    extent = tf.cast(tf.round(tf.cast(full, tf.float32) * scales), tf.int32)
    extent = tf.minimum(tf.maximum(extent, 1), limits)
    grey = tf.reduce_sum(tf.cast(page[0], tf.float32) * tf.constant(GREY), axis=-1)
    rows = _resizing(full[0], extent[0], size[0])
    columns = _resizing(full[1], extent[1], size[1])
    image = tf.round(tf.matmul(tf.matmul(rows, grey), columns, transpose_b=True))
    inside = tf.logical_and((tf.range(size[0]) < extent[0])[:, None], (tf.range(size[1]) < extent[1])[None])
    area = tf.cast(extent[0] * extent[1], tf.float32)
    paper = tf.where(tf.reduce_sum(image) / area > 127, 255.0, 0.0)
    image = tf.where(inside, image, paper)
    return tf.reshape(image, [1, *size, 1]), tf.cast(extent, tf.float32)[None]


def _resizing(before: tf.Tensor, after: tf.Tensor, most: int) -> tf.Tensor:
    """float32 [most, before]: row i < after has the weight of each old position in the new position i; others are 0.

    Averages areas where the side gets smaller, and interpolates linearly between centres where it gets larger.
    """
    step = tf.cast(before, tf.float32) / tf.cast(after, tf.float32)
    new, old = tf.range(most, dtype=tf.int32), tf.cast(tf.range(before), tf.float32)
    start = tf.cast(new, tf.float32) * step
    covered = tf.minimum(start[:, None] + step, old + 1) - tf.maximum(start[:, None], old)
    areas = tf.maximum(covered, 0.0) / step
    centre = tf.minimum(tf.maximum(start + 0.5 * step - 0.5, 0.0), tf.cast(before, tf.float32) - 1)
    between = tf.maximum(1 - tf.abs(centre[:, None] - old), 0.0)
    weights = tf.where(step > 1, areas, between)
    return tf.where((new < after)[:, None], weights, 0.0)


def suppress(boxes: tf.Tensor, scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Non-maximum suppression, class by class, as tf-models' combined one.

    Args:
      boxes: float32 [N, 4].
      scores: float32 [N, classes].

    Returns:
      (boxes float32 [100, 4], scores float32 [100], labels float32 [100], from 1 on), best first; the rest are zeros,
      of label 1.
    """
    of_classes = []
    for label in range(scores.shape[-1]):
        indices, valid = tf.raw_ops.NonMaxSuppressionV4(
            boxes=boxes,
            scores=scores[:, label],
            max_output_size=MAX_DETECTIONS,
            iou_threshold=MAX_OVERLAP,
            score_threshold=MIN_SCORE,
            pad_to_max_output_size=True,
        )
        kept = tf.cast(tf.range(MAX_DETECTIONS) < valid, tf.float32)
        of_classes.append(
            (
                tf.gather(boxes, indices) * kept[:, None],
                tf.gather(scores[:, label], indices) * kept,
                1.0 + kept * label,
            )
        )
    all_boxes, all_scores, all_labels = (tf.concat(parts, axis=0) for parts in zip(*of_classes, strict=True))
    best, order = tf.math.top_k(all_scores, MAX_DETECTIONS)
    return tf.gather(all_boxes, order), best, tf.gather(all_labels, order)

"""tf-models' `RetinaNetModel` around a backbone, a pyramid and a head."""

from typing import Any

import tensorflow as tf
from official.vision.modeling.layers.detection_generator import MultilevelDetectionGenerator
from official.vision.modeling.retinanet_model import RetinaNetModel

from models.detector.box_refiner import refined
from models.detector.box_voting import averaged
from models.detector.metrics import MAX_DETECTIONS
from models.detector.network import DetectorModel, MIN_LEVEL
from models.detector.suppression import MAX_OVERLAP, MIN_SCORE, one_class_shown
from models.host import HOST


class DetectionGenerator(MultilevelDetectionGenerator):
    """tf-models' generator in float32, whatever the network computes in: its suppression takes no other type.

    Boxes are averaged over those that suppression drops. An object that several classes score on is shown once, as the
    class with the best score (`models.detector.suppression`).

    It runs on the host, wherever the network runs: the number of boxes after suppression changes from page to page, and
    Gaudi would compile for each number.
    """

    def __call__(self, raw_boxes: dict, raw_scores: dict, *others: Any) -> dict[str, tf.Tensor]:
        with tf.device(HOST):
            raw_boxes, raw_scores = (
                {level: tf.cast(value, tf.float32) for level, value in raw.items()} for raw in (raw_boxes, raw_scores)
            )
            found: dict[str, tf.Tensor] = super().__call__(raw_boxes, raw_scores, *others)
            if "detection_boxes" not in found:  # apply_nms=False
                return found
            boxes, scores, labels = (found[f"detection_{name}"] for name in ("boxes", "scores", "classes"))
            candidates, candidate_scores = found["decoded_boxes"], found["decoded_box_scores"]
            boxes = averaged(boxes, labels, candidates[:, :, 0], candidate_scores)
            boxes, scores, labels = one_class_shown(boxes, scores, labels)
            count = tf.reduce_sum(tf.cast(scores > 0, tf.int32), axis=1)
            found |= {"detection_boxes": boxes, "detection_scores": scores, "detection_classes": labels}
            return found | {"num_detections": count}


class RefinedRetinaNet(RetinaNetModel):
    """tf-models' `RetinaNetModel` whose boxes a second network refines (`models.detector.box_refiner`).

    Args:
      refiner: that network; None for none.
      refinement: share of the way that it moves the edges of boxes.
      **options: of `RetinaNetModel`.
    """

    def __init__(self, *, refiner: tf.keras.Model | None, refinement: float, **options: Any) -> None:
        super().__init__(**options)
        self.refiner, self.refinement = refiner, refinement

    def call(self, images: tf.Tensor, image_shape: tf.Tensor | None = None, **options: Any) -> dict[str, Any]:
        """tf-models' outputs with refined boxes; in training, with "ink", the images, for the refiner's loss."""
        outputs: dict[str, Any] = super().call(images, image_shape=image_shape, **options)
        if self.refiner is None:
            return outputs
        if "detection_boxes" not in outputs:
            return {**outputs, "ink": images}
        with tf.device(HOST):  # the number of boxes differs from page to page, as in `DetectionGenerator`
            boxes, scores = outputs["detection_boxes"], outputs["detection_scores"]
            boxes = refined(self.refiner, images, boxes, scores, image_shape, self.refinement)
            return {**outputs, "detection_boxes": boxes}


def assemble(
    model: DetectorModel,
    backbone: tf.keras.Model,
    pyramid: tf.keras.Model,
    head: tf.keras.layers.Layer,
    refiner: tf.keras.Model | None = None,
) -> RefinedRetinaNet:
    """Joins the parts of a network and makes its weights.

    Args:
      model: its config.
      backbone, pyramid, head: with features by level, as tf-models' parts.
      refiner: from `models.detector.box_refiner.build_refiner`; None for none.
    """
    network = RefinedRetinaNet(
        refiner=refiner,
        refinement=model.refinement,
        backbone=backbone,
        decoder=pyramid,
        head=head,
        detection_generator=DetectionGenerator(
            pre_nms_score_threshold=MIN_SCORE,
            nms_iou_threshold=MAX_OVERLAP,
            max_num_detections=MAX_DETECTIONS,
            nms_version="batched",
            return_decoded=True,
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

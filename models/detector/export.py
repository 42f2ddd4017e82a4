"""A trained network as the SavedModel that SignVer's `Detector` loads.

SignVer calls `tf.saved_model.load(path)` and then the loaded object with a page, uint8 [1, H, W, 3]; it reads the
outputs of TensorFlow's Object Detection API: `detection_boxes` [1, N, 4], ymin, xmin, ymax, xmax as shares of the page,
`detection_scores` and `detection_classes` [1, N], best first, and `int(num_detections)`, which has to be N.
"""

from collections.abc import Callable
from pathlib import Path

import tensorflow as tf

from data.pages.canvas import Canvas
from models.detector.metrics import MAX_DETECTIONS
from models.detector.network import DetectorModel
from models.detector.page_input import network_input
from models.export_folder import exporting, not_an_export
from models.tensorflow_paths import tensorflow_path

GREY = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in grey (ITU-R BT.601), as Pillow has them."""

PAGE = tf.TensorSpec([1, None, None, 3], tf.uint8, name="page")


class SignverDetector(tf.Module):
    """SignVer's contract around a network.

    Args:
      network: tf-models' `RetinaNetModel`.
      canvas: placement of a page on its input.
    """

    def __init__(self, network: tf.keras.Model, canvas: Canvas) -> None:
        super().__init__()
        self._network, self._canvas = network, canvas
        self._channels = network.backbone.input_shape[-1]

    @tf.function(input_signature=[PAGE], autograph=False)
    def __call__(self, page: tf.Tensor) -> dict[str, tf.Tensor]:
        """Finds boxes on a page of any size, dark on light or light on dark.

        `num_detections` is a scalar here: SignVer's `int()` takes nothing else from NumPy 2.4 on.
        """
        image, extent = place(page, self._canvas)
        found = self._network.call(network_input(image, self._channels), image_shape=extent, training=False)
        return {
            "detection_boxes": found["detection_boxes"] / tf.tile(extent, [1, 2])[:, None],
            "detection_scores": found["detection_scores"],
            "detection_classes": tf.cast(found["detection_classes"], tf.float32),
            "num_detections": tf.constant(float(MAX_DETECTIONS)),
        }

    @tf.function(input_signature=[PAGE], autograph=False)
    def serve(self, page: tf.Tensor) -> dict[str, tf.Tensor]:
        """The same for servers, with `num_detections` [1] as the Object Detection API has it."""
        found = self(page)
        return {**found, "num_detections": found["num_detections"][None]}


def place(page: tf.Tensor, canvas: Canvas) -> tuple[tf.Tensor, tf.Tensor]:
    """Places a page on a canvas, in the graph, as `data.pages.canvas.shrink` and `fit` do.

    Args:
      page: uint8 [1, H, W, 3].
      canvas: the target.

    Returns:
      (float32 [1, height, width, 1], 0 black to 255 white; float32 [1, 2], height and width of the page on it).
    """
    full = tf.shape(page)[1:3]
    limits = tf.constant(canvas.size)
    scales = tf.cast(limits, tf.float64) / tf.cast(full, tf.float64)
    if not canvas.stretched:
        scales = tf.reduce_min(scales)
    extent = tf.cast(tf.round(tf.cast(full, tf.float64) * scales), tf.int32)
    extent = tf.clip_by_value(extent, 1, limits)
    shrunk = tf.minimum(extent, full)
    small = tf.cond(
        tf.reduce_all(shrunk == full),
        lambda: tf.cast(page, tf.float32),
        lambda: tf.raw_ops.ResizeArea(images=page, size=shrunk),
    )
    small = tf.cond(tf.reduce_all(shrunk == extent), lambda: small, lambda: tf.image.resize(small, extent))
    grey = tf.round(tf.tensordot(small, tf.constant(GREY), 1))[..., None]
    paper = tf.where(tf.reduce_mean(grey) > 127, 255.0, 0.0)
    rest = limits - extent
    image = tf.pad(grey - paper, [[0, 0], [0, rest[0]], [0, rest[1]], [0, 0]]) + paper
    return tf.ensure_shape(image, [1, *canvas.size, 1]), tf.cast(extent, tf.float32)[None]


def export_detector(model: DetectorModel, checkpoint: str, folder: Path) -> None:
    """Writes the weights of a checkpoint as SignVer's SavedModel, which appears whole and replaces an old export.

    Args:
      model: config of the network that the checkpoint was trained with.
      checkpoint: prefix of a checkpoint that holds `model`.
      folder: the SavedModel's folder.
    """
    with exporting(model.build, checkpoint, folder) as (network, scratch):
        module = SignverDetector(model.plain(network), model.canvas)
        tf.saved_model.save(module, str(scratch), signatures={"serving_default": module.serve})


OUTPUTS = ("detection_boxes", "detection_scores", "detection_classes", "num_detections")


def load_detector(folder: Path) -> Callable[[tf.Tensor], dict[str, tf.Tensor]]:
    """Loads an export as SignVer does, or any SavedModel that keeps SignVer's contract.

    Raises:
      UserError: it is damaged, or no detector.
    """
    try:
        detector = tf.saved_model.load(tensorflow_path(folder))
        outputs = set(detector(tf.fill([1, 32, 32, 3], tf.constant(255, tf.uint8))))
    except (tf.errors.OpError, ValueError, TypeError, AttributeError, OSError, IndexError) as error:
        raise not_an_export(folder, "detector", error) from None
    if missing := [name for name in OUTPUTS if name not in outputs]:
        raise not_an_export(folder, "detector", f"it does not give {', '.join(missing)}")
    return detector

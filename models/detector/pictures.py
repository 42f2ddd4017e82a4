"""Pictures of validation pages with the boxes found during training."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from data.pages.canvas import Canvas, fit
from data.pages.page_data import Pages
from data.sampling import spread
from models.detector.drawing import draw_boxes, save_pages
from models.detector.metrics import SHOWN_SCORE
from models.detector.page_input import network_input
from models.task import Pictures


class DetectorPictures(Pictures):
    """Pages with true and found boxes, every second page inverted.

    Args:
      pages: the validation split.
      canvas: of the network.
      count: how many pages, spread evenly over the split.
    """

    caption = "predicted boxes with class and score; labels in green"

    def __init__(self, pages: Pages, canvas: Canvas, count: int) -> None:
        chosen = spread(len(pages), count)
        fitted = [fit(pages.page(index), canvas) for index in chosen]
        self._true = [
            pages.objects(index)[0] * np.tile(extent, 2) for index, (_, extent) in zip(chosen, fitted, strict=True)
        ]
        self._pages = [255 - page if number % 2 else page for number, (page, _) in enumerate(fitted)]
        self._extents = np.array([extent for _, extent in fitted], np.float32)

    def draw(self, model: tf.keras.Model) -> np.ndarray:
        images = network_input(np.stack(self._pages)[..., None], model.backbone.input_shape[-1])
        outputs = model(images, image_shape=self._extents, training=False)
        found = zip(*(outputs[f"detection_{name}"].numpy() for name in ("boxes", "classes", "scores")), strict=True)
        drawn = []
        for page, true, (boxes, labels, scores) in zip(self._pages, self._true, found, strict=True):
            shown = scores >= SHOWN_SCORE
            drawn.append(draw_boxes(page, boxes[shown], labels[shown], scores[shown], true))
        return np.stack(drawn)

    def save(self, drawn: Any, path: Path) -> None:
        save_pages(path, list(drawn))

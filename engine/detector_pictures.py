"""Validation pages of a run with true and found boxes: `samples.png` of the best model, TensorBoard over time."""

import numpy as np
import tensorflow as tf

from data.pages.page_augmentation import fit
from data.pages.page_pools import PageSet
from engine.run_folder import RunFolder
from models.host import HOST
from models.page_drawing import draw_boxes, save_pages
from models.page_input import network_input
from models.page_metrics import SHOWN_SCORE
from models.tensorflow_paths import tensorflow_path


class DetectorPictures:
    """Draws the same validation pages after every evaluation, every second one inverted.

    Args:
      run: the folder; pictures go to `samples.png` and `validation/`.
      pages: the validation side.
      size: height and width of the network's input.
      count: how many pages, spread evenly over the side; 0 for none.
    """

    def __init__(self, run: RunFolder, pages: PageSet, size: tuple[int, int], count: int) -> None:
        chosen = np.unique(np.linspace(0, len(pages) - 1, min(count, len(pages)), dtype=int))
        fitted = [fit(pages.page(index), size) for index in chosen]
        self._true = [
            pages.objects(index)[0] * np.tile(extent, 2) for index, (_, extent) in zip(chosen, fitted, strict=True)
        ]
        self._pages = [255 - page if number % 2 else page for number, (page, _) in enumerate(fitted)]
        self._extents = np.array([extent for _, extent in fitted], np.float32)
        self._run = run
        folder = tensorflow_path(run.path / "validation")
        self._writer = tf.summary.create_file_writer(folder, filename_suffix=".images") if count else None

    def write(self, model: tf.keras.Model, step: int, logged: bool, is_best: bool) -> None:
        """Finds boxes by the model as it is and draws them: for TensorBoard if logged, as samples if the best."""
        if self._writer is None or not (logged or is_best):
            return
        with tf.device(HOST):  # a batch of its own size would be compiled for on a card
            images = network_input(np.stack(self._pages)[..., None], model.backbone.input_shape[-1])
            outputs = model(images, image_shape=self._extents, training=False)
        found = zip(*(outputs[f"detection_{name}"].numpy() for name in ("boxes", "classes", "scores")), strict=True)
        drawn = []
        for page, true, (boxes, labels, scores) in zip(self._pages, self._true, found, strict=True):
            shown = scores >= SHOWN_SCORE
            drawn.append(draw_boxes(page, boxes[shown], labels[shown], scores[shown], true))
        if logged:
            with self._writer.as_default(), tf.device(HOST):
                tf.summary.image("found, and true in green", np.stack(drawn), step=step, max_outputs=len(drawn))
                self._writer.flush()
        if is_best:
            save_pages(self._run.samples, drawn)

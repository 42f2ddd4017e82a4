"""The signature detector as tf-models' RetinaNet task, fed from cached pages."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf
from official.core import config_definitions
from official.vision.configs import retinanet as retinanet_config
from official.vision.losses import loss_utils
from official.vision.tasks import retinanet

from data.datasets.detector_dataset import DetectorDataset
from data.pages.anchor_targets import BACKGROUND
from data.pages.page_data import PageData
from data.pages.page_pipeline import train_pages, validation_pages
from models.detector.box_refiner import refiner_of
from models.detector.initial_weights import find_initial_weights, has_refiner, read_initial_weights
from models.detector.losses import giou_loss
from models.detector.metrics import PageMetrics
from models.detector.network import DetectorModel, GIOU
from models.detector.page_input import network_input
from models.detector.refiner_training import refiner_loss
from models.task import Training

Batch = tuple[tf.Tensor, dict[str, tf.Tensor]]

_ALL_LEVELS = "all"
"""tf-models' losses take targets by level and join them; here they are joined already."""

GIOU_WEIGHT = 2.0
"""Of the boxes' loss against that of the classes, as in the paper of `data.pages.adaptive_targets`."""

_NEVER = -30.0
"""Logit of a class that the labels of a page do not know: a score of 0, without a gradient."""


class DetectorTask(retinanet.RetinaNetTask):
    """Trains a RetinaNet on pages of one dataset.

    Args:
      params: tf-models' task config, from the experiment `retinanet_resnetfpn_coco`.
      model: config of the network.
      data: the dataset.
      initialise: reads initial weights into a new network.
      seed: of order and variation.
      first_step: the global step that training starts from.
    """

    def __init__(
        self,
        params: retinanet_config.RetinaNetTask,
        model: DetectorModel,
        data: PageData,
        *,
        initialise: Callable[[tf.keras.Model], None],
        seed: int,
        first_step: int,
    ) -> None:
        super().__init__(params, name="detector")
        self._model, self._data, self._initialise = model, data, initialise
        self._encoder, self._canvas = model.label_encoder(), model.canvas
        self._seed, self._first_step = seed, first_step
        self._shard, self._shards, self._batch_size = 0, 1, model.batch_size
        self._page_metrics = PageMetrics()
        self._refiner: tf.keras.Model | None = None

    def build_model(self) -> tf.keras.Model:
        """The network; called once, in the strategy's scope."""
        return self._model.build()

    def initialize(self, model: tf.keras.Model) -> None:
        """Reads the initial weights of a new run; a resumed run reads its own checkpoint instead."""
        self._initialise(model)

    def build_inputs(self, params, input_context: tf.distribute.InputContext | None = None) -> tf.data.Dataset:
        """This rank's part of the training stream, or a whole validation pass (`data.pages.page_pipeline`)."""
        shard, shards, batch_size = 0, 1, params.global_batch_size
        if input_context:
            shard, shards = input_context.input_pipeline_id, input_context.num_input_pipelines
            batch_size = input_context.get_per_replica_batch_size(batch_size)
        if not params.is_training:
            return validation_pages(self._data, self._encoder, self._canvas, batch_size=batch_size)
        self._shard, self._shards, self._batch_size = shard, shards, batch_size
        return train_pages(
            self._data,
            self._encoder,
            self._canvas,
            batch_size=batch_size,
            seed=self._seed,
            first_step=self._first_step,
            shard=shard,
            shards=shards,
            parallel_calls=1,  # one thread makes hundreds of pages a second; the network needs the others
        )

    def build_metrics(self, training: bool = True) -> list[tf.keras.metrics.Metric]:
        """The losses; COCO's metrics are computed separately, on the host."""
        return [] if training else [tf.keras.metrics.Mean("loss")]

    def build_losses(self, outputs, labels, aux_losses=None) -> tuple[tf.Tensor, ...]:
        """tf-models' losses, without those of classes and boxes that are not learned from the labels of a page.

        With `GIOU`, the loss of the boxes is that of their overlap, in the place of tf-models' Huber loss. In training,
        the total includes the loss of the refiner, if the network has one.
        """
        if "known" in labels:
            scores = {level: _only_known(logits, labels["known"]) for level, logits in outputs["cls_outputs"].items()}
            outputs = {**outputs, "cls_outputs": scores}
        if not all(part.learns_boxes for part in self._data.parts):
            labels = {**labels, "cls_weights": labels["cls_weights"] * _share_with_box(labels)}
        total, classes, boxes, of_model = super().build_losses(outputs, labels, aux_losses)
        change: tf.Tensor | float = 0.0
        predicted = loss_utils.multi_level_flatten(outputs["box_outputs"], last_dim=4)
        true = labels["box_targets"][_ALL_LEVELS]
        if self._model.box_loss == GIOU:
            weights = labels["box_weights"] / (tf.reduce_sum(labels["box_weights"]) + 1.0)
            overlap = giou_loss(true, predicted, weights)
            change = GIOU_WEIGHT * overlap - self.task_config.losses.box_loss_weight * boxes
            boxes = overlap
        if "ink" in outputs and "seeds" in labels:  # in a training step of a network with a refiner
            anchors = tf.constant(self._encoder.anchors.boxes)
            learned, seeds = labels["box_weights"], labels["seeds"]
            change += refiner_loss(self._refiner, outputs["ink"], anchors, predicted, true, learned, seeds)
        return total + change, classes, boxes, of_model + change

    def train_step(
        self, inputs: Batch, model: tf.keras.Model, optimizer: tf.keras.optimizers.Optimizer, metrics=None
    ) -> dict[str, tf.Tensor]:
        """tf-models' step on a batch of `train_pages`."""
        pages, targets = inputs
        self._refiner = refiner_of(model)
        labels = {**_by_level(targets), "seeds": self._seeds(pages.shape[0] or self._batch_size, optimizer.iterations)}
        return super().train_step((self._network_input(pages, model), labels), model, optimizer, metrics)

    def validation_step(self, inputs: Batch, model: tf.keras.Model, metrics=None) -> dict[str, tf.Tensor]:
        """Finds boxes on a batch of `validation_pages`, and measures the loss of the pages that are not padding."""
        pages, targets = inputs
        outputs = model(self._network_input(pages, model), image_shape=targets["extent"], training=False)
        losses = self.build_losses(tf.nest.map_structure(_float, outputs), _by_level(targets))
        for metric in metrics or ():
            metric.update_state(losses[-1])
        found = {name: outputs[f"detection_{name}"] for name in ("boxes", "classes", "scores")}
        truth = {name: targets[name] for name in ("index", "full_size", "extent", "boxes", "labels", "objects")}
        return {"found": found, "truth": truth}

    def aggregate_logs(self, state=None, step_outputs=None):
        """Hands the boxes of a step to COCO's metrics."""
        if state is None:
            self._page_metrics = PageMetrics()
        found, truth = (
            {name: _all_replicas(value) for name, value in step_outputs[kind].items()} for kind in ("found", "truth")
        )
        for row, index in enumerate(truth["index"]):
            if index < 0:
                continue
            objects, size = slice(truth["objects"][row]), truth["full_size"][row]
            self._page_metrics.add(
                int(index),
                size,
                truth["boxes"][row][objects] * np.tile(size, 2),
                truth["labels"][row][objects],
                found["boxes"][row] * np.tile(size / truth["extent"][row], 2),
                found["classes"][row],
                found["scores"][row],
            )
        return True

    def reduce_aggregated_logs(self, aggregated_logs, global_step=None) -> dict[str, float]:
        """The metrics of the evaluation: of a mixture, those of each part and their means."""
        return self._page_metrics.result_of_parts(self._data.validation_parts)

    def _seeds(self, batch_size: int, step: tf.Tensor) -> tf.Tensor:
        """int64 [B, 2], the seed of the training and the position of each page of a step in it, as of `train_pages`."""
        first = (tf.cast(step, tf.int64) * self._shards + self._shard) * batch_size
        return tf.stack(
            [tf.fill([batch_size], tf.cast(self._seed, tf.int64)), first + tf.range(batch_size, dtype=tf.int64)], axis=1
        )

    def _network_input(self, pages: tf.Tensor, model: tf.keras.Model) -> tf.Tensor:
        return network_input(pages, model.backbone.input_shape[-1])


def _all_replicas(values: tf.Tensor | tuple[tf.Tensor, ...]) -> np.ndarray:
    """Joins what the replicas of this process have, which Orbit hands over as a tuple."""
    return np.concatenate([value.numpy() for value in values]) if isinstance(values, tuple) else values.numpy()


def _by_level(targets: dict[str, tf.Tensor]) -> dict:
    return {
        "cls_targets": {_ALL_LEVELS: targets["classes"]},
        "box_targets": {_ALL_LEVELS: targets["offsets"]},
        "cls_weights": targets["class_weights"],
        "box_weights": targets["box_weights"],
        **({"known": targets["known"]} if "known" in targets else {}),
    }


def _only_known(logits: tf.Tensor, known: tf.Tensor) -> tf.Tensor:
    """Logits [B, h, w, anchors x classes] with `_NEVER` where known, float32 [B, classes], is 0."""
    anchors = logits.shape[-1] // known.shape[-1]
    return tf.where(tf.tile(known, [1, anchors])[:, None, None] > 0, logits, _NEVER)


def _share_with_box(labels: dict) -> tf.Tensor:
    """Of the positive anchors, the share whose boxes are learned.

    tf-models divides both losses by the number of positive anchors, which it takes from the weights of the boxes. Times
    this share, the loss of the classes is the mean over all positive anchors.
    """
    positive = (labels["cls_targets"][_ALL_LEVELS] != BACKGROUND) & (labels["cls_weights"] > 0)  # padding has weight 0
    return (tf.reduce_sum(labels["box_weights"]) + 1.0) / (tf.reduce_sum(tf.cast(positive, tf.float32)) + 1.0)


def _float(tensor: tf.Tensor) -> tf.Tensor:
    return tf.cast(tensor, tf.float32)


class DetectorTraining(Training[PageData]):
    """Trains a detector from the weights of another run, those of a backbone or random ones.

    Args:
      dataset: config of the dataset.
      model: its config.
    """

    def __init__(self, dataset: DetectorDataset, model: DetectorModel) -> None:
        self._dataset, self._model = dataset, model

    def task_config(self) -> retinanet_config.RetinaNetTask:
        return self._model.task_config()

    def build_task(
        self, params: config_definitions.ExperimentConfig, data: PageData, *, seed: int, first_step: int
    ) -> DetectorTask:
        return DetectorTask(
            params.task,
            self._model,
            data,
            initialise=self._read_initial_weights,
            seed=seed,
            first_step=first_step,
        )

    def start_notes(self) -> Sequence[tuple[str, str]]:
        prefix, key = find_initial_weights(self._model, Path(self._dataset.cache_dir))
        wanted = getattr(self._model, "refiner_filters", []) and self._model.init_parts == "all"
        if key != "init_from" or not wanted or has_refiner(prefix):
            return []
        return [("refiner", f"{self._model.init_from} has none; it starts from random weights (model.refiner_filters)")]

    def _read_initial_weights(self, network: tf.keras.Model) -> None:
        prefix, key = find_initial_weights(self._model, Path(self._dataset.cache_dir))
        if prefix:
            read_initial_weights(network, prefix, key, self._model.init_parts)

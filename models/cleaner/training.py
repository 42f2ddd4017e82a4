"""The signature cleaner as a tf-models task: (noisy, clean) pairs in, logits of a white pixel out."""

from collections.abc import Callable, Mapping
from pathlib import Path

import tensorflow as tf
from official.core import base_task, config_definitions

from data.datasets.cleaner_dataset import CleanerDataset
from data.signatures.pair_data import PairData
from data.signatures.pair_pipeline import train_pairs, validation_pairs
from models.cleaner.metrics import cleaner_metrics
from models.cleaner.network import CleanerModel
from models.cleaner.part_metrics import PartMetrics
from models.initial_weights import read_weights, weights_to_start_from
from models.part_metrics import plain_name
from models.task import Training

Batch = Mapping[str, tf.Tensor]


def as_image(logits: tf.Tensor) -> tf.Tensor:
    """Logits to an image: float32 of the same shape in [0, 1], white paper = 1."""
    return tf.sigmoid(tf.cast(logits, tf.float32))


class CleanerTask(base_task.Task):
    """Trains a network from image to logits (`models.cleaner.network`) on pairs of one dataset.

    Args:
      params: tf-models' task config; batch sizes are in its data configs.
      model: config of the network.
      data: the dataset.
      initialise: reads initial weights into a new network.
      seed: of the data order.
      first_step: the global step at the start, so that a resumed run continues with the batches that it has not seen.
    """

    def __init__(
        self,
        params: config_definitions.TaskConfig,
        model: CleanerModel,
        data: PairData,
        *,
        initialise: Callable[[tf.keras.Model], None],
        seed: int,
        first_step: int,
    ) -> None:
        super().__init__(params, name="cleaner")
        self._model, self._data, self._initialise = model, data, initialise
        self._parts = PartMetrics(data.validation_parts)
        self._seed, self._first_step = seed, first_step

    def build_model(self) -> tf.keras.Model:
        """The network; called once, in the strategy's scope."""
        return self._model.build()

    def initialize(self, model: tf.keras.Model) -> None:
        """Reads the initial weights of a new run; a resumed run reads its own checkpoint instead."""
        self._initialise(model)

    def build_inputs(
        self, params: config_definitions.DataConfig, input_context: tf.distribute.InputContext | None = None
    ) -> tf.data.Dataset:
        """This rank's part of the training stream or of one validation pass (`data.signatures.pair_pipeline`)."""
        shard, shards, batch_size = 0, 1, params.global_batch_size
        if input_context:
            shard, shards = input_context.input_pipeline_id, input_context.num_input_pipelines
            batch_size = input_context.get_per_replica_batch_size(batch_size)
        if params.is_training:
            return train_pairs(
                self._data,
                batch_size=batch_size,
                seed=self._seed,
                first_step=self._first_step,
                shard=shard,
                shards=shards,
                window=self._model.window,
                parallel_calls=1,  # one thread makes some 10,000 pairs a second; the network needs the others
            )
        data = self._data
        return validation_pairs(
            data.validation_noisy, data.validation_clean, batch_size=batch_size, shard=shard, shards=shards
        )

    def build_metrics(self, training: bool = True) -> list[tf.keras.metrics.Metric]:
        """Validation: `models.cleaner.metrics`, of each part. Training: only the loss; SSIM would cost more than it."""
        return [] if training else self._parts.build(_validation_metrics)

    def build_losses(self, labels: tf.Tensor, model_outputs: tf.Tensor, aux_losses=None) -> tf.Tensor:
        """Mean binary cross-entropy of white against ink.

        Args:
          labels: clean image, float32 [B, 224, 224, C] of 0 (ink) and 1.
          model_outputs: logits, float32 of the same shape.

        Returns:
          float32 [B], the mean over the pixels of each picture.
        """
        losses = tf.nn.sigmoid_cross_entropy_with_logits(labels, model_outputs)
        if self._model.ink_weight != 1.0:
            losses *= 1.0 + (self._model.ink_weight - 1.0) * (1.0 - labels)
        return tf.reduce_mean(losses, axis=[1, 2, 3])

    def train_step(
        self, inputs: Batch, model: tf.keras.Model, optimizer: tf.keras.optimizers.Optimizer, metrics=None
    ) -> dict[str, tf.Tensor]:
        """One optimizer step on this replica's batch; gradients are summed over replicas by the optimizer."""
        noisy, clean = _pair_of(inputs, model)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self.build_losses(clean, model(noisy, training=True)))
            replica_loss = loss / tf.distribute.get_strategy().num_replicas_in_sync
        variables = model.trainable_variables
        optimizer.apply_gradients(zip(tape.gradient(replica_loss, variables), variables, strict=True))
        return {self.loss: loss}

    def validation_step(self, inputs: Batch, model: tf.keras.Model, metrics=None) -> dict[str, tf.Tensor]:
        """Adds one batch to the metrics; the padding of the last batch has weight 0."""
        noisy, clean = _pair_of(inputs, model)
        logits = model(noisy, training=False)
        for metric, weight in self._parts.weighted(metrics or (), inputs):
            if plain_name(metric.name) == "loss":
                metric.update_state(self.build_losses(clean, logits), weight)
            else:
                metric.update_state(clean, as_image(logits), weight)
        return {}

    def aggregate_logs(self, state=None, step_outputs=None):
        """Nothing to collect; tf-models calls `reduce_aggregated_logs` only where this returns something."""
        return True

    def reduce_aggregated_logs(self, aggregated_logs, global_step=None) -> dict[str, float]:
        """Of a mixture, the means of the parts' metrics."""
        return self._parts.means()


def _validation_metrics(prefix: str) -> list[tf.keras.metrics.Metric]:
    return [*cleaner_metrics(prefix), tf.keras.metrics.Mean(f"{prefix}loss")]


def _pair_of(inputs: Batch, model: tf.keras.Model) -> tuple[tf.Tensor, tf.Tensor]:
    """(noisy, clean) as float32 [B, 224, 224, C] with the channels that the network takes."""
    channels = model.input_shape[-1]
    images = (tf.cast(inputs[name], tf.float32) for name in ("noisy", "clean"))
    noisy, clean = (tf.repeat(image, channels, axis=-1) if channels > 1 else image for image in images)
    return noisy, clean


class CleanerTraining(Training[PairData]):
    """Trains a cleaner, from the weights of another run or random ones.

    Args:
      dataset: config of the dataset.
      model: its config.
    """

    def __init__(self, dataset: CleanerDataset, model: CleanerModel) -> None:
        self._dataset, self._model = dataset, model

    def task_config(self) -> config_definitions.TaskConfig:
        return config_definitions.TaskConfig(
            name="cleaner",
            train_data=config_definitions.DataConfig(is_training=True),
            validation_data=config_definitions.DataConfig(is_training=False),
        )

    def build_task(
        self, params: config_definitions.ExperimentConfig, data: PairData, *, seed: int, first_step: int
    ) -> CleanerTask:
        return CleanerTask(
            params.task,
            self._model,
            data,
            initialise=self._read_initial_weights,
            seed=seed,
            first_step=first_step,
        )

    def _read_initial_weights(self, network: tf.keras.Model) -> None:
        if init_from := self._model.init_from:
            prefix = weights_to_start_from(init_from, "cleaner", Path(self._dataset.cache_dir))
            read_weights(tf.train.Checkpoint(model=network), prefix, "init_from")

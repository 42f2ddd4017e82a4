"""The cleaner's validation metrics, of each part of a mixture."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import tensorflow as tf

from models.part_metrics import mean_of_parts, part_name, plain_name, SEPARATOR

Metrics = Sequence[tf.keras.metrics.Metric]


class PartMetrics:
    """Keeps a set of metrics for each part; one set for a dataset that is not a mixture.

    Args:
      parts: name -> its pairs among those of validation; empty if there is no mixture.
    """

    def __init__(self, parts: Mapping[str, range]) -> None:
        self._parts = dict(parts)
        self._metrics: list[tf.keras.metrics.Metric] = []

    def build(self, build: Callable[[str], Metrics]) -> list[tf.keras.metrics.Metric]:
        """New metrics, those of a part named `<part>/<metric>`.

        Args:
          build: makes a set of them, given what to put before their names.
        """
        prefixes = [f"{part}{SEPARATOR}" for part in self._parts] or [""]
        self._metrics = [metric for prefix in prefixes for metric in build(prefix)]
        return self._metrics

    def weighted(
        self, metrics: Metrics, batch: Mapping[str, tf.Tensor]
    ) -> Iterator[tuple[tf.keras.metrics.Metric, tf.Tensor]]:
        """Each metric with the weight, float32 [B], of each pair of a batch for it.

        Args:
          metrics: from `build`.
          batch: of `data.signatures.pair_pipeline.validation_pairs`.
        """
        for metric in metrics:
            part, weight = part_name(metric.name), batch["weight"]
            if part:
                pairs, index = self._parts[part], batch["index"]
                weight *= tf.cast((index >= pairs.start) & (index < pairs.stop), weight.dtype)
            yield metric, weight

    def means(self) -> dict[str, float]:
        """The means over the parts; empty if there is no mixture."""
        of_parts: dict[str, dict[str, float]] = {part: {} for part in self._parts}
        for metric in self._metrics if self._parts else ():
            of_parts[part_name(metric.name)][plain_name(metric.name)] = float(metric.result())
        return {name: value for name, value in mean_of_parts(of_parts).items() if SEPARATOR not in name}

    def results(self) -> dict[str, float]:
        """All metrics by name, with the means over the parts of a mixture."""
        return self.means() | {metric.name: float(metric.result()) for metric in self._metrics}

"""Metrics of a mixture: those of each part by name, and their means."""

import math
from collections.abc import Mapping

SEPARATOR = "/"
"""Between the name of a part and that of a metric: real/AP50."""


def mean_of_parts(of_parts: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Joins the metrics of the parts of a mixture.

    Args:
      of_parts: part -> metric -> value.

    Returns:
      Metric -> mean over the parts in which it is a number, NaN if there is none; `<part>/<metric>` -> value.
    """
    names = list(dict.fromkeys(name for metrics in of_parts.values() for name in metrics))
    means = {}
    for name in names:
        values = [metrics[name] for metrics in of_parts.values() if not math.isnan(metrics.get(name, math.nan))]
        means[name] = sum(values) / len(values) if values else math.nan
    each = {f"{part}{SEPARATOR}{name}": value for part, metrics in of_parts.items() for name, value in metrics.items()}
    return means | each


def plain_name(metric: str) -> str:
    """The name of a metric without that of a part."""
    return metric.rpartition(SEPARATOR)[2]


def part_name(metric: str) -> str:
    """The part that a metric is of; empty for the metric of the whole dataset."""
    return metric.rpartition(SEPARATOR)[0]

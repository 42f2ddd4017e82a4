"""The evaluations whose pictures TensorBoard gets: few enough that its files stay small in runs with many of them."""

MAX_TIMES = 30
"""Per run. TensorBoard's page shows ten of them by default."""


def is_pictured(step: int, interval: int, total: int) -> bool:
    """Whether the evaluation after a step is one of at most `MAX_TIMES`, spread evenly, the last one among them.

    Args:
      step: steps done.
      interval: steps between two evaluations.
      total: steps of the run.
    """
    evaluations, number = -(-total // interval), -(-step // interval)
    times = min(MAX_TIMES, evaluations)
    return number * times // evaluations > (number - 1) * times // evaluations

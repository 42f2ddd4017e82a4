"""After which evaluations TensorBoard gets pictures: its files stay small however long and finely a run is watched."""

MAX_TIMES = 30
"""Of a run. TensorBoard's page itself shows ten of them unless it is told otherwise."""


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

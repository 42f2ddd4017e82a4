"""A trial in TensorBoard's HParams page: its swept values, the metrics of its best evaluation so far, how it ended."""

import math
from collections.abc import Mapping
from types import TracebackType

import tensorflow as tf
from tensorboard.plugins.hparams import api, api_pb2
from tensorboard.plugins.hparams.summary import session_end_pb

from engine.run_folder import RunFolder
from engine.trial import Value
from models.tensorflow_paths import tensorflow_path

NOT_METRICS = ("step",)


class TrialSummary:
    """Writes `<run>/best/`, one run of TensorBoard a trial; use it as a context around the training.

    The page takes every scalar beneath a session for a metric of it. Hence a folder that holds these alone; and no
    summary of the whole experiment, since the page would show the first one that it finds for all sweeps in `outputs/`.

    Args:
      run: the folder of the trial.
      values: swept key -> value, types as they are; empty writes nothing. Of a rate its logarithm is written as well,
        for the page draws axes linearly until it is told otherwise.
      group: of sessions that are one trial, such as repeats: the page shows their mean.
    """

    def __init__(self, run: RunFolder, values: Mapping[str, Value], group: str) -> None:
        self._run = run
        self._writer = tf.summary.create_file_writer(tensorflow_path(run.path / "best")) if values else None
        if self._writer:
            with self._writer.as_default():
                api.hparams({**values, **_logarithms(values)}, trial_id=group)

    def __enter__(self) -> "TrialSummary":
        return self

    def record(self, best: Mapping[str, float], step: int) -> None:
        """Notes the best evaluation as it stands at a step."""
        if not self._writer:
            return
        facts = {**best, "examples_per_second": self._run.facts.get("examples_per_second", math.nan)}
        with self._writer.as_default(step):
            for name, value in facts.items():
                if name not in NOT_METRICS and not math.isnan(value):
                    tf.summary.scalar(name, value)
        self._writer.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._writer:
            status = api_pb2.STATUS_FAILURE if error else api_pb2.STATUS_SUCCESS
            with self._writer.as_default():
                tf.summary.experimental.write_raw_pb(session_end_pb(status).SerializeToString(), step=0)
            self._writer.close()


def _logarithms(values: Mapping[str, Value]) -> dict[str, float]:
    rates = {key: value for key, value in values.items() if key.endswith("rate") and _is_number(value) and value > 0}
    return {f"log10({key})": math.log10(value) for key, value in rates.items()}


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

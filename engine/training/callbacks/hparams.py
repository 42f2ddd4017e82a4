"""A trial in TensorBoard's HParams page: its swept values, the metrics of its best evaluation so far, how it ended."""

import math
from collections.abc import Mapping
from pathlib import Path

import tensorflow as tf
from tensorboard.plugins.hparams import api, api_pb2
from tensorboard.plugins.hparams.summary import session_end_pb

from engine.runs.hparams_events import FOLDER, OUTCOME, RUNNING
from engine.runs.trial import Value
from engine.training.callback import Callback
from engine.training.endings import Diverged, Interrupted
from engine.training.goal import Metrics
from engine.training.state import TrainingState
from models.tensorflow_paths import tensorflow_path

NOT_METRICS = ("step",)


class TrialSummary(Callback):
    """Writes `<run>/best/`, one run of TensorBoard a trial.

    The page shows every scalar in the folder of a session as a metric, so these scalars have their own folder. Nothing
    summarises the experiment: the page would use the first such summary that it finds for all sweeps in `outputs/`.

    Args:
      values: swept key -> value, with their types; if empty, nothing is written. For a rate, its logarithm is written
        too, because the page draws linear axes by default.
      group: of sessions that are one trial, such as repeats: the page shows their mean.
    """

    def __init__(self, values: Mapping[str, Value], group: str) -> None:
        self._values, self._group = values, group
        self._writer: tf.summary.SummaryWriter | None = None

    def on_start(self, state: TrainingState) -> None:
        self._open(state, RUNNING)

    def on_evaluation(self, state: TrainingState) -> None:
        if self._writer is not None:
            self._write(state, state.history, state.step)
            self._writer.flush()

    def on_end(self, state: TrainingState, error: BaseException | None) -> None:
        """Rewrites the events with the outcome, because the page takes the first values of a session."""
        if self._writer is None:
            return
        self._writer.close()
        for file in self._folder(state).glob("events.out.tfevents.*"):
            file.unlink()
        self._open(state, _outcome(state, error))
        for count, entry in enumerate(state.history, start=1):
            self._write(state, state.history[:count], int(entry["step"]))
        status = api_pb2.STATUS_FAILURE if error else api_pb2.STATUS_SUCCESS
        with self._writer.as_default():
            tf.summary.experimental.write_raw_pb(session_end_pb(status).SerializeToString(), step=0)
        self._writer.close()

    def _folder(self, state: TrainingState) -> Path:
        return state.run.path / FOLDER

    def _open(self, state: TrainingState, outcome: str) -> None:
        if self._values:
            self._writer = tf.summary.create_file_writer(tensorflow_path(self._folder(state)))
            with self._writer.as_default():
                values = {**self._values, **_logarithms(self._values), OUTCOME: outcome}
                api.hparams(values, trial_id=self._group)

    def _write(self, state: TrainingState, history: list[Metrics], step: int) -> None:
        """The best metrics of some evaluations."""
        best = state.goal.best(history)
        if self._writer is None or best is None:
            return
        metrics = {**best, "examples_per_second": state.run.metadata.get("examples_per_second", math.nan)}
        with self._writer.as_default(step):
            for name, value in metrics.items():
                if name not in NOT_METRICS and not math.isnan(value):
                    tf.summary.scalar(name, value)


def _outcome(state: TrainingState, error: BaseException | None) -> str:
    if error is None:
        return state.outcome
    if isinstance(error, Interrupted | Diverged):
        return "interrupted" if isinstance(error, Interrupted) else "diverged"
    return "failed"


def _logarithms(values: Mapping[str, Value]) -> dict[str, float]:
    rates = {key: float(value) for key, value in values.items() if key.endswith("rate") and _is_number(value)}
    return {f"log10({key})": math.log10(value) for key, value in rates.items() if value > 0}


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)

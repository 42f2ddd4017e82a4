"""The profile of a few steps."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.training.callbacks import profile as profile_module
from engine.training.callbacks.profile import Profile


@pytest.mark.parametrize(
    ("steps", "last", "calls"),
    [([3, 5], 9, ["start", "stop"]), ([3, 5], 4, ["start", "stop"]), ([8, 9], 5, []), ([], 5, [])],
)
def test_a_profile_is_written_though_the_training_ends_before_its_last_step(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, steps: list[int], last: int, calls: list[str]
):
    seen: list[str] = []
    tracer = profile_module.tf.profiler.experimental
    monkeypatch.setattr(tracer, "start", lambda folder: seen.append("start"))
    monkeypatch.setattr(tracer, "stop", lambda: seen.append("stop"))
    callback, state = Profile(steps), SimpleNamespace(run=SimpleNamespace(path=tmp_path), step=0)
    training: Any = state
    for number in range(1, last + 1):
        state.step = number
        callback.on_step(training)
    callback.on_end(training, None)
    assert seen == calls

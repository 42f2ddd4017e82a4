"""Progress without a terminal."""

import pytest

from engine import console as console_module
from engine.console import Console


def test_a_plain_line_says_how_long_it_takes_yet(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    now = 1000.0
    monkeypatch.setattr(console_module.time, "monotonic", lambda: now)
    with Console().progress("train", 100, done=20) as update:
        now += 60  # of compiling
        update(21, "7 pages/s")
        now += 30
        update(31, "7 pages/s")
        now += 207
        update(100, "")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("21/100 · 7 pages/s · 0:01:00")  # from one step nothing is known
    assert lines[1].endswith("31/100 · 7 pages/s · 0:01:30 · 0:03:27 left")
    assert lines[2].endswith("100/100 · 0:04:57")

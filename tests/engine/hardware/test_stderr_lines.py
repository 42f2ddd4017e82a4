"""The filter of lines on stderr."""

import os

import pytest

from engine.hardware.stderr_lines import without_lines


def test_lines_with_these_starts_are_dropped_and_no_others(capfd: pytest.CaptureFixture[str]):
    os.write(2, b"I0000 before\n")
    with without_lines(b"I0000 ", b"WARNING: All"):
        os.write(2, b"WARNING: All log messages\nI0000 00:00 started\nE0000 refused\n")
        os.write(2, b"no newline at the end")
    os.write(2, b"\nI0000 after\n")
    assert capfd.readouterr().err == "I0000 before\nE0000 refused\nno newline at the end\nI0000 after\n"


def test_stderr_is_back_after_an_error(capfd: pytest.CaptureFixture[str]):
    def fail() -> None:
        with without_lines(b"I0000 "):
            os.write(2, b"why\n")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    os.write(2, b"I0000 after\n")
    assert capfd.readouterr().err == "why\nI0000 after\n"

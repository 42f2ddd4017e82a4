"""Reports of running jobs and their answers, without processes."""

import math
import threading
import time
from pathlib import Path

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra_plugins.mpi_launcher import reports
from hydra_plugins.mpi_launcher._job import JobFiles, State
from hydra_plugins.mpi_launcher._listening import Listener


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JobFiles:
    files = JobFiles(tmp_path, 3)
    files.make()
    monkeypatch.setenv(reports.FOLDER, str(files.folder))
    return files


def test_a_report_gets_its_answer(files: JobFiles, tmp_path: Path):
    heard = []

    def on_report(number: int, step: int, value: float) -> bool:
        heard.append((number, step, value))
        return step == 2

    listener = Listener(tmp_path, on_report)
    stop = threading.Event()

    def listen() -> None:
        while not stop.is_set():
            listener.look([1, 3])
            time.sleep(0.01)

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        assert not reports.report(1, 0.5)
        assert files.how_it_returned() == State.DONE
        assert reports.report(2, math.nan)
        assert files.how_it_returned() == State.PRUNED
    finally:
        stop.set()
        thread.join()
    assert [entry[:2] for entry in heard] == [(3, 1), (3, 2)]
    assert math.isnan(heard[1][2])
    assert files.reports.verdict.stat().st_mode & 0o077 == 0


def test_a_report_does_not_wait_without_a_launcher(monkeypatch: pytest.MonkeyPatch, files: JobFiles):
    started = time.monotonic()
    assert not reports.report(1, 0.5, last=True)
    monkeypatch.delenv(reports.FOLDER)
    assert not reports.report(2, 0.5)
    assert not reports.given_up()
    assert time.monotonic() - started < 1
    monkeypatch.setenv(reports.FOLDER, str(files.folder))
    monkeypatch.setattr(reports, "WAIT_SECONDS", 0.1)
    assert not reports.report(3, 0.5)  # the launcher is gone


def test_a_late_answer_is_found(monkeypatch: pytest.MonkeyPatch, files: JobFiles, tmp_path: Path):
    monkeypatch.setattr(reports, "WAIT_SECONDS", 0.0)
    assert not reports.report(1, 0.5)
    assert not reports.given_up()
    Listener(tmp_path, lambda number, step, value: True).look([3])
    assert reports.given_up()


def test_what_was_reported_before_a_start_is_kept_and_not_answered(
    monkeypatch: pytest.MonkeyPatch, files: JobFiles, tmp_path: Path
):
    monkeypatch.setattr(reports, "WAIT_SECONDS", 0.0)
    reports.report(1, 0.5)
    with open(files.reports.reports, "a") as file:
        file.write('{"step": 2, "val')  # killed
    files.make()
    heard = []
    listener = Listener(tmp_path, lambda number, step, value: heard.append(step) is None)
    listener.look_once(3, answer=False)
    assert heard == [1]
    assert not reports.given_up()


def test_what_on_report_raises_is_kept(monkeypatch: pytest.MonkeyPatch, files: JobFiles, tmp_path: Path):
    monkeypatch.setattr(reports, "WAIT_SECONDS", 0.0)

    def on_report(number: int, step: int, value: float) -> bool:
        raise OSError("no space left")

    reports.report(1, 0.5)
    listener = Listener(tmp_path, on_report)
    listener.look([3])
    assert str(listener.error) == "no space left"
    assert not reports.given_up()

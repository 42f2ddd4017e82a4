"""Programs with parts that cannot be pickled for the ranks."""

from pathlib import Path

import pytest
from strangers import swept

PROGRAM = """\
import logging, socket, threading, typing
import hydra

LOCK = threading.Lock()
LOG = open("log", "w")
HANDLER = logging.StreamHandler()
UserId = typing.NewType("UserId", int)
UNUSED = threading.Condition()


class Model:
    lock = threading.Lock()

    def fit(self):
        return helper()


def helper():
    return inner()


def inner():
    LOG.write("x")
    return 1


def close_over(connection):
    def closed(config):
        return connection.fileno()

    return closed


def default(config, event=threading.Event()):
    return 1


def main(config):
    {body}


hydra.main(version_base=None)({main})()
"""

CASES = {
    "LOCK of app.py, a _thread.lock,": ("LOCK.acquire()", "main"),
    "HANDLER of app.py, a logging.StreamHandler,": ("HANDLER.flush()", "main"),
    "LOG of app.py, a _io.TextIOWrapper,": ("return helper()", "main"),
    "Model.lock of app.py, a _thread.lock,": ("return Model().fit()", "main"),
    "connection of app.py, a socket.socket,": ("pass", "close_over(socket.socket())"),
    "a default value of default() of app.py, a threading.Event,": ("pass", "default"),
    "UserId of app.py, a typing.NewType,": ("return UserId(1)", "main"),
}


@pytest.mark.parametrize("said", CASES)
@pytest.mark.fault("a global of a program cannot be sent to its trials", "one line names it before anything is started")
def test_what_cannot_be_sent_is_named(tmp_path: Path, said: str):
    body, main = CASES[said]
    (tmp_path / "app.py").write_text(PROGRAM.format(body=body, main=main))
    done = swept(tmp_path, "+x=1,2")
    assert done.returncode == 1
    line, *others = done.stderr.strip().splitlines()
    assert line.startswith(f"{said} cannot be sent to the ranks (")
    assert line.endswith("create it inside the task function, or in a module that app.py imports")
    assert [other for other in others if other and "HYDRA_FULL_ERROR" not in other] == []
    assert not (tmp_path / "sweep/jobs.json").exists()


@pytest.mark.slow
def test_what_no_job_uses_need_not_be_sent(tmp_path: Path):
    (tmp_path / "app.py").write_text(PROGRAM.format(body="return 1", main="main"))
    done = swept(tmp_path, "+x=1")
    assert done.returncode == 0, done.stderr

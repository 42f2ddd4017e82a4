"""train.py in forks of one interpreter that has imported TensorFlow: each start saves the seconds of that import.

The interpreter imports and waits; it runs nothing of the project and starts none of TensorFlow's threads before it
forks. A fork gets the arguments, folder, environment and streams of the new process, and runs train.py to its end as
`__main__`, with signals, exit code and everything else of a process of its own. What an interpreter reads at its start,
such as PYTHONPATH, does not reach it: `is_enough_for` says when a new one is needed.
"""

import gc
import json
import os
import runpy
import select
import socket
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

from programs import REPOSITORY, users_environment

READ_AT_THE_START = ("PYTHON", "LC_", "LANG", "TF_", "OMP_", "LD_", "MALLOC_", "TZ")
"""Beginnings of the names of variables that Python, TensorFlow or the C library read when they are loaded."""

IMPORTED = (
    *("engine.cli.command_line", "engine.training.session"),
    *(f"engine.modes.{name}" for name in ("train", "export", "evaluate", "predict")),
    *(f"models.cleaner.{name}" for name in ("training", "serving", "export", "pictures", "unet")),
    *(f"models.detector.{name}" for name in ("training", "serving", "export", "pictures", "small_network")),
)
"""Modules that import TensorFlow, tf-models and what else a run uses."""


def is_enough_for(variables: Iterable[str]) -> bool:
    """Whether a fork behaves as a new process does that gets these variables."""
    return not any(name.startswith(READ_AT_THE_START) for name in variables)


_NO_STREAMS = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}


class WarmInterpreter:
    """The waiting interpreter."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair()
        command = [sys.executable, __file__, str(theirs.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=users_environment(), **_NO_STREAMS)
        theirs.close()

    def start(self, arguments: list[str], **options: Any) -> "subprocess.Popen[str]":
        """train.py with arguments; takes the options `cwd`, `env`, `stdout`, `stderr` and `text` of Popen."""
        return _Fork(arguments, channel=self._ours, **options)

    def close(self) -> None:
        """Ends the interpreter, but not its forks."""
        self._ours.close()
        self._process.wait()


class _Fork(subprocess.Popen):  # type: ignore[type-arg]
    """A process that the warm interpreter forks; its exit code comes over a socket."""

    def __init__(self, arguments: list[str], channel: socket.socket, **options: Any) -> None:
        self._channel = channel
        super().__init__(arguments, **options)

    def _execute_child(self, args, executable, preexec_fn, close_fds, pass_fds, cwd, env, *rest):  # type: ignore
        p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite = rest[3:9]
        given = {"arguments": args, "cwd": str(cwd), "env": env}
        self._ended, theirs = socket.socketpair()
        standard = [own if own != -1 else number for number, own in enumerate((p2cread, c2pwrite, errwrite))]
        with theirs:
            socket.send_fds(self._channel, [json.dumps(given).encode()], [theirs.fileno(), *standard])
        self.pid = int(self._ended.recv(20))
        self._child_created = True
        self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)

    def poll(self) -> int | None:
        if self.returncode is None and select.select([self._ended], [], [], 0)[0]:
            return self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(self._ended.recv(20) or b"-9")
            self._ended.close()
        return self.returncode


def _serve(channel: socket.socket) -> dict[str, Any]:
    """Forks for each request until the channel closes; returns the request in each fork alone."""
    while True:
        message, handles, _, _ = socket.recv_fds(channel, 1_000_000, 4)
        while _ended_watchers():
            pass
        if not message:
            sys.exit()
        if os.fork() == 0:
            break
        for handle in handles:
            os.close(handle)
    channel.close()
    ended, *standard = handles
    number = os.fork()
    if number == 0:
        os.close(ended)
        for own, handle in enumerate(standard):
            os.dup2(handle, own)
            os.close(handle)
        return json.loads(message)
    for handle in standard:  # the watcher: it waits for the fork and reports its exit code
        os.close(handle)
    with socket.socket(fileno=ended) as report:
        report.send(str(number).encode())
        for stream in (0, 1, 2):
            os.close(stream)
        _, status = os.waitpid(number, 0)
        report.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def _ended_watchers() -> bool:
    try:
        return os.waitpid(-1, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return False


def main() -> None:
    """Imports, waits, and goes on as train.py in each fork."""
    sys.path[0] = str(REPOSITORY)
    from engine.hardware.tensorflow_setup import prepare_environment

    prepare_environment()
    for name in IMPORTED:
        __import__(name)
    gc.freeze()  # the collector of a fork would otherwise write to, and so copy, all pages of memory
    request = _serve(socket.socket(fileno=int(sys.argv[1])))
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = [str(REPOSITORY / "train.py"), *request["arguments"]]
    runpy.run_path(sys.argv[0], run_name="__main__")


if __name__ == "__main__":
    main()

"""`-m mode=eval|export|predict run_dir=A,B`: the same command for one run after the other.

Each run has its own settings, so each gets its own process.
"""

import signal
import subprocess
import sys
from typing import Any

from hydra_plugins.mpi_launcher.text import shown_path

from data.commands import override
from engine.overrides import CommandLine
from engine.runs.resume import NEEDS_RUN


def is_wanted(line: CommandLine) -> bool:
    """Whether a command line names several runs, or one run in a sweep without swept keys."""
    given = line.overrides
    if not line.given.multirun or line.given.cfg or line.given.info or given.get("mode") not in NEEDS_RUN:
        return False
    return "run_dir" in given and ("run_dir" in given.swept or not given.swept)


def call_for_each(line: CommandLine) -> int:
    """Calls train.py once for each run; if one fails, the others still run.

    Returns:
      The exit code of the last call that failed, or 0.
    """
    from engine.console import Console  # Rich takes a tenth of the start of a program

    given, code = line.overrides, 0
    others = given.without("run_dir")
    options = line.options if others.swept else [word for word in line.options if not _is_multirun(word)]
    for run in given.values("run_dir"):
        arguments = [*options, *others, override("run_dir", run)]
        Console().title(f"run {shown_path(str(run))}")
        sys.stdout.flush()
        code = _call(arguments) or code
        if code in (130, 143):
            return code
    return code


def _is_multirun(option: str) -> bool:
    return option == "-m" or (option.startswith("--mu") and "--multirun".startswith(option))


def _call(arguments: list[str]) -> int:
    """Runs train.py and passes a SIGTERM on to it; a Ctrl-C reaches it directly."""
    process = subprocess.Popen([sys.executable, sys.argv[0], *arguments])

    def pass_on(number: int, frame: Any) -> None:
        process.send_signal(number)

    before = {
        signal.SIGTERM: signal.signal(signal.SIGTERM, pass_on),
        signal.SIGINT: signal.signal(signal.SIGINT, lambda number, frame: None),
    }
    try:
        code = process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 128 - code if code < 0 else code

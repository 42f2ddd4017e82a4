"""What each rank of a job runs: `python -m hydra_plugins.mpi_launcher._worker <job file>`."""

import contextlib
import ctypes
import dataclasses
import logging
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._open_mpi import LOCAL_RANK, LOCAL_SIZE, RANK, SIZE

CORES = "MPI_LAUNCHER_CORES"
"""Core numbers of each rank of this host, `0,1;2,3`: the worker binds itself before anything is imported."""

EVENLY = "evenly"
"""In place of the numbers, where the launcher does not know the host's: its ranks share all of them."""

KIND = "MPI_LAUNCHER_KIND"
"""Whose cards they are, `hpu` or `gpu`."""

CARDS = "MPI_LAUNCHER_CARDS"
"""Numbers of the cards that the job holds on each of its hosts, `4,5`."""

GRACE = "MPI_LAUNCHER_GRACE"
"""Seconds between the end of mpirun and that of a rank that does not end by itself."""

PR_SET_PDEATHSIG = 1

ASK = signal.SIGUSR1
"""Asks mpirun to ask its ranks to end."""


@dataclasses.dataclass(frozen=True)
class Parcel:
    """What travels to the ranks, by cloudpickle.

    Attributes:
      hydra_context, task_function, config: for Hydra's `run_job`.
      singletons: Hydra's global state.
      output_dir: folder of the job.
      files: paths of the result and of errors, as `_job.JobFiles`.
      argv: `sys.argv` of the launching process.
    """

    hydra_context: Any
    task_function: Any
    config: Any
    singletons: Any
    output_dir: str
    files: Any
    argv: list[str]


def main() -> int:
    """Runs the job in this rank; returns the exit code.

    A rank that ends because it was asked to returns 0: at another code mpirun would not let the others end.
    """
    note = Path(sys.argv[1]).with_name(f"ending_{os.environ.get(RANK, 0)}.txt")
    ending = Ending(float(os.environ.get(GRACE, 60)), note)
    code = _work()
    if code and not ending.asked:
        # At once: libraries would wait at their exit for other ranks, which wait in a collective for this one.
        logging.shutdown()
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    return 0


def _work() -> int:
    take_share(int(os.environ.get(LOCAL_RANK, 0)))
    with open(sys.argv[1], "rb") as file:
        parcel: Parcel = pickle.load(file)
    sys.argv = list(parcel.argv)
    rank = int(os.environ.get(RANK, 0))
    error: BaseException | None
    try:
        error = _run_and_return(parcel, rank)
        if error is None:
            return 0
        text = "".join(traceback.format_exception(error))
    except SystemExit as stop:
        if stop.code in (None, 0):
            return 0
        error, text = stop, f"the task ended with exit code {stop.code}\n"
    except KeyboardInterrupt as interruption:
        error, text = interruption, "interrupted\n"
    except BaseException as fault:
        error, text = fault, traceback.format_exc()
    _leave_error(parcel, rank, error, text)
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _run_and_return(parcel: Parcel, rank: int) -> BaseException | None:
    """Runs the job as Hydra would, and leaves rank 0's result.

    Returns:
      The exception that Hydra caught from the task, if it did.

    Raises:
      TypeError: the task's return value cannot be written.
    """
    from hydra.core.hydra_config import HydraConfig
    from hydra.core.singleton import Singleton
    from hydra.core.utils import JobStatus, setup_globals

    Singleton.set_state(parcel.singletons)
    setup_globals()
    HydraConfig.instance().set_config(parcel.config)
    done = _run(parcel, parcel.config, rank)
    if done.status != JobStatus.COMPLETED:
        return done._return_value
    if rank == 0:
        _write_result(parcel, done)
    return None


def _leave_error(parcel: Parcel, rank: int, error: BaseException, text: str) -> None:
    """Writes what ended this rank: the exception if it can be written, its text, and the text into the job's log."""
    import cloudpickle
    from hydra_plugins.mpi_launcher._job import write_private

    with contextlib.suppress(Exception):  # the text is what counts
        write_private(parcel.files.exception(rank), cloudpickle.dumps(error))
    ranks = int(os.environ.get(SIZE, 1))
    parcel.files.error(rank).write_text((f"rank {rank} of {ranks}\n" if ranks > 1 else "") + text)
    if isinstance(error, Exception):
        _log(text, Path(parcel.output_dir), parcel.config, rank)


def _run(parcel: Parcel, config: Any, rank: int) -> Any:
    """Hydra's own `run_job`, except that only rank 0 writes `.hydra` and the job's log."""
    from hydra.core.utils import run_job
    from omegaconf import open_dict, read_write

    folder = Path(parcel.output_dir)
    with read_write(config.hydra), open_dict(config.hydra):
        config.hydra.sweep.dir, config.hydra.sweep.subdir = str(folder.parent), folder.name
        if rank:
            config.hydra.output_subdir = None
            for handler in (config.hydra.job_logging or {}).get("handlers", {}).values():
                if "filename" in handler:
                    handler.filename = str(folder / f"rank_{rank}.log")
    return run_job(
        hydra_context=parcel.hydra_context,
        task_function=parcel.task_function,
        config=config,
        job_dir_key="hydra.sweep.dir",
        job_subdir_key="hydra.sweep.subdir",
    )


def _write_result(parcel: Parcel, done: Any) -> None:
    import cloudpickle
    from hydra_plugins.mpi_launcher._job import write_private

    try:
        data = cloudpickle.dumps(done)
    except Exception as error:
        raise TypeError(f"the task's return value cannot be sent back: {type(done._return_value)}: {error}") from error
    write_private(parcel.files.result, data)


def _log(text: str, folder: Path, config: Any, rank: int) -> None:
    """Puts a traceback into the job's own log: Hydra leaves it to the sweeper, which may be on another machine."""
    if any(isinstance(handler, logging.FileHandler) for handler in logging.getLogger().handlers):
        logging.getLogger("hydra_plugins.mpi_launcher").error(text)
        return
    name = f"rank_{rank}" if rank else config.hydra.job.get("name", "job")
    with open(folder / f"{name}.log", "a") as log:
        log.write(text)


def take_share(local_rank: int) -> None:
    """Binds this process to its cores and shows it its card, as the launcher has said in the environment."""
    if cores := os.environ.get(CORES):
        sets = (
            _even_shares()
            if cores == EVENLY
            else [[int(core) for core in part.split(",")] for part in cores.split(";")]
        )
        if local_rank < len(sets):
            os.sched_setaffinity(0, sets[local_rank])
    cards = [card for card in os.environ.get(CARDS, "").split(",") if card]
    if not cards:
        return
    ranks = int(os.environ.get(LOCAL_SIZE, 1))
    each = max(1, len(cards) // ranks)
    mine = cards[local_rank * each :][:each]
    if os.environ.get(KIND) == "gpu":
        os.environ["CUDA_DEVICE_ORDER"] = "PCI_BUS_ID"  # the order of the device files
        os.environ["CUDA_VISIBLE_DEVICES"] = ",".join(mine)
        return
    os.environ["HABANA_VISIBLE_MODULES"] = ",".join(cards)
    if mine:
        os.environ["HLS_MODULE_ID"] = mine[0]  # the one name that a job of one rank obeys too


def _even_shares() -> list[list[int]]:
    """This host's cores, cut evenly over its ranks; none if there are fewer cores than ranks."""
    from hydra_plugins.mpi_launcher._machine import usable_cores

    cores, ranks = usable_cores(), int(os.environ.get(LOCAL_SIZE, 1))
    each = len(cores) // ranks
    return [cores[rank * each :][:each] for rank in range(ranks)] if each else []


class Ending:
    """How this rank is asked to end: by SIGUSR1, which mpirun forwards, or by the end of mpirun itself.

    Either becomes a SIGTERM, as programs expect it, and after the grace a SIGKILL. mpirun's own way of ending ranks is
    not used: Open MPI 5 leaves them no time, and both versions end all ranks when the first one ends with an error.

    Args:
      grace_seconds: between asking and killing.
      note: file that gets who asked.
    """

    def __init__(self, grace_seconds: float, note: Path) -> None:
        self.asked = False
        self._note = note
        self._grace = grace_seconds
        self._parent = os.getppid()
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, ASK, 0, 0, 0)
        signal.pthread_sigmask(signal.SIG_BLOCK, {ASK})  # threads inherit it: the one below alone takes it
        threading.Thread(target=self._watch, daemon=True, name="mpi-launcher-ending").start()

    def _watch(self) -> None:
        while (asked := signal.sigtimedwait({ASK}, 1.0)) is None and os.getppid() == self._parent:
            pass
        self.asked = True
        why = f"process {asked.si_pid} asked it to end" if asked else f"mpirun, process {self._parent}, was gone"
        with contextlib.suppress(OSError):  # the folder may be gone too
            self._note.write_text(why + "\n")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(self._grace)
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)  # with what it has started
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())

"""Runs the job in a rank that `_rank.py` has prepared."""

import contextlib
import errno
import functools
import logging
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher._console import survive_encodings
from hydra_plugins.mpi_launcher._devices import device_of
from hydra_plugins.mpi_launcher._ending import Ending
from hydra_plugins.mpi_launcher._errors import JobEnded
from hydra_plugins.mpi_launcher._open_mpi import LOCAL_RANK, LOCAL_SIZE, RANK, SIZE
from hydra_plugins.mpi_launcher._parcel import Parcel, unpack
from hydra_plugins.mpi_launcher._scratch import shared_memory_fault

CORES = "MPI_LAUNCHER_CORES"
"""Core numbers of each rank of this host, `0,1;2,3`: the worker binds itself before anything is imported."""

EVENLY = "evenly"
"""Stands for the numbers if the launcher does not know the host's cores: its ranks share all of them evenly."""

KIND = "MPI_LAUNCHER_KIND"
"""Kind of the cards, see `_devices.device_of`."""

CARDS = "MPI_LAUNCHER_CARDS"
"""Numbers of the cards that the job holds on each of its hosts, `4,5`."""

GRACE = "MPI_LAUNCHER_GRACE"
"""Seconds between the end of mpirun and that of a rank that does not end by itself."""


def main(job: str, at: int) -> int:
    """Runs the job in this rank; returns the exit code.

    A rank that ends because it was asked to returns 0: at another code mpirun would not let the others end.

    Args:
      job: path of the job file.
      at: where the parcel begins in it.
    """
    rank, folder = int(os.environ.get(RANK, 0)), Path(job).parent
    ending = Ending(float(os.environ[GRACE]), folder / f"ending_{rank}.txt")
    read_nothing()
    survive_encodings()
    code = _work(Path(job), at, rank)
    if code and not ending.asked:
        # At once: libraries would wait at their exit for other ranks, which wait in a collective for this one.
        logging.shutdown()
        with contextlib.suppress(OSError, AttributeError):
            sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    return 0


def read_nothing() -> None:
    """Makes the standard input end at once: the one from mpirun never ends."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    if nothing:
        os.close(nothing)


def _work(job: Path, at: int, rank: int) -> int:
    take_share(int(os.environ.get(LOCAL_RANK, 0)))
    try:
        with open(job, "rb") as file:
            file.seek(at)
            parcel = unpack(file)
    except Exception:  # of what the program is made of, something cannot be had here
        text = traceback.format_exc()
        job.with_name(f"error_{rank}.txt").write_text(text, encoding="utf-8", errors="replace")
        return 1
    sys.argv = list(parcel.argv)
    error: BaseException | None
    try:
        with _callbacks_complain(parcel.files.note(rank)):
            error = _run_and_return(parcel, rank)
        if error is None:
            return 0
        text = "".join(traceback.format_exception(error))
    except SystemExit as stop:
        error = stop
        text = f"{stop.code}\n" if isinstance(stop.code, str) else f"the task ended with exit code {stop.code}\n"
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
        error: BaseException = done._return_value
        return error
    if rank == 0:
        _write_result(parcel, done)
    return None


def _leave_error(parcel: Parcel, rank: int, error: BaseException, text: str) -> None:
    """Writes what ended this rank: the exception if it can be written, its text, and the text into the job's log."""
    import cloudpickle
    from hydra_plugins.mpi_launcher._whole_file import write_whole

    if isinstance(error, SystemExit):
        error = JobEnded(text.strip())
    with contextlib.suppress(Exception):  # the text is what counts
        write_whole(parcel.files.exception(rank), cloudpickle.dumps(error))
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EROFS) and error.filename is None:
        text = ": ".join(filter(None, (text.rstrip(), shared_memory_fault()))) + "\n"
    ranks = int(os.environ.get(SIZE, 1))
    text = (f"rank {rank} of {ranks}\n" if ranks > 1 else "") + text
    parcel.files.error(rank).write_text(text, encoding="utf-8", errors="replace")
    if not isinstance(error, KeyboardInterrupt):
        _log(text, Path(parcel.output_dir), parcel.config, rank)


def _run(parcel: Parcel, config: Any, rank: int) -> Any:
    """Hydra's own `run_job`, except that only rank 0 writes `.hydra` and the job's log."""
    from hydra.core.utils import run_job
    from hydra.types import RunMode
    from omegaconf import open_dict, read_write

    folder = Path(parcel.output_dir)
    subdir_key: str | None
    with read_write(config.hydra), open_dict(config.hydra):
        if config.hydra.mode == RunMode.RUN:
            config.hydra.run.dir = str(folder)
            dir_key, subdir_key = "hydra.run.dir", None
        else:
            top = Path(str(config.hydra.sweep.dir)).absolute()
            if not folder.is_relative_to(top):
                top = folder.parent
            config.hydra.sweep.dir, config.hydra.sweep.subdir = str(top), str(folder.relative_to(top))
            dir_key, subdir_key = "hydra.sweep.dir", "hydra.sweep.subdir"
        if rank:
            if config.hydra.output_subdir is not None:
                config.hydra.output_subdir = str(parcel.files.of_rank(rank))
            for handler in (config.hydra.job_logging or {}).get("handlers", {}).values():
                if "filename" in handler:
                    handler.filename = str(folder / f"rank_{rank}.log")
    return run_job(
        hydra_context=parcel.hydra_context,
        task_function=_exit_0_is_an_end(parcel.task_function),
        config=config,
        job_dir_key=dir_key,
        job_subdir_key=subdir_key,
    )


def _exit_0_is_an_end(task_function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The task function, for which `sys.exit(0)` is a way to return None."""

    @functools.wraps(task_function)
    def task(config: Any) -> Any:
        try:
            return task_function(config)
        except SystemExit as stop:
            if stop.code in (None, 0):
                return None
            raise

    return task


@contextlib.contextmanager
def _callbacks_complain(note: Path) -> Iterator[None]:
    """Notes Hydra's warnings about its callbacks, because warnings of a rank are not shown."""
    show = warnings.showwarning

    def look(message: Any, *arguments: Any, **named: Any) -> None:
        if str(message).startswith("Callback "):
            with contextlib.suppress(OSError), open(note, "a", encoding="utf-8", errors="replace") as file:
                file.write(f"{message}\n")
        show(message, *arguments, **named)

    warnings.showwarning = look
    try:
        yield
    finally:
        warnings.showwarning = show


def _write_result(parcel: Parcel, done: Any) -> None:
    import cloudpickle
    from hydra_plugins.mpi_launcher._whole_file import write_whole

    try:
        data = cloudpickle.dumps(done)
    except Exception as error:
        raise TypeError(f"the task's return value cannot be sent back: {type(done._return_value)}: {error}") from error
    write_whole(parcel.files.result, data)


def _log(text: str, folder: Path, config: Any, rank: int) -> None:
    """Puts a traceback into the job's own log: Hydra leaves it to the sweeper, which may be on another machine."""
    if any(isinstance(handler, logging.FileHandler) for handler in logging.getLogger().handlers):
        logging.getLogger("hydra_plugins.mpi_launcher").error(text)
        return
    name = f"rank_{rank}" if rank else config.hydra.job.get("name", "job")
    with open(folder / f"{name}.log", "a", encoding="utf-8", errors="replace") as log:
        log.write(text)


def take_share(local_rank: int) -> None:
    """Binds this process to its cores and makes its card visible, by the variables that the launcher has set."""
    if cores := os.environ.get(CORES):
        sets = (
            _even_shares()
            if cores == EVENLY
            else [[int(core) for core in part.split(",")] for part in cores.split(";")]
        )
        if local_rank < len(sets):
            os.sched_setaffinity(0, sets[local_rank])
    cards = [int(card) for card in os.environ.get(CARDS, "").split(",") if card]
    if not cards:
        return
    ranks = int(os.environ.get(LOCAL_SIZE, 1))
    each = max(1, len(cards) // ranks)
    own = cards[local_rank * each :][:each]
    os.environ.update(device_of(os.environ[KIND]).rank_environment(cards, own))


def _even_shares() -> list[list[int]]:
    """This host's cores, cut evenly over its ranks; none if there are fewer cores than ranks."""
    from hydra_plugins.mpi_launcher._machine import ordered_cores

    cores, ranks = ordered_cores(), int(os.environ.get(LOCAL_SIZE, 1))
    each = len(cores) // ranks
    return [cores[rank * each :][:each] for rank in range(ranks)] if each else []

"""Starts the ranks of a job and reads their results: commands, environments, parcels and results."""

import contextlib
import os
import pickle
import shlex
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra_plugins.mpi_launcher import _worker, reports
from hydra_plugins.mpi_launcher._cards import Placement
from hydra_plugins.mpi_launcher._errors import headline, JobEnded
from hydra_plugins.mpi_launcher._job import Job, JobFiles, jsonable, State
from hydra_plugins.mpi_launcher._mpi_messages import cause
from hydra_plugins.mpi_launcher._mpi_process import MpiProcess
from hydra_plugins.mpi_launcher._open_mpi import OpenMpi
from hydra_plugins.mpi_launcher._parcel import definitions, pack, Parcel
from hydra_plugins.mpi_launcher._scratch import shared_memory_fault
from hydra_plugins.mpi_launcher._whole_file import write_whole
from omegaconf import DictConfig

RANK_PROGRAM = str(Path(__file__).with_name("_rank.py"))

REMOTE_PREFIXES = (
    "HYDRA_",
    "TF_",
    "XLA_",
    "HABANA_",
    "HCCL_",
    "HLS_",
    "OMP_",
    "CUDA_",
    "PYTHON",
    "LD_LIBRARY_PATH",
)
"""Variables of this process that ranks on other hosts get too: they inherit nothing there."""


class Runner:
    """Starts jobs and finishes them, for `_scheduler.Scheduler`.

    Args:
      options: of the launcher.
      open_mpi: the mpirun to use.
      sweep_dir: folder of the files through which jobs and ranks communicate.
      hydra_context, task_function: for the ranks.
      remote: whether ranks run on other hosts.
      alone: whether this is the only job, whose output is then shown at once.
      listens: whether the reports of jobs are read (`reports`).
    """

    def __init__(
        self,
        options: DictConfig,
        open_mpi: OpenMpi,
        sweep_dir: Path,
        hydra_context: Any,
        task_function: Any,
        remote: bool,
        alone: bool = False,
        listens: bool = False,
    ) -> None:
        self._options, self._open_mpi, self._sweep_dir = options, open_mpi, sweep_dir.absolute()
        self._hydra_context, self._task_function = hydra_context, task_function
        self._remote, self._alone, self._listens = remote, alone, listens
        self._definitions: dict[str, Any] | None = None

    def start(self, job: Job, placement: Placement) -> MpiProcess:
        """Starts a job's mpirun."""
        files = JobFiles(self._sweep_dir, job.number)
        files.make()
        write_whole(files.job, self._pack(job, files))
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("OMPI_", "PMIX_", "PRTE_"))
        }
        session = Path(tempfile.mkdtemp(prefix="mpi-launcher-"))  # `MpiProcess` removes it
        environment |= self._open_mpi.session_environment(session, local=not self._remote)
        environment |= self._variables(job, placement)
        return MpiProcess(
            self.command(job, placement),
            environment,
            files.output,
            self._alone,
            self._options.grace_seconds,
            session,
            local=not self._remote,
        )

    def finish(self, job: Job, code: int) -> None:
        """Reads the result that rank 0 left, or the tracebacks."""
        files = JobFiles(self._sweep_dir, job.number)
        errors = files.errors()
        result = None
        if code == 0 and not errors:
            try:
                result = pickle.loads(files.result.read_bytes())
            except FileNotFoundError:  # by os._exit(0), or an end of the interpreter
                pass
            except Exception as error:
                errors = [f"the result cannot be read: {type(error).__name__}: {error}\n"]
        if result is not None:
            job.end_with(result, files.how_it_returned())
            job.value = jsonable(result.return_value)
            return
        job.state = State.FAILED
        job.exception = files.first_exception()
        if errors:
            job.error = errors[0]
            return
        output = _text(files.output)
        first = cause(output) or _describe_code(code)
        job.error = f"{first}\n{files.endings()}{_last_lines(files.output, output)}"
        job.exception = JobEnded(f"{job.name}: {headline(job.error)}")
        self._note_in_log(job)

    def notes(self, job: Job) -> list[str]:
        """Warnings of a job that did not end it."""
        return JobFiles(self._sweep_dir, job.number).notes()

    def check(self, job: Job) -> None:
        """Makes sure that the program can be sent to ranks.

        Raises:
          LaunchError: it cannot; the message gives the reason.
        """
        self._pack(job, JobFiles(self._sweep_dir, job.number))

    def command(self, job: Job, placement: Placement) -> list[str]:
        """The command that runs a job."""
        flags = _flags_of_python()
        program = [sys.executable, "-u", *flags, RANK_PROGRAM, str(JobFiles(self._sweep_dir, job.number).job)]
        hosts = [(share.host, share.processes) for share in placement.shares] if self._remote else []
        variables = self._variables(job, placement)
        if self._remote:
            copied = tuple(job.config.hydra.job.env_copy or ()) if job.config is not None else ()
            inherited = {
                name: value for name, value in os.environ.items() if name.startswith(REMOTE_PREFIXES) or name in copied
            }
            variables = inherited | variables
        return self._open_mpi.command(
            program,
            processes=job.needs.processes,
            binding=job.needs.binding,
            environment=variables,
            hosts=hosts,
            remote_shell=self._options.remote_shell,
            tagged=not self._alone and job.needs.processes > 1,
        )

    def shown_command(self, job: Job, placement: Placement) -> str:
        """`command`, quoted for a shell."""
        return shlex.join(self.command(job, placement))

    def _variables(self, job: Job, placement: Placement) -> dict[str, str]:
        """Variables that every rank gets, wherever it runs."""
        variables = {_worker.GRACE: f"{self._options.grace_seconds:g}"}
        if self._listens:
            variables[reports.FOLDER] = str(JobFiles(self._sweep_dir, job.number).folder)
        (first, *others) = placement.shares
        if placement.kind == "cards":
            variables[_worker.CARDS] = ",".join(map(str, first.places))  # those of the others: Pool sees to it
            variables[_worker.KIND] = job.needs.device_kind
        if job.needs.binding == "core" and first.cores and not others:
            variables[_worker.CORES] = ";".join(",".join(map(str, cores)) for cores in first.cores)
        elif job.needs.binding == "core" and self._remote and all(share.whole for share in placement.shares):
            variables[_worker.CORES] = _worker.EVENLY
        if not (self._alone and sys.stdout.isatty()):
            variables["TERM"] = "dumb"  # a rank's output is a terminal to it, but not to who reads it
        return variables | job.needs.env

    def _pack(self, job: Job, files: JobFiles) -> bytes:
        if self._definitions is None:
            self._definitions = definitions()
        before = HydraConfig.instance().cfg
        assert job.config is not None  # until the job is done
        HydraConfig.instance().set_config(job.config)
        try:
            parcel = Parcel(
                self._hydra_context,
                self._task_function,
                job.config,
                Singleton.get_state(),
                self._definitions,
                str(job.output_dir),
                files,
                list(sys.argv),
            )
            return pack(parcel)
        finally:
            HydraConfig.instance().cfg = before

    def _note_in_log(self, job: Job) -> None:
        """Writes the reason into the log of a job that was killed and could not write it."""
        if self._alone or job.config is None or not job.output_dir.is_dir():
            return
        name = f"{job.config.hydra.job.name}.log"
        with (
            contextlib.suppress(OSError),  # a full disk may be why it failed
            open(job.output_dir / name, "a", encoding="utf-8", errors="replace") as log,
        ):
            log.write(f"{job.error.strip()}\n")


def _flags_of_python() -> list[str]:
    """The options that this Python was started with, as multiprocessing passes them on."""
    private: Any = subprocess
    flags: list[str] = private._args_from_interpreter_flags()
    return flags


def _describe_code(code: int) -> str:
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        try:
            name = signal.Signals(number).name
        except ValueError:
            return f"ended with exit code {code}"
        if name == "SIGBUS" and (fault := shared_memory_fault()):
            return f"killed by SIGBUS: {fault}"
        return f"killed by {name}"
    return f"ended with exit code {code}" if code else "rank 0 left without a result"


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _last_lines(file: Path, output: str) -> str:
    """The last lines of an output, from its last traceback on if that is among its last."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()][-60:]
    begins = [number for number, line in enumerate(lines) if line.startswith("Traceback (most recent call last)")]
    shown = lines[begins[-1] :] if begins else lines[-5:]
    return f"{file}:\n" + "\n".join(shown) if lines else ""

"""Starts the ranks of a job and reads what they left: commands, environments, parcels and results."""

import os
import pickle
import shlex
import signal
import site
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra_plugins.mpi_launcher import _worker
from hydra_plugins.mpi_launcher._cards import Placement
from hydra_plugins.mpi_launcher._job import Job, JobFiles, jsonable, State, write_private
from hydra_plugins.mpi_launcher._mpi_process import MpiProcess
from hydra_plugins.mpi_launcher._open_mpi import OpenMpi
from omegaconf import DictConfig

WORKER = "hydra_plugins.mpi_launcher._worker"

REMOTE_PREFIXES = (
    "HYDRA_",
    "TF_",
    "XLA_",
    "HABANA_",
    "HCCL_",
    "HLS_",
    "OMP_",
    "CUDA_",
    "PYTHONHASHSEED",
    "LD_LIBRARY_PATH",
)
"""Variables of this process that ranks on other hosts get too: they inherit nothing there."""


class Runner:
    """Starts jobs and finishes them, for `_scheduler.Scheduler`.

    Args:
      options: of the launcher.
      open_mpi: the mpirun to use.
      sweep_dir: where the files lie through which jobs and ranks speak.
      hydra_context, task_function: for the ranks.
      remote: whether ranks run on other hosts.
      alone: whether there is only this job, whose output is then shown as it comes.
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
    ) -> None:
        self._options, self._open_mpi, self._sweep_dir = options, open_mpi, sweep_dir.absolute()
        self._hydra_context, self._task_function = hydra_context, task_function
        self._remote, self._alone = remote, alone

    def start(self, job: Job, placement: Placement) -> MpiProcess:
        """Starts a job's mpirun."""
        files = JobFiles(self._sweep_dir, job.number)
        files.make()
        self._write_parcel(job, files)
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
            except FileNotFoundError:
                errors = ["rank 0 left without a result\n"]
            except Exception as error:
                errors = [f"the result cannot be read: {type(error).__name__}: {error}\n"]
        if result is not None:
            job.end_with(result)
            job.value = jsonable(result.return_value)
            return
        job.state = State.FAILED
        job.exception = files.first_exception()
        job.error = errors[0] if errors else f"{_describe_code(code)}\n{files.endings()}{_last_output(files)}"
        if not errors:
            self._note_in_log(job)

    def command(self, job: Job, placement: Placement) -> list[str]:
        """The words that run a job."""
        program = [sys.executable, "-m", WORKER, str(JobFiles(self._sweep_dir, job.number).job)]
        hosts = [(share.host, share.processes) for share in placement.shares] if self._remote else []
        variables = self._variables(job, placement)
        if self._remote:
            inherited = {name: value for name, value in os.environ.items() if name.startswith(REMOTE_PREFIXES)}
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
        """`command` as a shell takes it."""
        return shlex.join(self.command(job, placement))

    def _variables(self, job: Job, placement: Placement) -> dict[str, str]:
        """What every rank must be told, wherever it runs."""
        variables = {"PYTHONPATH": os.pathsep.join(_own_paths()), "PYTHONUNBUFFERED": "1"}
        variables[_worker.GRACE] = f"{self._options.grace_seconds:g}"
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

    def _write_parcel(self, job: Job, files: JobFiles) -> None:
        import cloudpickle

        before = HydraConfig.instance().cfg
        HydraConfig.instance().set_config(job.config)
        try:
            parcel = _worker.Parcel(
                self._hydra_context,
                self._task_function,
                job.config,
                Singleton.get_state(),
                str(job.output_dir),
                files,
                list(sys.argv),
            )
            write_private(files.job, cloudpickle.dumps(parcel))
        finally:
            HydraConfig.instance().cfg = before

    def _note_in_log(self, job: Job) -> None:
        """A job that was killed could not write into its own log why."""
        if self._alone or job.config is None or not job.output_dir.is_dir():
            return
        with open(job.output_dir / f"{job.config.hydra.job.name}.log", "a") as log:
            log.write(f"{job.error.strip()}\n")


def _own_paths() -> list[str]:
    """Folders of `sys.path` that a new Python of this installation would not have by itself, absolute.

    A project may lie inside the environment's folder, or beside it under a name that begins with its name.
    """
    standard = Path(sysconfig.get_path("stdlib"))
    archive = standard.with_name(f"python{sys.version_info.major}{sys.version_info.minor}.zip")
    by_itself = {standard, standard / "lib-dynload", archive, *map(Path, site.getsitepackages())}
    paths = [os.path.abspath(path or os.getcwd()) for path in sys.path]
    return list(dict.fromkeys(path for path in paths if Path(path) not in by_itself))


def _describe_code(code: int) -> str:
    if code < 0 or code > 128:
        number = -code if code < 0 else code - 128
        try:
            return f"killed by {signal.Signals(number).name}"
        except ValueError:
            pass
    return f"ended with exit code {code}"


def _last_output(files: JobFiles) -> str:
    try:
        lines = [line for line in files.output.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    return f"{files.output}:\n" + "\n".join(lines[-5:]) if lines else ""

"""The Hydra launcher: `hydra/launcher=mpi`.

Hydra imports this file at the start of every program, so it imports nothing that only a launch needs.
"""

from collections.abc import Sequence
from typing import Any, TYPE_CHECKING

from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.mpi_launcher._config import MpiLauncherConf, register
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher.streaming import JobSource
from omegaconf import DictConfig

if TYPE_CHECKING:
    from hydra_plugins.mpi_launcher._devices import Card
    from hydra_plugins.mpi_launcher._survey import Survey

__all__ = [
    "JobSource",
    "LaunchError",
    "MpiLauncher",
    "MpiLauncherConf",
    "run_plain",
    "shared_memory_fault",
    "survey",
    "visible_cards",
]

register()


class MpiLauncher(Launcher):
    """Runs every job of a sweep under its own mpirun, as many at a time as there are cards or cores.

    Args:
      **options: see `_config.MpiLauncherConf`.
    """

    def __init__(self, **options: Any) -> None:
        self._options = options
        self._sweep: Any = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Takes what Hydra hands over, and a folder that no other sweep has."""
        from hydra_plugins.mpi_launcher._sweep import Sweep

        self._sweep = Sweep(self._options, hydra_context, task_function, config)

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Runs one batch of jobs; see Hydra's `Launcher`."""
        returns: Sequence[JobReturn] = self._sweep.run_batch(job_overrides, initial_job_idx)
        return returns

    def stream(self, source: JobSource, most: int = 0) -> None:
        """Runs jobs that a source proposes one at a time, whenever there is room for one more.

        It does for them what `launch` does for a batch. A batch is a source of which all is known from the start.

        Args:
          source: proposes the jobs, and learns how each ends.
          most: jobs that run at a time; 0: as many as fit.

        Raises:
          LaunchError: they cannot be run as asked. A job that is refused after others were started fails alone.
          Exception: what the source raised, once the jobs that were running have ended.
          SystemExit: a signal ended them. The source does not hear of the jobs that it cut.
        """
        self._sweep.run_stream(source, most)


def run_plain(task_function: TaskFunction, config: DictConfig) -> Any:
    """Runs one composed config under mpirun, from within the task function of a plain (not swept) run.

    The output of rank 0 appears here as it is; Ctrl-C and SIGTERM go to the ranks.

    Args:
      task_function: what the ranks run with the config.
      config: what Hydra gave to the task function, with `hydra.launcher` of this launcher beside it.

    Returns:
      What rank 0 returned.

    Raises:
      LaunchError: it cannot be started so.
      JobFailed: it failed. If its own exception can be unpickled here, that is raised, with JobFailed as its cause.
      KeyboardInterrupt: a signal ended it.
    """
    from hydra_plugins.mpi_launcher._plain_run import run

    return run(task_function, config)


def survey(options: DictConfig, device_kind: str) -> "Survey":
    """What this machine has for a launch to use: cards and who holds them, cores, Open MPI, other hosts.

    Args:
      options: `hydra.launcher` of this launcher.
      device_kind: of the cards to look for, see `_devices.device_of`; empty for none.

    Raises:
      LaunchError: the hostfile cannot be read.
    """
    from hydra_plugins.mpi_launcher import _survey

    return _survey.survey(options, device_kind)


def visible_cards(device_kind: str) -> "list[Card]":
    """The cards of a kind (`_devices.device_of`) that the driver shows, by number."""
    from hydra_plugins.mpi_launcher import _machine

    return _machine.visible_cards(device_kind)


def shared_memory_fault() -> str:
    """What is wrong with /dev/shm, through which processes share memory; empty if nothing is."""
    from hydra_plugins.mpi_launcher import _scratch

    return _scratch.shared_memory_fault()

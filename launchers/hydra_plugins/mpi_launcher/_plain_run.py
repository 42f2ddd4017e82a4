"""One run of several ranks without a sweep: `launcher.run_plain`."""

import copy
import tempfile
from pathlib import Path
from typing import Any

from hydra._internal.callbacks import Callbacks
from hydra.core.hydra_config import HydraConfig
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.mpi_launcher._console import report, survive_encodings
from hydra_plugins.mpi_launcher._errors import headline, JobFailed
from hydra_plugins.mpi_launcher._hosts import check_reachable
from hydra_plugins.mpi_launcher._job import Job, Needs, State
from hydra_plugins.mpi_launcher._open_mpi import find_open_mpi
from hydra_plugins.mpi_launcher._options import check_options
from hydra_plugins.mpi_launcher._places import Places
from hydra_plugins.mpi_launcher._plan import plan
from hydra_plugins.mpi_launcher._runner import Runner
from hydra_plugins.mpi_launcher._samples import given_overrides
from hydra_plugins.mpi_launcher._scheduler import Rules, Scheduler
from hydra_plugins.mpi_launcher._scratch import check_scratch
from omegaconf import DictConfig, OmegaConf, open_dict, read_write


def run(task_function: TaskFunction, config: DictConfig) -> Any:
    """See `launcher.run_plain`."""
    hydra = HydraConfig.get()
    options: Any = hydra.launcher
    check_options(options)
    survive_encodings()
    whole = OmegaConf.create(config)
    with open_dict(whole):
        whole.hydra = copy.deepcopy(hydra)
    with read_write(whole.hydra), open_dict(whole.hydra):
        whole.hydra.job.id = whole.hydra.job.num = 0
    folder = Path(str(hydra.runtime.output_dir))
    context = HydraContext(config_loader=None, callbacks=Callbacks())  # type: ignore[arg-type]
    job = Job(0, given_overrides(whole)["task"], whole, Needs.of(whole, "this run"), folder)
    open_mpi = find_open_mpi(options.mpirun)
    places = Places(options)
    places.admit([job])
    pools, hosts = places.pools, places.hosts
    if options.dry_run:
        runner = Runner(options, open_mpi, folder, context, task_function, bool(hosts), alone=True)
        (entry,) = plan([job], pools)
        report(f"1 job on {entry.placement}, Open MPI {open_mpi.version}; nothing is started")
        report(f"  {runner.shown_command(job, entry.placement)}")
        return None
    check_reachable(hosts, options.remote_shell)
    check_scratch()
    with tempfile.TemporaryDirectory(prefix="mpi-launcher-", dir=_shared_scratch(folder) if hosts else None) as scratch:
        runner = Runner(options, open_mpi, Path(scratch), context, task_function, bool(hosts), alone=True)
        runner.check(job)
        rules = Rules("continue", options.retries, options.timeout_minutes, options.stall_minutes)
        stopped_by = Scheduler([job], pools, runner.start, runner.finish, rules, lambda job: None).run()
        for note in runner.notes(job):
            report(f"note     {note}")
    if stopped_by:
        raise KeyboardInterrupt(stopped_by)
    if job.state != State.DONE:
        failed = JobFailed(f"{headline(job.error)}\n{job.error}")
        raise (job.exception or failed) from failed
    assert job.result is not None
    return job.result.return_value


def _shared_scratch(folder: Path) -> Path:
    """A folder that other hosts see too: beside the run's."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""The Hydra launcher: `hydra/launcher=mpi`."""

import copy
import fcntl
import os
import pickle
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import configure_log, JobReturn, JobStatus, run_job, setup_globals
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.mpi_launcher import _config  # noqa: F401 - registers the options
from hydra_plugins.mpi_launcher._cards import card_pool, Pool, slot_pool
from hydra_plugins.mpi_launcher._errors import JobCancelled, JobFailed, LaunchError
from hydra_plugins.mpi_launcher._hosts import check_reachable, find_hosts
from hydra_plugins.mpi_launcher._job import Job, JobFiles, Ledger, Needs, State
from hydra_plugins.mpi_launcher._leaderboard import shown, summary, write_leaderboard
from hydra_plugins.mpi_launcher._open_mpi import find_open_mpi, inside_rank
from hydra_plugins.mpi_launcher._scheduler import plan, Rules, Scheduler
from omegaconf import DictConfig, OmegaConf, open_dict, read_write


class MpiLauncher(Launcher):
    """Runs every job of a sweep under its own mpirun, as many at a time as there are cards or cores.

    Args:
      **options: see `_config.MpiLauncherConf`.
    """

    def __init__(self, **options: Any) -> None:
        self.options = OmegaConf.create(options)
        self.config: DictConfig | None = None
        self.hydra_context: HydraContext | None = None
        self.task_function: TaskFunction | None = None
        self._started = time.monotonic()
        self._claim: Any = None
        self._batches = 0

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        """Takes what Hydra hands over, and a folder that no other sweep has."""
        self.config, self.hydra_context, self.task_function = config, hydra_context, task_function
        check_options(self.options)
        if not inside_rank():
            with read_write(config.hydra), open_dict(config.hydra):
                config.hydra.sweep.dir = str(self._folder(config))

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Runs one batch of jobs; see Hydra's `Launcher`."""
        assert self.config is not None
        setup_globals()
        configure_log(self.config.hydra.hydra_logging, self.config.hydra.verbose)
        configs = [
            self._compose(list(overrides), initial_job_idx + index) for index, overrides in enumerate(job_overrides)
        ]
        if inside_rank():  # mpirun was there first
            return [self._run_here(config) for config in configs]
        sweep_dir = Path(str(self.config.hydra.sweep.dir))
        jobs = [
            make_job(config, initial_job_idx + index, list(overrides))
            for index, (overrides, config) in enumerate(zip(job_overrides, configs, strict=True))
        ]
        ledger = Ledger(sweep_dir)
        if self.options.resume:
            _take_what_is_done(jobs, ledger, sweep_dir)
        elif self._batches:
            ledger.read()
        self._batches += 1
        if self.options.dry_run:
            return self._plan(jobs, sweep_dir)
        stopped_by = self._run(jobs, ledger, sweep_dir)
        self._summarise(ledger, sweep_dir)
        if stopped_by:
            raise KeyboardInterrupt(stopped_by)
        return [job_return(job) for job in jobs]

    def _folder(self, config: DictConfig) -> Path:
        """Takes the folder of the sweep for this process.

        A folder named by the time is to be a new one: if it exists, a sweep of the same second has it, and a number is
        added. A folder that was named by hand is taken as it is, unless a sweep is at work in it.
        """
        if self.options.resume:
            folder = Path(str(self.options.resume))
            if not (folder / "jobs.json").is_file():
                raise LaunchError(f"hydra.launcher.resume: no sweep in {folder} (jobs.json is missing)")
            if not self._claimed(folder):
                raise LaunchError(f"hydra.launcher.resume: the sweep in {folder} is still running")
            return folder
        wanted = Path(str(config.hydra.sweep.dir))
        must_be_new = "${now:" in str(OmegaConf.to_container(config.hydra.sweep, resolve=False)["dir"])
        folder, number = wanted, 0
        while (must_be_new and folder.exists()) or not self._claimed(folder, must_be_new):
            number += 1
            folder = wanted.with_name(f"{wanted.name}_{number}")
        return folder

    def _claimed(self, folder: Path, must_be_new: bool = False) -> bool:
        try:
            folder.mkdir(parents=True, exist_ok=not must_be_new)
        except FileExistsError:
            return False
        private = folder / ".launcher"
        private.mkdir(mode=0o700, exist_ok=True)
        claim = open(private / "lock", "a")  # noqa: SIM115 - held until this process ends
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            claim.close()
            return False
        self._claim = claim
        return True

    def _compose(self, overrides: list[str], number: int) -> DictConfig:
        assert self.config is not None
        assert self.hydra_context is not None
        config = self.hydra_context.config_loader.load_sweep_config(self.config, overrides)
        with read_write(config.hydra), open_dict(config.hydra):
            config.hydra.job.id = config.hydra.job.num = number
            config.hydra.sweep.dir = str(self.config.hydra.sweep.dir)
        return config

    def _run_here(self, config: DictConfig) -> JobReturn:
        assert self.hydra_context is not None
        assert self.task_function is not None
        return run_job(
            hydra_context=self.hydra_context,
            task_function=self.task_function,
            config=config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )

    def _run(self, jobs: list[Job], ledger: Ledger, sweep_dir: Path) -> str | None:
        from hydra_plugins.mpi_launcher._board import Board
        from hydra_plugins.mpi_launcher._runner import Runner

        open_mpi = find_open_mpi(self.options.mpirun)
        pools, hosts = pools_for(jobs, self.options)
        check_reachable(hosts, self.options.remote_shell)
        sweep_dir.mkdir(parents=True, exist_ok=True)
        ledger.write(jobs, batch=True)
        runner = Runner(self.options, open_mpi, sweep_dir, self.hydra_context, self.task_function, bool(hosts))
        todo = [job for job in jobs if job.state == State.QUEUED]
        used = {("cards" if job.needs.devices else "slots") for job in todo}
        places = sum(pools[kind].size for kind in used)
        title = f"{len(jobs)} jobs in {shown(sweep_dir)} on " + " and ".join(
            f"{pools[kind].size} {kind}" for kind in sorted(used)
        )
        if len(todo) < len(jobs):
            title += f", {len(jobs) - len(todo)} done before"
        with Board(jobs, title, places) as board:

            def on_change(job: Job) -> None:
                ledger.write([job])
                board.changed(job)

            rules = Rules(self.options.on_failure, self.options.retries, self.options.timeout_minutes)
            scheduler = Scheduler(jobs, pools, runner.start, runner.finish, rules, on_change, board.tick)
            return scheduler.run()

    def _summarise(self, ledger: Ledger, sweep_dir: Path) -> None:
        better = self.options.better
        write_leaderboard(sweep_dir, ledger.facts, better)
        assert self.config is not None
        given = OmegaConf.to_container(self.config.hydra.overrides, resolve=False)
        words = [word for word in (*given["hydra"], *given["task"]) if not word.startswith("hydra.mode=")]
        lines = summary(sweep_dir, ledger.facts, better, program(), words, time.monotonic() - self._started)
        print("\n".join(lines), flush=True)

    def _plan(self, jobs: list[Job], sweep_dir: Path) -> list[JobReturn]:
        from hydra_plugins.mpi_launcher._runner import Runner

        open_mpi = find_open_mpi(self.options.mpirun)
        pools, hosts = pools_for(jobs, self.options)
        runner = Runner(self.options, open_mpi, sweep_dir, self.hydra_context, self.task_function, bool(hosts))
        planned = plan(jobs, pools)
        waves = 1 + max((entry.wave for entry in planned), default=-1)
        print(
            f"{len(planned)} jobs, {waves} waves, {open_mpi.mpirun} (Open MPI {open_mpi.version}); nothing is started"
        )
        for entry in planned:
            after = f"(after {', '.join(map(str, entry.after))})" if entry.after else ""
            where = f"{entry.placement} {after}".strip()
            print(f"  {entry.job.number:<3} {' '.join(entry.job.overrides)}   {where}")
            print(f"      {runner.shown_command(entry.job, entry.placement)}")
        self._claim.close()
        (sweep_dir / ".launcher" / "lock").unlink(missing_ok=True)
        for folder in (sweep_dir / ".launcher", sweep_dir):
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        return [_planned_return(job) for job in jobs]


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
      JobFailed: it failed; or what it failed with, if that could be brought here, with JobFailed as its cause.
      KeyboardInterrupt: a signal ended it.
    """
    from hydra._internal.callbacks import Callbacks
    from hydra_plugins.mpi_launcher._runner import Runner

    hydra = HydraConfig.get()
    options = hydra.launcher
    check_options(options)
    whole = OmegaConf.create(config)
    with open_dict(whole):
        whole.hydra = copy.deepcopy(hydra)
    with read_write(whole.hydra), open_dict(whole.hydra):
        whole.hydra.job.id = whole.hydra.job.num = 0
    folder = Path(str(hydra.runtime.output_dir))
    context = HydraContext(config_loader=None, callbacks=Callbacks())  # type: ignore[arg-type]
    words = OmegaConf.to_container(hydra.overrides.task, resolve=False)
    job = Job(0, words, whole, Needs.of(whole, "this run"), folder)
    open_mpi = find_open_mpi(options.mpirun)
    pools, hosts = pools_for([job], options)
    if options.dry_run:
        runner = Runner(options, open_mpi, folder, context, task_function, bool(hosts), alone=True)
        (entry,) = plan([job], pools)
        print(f"1 job on {entry.placement}, Open MPI {open_mpi.version}; nothing is started")
        print(f"  {runner.shown_command(job, entry.placement)}")
        return None
    check_reachable(hosts, options.remote_shell)
    with tempfile.TemporaryDirectory(prefix="mpi-launcher-", dir=_shared_scratch(folder) if hosts else None) as scratch:
        runner = Runner(options, open_mpi, Path(scratch), context, task_function, bool(hosts), alone=True)
        rules = Rules("continue", options.retries, options.timeout_minutes)
        stopped_by = Scheduler([job], pools, runner.start, runner.finish, rules, lambda job: None).run()
    if stopped_by:
        raise KeyboardInterrupt(stopped_by)
    if job.state != State.DONE:
        raise (job.exception or JobFailed(job.error)) from JobFailed(job.error)
    assert job.result is not None
    return job.result.return_value


def check_options(options: DictConfig) -> None:
    """Refuses options that make no sense.

    Raises:
      LaunchError: names the option and what it takes.
    """
    for name, choices in {"on_failure": ("continue", "stop"), "better": ("lower", "higher")}.items():
        if options[name] not in choices:
            raise LaunchError(f"hydra.launcher.{name}: {options[name]} is none of {' | '.join(choices)}")
    for name in ("retries", "timeout_minutes", "grace_seconds", "slots"):
        if options[name] < 0:
            raise LaunchError(f"hydra.launcher.{name}: {options[name]} is below zero")


def make_job(config: DictConfig, number: int, overrides: list[str]) -> Job:
    """A queued job of a composed config."""
    before = HydraConfig.instance().cfg
    HydraConfig.instance().set_config(config)
    try:
        folder = Path(str(config.hydra.sweep.dir), str(config.hydra.sweep.subdir)).absolute()
        return Job(number, overrides, config, Needs.of(config, f"job {number}"), folder)
    finally:
        HydraConfig.instance().cfg = before


def pools_for(jobs: Sequence[Job], options: DictConfig) -> tuple[dict[str, Pool], list]:
    """The pools of cards and slots that some jobs run on, and the hosts.

    Raises:
      LaunchError: a job asks for more than there is.
    """
    hosts = find_hosts(options.hostfile)
    todo = [job for job in jobs if job.state == State.QUEUED]
    cards = options.cards if isinstance(options.cards, int | str) else list(options.cards)
    wanted = sum(job.needs.processes for job in todo if not job.needs.devices)
    largest = max((job.needs.processes for job in todo if not job.needs.devices), default=1)
    slots = options.slots or max(largest, min(wanted, len(os.sched_getaffinity(0))))
    pools = {"cards": card_pool(cards, options.aligned, hosts), "slots": slot_pool(slots, wanted, hosts)}
    for job in todo:
        pools["cards" if job.needs.devices else "slots"].check(job.needs.places, job.name)
    return pools, hosts


def job_return(job: Job) -> JobReturn:
    """What the sweeper gets of a job: its own, or one whose `return_value` raises."""
    if job.state == State.DONE and job.result is not None:
        return job.result
    result = JobReturn()
    result.overrides, result.working_dir = job.overrides, str(job.output_dir)
    if job.config is not None:
        result.cfg = OmegaConf.masked_copy(job.config, [key for key in job.config if key != "hydra"])
        result.hydra_cfg = OmegaConf.masked_copy(job.config, ["hydra"])
        result.task_name = job.config.hydra.job.name
    result.status = JobStatus.FAILED
    said = f"job {job.number} ({job.output_dir}) {job.state.value}: {job.error}".strip()
    if job.state == State.CANCELLED:
        result.return_value = JobCancelled(said)
    else:
        result.return_value = job.exception or JobFailed(said)
        result._return_value.__cause__ = JobFailed(said)
    return result


def program() -> str:
    """What was started, as one would type it."""
    name = Path(sys.argv[0])
    return f"python {shown(name)}" if name.suffix == ".py" else name.name


def _take_what_is_done(jobs: Sequence[Job], ledger: Ledger, sweep_dir: Path) -> None:
    """Gives jobs of an earlier run of the sweep their results.

    Raises:
      LaunchError: that sweep had other trials.
    """
    before = ledger.read()
    first = jobs[0].number if jobs else 0
    if ledger.batches.get(first, len(jobs)) != len(jobs):
        raise LaunchError(
            f"hydra.launcher.resume: {sweep_dir} has {ledger.batches[first]} trials where the command has {len(jobs)}; "
            "give the same words as then"
        )
    for job in jobs:
        facts = before.get(job.number)
        if facts is not None and facts["overrides"] != job.overrides:
            raise LaunchError(
                f"hydra.launcher.resume: {sweep_dir} has other trials: its job {job.number} is "
                f"`{' '.join(facts['overrides'])}`, not `{' '.join(job.overrides)}`; give the same words as then"
            )
        if facts is None or facts["state"] != State.DONE.value:
            continue
        try:
            job.result = pickle.loads(JobFiles(sweep_dir, job.number).result.read_bytes())
        except Exception:  # a result that cannot be read is worth running the job again
            continue
        job.state, job.value, job.attempts = State.DONE, facts["value"], facts["attempts"]
        job.seconds, job.placement = facts["seconds"], facts["placement"]


def _planned_return(job: Job) -> JobReturn:
    result = job_return(job)
    result.status, result._return_value = JobStatus.COMPLETED, None
    return result


def _shared_scratch(folder: Path) -> Path:
    """A folder that other hosts see too: beside the run's."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder

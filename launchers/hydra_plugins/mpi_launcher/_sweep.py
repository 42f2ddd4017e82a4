"""A sweep, batch by batch: from overrides to jobs, from jobs to what the sweeper gets."""

import contextlib
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import configure_log, JobReturn, run_job, setup_globals
from hydra.types import HydraContext, TaskFunction
from hydra.utils import get_method
from hydra_plugins.mpi_launcher._best import link_best
from hydra_plugins.mpi_launcher._board import Board
from hydra_plugins.mpi_launcher._console import report, survive_encodings
from hydra_plugins.mpi_launcher._folder import check_folders_apart, SweepFolder
from hydra_plugins.mpi_launcher._hosts import check_reachable
from hydra_plugins.mpi_launcher._job import Job, Ledger, Needs, State
from hydra_plugins.mpi_launcher._leaderboard import best_job, Columns, summary, write_leaderboard
from hydra_plugins.mpi_launcher._metadata import typed, write_metadata
from hydra_plugins.mpi_launcher._open_mpi import find_open_mpi, inside_rank
from hydra_plugins.mpi_launcher._options import check_options, pools_for, take_former_names
from hydra_plugins.mpi_launcher._ranked_together import (
    BETTER,
    check_own_sweeps,
    check_ranked_together,
    Ranking,
    VALUE_NAME,
)
from hydra_plugins.mpi_launcher._resume import take_what_is_done
from hydra_plugins.mpi_launcher._returns import job_return, planned_return
from hydra_plugins.mpi_launcher._runner import Runner
from hydra_plugins.mpi_launcher._samples import (
    folder_of_sweep,
    given_overrides,
    hydra_config_of,
    sample_trials,
    unresolved,
)
from hydra_plugins.mpi_launcher._scheduler import plan, Rules, Scheduler
from hydra_plugins.mpi_launcher._scratch import check_scratch
from hydra_plugins.mpi_launcher._typed import program
from hydra_plugins.mpi_launcher.directions import direction_of_sweeper
from hydra_plugins.mpi_launcher.overrides import varying_keys
from hydra_plugins.mpi_launcher.text import shown_path
from omegaconf import DictConfig, OmegaConf, open_dict, read_write
from omegaconf.errors import OmegaConfBaseException


class Sweep:
    """Takes a folder for itself and runs batches of jobs in it.

    Args:
      options: see `_config.MpiLauncherConf`.
      hydra_context, task_function, config: as Hydra hands them to its launchers.

    Raises:
      LaunchError: an option is not valid, or the folder cannot be used.
    """

    def __init__(
        self,
        options: Mapping[str, Any],
        hydra_context: HydraContext,
        task_function: TaskFunction,
        config: DictConfig,
    ) -> None:
        self._options = OmegaConf.create(dict(options))
        self._hydra_context, self._task_function, self._config = hydra_context, task_function, config
        self._started = time.monotonic()
        self._batches = 0
        self._notes: list[str] = []
        self._ranking: Ranking | None = None
        check_options(self._options)
        survive_encodings()
        former = take_former_names(self._options)
        if not inside_rank():
            for note in former:
                report(note)
            self._look_ahead()
            named_by_time = "${now:" in unresolved(config.hydra.sweep, "dir")
            self._folder = SweepFolder(Path(self._wanted), named_by_time, self._options.resume)
            with read_write(config.hydra), open_dict(config.hydra):
                config.hydra.sweep.dir = str(self._folder.path)

    def _look_ahead(self) -> None:
        """Reads from samples of the trials what the config of the sweep, which lacks what is swept, does not contain.

        Raises:
          LaunchError: they cannot be run in one sweep.
        """
        config, options = self._config, self._options
        with contextlib.suppress(OmegaConfBaseException):  # what is swept may be missing in it
            str(config.hydra.sweep.dir)  # resolves the time in it now, so that all trials have the same
        loader = self._hydra_context.config_loader
        samples = sample_trials(loader, config, [*options.ranked_by, VALUE_NAME, BETTER])
        check_own_sweeps(samples, config)
        if options.check and not options.resume:
            for sample in samples:  # before there is a folder
                get_method(options.check)(sample.config)
        known, sought = Ranking.of(config, options), direction_of_sweeper(config.hydra.sweeper)
        trials = [(sample.overrides, Ranking.of(sample.config, options)) for sample in samples]
        check_ranked_together(trials, known if sought else None)
        self._ranking = trials[0][1] if trials else None
        ranked = self._ranking or known
        if sought not in (None, ranked.better):
            report(
                f"note     the sweeper looks for {sought} values (hydra.sweeper), but {ranked.better} ones lead the "
                "ranking (hydra.launcher.better)"
            )
        self._wanted = folder_of_sweep(loader, config, samples)

    def _ranking_of(self, jobs: list[Job]) -> Ranking:
        trials = [(job.overrides, Ranking.of(job.config, self._options)) for job in jobs if job.config is not None]
        check_ranked_together(trials, self._ranking)
        return self._ranking or (trials[0][1] if trials else Ranking.of(self._config, self._options))

    def run_batch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Runs some jobs, as Hydra's `Launcher.launch`.

        Raises:
          LaunchError: they cannot be run as asked.
          SystemExit: a signal ended them.
        """
        setup_globals()
        configure_log(self._config.hydra.hydra_logging, self._config.hydra.verbose)
        numbered = [(initial_job_idx + index, list(overrides)) for index, overrides in enumerate(job_overrides)]
        if inside_rank():  # mpirun was there first
            return [self._run_here(self._compose(overrides, number)) for number, overrides in numbered]
        sweep_dir = Path(str(self._config.hydra.sweep.dir))
        jobs = [make_job(self._compose(overrides, number), number, overrides) for number, overrides in numbered]
        check_folders_apart((job.number, job.output_dir) for job in jobs)
        ranking = self._ranking = self._ranking_of(jobs)
        ledger = Ledger(sweep_dir)
        if self._options.resume:
            take_what_is_done(jobs, ledger, sweep_dir, ranking.shared)
        elif self._batches:
            ledger.read()
        ledger.ranked_by = dict(ranking.shared)
        self._batches += 1
        if self._options.dry_run:
            return self._plan(jobs, sweep_dir)
        if self._options.check:
            check = get_method(self._options.check)
            for job in jobs:
                if job.state == State.QUEUED:
                    check(job.config)
        stopped_by = self._run(jobs, ledger, sweep_dir)
        self._summarise(ledger, ranking, sweep_dir)
        if stopped_by:
            sys.exit(128 + signal.Signals[stopped_by])  # a KeyboardInterrupt would add a traceback
        return [job_return(job) for job in jobs]

    def _compose(self, overrides: list[str], number: int) -> DictConfig:
        config = self._hydra_context.config_loader.load_sweep_config(self._config, overrides)
        with read_write(config.hydra), open_dict(config.hydra):
            config.hydra.job.id = config.hydra.job.num = number
            config.hydra.sweep.dir = str(self._config.hydra.sweep.dir)
        return config

    def _run_here(self, config: DictConfig) -> JobReturn:
        return run_job(
            hydra_context=self._hydra_context,
            task_function=self._task_function,
            config=config,
            job_dir_key="hydra.sweep.dir",
            job_subdir_key="hydra.sweep.subdir",
        )

    def _run(self, jobs: list[Job], ledger: Ledger, sweep_dir: Path) -> str | None:
        open_mpi = find_open_mpi(self._options.mpirun)
        pools, hosts = pools_for(jobs, self._options)
        check_reachable(hosts, self._options.remote_shell)
        check_scratch()
        runner = Runner(self._options, open_mpi, sweep_dir, self._hydra_context, self._task_function, bool(hosts))
        todo = [job for job in jobs if job.state == State.QUEUED]
        if todo:
            runner.check(todo[0])
        sweep_dir.mkdir(parents=True, exist_ok=True)
        if self._batches == 1:
            sizes = {kind: pool.size for kind, pool in pools.items()}
            command = typed(program(), ["-m", *self._overrides()])
            write_metadata(sweep_dir, command, f"{open_mpi.mpirun} (Open MPI {open_mpi.version})", sizes)
        ledger.write(jobs, batch=True)
        used = {("cards" if job.needs.devices else "slots") for job in todo}
        places = sum(pools[kind].size for kind in used)
        title = f"{len(jobs)} jobs in {shown_path(sweep_dir)}"
        if used:
            title += " on " + " and ".join(f"{pools[kind].size} {kind}" for kind in sorted(used))
        if len(todo) < len(jobs):
            title += f", {len(jobs) - len(todo) if todo else 'all'} done before"
        keys = varying_keys([record["overrides"] for record in ledger.records.values()])
        with Board(jobs, title, places, keys) as board:

            def on_change(job: Job) -> None:
                ledger.write([job])
                board.changed(job)

            options = self._options
            rules = Rules(options.on_failure, options.retries, options.timeout_minutes, options.stall_minutes)
            scheduler = Scheduler(jobs, pools, runner.start, runner.finish, rules, on_change, board.tick)
            stopped_by = scheduler.run()
        self._notes = [f"note     {job.name}: {note}" for job in todo for note in runner.notes(job)]
        return stopped_by

    def _summarise(self, ledger: Ledger, ranking: Ranking, sweep_dir: Path) -> None:
        options, records, better = self._options, ledger.records, ranking.better
        columns = Columns(ranking.value_name, options.metadata_file, list(options.metadata), options.outcome)
        write_leaderboard(sweep_dir, records, better, columns)
        best, link = best_job(records, better), None
        if best and options.link_best is not None:
            link = link_best(sweep_dir, best, options.link_best)
        seconds = time.monotonic() - self._started
        lines = summary(sweep_dir, records, better, columns, program(), self._overrides(), seconds, link)
        report("\n".join([*lines, *self._notes]))

    def _overrides(self) -> list[str]:
        """Of the command line, those of Hydra's own config first."""
        given = given_overrides(self._config)
        return [override for override in (*given["hydra"], *given["task"]) if not override.startswith("hydra.mode=")]

    def _plan(self, jobs: list[Job], sweep_dir: Path) -> list[JobReturn]:
        open_mpi = find_open_mpi(self._options.mpirun)
        pools, hosts = pools_for(jobs, self._options)
        runner = Runner(self._options, open_mpi, sweep_dir, self._hydra_context, self._task_function, bool(hosts))
        planned = plan(jobs, pools)
        waves = 1 + max((entry.wave for entry in planned), default=-1)
        report(
            f"{len(planned)} jobs, {waves} waves, {open_mpi.mpirun} (Open MPI {open_mpi.version}); nothing is started"
        )
        for entry in planned:
            after = f"(after {', '.join(map(str, entry.after))})" if entry.after else ""
            where = f"{entry.placement} {after}".strip()
            report(f"  {entry.job.number:<3} {' '.join(entry.job.overrides)}   {where}")
            report(f"      {runner.shown_command(entry.job, entry.placement)}")
        self._folder.leave()
        return [planned_return(job) for job in jobs]


def make_job(config: DictConfig, number: int, overrides: list[str]) -> Job:
    """A queued job of a composed config."""
    with hydra_config_of(config):
        folder = Path(str(config.hydra.sweep.dir), str(config.hydra.sweep.subdir)).absolute()
        return Job(number, overrides, config, Needs.of(config, f"job {number}"), folder)

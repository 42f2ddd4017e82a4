"""A sweep: its folder, what its trials share, and its streams of jobs, of which a batch is one."""

import contextlib
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hydra.core.utils import configure_log, JobReturn, JobStatus, run_job, setup_globals
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.mpi_launcher._best import link_best
from hydra_plugins.mpi_launcher._board import Board
from hydra_plugins.mpi_launcher._composing import Composer
from hydra_plugins.mpi_launcher._console import report, survive_encodings
from hydra_plugins.mpi_launcher._folder import SweepFolder
from hydra_plugins.mpi_launcher._functions import function_of
from hydra_plugins.mpi_launcher._hosts import check_reachable
from hydra_plugins.mpi_launcher._job import Job, State
from hydra_plugins.mpi_launcher._leaderboard import best_job, Columns, summary, write_leaderboard
from hydra_plugins.mpi_launcher._ledger import Ledger
from hydra_plugins.mpi_launcher._metadata import typed, write_metadata
from hydra_plugins.mpi_launcher._open_mpi import find_open_mpi, inside_rank, OpenMpi
from hydra_plugins.mpi_launcher._options import check_options, take_former_names
from hydra_plugins.mpi_launcher._places import Places
from hydra_plugins.mpi_launcher._plan import plan
from hydra_plugins.mpi_launcher._preparing import Preparation
from hydra_plugins.mpi_launcher._ranked_together import (
    BETTER,
    check_own_sweeps,
    check_ranked_together,
    Ranking,
    VALUE_NAME,
)
from hydra_plugins.mpi_launcher._returns import planned_return
from hydra_plugins.mpi_launcher._runner import Runner
from hydra_plugins.mpi_launcher._samples import (
    folder_of_sweep,
    given_overrides,
    sample_trials,
    unresolved,
)
from hydra_plugins.mpi_launcher._scratch import check_scratch
from hydra_plugins.mpi_launcher._stream import Batch, fitting, Stream
from hydra_plugins.mpi_launcher._typed import program
from hydra_plugins.mpi_launcher.directions import direction_of_sweeper
from hydra_plugins.mpi_launcher.overrides import varying_keys
from hydra_plugins.mpi_launcher.streaming import JobSource
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
        self._composer = Composer(hydra_context.config_loader)
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
            self._composer.install()  # Hydra's own sweeper composes each job once more to check it

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
        if options.after_failure:
            function_of("after_failure", options.after_failure)
        if options.check and not options.resume:
            for sample in samples:  # before there is a folder
                function_of("check", options.check)(sample.config)
        known, sought = Ranking.of(config, options), direction_of_sweeper(config.hydra.sweeper)
        trials = [(sample.overrides, Ranking.of(sample.config, options)) for sample in samples]
        check_ranked_together(trials, known if sought else None)
        self._ranking = trials[0][1] if trials else None
        ranked = self._ranking or known
        if sought not in (None, ranked.better):
            report(
                f"note     the sweeper looks for {sought} values (hydra.sweeper), but {ranked.better} ones rank "
                "first (hydra.launcher.better)"
            )
        self._wanted = folder_of_sweep(loader, config, samples)

    def run_batch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Runs some jobs, as Hydra's `Launcher.launch`: a stream of which all is known before the first one starts.

        Raises:
          LaunchError: they cannot be run as asked.
          SystemExit: a signal ended them.
        """
        batch = Batch(list(enumerate(job_overrides, start=initial_job_idx)))
        self.run_stream(batch, most=0)
        return [batch.returns[number] for number in sorted(batch.returns)]

    def run_stream(self, source: JobSource, most: int) -> None:
        """Runs the jobs of a source, see `launcher.MpiLauncher.stream`."""
        self._composer.remove()  # ranks get the loader as it was
        try:
            self._run_stream(source, most)
        finally:
            self._composer.install()

    def _run_stream(self, source: JobSource, most: int) -> None:
        setup_globals()
        configure_log(self._config.hydra.hydra_logging, self._config.hydra.verbose)
        if inside_rank():  # mpirun was there first
            for number, overrides in iter(source.next_job, None):
                result = self._run_here(self._compose(list(overrides), number))
                done = result.status == JobStatus.COMPLETED
                source.job_ended(number, result, (State.DONE if done else State.FAILED).value)
            return
        is_batch = isinstance(source, Batch)
        sweep_dir = Path(str(self._config.hydra.sweep.dir))
        ledger = Ledger(sweep_dir)
        if self._options.resume or self._batches:
            ledger.read()
        prepared = Preparation(self._compose, self._options, self._config, ledger, sweep_dir, self._ranking)
        places = Places(self._options, None if is_batch else most)
        self._batches += 1
        if self._options.dry_run:
            self._plan(source, prepared, places)
            return
        proposals = list(iter(source.next_job, None)) if is_batch else [source.next_job()]
        first = [proposal for proposal in proposals if proposal is not None]
        if not first and not is_batch:
            if ledger.records:  # all has ended, but perhaps not all has been written
                ledger.write([])
                self._summarise(ledger, prepared.shared_ranking, sweep_dir)
            return
        jobs = prepared.jobs(first, is_batch)
        ranking = self._ranking = prepared.shared_ranking
        prepared.check(jobs)
        open_mpi = find_open_mpi(self._options.mpirun)
        places.admit(jobs)
        check_reachable(places.hosts, self._options.remote_shell)
        check_scratch()
        runner = self._runner(open_mpi, places, source.listens)
        todo = [job for job in jobs if job.state == State.QUEUED]
        if todo:
            runner.check(todo[0])
        sweep_dir.mkdir(parents=True, exist_ok=True)
        if self._batches == 1:
            sizes = {kind: pool.size for kind, pool in places.pools.items()}
            command = typed(program(), ["-m", *self._overrides()])
            write_metadata(sweep_dir, command, f"{open_mpi.mpirun} (Open MPI {open_mpi.version})", sizes)
        ledger.write(jobs, batch=is_batch)
        keys = source.keys or varying_keys([record["overrides"] for record in ledger.records.values()])
        used = sorted({job.needs.pool for job in todo})
        size = sum(places.pools[kind].size for kind in used)
        title = self._title(jobs if is_batch else None, len(todo), places, used)
        with Board(jobs, title, size, keys, ranking.better, source.left) as board:
            stream = Stream(source, most, prepared, places, runner, jobs, board)
            stopped_by = stream.run(more=not is_batch)
        self._notes = stream.notes
        self._summarise(ledger, ranking, sweep_dir)
        if stopped_by:
            sys.exit(128 + signal.Signals[stopped_by])  # a KeyboardInterrupt would add a traceback
        if stream.error:
            raise stream.error

    def _title(self, jobs: Sequence[Job] | None, todo: int, places: Places, used: Sequence[str]) -> str:
        """First line of the display.

        Args:
          jobs: all of the sweep; None if more may follow.
          todo: number of those that are not done.
          places, used: pools, and kinds of those that jobs run on.
        """
        folder = shown_path(str(self._config.hydra.sweep.dir))
        title = f"jobs in {folder}" if jobs is None else f"{len(jobs)} jobs in {folder}"
        if used:
            title += " on " + " and ".join(f"{places.pools[kind].size} {kind}" for kind in used)
        if jobs is not None and todo < len(jobs):
            title += f", {len(jobs) - todo if todo else 'all'} done before"
        return title

    def _runner(self, open_mpi: OpenMpi, places: Places, listens: bool) -> Runner:
        return Runner(
            self._options,
            open_mpi,
            Path(str(self._config.hydra.sweep.dir)),
            self._hydra_context,
            self._task_function,
            bool(places.hosts),
            listens=listens,
        )

    def _compose(self, overrides: list[str], number: int) -> DictConfig:
        config = self._composer.compose(self._config, overrides)
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

    def _plan(self, source: JobSource, prepared: Preparation, places: Places) -> None:
        open_mpi = find_open_mpi(self._options.mpirun)
        if isinstance(source, Batch):
            jobs = prepared.jobs(list(iter(source.next_job, None)), batch=True)
            places.admit(jobs)
        else:
            jobs = fitting(source, lambda proposal: prepared.jobs([proposal], batch=False)[0], places)
        runner = self._runner(open_mpi, places, listens=False)
        planned = plan(jobs, places.pools)
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
        for job in jobs:
            source.job_ended(job.number, planned_return(job), State.DONE.value)

"""A sweep with a study, from its options to `optimization_results.yaml`."""

import logging
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext, TaskFunction
from hydra_plugins.mpi_launcher._console import report
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._ledger import Ledger
from hydra_plugins.mpi_launcher._whole_file import write_whole
from hydra_plugins.mpi_launcher.streaming import JobSource, StreamingLauncher
from hydra_plugins.optuna_study._batches import Batches
from hydra_plugins.optuna_study._enqueued import CONFIG, enqueued
from hydra_plugins.optuna_study._jobs import check_belongs_together, note_of_unknown
from hydra_plugins.optuna_study._pictures import draw
from hydra_plugins.optuna_study._results import report_lines
from hydra_plugins.optuna_study._search_space import override_text, search_space, SearchSpace
from hydra_plugins.optuna_study._settings import settings_from
from hydra_plugins.optuna_study._source import StudySource
from hydra_plugins.optuna_study._storage import storage_in, stored_name
from hydra_plugins.optuna_study._study import SweepStudy
from omegaconf import DictConfig, OmegaConf

STUDY_FILE = "study.db"
STUDY_NAME = "sweep"
RESULTS_FILE = "optimization_results.yaml"

BATCH = 2
"""Trials of a batch with `n_jobs=0`, for launchers that take only batches."""

log = logging.getLogger(__name__)


class _Planned(JobSource):
    """Trials of a study that is not to be run."""

    def __init__(self, study: SweepStudy, trials: int) -> None:
        self._study, self._left = study, trials

    def next_job(self) -> tuple[int, Sequence[str]] | None:
        self._left -= 1
        if self._left < 0:
            return None
        proposal = self._study.ask()
        return proposal.number, proposal.overrides


class StudySweep:
    """One sweep.

    Number and overrides of each trial are those of the launcher's job: trial 7 of the study is job 7 of `jobs.json`. A
    study in a storage of the user's own may hold more than this sweep: it gets `n_trials` more, and none is taken up.

    Args:
      options: see `_config.StudySweeperConf`.
      hydra_context, task_function, config: as Hydra hands them to its sweepers.

    Raises:
      LaunchError: the options make no sense.
    """

    def __init__(
        self, options: Mapping[str, Any], hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        self._settings = settings_from(options)
        self._hydra_context, self._task_function, self._config = hydra_context, task_function, config
        launcher = config.hydra.launcher
        self._resumes, self._plans = bool(launcher.get("resume")), bool(launcher.get("dry_run"))
        self._can_resume = "resume" in launcher

    def run(self, arguments: Sequence[str]) -> None:
        """Runs what is left of `n_trials`; trials that failed do not count.

        Args:
          arguments: overrides of the command line.

        Raises:
          LaunchError: the overrides make no search space, a study is in the folder already and is not to be resumed,
            too many trials failed, or none returned a number.
        """
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        settings = self._settings
        loader = self._hydra_context.config_loader
        space = search_space(settings.params, settings.search_space, arguments, loader, settings.when)
        if not space.parameters and settings.draw_more is None:
            raise LaunchError(
                "hydra.sweeper.params: nothing is searched for, so all trials would be the same; give a key several "
                "values, such as  x=1,2  or  x=interval(0,1)"
            )
        launcher = Plugins.instance().instantiate_launcher(self._hydra_context, self._task_function, self._config)
        folder = Path(str(self._config.hydra.sweep.dir))  # the launcher may have had to take another one
        if self._plans:
            self._plan(space, launcher)
        elif settings.storage is None:
            self._run_in(folder, space, launcher)
        else:
            self._run_elsewhere(folder, space, launcher)

    def _plan(self, space: SearchSpace, launcher: Launcher) -> None:
        """Shows what would start at once; without results, a dry run cannot propose later trials."""
        study = SweepStudy(self._settings, space, None, None, self._config)
        self._enqueue(study, space)
        if isinstance(launcher, StreamingLauncher):
            launcher.stream(_Planned(study, self._most(self._trials_of(study))))
        else:
            count = min(self._trials_of(study), self._settings.n_jobs or BATCH)
            launcher.launch([study.ask().overrides for _ in range(count)], 0)

    def _most(self, trials: int) -> int:
        return min(trials, self._settings.n_jobs or trials)

    def _run_in(self, folder: Path, space: SearchSpace, launcher: Launcher) -> None:
        """With the study in the sweep's folder."""
        settings, file = self._settings, folder / STUDY_FILE
        name, before = stored_name(file, settings.study_name or STUDY_NAME)
        started = Ledger(folder).read() if self._resumes else {}
        check_belongs_together(file, before, started)
        if before and not self._resumes:
            override = shlex.quote(f"hydra.launcher.resume={override_text(str(folder))}")
            remedy = f"{override} resumes it" if self._can_resume else "give another hydra.sweep.dir"
            raise LaunchError(f"hydra.sweep.dir: a study is in {folder} already; {remedy}")
        folder.mkdir(parents=True, exist_ok=True)
        study = SweepStudy(settings, space, storage_in(file), name, self._config)
        self._enqueue(study, space)
        interrupted, left = study.running(started), self._trials_of(study)
        if before:
            if isinstance(launcher, StreamingLauncher) and (note := note_of_unknown(study.trials, started)):
                report(note)
            study.enqueue_failed()
            left = max(0, left - study.completed - len(interrupted))
            study.sampler.reseed_rng()  # with the seed of the start it would propose its first trials again
            report(f"study    {study.asked} trials in {file}, {left} to go")
        launched = False
        try:
            if isinstance(launcher, StreamingLauncher):
                launcher.stream(StudySource(study, settings, interrupted, left), settings.n_jobs)
            else:
                batches = Batches(study, launcher, settings)
                try:
                    batches.run(left, settings.n_jobs or BATCH, 0)
                finally:
                    launched = batches.launched
        except Exception:
            if not (before or launched or (folder / "jobs.json").exists()):
                file.unlink()  # not a single trial could be started: there is nothing to resume
            raise
        if not (before or study.asked):
            file.unlink()  # nor is there here: n_trials or the time is 0
        self._write_results(study, folder)

    def _run_elsewhere(self, folder: Path, space: SearchSpace, launcher: Launcher) -> None:
        """With the study in a storage of the user's own; other sweeps may use it too."""
        settings = self._settings
        study = SweepStudy(settings, space, settings.storage, settings.study_name, self._config)
        if not study.trials:
            self._enqueue(study, space)
        trials = self._trials_of(study)
        source, batches = StudySource(study, settings, [], trials), Batches(study, launcher, settings)
        try:
            if isinstance(launcher, StreamingLauncher):
                launcher.stream(source, settings.n_jobs)
            else:
                batches.run(trials, settings.n_jobs or BATCH, 0)
        except BaseException:
            for number in [*source.unfinished, *batches.unfinished]:  # nothing resumes them
                study.give_up(number)
            raise
        self._write_results(study, folder)

    def _enqueue(self, study: SweepStudy, space: SearchSpace) -> None:
        entries = list(self._settings.enqueue)
        if study.size_of_grid is not None:  # has the config as it is among its trials, if it is in the search space
            entries = [entry for entry in entries if entry != CONFIG]
            if entries:
                raise LaunchError(
                    f"hydra.sweeper.enqueue: {entries[0]}: a grid has all its trials anyway; leave it out"
                )
        trials, notes = enqueued(entries, space, self._config)
        study.enqueue(trials)
        for note in notes:
            report(note)

    def _trials_of(self, study: SweepStudy) -> int:
        return min(self._settings.n_trials, study.size_of_grid or self._settings.n_trials)

    def _write_results(self, study: SweepStudy, folder: Path) -> None:
        best = study.best()
        if best is None:
            if study.asked:
                raise LaunchError(f"no trial of the study returned a number: {study.counted()}")
            report("study    no trial was started")
            return
        folder.mkdir(parents=True, exist_ok=True)
        results = OmegaConf.to_yaml(OmegaConf.create({"name": "optuna", **best}))
        write_whole(folder / RESULTS_FILE, results.encode(), mode=0o644)
        picture = draw(study.optuna_study, study.objective_names, folder)
        for line in report_lines(study, best, picture):
            log.info(line)
            if not log.isEnabledFor(logging.INFO):  # a program may have silenced Hydra
                report(line)

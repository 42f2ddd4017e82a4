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
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._whole_file import write_whole
from hydra_plugins.optuna_study._batches import Batches
from hydra_plugins.optuna_study._search_space import override_text, search_space, SearchSpace
from hydra_plugins.optuna_study._settings import settings_from
from hydra_plugins.optuna_study._study import storage_in, stored_name, SweepStudy
from omegaconf import DictConfig, OmegaConf

STUDY_FILE = "study.db"
STUDY_NAME = "sweep"
RESULTS_FILE = "optimization_results.yaml"

_SHOWN = {"best_params": "Best parameters", "best_value": "Best value", "solutions": "Pareto solutions"}

log = logging.getLogger(__name__)


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
        space = search_space(settings.params, settings.search_space, arguments, loader)
        launcher = Plugins.instance().instantiate_launcher(self._hydra_context, self._task_function, self._config)
        folder = Path(str(self._config.hydra.sweep.dir))  # the launcher may have had to take another one
        if self._plans:
            self._plan(space, launcher)
        elif settings.storage is None:
            self._run_in(folder, space, launcher)
        else:
            self._run_elsewhere(folder, space, launcher)

    def _plan(self, space: SearchSpace, launcher: Launcher) -> None:
        """A dry run brings nothing to learn from: one batch shows what a batch looks like."""
        study = SweepStudy(self._settings, space, None, None, self._config)
        count = min(self._trials_of(study), self._settings.n_jobs)
        launcher.launch([study.ask().overrides for _ in range(count)], 0)

    def _run_in(self, folder: Path, space: SearchSpace, launcher: Launcher) -> None:
        """With the study in the sweep's folder."""
        settings, file = self._settings, folder / STUDY_FILE
        name, first_job = stored_name(file, settings.study_name or STUDY_NAME)
        if first_job and not self._resumes:
            override = shlex.quote(f"hydra.launcher.resume={override_text(str(folder))}")
            cure = f"{override} resumes it" if self._can_resume else "give another hydra.sweep.dir"
            raise LaunchError(f"hydra.sweep.dir: a study is in {folder} already; {cure}")
        folder.mkdir(parents=True, exist_ok=True)
        study = SweepStudy(settings, space, storage_in(file), name, self._config)
        batches = Batches(study, launcher, settings.max_failure_rate)
        left = self._trials_of(study)
        if first_job:
            batches.finish_cut(folder)
            left = max(0, left - study.completed)
            study.sampler.reseed_rng()  # with the seed of the start it would propose its first trials again
            print(f"study    {first_job} trials in {file}, {left} to go", flush=True)
        try:
            batches.run(left, settings.n_jobs, first_job)
        except Exception:
            if not (first_job or batches.launched or (folder / "jobs.json").exists()):
                file.unlink()  # not a single trial could be started: there is nothing to resume
            raise
        self._write_results(study, folder)

    def _run_elsewhere(self, folder: Path, space: SearchSpace, launcher: Launcher) -> None:
        """With the study in a storage of the user's own."""
        settings = self._settings
        study = SweepStudy(settings, space, settings.storage, settings.study_name, self._config)
        batches = Batches(study, launcher, settings.max_failure_rate)
        try:
            batches.run(self._trials_of(study), settings.n_jobs, 0)
        except BaseException:
            for number in batches.unfinished:  # nothing resumes them
                study.give_up(number)
            raise
        self._write_results(study, folder)

    def _trials_of(self, study: SweepStudy) -> int:
        return min(self._settings.n_trials, study.size_of_grid or self._settings.n_trials)

    def _write_results(self, study: SweepStudy, folder: Path) -> None:
        best = study.best()
        if best is None:
            if study.trials:
                raise LaunchError(f"no trial of the study returned a number: all {len(study.trials)} failed")
            return
        for name, value in best.items():
            log.info("%s: %s", _SHOWN[name], value)
        folder.mkdir(parents=True, exist_ok=True)
        results = OmegaConf.to_yaml(OmegaConf.create({"name": "optuna", **best}))
        write_whole(folder / RESULTS_FILE, results.encode(), mode=0o644)

"""Studies without processes."""

from pathlib import Path
from typing import Any

import mpi_programs  # noqa: F401 - puts the launcher on the path
from hydra.core.utils import JobReturn, JobStatus
from hydra_plugins.optuna_study._search_space import search_space, SearchSpace
from hydra_plugins.optuna_study._settings import settings_from
from hydra_plugins.optuna_study._study import SweepStudy
from omegaconf import DictConfig, OmegaConf


def config_of(**values: Any) -> DictConfig:
    hydra = {"launcher": {"value_name": "loss", "metadata_file": "run.json"}, "runtime": {"choices": {"net": "unet"}}}
    return OmegaConf.create({"x": 0.5, "y": [1, 2], "none": None, "rate": 0.5, "depth": 3, **values, "hydra": hydra})


def space_of(*overrides: str, when: Any = None) -> SearchSpace:
    return search_space({}, {}, overrides, None, when)


def study_of(space: SearchSpace, storage: Any = None, **options: Any) -> SweepStudy:
    return SweepStudy(settings_from(options), space, storage, "sweep", config_of())


def returned(value: Any, folder: Path | None = None) -> JobReturn:
    result = JobReturn()
    result.status, result.return_value, result.working_dir = JobStatus.COMPLETED, value, str(folder)
    return result

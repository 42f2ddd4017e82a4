"""Which workload a task has."""

from omegaconf import DictConfig

from engine.cleaner_workload import CleanerWorkload
from engine.detector_workload import DetectorWorkload
from engine.workload import Workload


def workload_of(config: DictConfig) -> Workload:
    """The workload of a composed config."""
    return (DetectorWorkload if config.task.name == "detector" else CleanerWorkload)(config)

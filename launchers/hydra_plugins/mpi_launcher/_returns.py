"""The `JobReturn` of each job, for the sweeper."""

from hydra.core.utils import JobReturn, JobStatus
from hydra_plugins.mpi_launcher._errors import headline, JobCancelled, JobFailed
from hydra_plugins.mpi_launcher._job import Job, RETURNED, State
from omegaconf import OmegaConf


def job_return(job: Job) -> JobReturn:
    """The `JobReturn` of a job: its own, or one whose `return_value` raises."""
    if job.state in RETURNED and job.result is not None:
        return job.result
    result = JobReturn()
    result.overrides, result.working_dir = job.overrides, str(job.output_dir)
    if job.config is not None:
        result.cfg = OmegaConf.masked_copy(job.config, [str(key) for key in job.config if key != "hydra"])
        result.hydra_cfg = OmegaConf.masked_copy(job.config, ["hydra"])
        result.task_name = job.config.hydra.job.name
    result.status = JobStatus.FAILED
    message = f"job {job.number} {job.state.value}: {headline(job.error)}\n{job.output_dir}\n{job.error}".strip()
    if job.state == State.CANCELLED:
        result.return_value = JobCancelled(message)
    else:
        result.return_value = job.exception or JobFailed(message)
        result._return_value.__cause__ = JobFailed(message)
    return result


def planned_return(job: Job) -> JobReturn:
    """The `JobReturn` of a job that was planned and not run: completed, without a value."""
    result = job_return(job)
    result.status, result._return_value = JobStatus.COMPLETED, None
    return result

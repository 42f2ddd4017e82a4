"""A source of jobs for `MpiLauncher.stream`, which asks it for a job when places are free, and hands it each result.

A sweeper that only fills places:

    class Numbers(JobSource):
        def __init__(self, values): self.values = enumerate(values)
        def next_job(self): return next(((number, [f"x={value}"]) for number, value in self.values), None)

    launcher.stream(Numbers(range(100)))
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable, TYPE_CHECKING

if TYPE_CHECKING:
    from hydra.core.utils import JobReturn


class JobSource:
    """Proposes jobs and learns how they end. All methods are called in the launching process, one at a time.

    An exception that one of them raises ends the sweep as a signal does, and `stream` raises it.

    Attributes:
      keys: of the overrides that distinguish the jobs, for the display; empty: all.
      listens: whether what jobs report while they run (`reports.report`) is handed to `job_reported`.
    """

    keys: Sequence[str] = ()
    listens: bool = False

    def next_job(self) -> tuple[int, Sequence[str]] | None:
        """One more job.

        Returns:
          Its number, which no other job of the sweep has, and its overrides. None if there is none, or none until
          another one has ended: the stream ends when no job runs and there is none.
        """
        return None

    def job_ended(self, number: int, result: "JobReturn", state: str) -> None:
        """A job has ended.

        Args:
          number: of the job.
          result: as Hydra's launchers return it; `return_value` raises if the job failed.
          state: `done`, `pruned`, `failed`, `timed out` or `cancelled`.
        """

    def job_reported(self, number: int, step: int, value: float) -> bool:
        """A job has reported a value.

        Args:
          number: of the job.
          step, value: as it has given them to `reports.report`. After a restart of the job they may come again.

        Returns:
          Whether the job is pruned: it then ends itself.
        """
        return False

    def closed(self) -> bool:
        """Whether no further job may start; those that wait for places are then cancelled. Called often."""
        return False

    def left(self) -> int | None:
        """Number of jobs that are still to come, for the display; None if it is not known."""
        return None


@runtime_checkable
class StreamingLauncher(Protocol):
    """A launcher that takes jobs one at a time. `MpiLauncher` is one."""

    def stream(self, source: JobSource, most: int = 0) -> None:
        """Runs the jobs of a source, see `MpiLauncher.stream`."""

"""Whether a study and the jobs of the launcher, each of which has a file in the sweep's folder, belong together."""

from collections.abc import Container, Iterable, Sequence
from pathlib import Path

from hydra_plugins.mpi_launcher._errors import LaunchError
from optuna.trial import FrozenTrial, TrialState

_NOT_ENDED = (TrialState.WAITING, TrialState.RUNNING)


def check_belongs_together(file: Path, trials: int, jobs: Iterable[int]) -> None:
    """Refuses to resume jobs with a study that did not propose them: it would propose others under their numbers.

    Args:
      file: of the study.
      trials: number of trials in it.
      jobs: numbers of the jobs that the launcher knows.

    Raises:
      LaunchError: the study is missing, is another one, or is older than the jobs.
    """
    if (last := max(jobs, default=-1)) >= trials:
        has = f"has {trials} trials only" if trials else "has no trials"
        raise LaunchError(
            f"hydra.launcher.resume: {file} {has}, but jobs.json "
            f"beside it has job {last}; restore the file, or start a new sweep without hydra.launcher.resume"
        )


def note_of_unknown(trials: Sequence[FrozenTrial], jobs: Container[int]) -> str:
    """A note about trials that have ended and that the launcher does not know; empty if there are none."""
    unknown = [trial.number for trial in trials if trial.state not in _NOT_ENDED and trial.number not in jobs]
    if not unknown:
        return ""
    return (
        f"note     jobs.json lacks {len(unknown)} trials of study.db, such as {unknown[0]}; they count, but are not in "
        "the leaderboard"
    )

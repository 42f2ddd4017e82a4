"""The launcher's options, as `hydra.launcher.*` on the command line or in a config."""

import dataclasses
from typing import Any

from hydra.core.config_store import ConfigStore


@dataclasses.dataclass
class MpiLauncherConf:
    """Options of `hydra/launcher=mpi`.

    The launcher reads the first group from the composed config of each job, so that interpolations such as
    `${hardware.processes}` give each job of a sweep what it needs. It reads the others once for the sweep.

    Attributes:
      processes: ranks of the job.
      devices: accelerator cards that the job holds while it runs; 0 for a job on the processor.
      device_kind: kind of the cards: `hpu` (Habana Gaudi), `gpu` (NVIDIA), or a dotted name, see `devices`.
      binding: `none`; `core`, a share of the cores for each rank; or a value of `mpirun --map-by`, such as
        `socket:PE=4`, passed on with `--bind-to core`.
      env: environment variables of the job's ranks.
      duration: how long the job takes, in any unit; of waiting jobs of one size, the longest starts first.
      better: which returned numbers rank first, `lower` or `higher`; `auto`: the direction of the sweeper, `lower` if
        it has none.
      ranked_by: dotted config keys that must be the same in all trials, because the trials are ranked together.
      value_name: column of the leaderboard for the returned number.
      metadata_file: JSON file that each job writes into its folder, read for the leaderboard.
      metadata: dotted keys in it, each a column of the leaderboard.
      outcome: dotted key in it whose value says how a job that is done ended, such as `stopped early`. The column
        `outcome` shows it instead of `done`.
      link_best: path in the best job's folder that `<sweep>/best` links to; empty: the folder; null: no link.
      cards: the pool: `auto` (cards that the driver shows and no process holds), a number of cards, or a list of their
        numbers.
      aligned: give several cards as an aligned group of two, four or eight, as Gaudi cards are wired.
      slots: ranks of jobs without cards that run at a time; 0: one for each core, but no more than the sweep has.
      on_failure: `continue` with the other jobs, or `stop` them.
      retries: how often the launcher starts a failed job again, in the same folder.
      timeout_minutes: time after which the launcher ends a job; 0: never. The job is not retried. Time in which a job
        is suspended does not count, here and below.
      stall_minutes: time after which the launcher kills a job of which no rank prints anything, because one hangs and
        the others wait for it; 0: never. The job counts as failed, so it may be retried.
      grace_seconds: time between asking a job to end and killing it, for a checkpoint.
      check: dotted name of a function that gets the config of each job, in this process, before the first job starts;
        an exception ends the sweep.
      after_failure: dotted name of a function that gets, in this process, folder and state of each job that has ended
        without a result: `failed`, `timed out` or `cancelled`.
      resume: folder of an earlier sweep of the same command; only jobs that are not done run.
      dry_run: print the commands and places, and start nothing.
      mpirun: path of Open MPI's mpirun; `auto`: the one beside this Python, else the one on the PATH.
      hostfile: lines of `host slots=8`; empty: this machine, or the hosts of a Slurm allocation.
      remote_shell: command that reaches a host, used as `<remote_shell> <host> <command>`.
      facts_file, facts: former names of `metadata_file` and `metadata`, which are still taken.
    """

    _target_: str = "hydra_plugins.mpi_launcher.launcher.MpiLauncher"
    processes: int = 1
    devices: int = 0
    device_kind: str = "hpu"
    binding: str = "core"
    env: dict[str, Any] = dataclasses.field(default_factory=dict)
    duration: float = 0.0
    better: str = "auto"
    ranked_by: list[str] = dataclasses.field(default_factory=list)

    value_name: str = "value"
    metadata_file: str = ""
    metadata: list[str] = dataclasses.field(default_factory=list)
    outcome: str = ""
    link_best: str | None = ""
    cards: Any = "auto"
    aligned: bool = True
    slots: int = 0
    on_failure: str = "continue"
    retries: int = 0
    timeout_minutes: float = 0.0
    stall_minutes: float = 0.0
    grace_seconds: float = 60.0
    check: str = ""
    after_failure: str = ""
    resume: str | None = None
    dry_run: bool = False
    mpirun: str = "auto"
    hostfile: str | None = None
    remote_shell: str = "ssh"

    facts_file: str | None = None
    facts: list[str] | None = None


def register() -> None:
    """Registers the options with Hydra. Hydra runs `launcher.py`, and this, again after it clears its ConfigStore."""
    ConfigStore.instance().store(group="hydra/launcher", name="mpi", node=MpiLauncherConf, provider="mpi_launcher")

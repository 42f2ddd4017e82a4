"""The launcher's options, as `hydra.launcher.*` on the command line or in a config."""

import dataclasses
from typing import Any

from hydra.core.config_store import ConfigStore


@dataclasses.dataclass
class MpiLauncherConf:
    """Options of `hydra/launcher=mpi`.

    The first group is read from each job's own composed config, so interpolations such as `${hardware.processes}` give
    each job of a sweep what it needs. The others are read once for the sweep.

    Attributes:
      processes: ranks of the job.
      devices: accelerator cards that the job holds while it runs; 0 for a job on the processor.
      device_kind: of the cards: `hpu`, Habana's Gaudi; `gpu`, NVIDIA's; or a dotted name, see `devices`.
      binding: `none`; `core`, a share of the cores for each rank; or a value of `mpirun --map-by`, such as
        `socket:PE=4`, passed on with `--bind-to core`.
      env: environment variables of the job's ranks.
      duration: how long the job takes, in any unit, if known: of waiting jobs of one size the longest starts first.
      better: `lower` or `higher` values of the returned number stand on top of the leaderboard; `auto`: those that the
        sweeper looks for, lower ones if it looks for none.
      ranked_by: dotted keys of the config which all trials of a sweep share, since they are ranked together.
      value_name: what the returned number is called in the leaderboard.
      facts_file: JSON file that a job leaves in its folder, for the leaderboard.
      facts: dotted keys in it, each a column of the leaderboard.
      link_best: path in the best job's folder that `<sweep>/best` is linked to; empty: the folder; null: no link.
      cards: the pool: `auto` (those that the driver shows and no process holds), a number of cards, or a list of their
        numbers.
      aligned: jobs of several cards take aligned groups of two, four or eight, as Gaudi cards are wired.
      slots: ranks of jobs without cards that run at a time; 0: one a core, no more than the sweep has.
      on_failure: `continue` with the other jobs, or `stop` them.
      retries: how often a failed job is started again in its folder.
      timeout_minutes: after which a job is ended; 0: never. It is not retried. Time in which the job was suspended does
        not count, here and below.
      stall_minutes: after which a job is killed if none of its ranks has printed anything, as when one hangs and the
        others wait for it; 0: never. It counts as failed, so it may be retried.
      grace_seconds: between asking a job to end and killing it; time for a checkpoint.
      check: dotted name of a function that gets the config of each job, in this process, before any of them is started;
        what it raises ends the sweep.
      resume: folder of an earlier sweep of the same command, of which only what is not done is run.
      dry_run: print what would be run, and where, and start nothing.
      mpirun: path of Open MPI's mpirun; `auto`: the one beside this Python, else the one on the PATH.
      hostfile: lines of `host slots=8`; empty: this machine, or the hosts of a Slurm allocation.
      remote_shell: what reaches a host, used as `<remote_shell> <host> <command>`.
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
    facts_file: str = ""
    facts: list[str] = dataclasses.field(default_factory=list)
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
    resume: str | None = None
    dry_run: bool = False
    mpirun: str = "auto"
    hostfile: str | None = None
    remote_shell: str = "ssh"


def register() -> None:
    """Makes the options known to Hydra; again after it has forgotten all, since it then runs `launcher.py` anew."""
    ConfigStore.instance().store(group="hydra/launcher", name="mpi", node=MpiLauncherConf, provider="mpi_launcher")

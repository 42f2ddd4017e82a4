"""Goal: the configs of 200 trials are composed, once for Hydra's check and once for the launcher, within 3 s.

Hydra, for comparison, reads all files again for each config; it composes a tenth of the configs, and its time is
multiplied by ten. The script also measures how long the program takes to accept as many configs. All times are
processor times of this process.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import measure

GOAL, TRIALS = 3.0, 200
BASE = ["task=cleaner", "dataset=synthetic", "model=unet"]


def main() -> None:
    """Measures and prints."""
    measure.parser(__doc__, data=False).parse_args()
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.types import RunMode
    from hydra_plugins.mpi_launcher._composing import Composer
    from hydra_plugins.mpi_launcher._samples import hydra_config_of

    from engine.resolvers import register_resolvers
    from engine.runs import run_settings
    from engine.trials import check_trial

    register_resolvers()
    run_settings.register()
    with initialize_config_dir(str(measure.REPOSITORY / "conf"), version_base="1.3"):
        hydra = GlobalHydra.instance().hydra
        config = hydra.compose_config("config", [*BASE, "seed=1,2"], run_mode=RunMode.MULTIRUN)
        composer = Composer(hydra.config_loader)

        def ours(number: int) -> None:
            for _ in range(2):
                composer.compose(config, [*BASE, f"seed={number}"])

        def check(number: int) -> None:
            with hydra_config_of(composed):
                check_trial(composed)

        def hydras(number: int) -> None:
            for _ in range(2):
                hydra.config_loader.load_sweep_config(config, [*BASE, f"seed={number}"])

        composed = composer.compose(config, [*BASE, "seed=0"])
        check(0)  # imports modules
        mine, theirs = _seconds(ours, TRIALS), 10 * _seconds(hydras, TRIALS // 10)
        accepting = 10 * _seconds(check, TRIALS // 10)
    measure.show(f"{TRIALS} trials", f"{mine:8.2f} s")
    measure.show("Hydra", f"{theirs:8.2f} s")
    measure.show("accepting the configs", f"{accepting:8.2f} s")
    measure.show("of Hydra's time", f"{mine / theirs:8.3f}")
    measure.report(f"{GOAL:g} s at most", f"{mine:.2f} s", mine <= GOAL)


def _seconds(work: Callable[[int], None], count: int) -> float:
    started = time.process_time()
    for number in range(1, count + 1):
        work(number)
    return time.process_time() - started


if __name__ == "__main__":
    measure.run(main)

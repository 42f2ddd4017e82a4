"""Searches for the cleaner with Hyperband and without pruning, and draws the best metric against time.

Both searches have the same number of trials on drawn signatures, the same parameters and the same seed of the sampler,
one trial at a time. A trial that is pruned counts with its best evaluation. Takes a quarter of an hour on an idle
machine.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import optuna

from benchmarks import measure

TRIAL = (
    *("task=cleaner", "dataset=synthetic", "dataset.writers=96", "dataset.held_out_writers=16", "model=unet"),
    *("trainer.train_steps=480", "trainer.validation_interval=40", "trainer.image_summaries=0"),
)
SEARCH = (
    *("hydra/sweeper=study", "hydra.sweeper.n_jobs=1", "hydra.sweeper.sampler.seed=1"),
    *("model.learning_rate=tag(log, interval(3e-4, 1e-1))", "model.ink_weight=interval(1.0, 6.0)"),
    "model.filters=choice([16,32],[24,48],[24,48,96])",
)
HYPERBAND = ("hydra.sweeper.pruner=hyperband",)

Point = tuple[float, float]
"""(minutes since the first trial started, best metric so far)."""


def main() -> None:
    """Measures, prints and draws."""
    options = measure.parser(__doc__, data=False)
    options.add_argument("--trials", type=int, default=16, help="of each search (%(default)s)")
    options.add_argument("--picture", type=Path, help="file to draw the curves into")
    given = options.parse_args()
    curves = {}
    for name, pruner in (("Hyperband", HYPERBAND), ("all trials to their end", ())):
        with tempfile.TemporaryDirectory() as folder:
            curves[name], pruned = _search([*TRIAL, *SEARCH, *pruner, *given.overrides], given.trials, Path(folder))
        minutes, best = curves[name][-1]
        measure.show(name, f"best {best:.4f}, {given.trials} trials in {minutes:.1f} minutes, {pruned} pruned")
    pruning, full = curves.values()
    measure.show("time of Hyperband by that of all", f"{pruning[-1][0] / full[-1][0]:.2f}")
    for name, curve in curves.items():
        level = min(pruning[-1][1], full[-1][1])
        measure.show(f"{name}: reaches {level:.4f}", f"{next(at for at, best in curve if best >= level):.1f} minutes")
    if given.picture:
        _draw(curves, given.picture)


def _search(overrides: list[str], trials: int, folder: Path) -> tuple[list[Point], int]:
    """(the curve of a search, number of its pruned trials)."""
    sweep = [f"hydra.sweeper.n_trials={trials}", "hydra.sweep.dir=sweep"]
    command = [sys.executable, measure.REPOSITORY / "train.py", "-m", *overrides, *sweep]
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    storage = f"sqlite:///{folder / 'sweep' / 'study.db'}"
    (summary,) = optuna.get_all_study_summaries(storage)
    study = optuna.load_study(study_name=summary.study_name, storage=storage)
    ended = sorted(
        (trial for trial in study.trials if trial.datetime_complete), key=lambda trial: trial.datetime_complete
    )
    start = min(trial.datetime_start for trial in ended)
    best, curve = float("-inf"), []
    for trial in ended:
        value = trial.value if trial.value is not None else max(trial.intermediate_values.values(), default=best)
        best = max(best, value)
        curve.append(((trial.datetime_complete - start).total_seconds() / 60, best))
    return curve, sum(trial.state == optuna.trial.TrialState.PRUNED for trial in ended)


def _draw(curves: dict[str, list[Point]], picture: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
    for name, curve in curves.items():
        axes.step(*zip(*curve, strict=True), where="post", marker="o", markersize=4, label=name)
    axes.set(xlabel="minutes of the search on two cores", ylabel="best ink F1", xlim=(0, None))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(picture, dpi=110)
    measure.show("drawn", str(picture))


if __name__ == "__main__":
    measure.run(main)

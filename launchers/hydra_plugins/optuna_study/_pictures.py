"""`search.png`: what a search has found, by Optuna's own plots."""

import io
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

PICTURE = "search.png"
LEAST_TRIALS = 3
"""Complete trials below which there is nothing to see."""

_WIDTH, _HEIGHT, _WIDTH_OF_SLICE = 12.0, 4.0, 3.5
"""Of a plot, in inches."""


def importances(study: optuna.Study) -> dict[str, float]:
    """How much of the difference between the trials each parameter explains, the largest first.

    Empty if that is unknown: of two trials, each parameter would explain the same.

    By PED-ANOVA, which needs no other package. Of several objectives, of the first one.
    """
    if _complete(study) < LEAST_TRIALS:
        return {}
    several = len(study.directions) > 1
    target: Any = (lambda trial: trial.values[0]) if several else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            evaluator = optuna.importance.PedAnovaImportanceEvaluator()
            return optuna.importance.get_param_importances(study, evaluator=evaluator, target=target)
    except Exception:  # too few trials, or all alike: Optuna raises several kinds
        return {}


def draw(study: optuna.Study, names: Sequence[str], folder: Path) -> Path | None:
    """Draws the course of the search, the importances and a slice for each parameter; of several objectives, the front.

    Args:
      study: with its trials.
      names: of its objectives.
      folder: that the picture is written into.

    Returns:
      Its path; None if there is no Matplotlib, or too little to see.
    """
    if _complete(study) < LEAST_TRIALS:
        return None
    try:
        import matplotlib
        from optuna.visualization import matplotlib as plots
    except ImportError:
        return None
    evaluator = optuna.importance.PedAnovaImportanceEvaluator
    drawings: list[Callable[[], Any]] = [
        lambda: plots.plot_optimization_history(study, target_name=names[0]),
        lambda: plots.plot_param_importances(study, evaluator=evaluator(), target_name=names[0]),
        lambda: plots.plot_slice(study, target_name=names[0]),
    ]
    if len(study.directions) > 1:
        drawings = [
            lambda: plots.plot_pareto_front(study, target_names=list(names))
        ]  # of two or three objectives; of more, Optuna draws none
    backend = matplotlib.get_backend()
    try:
        matplotlib.use("agg")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pictures = [picture for drawing in drawings if (picture := _picture(drawing)) is not None]
            return _stacked(pictures, folder / PICTURE) if pictures else None
    finally:
        matplotlib.use(backend)


def _complete(study: optuna.Study) -> int:
    return len(study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)))


def _picture(drawing: Callable[[], Any]) -> Any:
    """One plot as pixels; None if Optuna has nothing to draw."""
    import numpy as np
    from matplotlib import pyplot
    from matplotlib.image import imread

    try:
        axes = drawing()
    except Exception:
        return None
    every = axes.flat if isinstance(axes, np.ndarray) else [axes]
    figure = every[0].figure
    figure.set_size_inches(max(_WIDTH, _WIDTH_OF_SLICE * len(every)), _HEIGHT)
    data = io.BytesIO()
    figure.savefig(data, format="png", bbox_inches="tight")
    pyplot.close(figure)
    data.seek(0)
    return imread(data)[..., :3]


def _stacked(pictures: Sequence[Any], path: Path) -> Path:
    import numpy as np
    from matplotlib.image import imsave

    width = max(picture.shape[1] for picture in pictures)
    padded = [
        np.pad(picture, ((0, 0), (0, width - picture.shape[1]), (0, 0)), constant_values=1.0) for picture in pictures
    ]
    scratch = path.with_name(f"{path.stem}.partial.png")
    imsave(scratch, np.concatenate(padded))
    scratch.replace(path)
    return path

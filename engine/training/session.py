"""The training of one run from its accepted config: strategy, task, loop and callbacks put together."""

from collections.abc import Sequence

import tensorflow as tf
from hydra_plugins.mpi_launcher.text import shown_path

from engine.config import Config
from engine.console import Console
from engine.hardware import cluster
from engine.hardware.shapes import log_shapes
from engine.runs.run_folder import RunFolder
from engine.runs.trial import this_trial
from engine.training.callback import Callback
from engine.training.callbacks.best_checkpoint import BestCheckpoint
from engine.training.callbacks.early_stopping import EarlyStopping
from engine.training.callbacks.hparams import TrialSummary
from engine.training.callbacks.pictures import DrawPictures
from engine.training.callbacks.profile import Profile
from engine.training.callbacks.progress import ShowProgress
from engine.training.callbacks.pruning import Prune
from engine.training.callbacks.record import Record
from engine.training.callbacks.report import ReportToStudy
from engine.training.experiment import experiment_config
from engine.training.goal import Goal
from engine.training.loop import TrainingLoop
from models.task import Data


def train_run(config: Config, run: RunFolder, data: Data, strategy: tf.distribute.Strategy, console: Console) -> str:
    """Trains a run to its end, from its latest checkpoint where it has one.

    Args:
      config: accepted.
      run: its folder; TensorFlow is configured, and the cards are open.
      data: the dataset.
      strategy: where it runs; ranks have one for as long as they live.
      console: of this rank.

    Returns:
      How it ended: "done", "stopped early" or "pruned".

    Raises:
      Interrupted, Diverged: see `TrainingLoop.run`.
    """
    checkpoint = run.latest_checkpoint()
    first_step = int(checkpoint.rsplit("-", 1)[1]) if checkpoint else 0
    if first_step:
        console.line("resume", f"{shown_path(run.path)} from step {first_step}")
    task = config.task
    if not first_step:
        for label, text in task.training(config.dataset, config.model).start_notes():
            console.line(label, text)
    with console.progress("train", config.trainer.train_steps, first_step) as update:
        progress = ShowProgress(update, task.unit, task.label(task.metric))
        loop = build_loop(config, run, data, strategy, [*_callbacks(config, run, data), progress], first_step)
        run.update(parameters=loop.state.model.count_params())
        log_shapes(loop.batches, config.hardware, console)
        return loop.run()


def build_loop(
    config: Config,
    run: RunFolder,
    data: Data,
    strategy: tf.distribute.Strategy,
    callbacks: Sequence[Callback],
    first_step: int = 0,
) -> TrainingLoop:
    """The loop of a training, from its task.

    Args:
      config, run, data, strategy: as of `train_run`.
      callbacks: of the loop.
      first_step: the global step that it starts from.
    """
    training = config.task.training(config.dataset, config.model)
    params = experiment_config(config, training.task_config())
    built = training.build_task(params, data, seed=config.seed, first_step=first_step)
    return TrainingLoop(run, built, params, strategy, Goal.of(config), config.trainer.checkpoint_interval, callbacks)


def _callbacks(config: Config, run: RunFolder, data: Data) -> list[Callback]:
    """In their order: the best weights are on disk before `run.json` speaks of their evaluation."""
    trainer, (values, folder) = config.trainer, this_trial(config.composed)
    count = trainer.image_summaries
    pictures = config.task.report(config.dataset, config.model).pictures(data, count) if count else None
    group = f"{folder.name} of {folder.parent.name}" if folder else ""  # the page cuts the end of long names
    is_whole = folder is not None and run.path.resolve() == folder.resolve()  # not one of a trial's repeats
    return [
        BestCheckpoint(),
        Record(),
        TrialSummary(values, group),  # before the pictures, which take seconds in which the process may be killed
        DrawPictures(pictures, trainer.validation_interval),
        ReportToStudy(is_whole and cluster.rank() == 0),
        EarlyStopping(trainer.early_stopping),
        Prune(folder if cluster.rank() == 0 else None, Goal.of(config), trainer.prune_after),
        Profile(trainer.profile_steps),
    ]

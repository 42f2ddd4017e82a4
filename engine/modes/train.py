"""mode=train: a run from its dataset to its export."""

import contextlib
import dataclasses
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from hydra_plugins.mpi_launcher.text import clock, shown_path

from data.commands import command, tensorboard
from data.errors import UserError
from data.parallel import usable_cores
from data.wording import count_of
from engine.config import Config
from engine.console import Console
from engine.hardware import cluster
from engine.hardware.strategy import build_strategy, card_metadata
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.modes.export import export_best, exported_line, override_of_run
from engine.modes.loading import load_data
from engine.runs.checkpoints import choose_latest
from engine.runs.origin import origin
from engine.runs.run_folder import RunFolder
from engine.training.endings import Diverged, Interrupted
from engine.training.goal import Goal, Metrics
from models.task import Data

log = logging.getLogger(__name__)


def train(config: Config, overrides: list[str]) -> float:
    """Trains or resumes the run in `run_dir`, then exports its best checkpoint.

    Args:
      config: accepted.
      overrides: of the command line.

    Returns:
      The best value of `task.metric`.
    """
    cluster.check_size(config.hardware.processes, config.hardware.name)
    cluster.wait_for_all()  # a rank that fails while another one joins MPI can deadlock Open MPI 5
    console = Console(quiet=cluster.rank() > 0)
    console.title(_headline(config))
    if cluster.rank() > 0:
        cluster.wait_for_all()  # rank 0 builds the cache
    if not RunFolder(config.run_dir).latest_checkpoint():
        config.task.check_start(config.dataset, config.model)
    data = load_data(config, console)  # first, so that missing data leaves no run folder
    if cluster.rank() == 0:
        cluster.wait_for_all()
    with contextlib.ExitStack() as scratch:
        run = _take_folder(config, overrides, console, scratch)
        _note_start(config, run, data)
        if cluster.size() > 1:
            cluster.set_tf_config()
        configure_tensorflow(config)
        config.hardware.open()
        with _ends_noted(config, console, run) as end:
            from engine.training.session import train_run  # imports TensorFlow, which is configured now
            from engine.training.time_limit import limit_steps

            strategy = build_strategy(config.hardware)
            config = limit_steps(config, run, data, strategy, console)
            outcome = train_run(config, run, data, strategy, console)
            best = _best_of(config, run)
            if cluster.rank() > 0:
                return best[config.task.metric]
            export_best(config, run, console)
        run.update(outcome=outcome, metrics=best)
        end("done")
        _summarise(config, console, run, data)
        return best[config.task.metric]


def _take_folder(config: Config, overrides: list[str], console: Console, scratch: contextlib.ExitStack) -> RunFolder:
    """The run's folder, locked by rank 0; for other ranks a scratch copy, deleted when `scratch` ends."""
    run = RunFolder(cluster.same_everywhere(config.run_dir))
    if cluster.rank() == 0:
        run.acquire()
        run.record_config(config, overrides)
        run.log_to_file("train")
        for name, reason in choose_latest(run):
            log.warning("checkpoint %s is damaged: %s", name, reason)
            console.line("damaged", f"checkpoint {name} ({reason}); the one before it is used")
    cluster.wait_for_all()
    if cluster.rank() > 0:
        run.log_to_file(f"rank_{cluster.rank()}")
        run = run.scratch_copy(Path(scratch.enter_context(tempfile.TemporaryDirectory(prefix="signver-rank-"))))
    return run


def _note_start(config: Config, run: RunFolder, data: Data) -> None:
    """Records task, hardware and dataset in `run.json`."""
    for name, reason in data.bad:
        log.warning("skipped %s: %s", name, reason)
    task, hardware = config.task, config.hardware
    run.update(
        **origin(),
        status="running",
        task=task.name,
        hardware={
            "name": hardware.name,
            "processes": hardware.processes,
            "dtype": hardware.compute_dtype,
            **card_metadata(hardware),
        },
        dataset={
            "name": config.dataset.name,
            "fingerprint": dataclasses.asdict(data.source),
            **task.report(config.dataset, config.model).data_metadata(data),
            f"bad_{task.source}": [f"{name}: {reason}" for name, reason in data.bad],
        },
    )


@contextlib.contextmanager
def _ends_noted(config: Config, console: Console, run: RunFolder) -> Iterator[Callable[[str], None]]:
    """Records in `run.json` how a failed training ended, and prints how to resume it.

    Yields:
      A function that records an ending, with the seconds since the start.
    """
    started, seconds_before = time.monotonic(), run.metadata.get("seconds", 0.0)

    def end(status: str) -> None:
        run.update(status=status, seconds=round(seconds_before + time.monotonic() - started, 1))

    try:
        yield end
    except Interrupted as interruption:
        end("interrupted")
        latest = run.latest_checkpoint()
        written = f"checkpoint written: {shown_path(latest)}" if latest else "there is no checkpoint yet"
        console.line("stopped", f"{interruption}; {written}")
        console.line("resume", f"run the same command again, or  {command(override_of_run(run.path))}")
        raise
    except KeyboardInterrupt:
        end("interrupted")
        raise
    except Diverged as divergence:
        end("diverged")
        good = run.latest_checkpoint()
        raise UserError(
            "model.learning_rate",
            f"the training loss is not a number any more (step {divergence}); the run is stopped",
            (
                f"lower it (it was {config.model.learning_rate:g}) or raise model.warmup",
                f"last good checkpoint: {shown_path(good)}" if good else "no checkpoint had been written yet",
            ),
        ) from None
    except Exception:
        log.exception("the run failed")
        end("failed")
        raise


def _best_of(config: Config, run: RunFolder) -> Metrics:
    best = Goal.of(config).best(run.history)
    if best is None:
        raise UserError("task.metric", f"{config.task.metric} was not a number in any evaluation")
    return best


def _headline(config: Config) -> str:
    hardware = config.hardware
    cores, processes = hardware.threads or usable_cores(), hardware.processes
    noun = "card" if hardware.devices else "process"
    shared = f"{count_of(processes, noun)}{' of' if processes > 1 else ','} {count_of(cores, 'core')}"
    where = f"{hardware.name} ({shared}, {hardware.compute_dtype})"
    return " · ".join([config.task.name, config.model.name, config.dataset.name, where, f"seed {config.seed}"])


def _summarise(config: Config, console: Console, run: RunFolder, data: Data) -> None:
    best = run.metadata["metrics"]
    if data.bad:
        (name, reason), *others = data.bad
        more = f", and {len(others):,} more" if others else ""
        console.line("skipped", f"{name}: {reason}{more} (see run.json, dataset.bad_{config.task.source})")
    early = f" · {run.metadata['outcome']}" if run.metadata["outcome"] != "done" else ""
    headline = config.task.report(config.dataset, config.model).describe_metrics(best)
    console.line("best", f"step {best['step']} · {headline} · {clock(run.metadata['seconds'])} in all{early}")
    console.line("model", exported_line(config))
    console.line("look", f"{shown_path(run.samples)} · curves and pictures:  {tensorboard(shown_path(run.path))}")
    git = run.metadata["git"]
    at = f"   (at commit {git['commit'][:9]}{', with changes' if git['dirty'] else ''})" if git else ""
    console.line("repeat", run.metadata["repeat"] + at)
    console.line("next", command("mode=predict", "predict.input=my_scan.png", override_of_run(run.path)))

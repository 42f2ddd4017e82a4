"""What `mode=` does: train, eval, export, predict. Each takes the composed config and speaks to the console."""

import contextlib
import dataclasses
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from omegaconf import DictConfig

from data.commands import command, override, tensorboard
from data.errors import UserError
from data.parallel import Progress
from engine import cluster
from engine.accelerators import card_facts, on_host, open_cards
from engine.checkpoints import best_checkpoint, choose_latest, damage_of
from engine.console import clock, Console, METRIC_LABELS, shown_path
from engine.picture_times import is_pictured
from engine.predictions import check_predictions
from engine.pruning import MedianRule
from engine.run_folder import origin, RunFolder, write_json
from engine.tensorflow_setup import compute_dtype, configure_tensorflow
from engine.trial import this_trial
from engine.workload import Data, Workload
from engine.workloads import workload_of

log = logging.getLogger(__name__)


def train(config: DictConfig, overrides: list[str]) -> float:
    """Trains, or goes on with, the run in `run_dir`; then exports and draws samples.

    Args:
      config: composed and validated.
      overrides: the words of the command line.

    Returns:
      The best value of `task.metric`.
    """
    cluster.check_size(config.hardware.processes, config.hardware.name)
    cluster.wait_for_all()  # a rank that fails while another one still joins MPI can lock up Open MPI 5
    console = Console(quiet=cluster.rank() > 0)
    console.title(_headline(config))
    workload = workload_of(config)
    if cluster.rank() > 0:
        cluster.wait_for_all()  # rank 0 builds the cache
    if not RunFolder(config.run_dir).latest_checkpoint():
        workload.check_start()
    data = load_data(workload, console)  # first: data that is not there leaves no run folder behind
    if cluster.rank() == 0:
        cluster.wait_for_all()
    with contextlib.ExitStack() as scratch:
        return _train_in_folder(workload, overrides, console, data, scratch)


def _train_in_folder(
    workload: Workload, overrides: list[str], console: Console, data: Data, scratch: contextlib.ExitStack
) -> float:
    config = workload.config
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
    for name, reason in data.bad:
        log.warning("skipped %s: %s", name, reason)
    run.update(
        **origin(),
        status="running",
        task=config.task.name,
        hardware={
            "name": config.hardware.name,
            "processes": config.hardware.processes,
            "dtype": compute_dtype(config),
            **card_facts(config),
        },
        dataset={
            "name": config.dataset.name,
            "fingerprint": dataclasses.asdict(data.source),
            **workload.data_facts(data),
            f"bad_{workload.source}": [f"{name}: {reason}" for name, reason in data.bad],
        },
    )
    started, seconds_before = time.monotonic(), run.facts.get("seconds", 0.0)
    if cluster.size() > 1:
        cluster.set_tf_config()
    configure_tensorflow(config)
    open_cards(config)

    def end(status: str) -> None:
        run.update(status=status, seconds=round(seconds_before + time.monotonic() - started, 1))

    with _ends_noted(config, console, run, end):
        outcome = _train(workload, console, run, data)
        best = _best_of(config, run)
        if cluster.rank() > 0:
            return best[config.task.metric]
        _export(workload, run)
    run.update(outcome=outcome, metrics=best)
    end("done")
    _summarise(workload, console, run, data)
    return best[config.task.metric]


def export(config: DictConfig, overrides: list[str]) -> None:
    """Writes the best checkpoint of `run_dir` as a SavedModel into `export_dir`."""
    console = Console()
    workload = workload_of(config)
    run = RunFolder(config.run_dir)
    configure_tensorflow(config)
    _export(workload, run)
    console.line("model", f"{shown_path(config.export_dir)}   (SignVer: {workload.signver})")


def evaluate(config: DictConfig, overrides: list[str]) -> float:
    """Measures the SavedModel in `export_dir` on the dataset's validation side; returns `task.metric`."""
    console = Console()
    folder = _export_folder(config)
    workload = workload_of(config)
    data = load_data(workload, console)
    configure_tensorflow(config)
    with console.progress("eval", workload.evaluation_length(data)) as update:
        metrics = workload.evaluate(folder, data, update)
    for name, value in metrics.items():
        console.line("", f"{METRIC_LABELS.get(name, name):<16} {value:.4f}")
    _, trial = this_trial(config)  # those of a sweep over one run must not replace each other's
    report = (trial or Path(config.run_dir)) / f"eval_{config.dataset.name}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    facts = {"export": str(folder), "dataset": config.dataset.name, "fingerprint": dataclasses.asdict(data.source)}
    write_json(report, {**facts, workload.unit: workload.evaluation_length(data), "metrics": metrics})
    console.line("report", shown_path(report))
    return metrics[config.task.metric]


def predict(config: DictConfig, overrides: list[str]) -> None:
    """Uses the SavedModel in `export_dir` on the files of `predict.input`."""
    if not Path(config.predict.input).exists():
        raise UserError("predict.input", f"{config.predict.input} does not exist")
    folder = _export_folder(config)
    workload = workload_of(config)
    check_predictions(Path(config.predict.output), Path(config.run_dir))
    configure_tensorflow(config)
    workload.predict(folder, Console())


def _headline(config: DictConfig) -> str:
    from data.parallel import usable_cores

    cores, processes = config.hardware.threads or usable_cores(), config.hardware.processes
    parts = [config.task.name, config.model.name, config.dataset.name]
    noun = "card" if config.hardware.devices else "process"
    shared = f"{_counted(processes, noun)}{' of' if processes > 1 else ','} {_counted(cores, 'core')}"
    parts.append(f"{config.hardware.name} ({shared}, {compute_dtype(config)})")
    return " · ".join([*parts, f"seed {config.seed}"])


def _counted(count: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"


def load_data(workload: Workload, console: Console) -> Data:
    """Reads or makes the dataset, showing progress, and says what it is and what of it is bad.

    Raises:
      UserError: it is not there, or too much of it is bad.
    """
    started = time.monotonic()
    with contextlib.ExitStack() as stages:

        def progress(name: str) -> Progress:
            stages.close()
            bar: list[Callable] = []

            def update(done: int, total: int) -> None:
                if not bar:
                    bar.append(stages.enter_context(console.progress("cache", total)))
                bar[0](done, name)

            return update

        data = workload.load_data(progress)
    seconds = time.monotonic() - started
    text = workload.describe_data(data)
    console.line("data", text + (f" · cache built in {clock(seconds)}" if seconds > 3 else ""))
    for name, reason in data.bad[:5]:
        console.line("skipped", f"{name}: {reason}")
    if len(data.bad) > 5:
        console.line("skipped", f"and {len(data.bad) - 5} more; all are in run.json")
    return data


def _train(workload: Workload, console: Console, run: RunFolder, data: Data) -> str:
    from engine import fixed_shapes
    from engine.accelerators import build_strategy
    from engine.experiment import experiment_config
    from engine.hparams import TrialSummary
    from engine.training_loop import TrainingLoop

    config = workload.config
    checkpoint = run.latest_checkpoint()
    first_step = int(checkpoint.rsplit("-", 1)[1]) if checkpoint else 0
    if first_step:
        console.line("resume", f"{shown_path(run.path)} from step {first_step}")
    strategy = build_strategy(config)
    params = experiment_config(config, workload.task_config())
    task = workload.build_task(params, data, first_step)
    name, total = config.task.metric, config.trainer.train_steps
    # In every rank, though only rank 0's are kept: to read batch normalisation's averages takes all ranks.
    pictures = workload.pictures(run, data, config.trainer.image_summaries)
    shown = {"val": ""}

    with console.progress("train", total, first_step) as update:

        def on_progress(step: int, loss: float | None, rate: float) -> None:
            parts = [f"{rate:.0f} {workload.unit}/s", f"loss {loss:.4f}" if loss is not None else "", shown["val"]]
            update(step, " · ".join(filter(None, parts)))

        def on_evaluation(entry: dict[str, float], is_best: bool) -> None:
            shown["val"] = f"val {METRIC_LABELS.get(name, name)} {entry[name]:.3f}{' ↑' if is_best else ''}"
            logged = is_pictured(entry["step"], config.trainer.validation_interval, total)
            pictures.write(loop.model, entry["step"], logged, is_best)
            if best := goal.best(run.history):
                trial.record(best, entry["step"])

        interval, goal = config.trainer.checkpoint_interval, _goal(config)
        values, folder = this_trial(config)
        loop = TrainingLoop(
            run,
            task,
            params,
            strategy,
            goal,
            interval,
            on_progress,
            on_evaluation,
            _rule(config, folder),
            list(config.trainer.profile_steps),
        )
        run.update(parameters=loop.model.count_params())
        fixed_shapes.tell(loop.batches, config.hardware, console)
        group = f"{folder.name} of {folder.parent.name}" if folder else ""  # the page cuts the end of long names
        with TrialSummary(run, values, group) as trial:
            return loop.run()


def _goal(config: DictConfig):
    from engine.training_loop import Goal

    return Goal(config.task.metric, config.task.better == "higher", config.trainer.early_stopping)


def _rule(config: DictConfig, trial: Path | None) -> Callable[[list[dict[str, float]]], bool]:
    """When a trial is beaten; one rank decides for all."""
    after = config.trainer.prune_after if trial and cluster.rank() == 0 else 0
    return MedianRule(trial or Path(), config.task.metric, config.task.better == "higher", after)


def _best_of(config: DictConfig, run: RunFolder) -> dict[str, float]:
    best = _goal(config).best(run.history)
    if best is None:
        raise UserError("task.metric", f"{config.task.metric} was not a number in any evaluation")
    return best


def _export(workload: Workload, run: RunFolder) -> None:
    prefix = best_checkpoint(run, (_goal(workload.config).best(run.history) or {}).get("step"))
    if prefix is None:
        raise UserError("run_dir", f"{shown_path(run.path)} has no checkpoint to export yet")
    if damage := damage_of(prefix):
        raise UserError(
            "run_dir",
            f"the best checkpoint, {shown_path(prefix)}, is damaged ({damage})",
            ("train anew: the same command with  resume=false",),
        )
    with on_host():
        workload.export(prefix, Path(workload.config.export_dir))


def _export_folder(config: DictConfig) -> Path:
    folder = Path(config.export_dir)
    if not (folder / "saved_model.pb").is_file():
        raise UserError(
            "export_dir",
            f"no SavedModel in {folder}",
            (f"make it from the best checkpoint:  {command('mode=export', _run_dir(config.run_dir))}",),
        )
    return folder


@contextlib.contextmanager
def _ends_noted(config: DictConfig, console: Console, run: RunFolder, end: Callable[[str], None]) -> Iterator[None]:
    """Writes into `run.json` how training ended, when it did not end well, and says how to go on."""
    from engine.training_loop import Diverged, Interrupted

    try:
        yield
    except Interrupted as interruption:
        end("interrupted")
        console.line(
            "stopped", f"{interruption}; checkpoint written: {shown_path(run.latest_checkpoint() or run.path)}"
        )
        console.line("go on", f"the same command again, or  {command(_run_dir(run.path))}")
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


def _summarise(workload: Workload, console: Console, run: RunFolder, data: Data) -> None:
    config, best = workload.config, run.facts["metrics"]
    if data.bad:
        console.line("skipped", f"{len(data.bad)} {workload.source} that cannot be used, listed in run.json")
    early = f" · {run.facts['outcome']}" if run.facts["outcome"] != "done" else ""
    headline = workload.describe_metrics(best)
    console.line("best", f"step {best['step']} · {headline} · {clock(run.facts['seconds'])} in all{early}")
    console.line("model", f"{shown_path(config.export_dir)}   (SignVer: {workload.signver})")
    console.line("look", f"{shown_path(run.samples)} · curves and pictures:  {tensorboard(shown_path(run.path))}")
    git = run.facts["git"]
    at = f"   (at commit {git['commit'][:9]}{', with changes' if git['dirty'] else ''})" if git else ""
    console.line("repeat", run.facts["repeat"] + at)
    console.line("next", command("mode=predict", "predict.input=my_scan.png", _run_dir(run.path)))


def _run_dir(path: Path | str) -> str:
    """The override that names a run folder from here."""
    return override("run_dir", shown_path(path))

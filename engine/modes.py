"""What `mode=` does: train, eval, export, predict. Each takes the composed config and speaks to the console."""

import contextlib
import logging
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from omegaconf import DictConfig

from data.datasets import load_pair_pools
from data.errors import UserError
from data.pair_pools import PairPools
from data.parallel import Progress
from engine import cluster
from engine.console import clock, Console, describe_metrics, METRIC_LABELS, shown_path
from engine.run_folder import origin, RunFolder, write_json
from engine.tensorflow_setup import compute_dtype, configure_tensorflow

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
    console = Console(quiet=cluster.rank() > 0)
    console.title(_headline(config))
    if cluster.rank() > 0:
        cluster.wait_for_all()  # rank 0 builds the cache
    pools = _load_data(config, console)  # first: data that is not there leaves no run folder behind
    if cluster.rank() == 0:
        cluster.wait_for_all()
    with contextlib.ExitStack() as scratch:
        return _train_in_folder(config, overrides, console, pools, scratch)


def _train_in_folder(
    config: DictConfig, overrides: list[str], console: Console, pools: PairPools, scratch: contextlib.ExitStack
) -> float:
    run = RunFolder(cluster.same_everywhere(config.run_dir))
    if cluster.rank() == 0:
        run.acquire()
        run.record_config(config, overrides)
        run.log_to_file("train")
    cluster.wait_for_all()
    if cluster.rank() > 0:
        run.log_to_file(f"rank_{cluster.rank()}")
        run = run.scratch_copy(Path(scratch.enter_context(tempfile.TemporaryDirectory(prefix="signver-rank-"))))
    for name, reason in pools.bad:
        log.warning("skipped %s: %s", name, reason)
    run.update(
        **origin(),
        status="running",
        task=config.task.name,
        hardware={"name": config.hardware.name, "processes": config.hardware.processes, "dtype": compute_dtype(config)},
        dataset={
            "name": config.dataset.name,
            "fingerprint": pools.fingerprint,
            "training_signatures": len(pools.ink),
            "validation_pairs": len(pools.validation_clean),
            "bad_scans": [f"{name}: {reason}" for name, reason in pools.bad],
        },
    )
    started, seconds_before = time.monotonic(), run.facts.get("seconds", 0.0)
    if cluster.size() > 1:
        cluster.set_tf_config()
    configure_tensorflow(config)

    def end(status: str) -> None:
        run.update(status=status, seconds=round(seconds_before + time.monotonic() - started, 1))

    with _ends_noted(config, console, run, end):
        outcome = _train(config, console, run, pools)
        best = _best_of(config, run)
        if cluster.rank() > 0:
            return best[config.task.metric]
        _export(config, run)
    run.update(outcome=outcome, metrics=best)
    end("done")
    _summarise(config, console, run, pools)
    return best[config.task.metric]


def export(config: DictConfig, overrides: list[str]) -> None:
    """Writes the best checkpoint of `run_dir` as a SavedModel into `export_dir`."""
    console = Console()
    run = RunFolder(config.run_dir)
    configure_tensorflow(config)
    _export(config, run)
    console.line("model", f"{shown_path(config.export_dir)}   (SignVer: Cleaner().load(...))")


def evaluate(config: DictConfig, overrides: list[str]) -> float:
    """Measures the SavedModel in `export_dir` on the dataset's validation pairs; returns `task.metric`."""
    console = Console()
    folder = _export_folder(config)
    pools = _load_data(config, console)
    configure_tensorflow(config)
    from models.cleaner_eval import evaluate_cleaner
    from models.cleaner_export import load_cleaner

    with console.progress("eval", len(pools.validation_clean)) as update:
        metrics = evaluate_cleaner(load_cleaner(folder), pools, update)
    for name, value in metrics.items():
        console.line("", f"{METRIC_LABELS.get(name, name):<14} {value:.4f}")
    report = Path(config.run_dir) / f"eval_{config.dataset.name}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    facts = {"export": str(folder), "dataset": config.dataset.name, "fingerprint": pools.fingerprint}
    write_json(report, {**facts, "pairs": len(pools.validation_clean), "metrics": metrics})
    console.line("report", shown_path(report))
    return metrics[config.task.metric]


def predict(config: DictConfig, overrides: list[str]) -> None:
    """Cleans the scans of `predict.input` with the SavedModel in `export_dir`."""
    from models.cleaner_predict import clean_files, find_images

    console = Console()
    files = find_images(Path(config.predict.input))
    folder = _export_folder(config)
    configure_tensorflow(config)
    from models.cleaner_export import load_cleaner

    output = Path(config.predict.output)
    bad = []
    with console.progress("clean", len(files)) as update:
        for count, (file, cleaned, reason) in enumerate(clean_files(load_cleaner(folder), files, output), start=1):
            update(count, file.name)
            if cleaned is None:
                bad.append(f"{file.name}: {reason}")
    for line in bad:
        console.line("skipped", line)
    if len(bad) == len(files):
        raise UserError("predict.input", f"none of {len(files)} files could be read; first: {bad[0]}")
    shown = shown_path(output / "*_cleaned.png") if len(files) > 1 else shown_path(cleaned)
    console.line("cleaned", shown)
    console.line("compare", shown.replace("_cleaned.png", "_compared.png"))


def _headline(config: DictConfig) -> str:
    from data.parallel import usable_cores

    cores, processes = config.hardware.threads or usable_cores(), config.hardware.processes
    parts = [config.task.name, config.model.name, config.dataset.name]
    shared = (
        f"{processes} processes of {_counted(cores, 'core')}"
        if processes > 1
        else f"1 process, {_counted(cores, 'core')}"
    )
    parts.append(f"{config.hardware.name} ({shared}, {compute_dtype(config)})")
    return " · ".join([*parts, f"seed {config.seed}"])


def _counted(count: int, noun: str) -> str:
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{count} {noun if count == 1 else plural}"


def _load_data(config: DictConfig, console: Console) -> PairPools:
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

        pools = load_pair_pools(config.dataset, progress)
    text = (
        f"{len(pools.ink):,} signatures to train on, {len(pools.validation_clean):,} validation pairs of other writers"
    )
    seconds = time.monotonic() - started
    console.line("data", text + (f" · cache built in {clock(seconds)}" if seconds > 3 else ""))
    for name, reason in pools.bad[:5]:
        console.line("skipped", f"{name}: {reason}")
    if len(pools.bad) > 5:
        console.line("skipped", f"and {len(pools.bad) - 5} more; all are in run.json")
    return pools


def _train(config: DictConfig, console: Console, run: RunFolder, pools: PairPools) -> str:
    from engine.experiment import build_strategy, build_task, experiment_config
    from engine.training_loop import TrainingLoop
    from engine.validation_pictures import ValidationPictures

    checkpoint = run.latest_checkpoint()
    first_step = int(checkpoint.rsplit("-", 1)[1]) if checkpoint else 0
    if first_step:
        console.line("resume", f"{shown_path(run.path)} from step {first_step}")
    strategy = build_strategy(config)
    params = experiment_config(config)
    task = build_task(config, params, pools, first_step)
    name, total = config.task.metric, config.trainer.train_steps
    pictures = ValidationPictures(run, pools, config.trainer.image_summaries if cluster.rank() == 0 else 0)
    shown = {"val": ""}

    with console.progress("train", total, first_step) as update:

        def on_progress(step: int, loss: float | None, rate: float) -> None:
            parts = [f"{rate:.0f} pairs/s", f"loss {loss:.4f}" if loss is not None else "", shown["val"]]
            update(step, " · ".join(filter(None, parts)))

        def on_evaluation(entry: dict[str, float], is_best: bool) -> None:
            shown["val"] = f"val {METRIC_LABELS.get(name, name)} {entry[name]:.3f}{' ↑' if is_best else ''}"
            pictures.write(loop.model, entry["step"], is_best)

        interval = config.trainer.checkpoint_interval
        loop = TrainingLoop(run, task, params, strategy, _goal(config), interval, on_progress, on_evaluation)
        run.update(parameters=loop.model.count_params())
        return loop.run()


def _goal(config: DictConfig):
    from engine.training_loop import Goal

    return Goal(config.task.metric, config.task.better == "higher", config.trainer.early_stopping)


def _best_of(config: DictConfig, run: RunFolder) -> dict[str, float]:
    best = _goal(config).best(run.history)
    if best is None:
        raise UserError("task.metric", f"{config.task.metric} was not a number in any evaluation")
    return best


def _export(config: DictConfig, run: RunFolder) -> None:
    from engine.experiment import network_builder
    from models.cleaner_export import export_cleaner

    checkpoints = sorted(run.best_checkpoint.glob("step-*.index"))
    if not checkpoints:
        raise UserError("run_dir", f"{shown_path(run.path)} has no checkpoint to export yet")
    export_cleaner(network_builder(config), str(checkpoints[-1].with_suffix("")), Path(config.export_dir))


def _export_folder(config: DictConfig) -> Path:
    folder = Path(config.export_dir)
    if not (folder / "saved_model.pb").is_file():
        raise UserError(
            "export_dir",
            f"no SavedModel in {folder}",
            (f"make it from the best checkpoint:  python train.py mode=export run_dir={shown_path(config.run_dir)}",),
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
        console.line("go on", f"the same command again, or  python train.py run_dir={shown_path(run.path)}")
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


def _summarise(config: DictConfig, console: Console, run: RunFolder, pools: PairPools) -> None:
    best = run.facts["metrics"]
    if pools.bad:
        console.line("skipped", f"{len(pools.bad)} scans that cannot be used, listed in run.json")
    early = " · stopped early" if run.facts["outcome"] == "stopped early" else ""
    console.line(
        "best", f"step {best['step']} · {describe_metrics(best)} · {clock(run.facts['seconds'])} in all{early}"
    )
    console.line("model", f"{shown_path(config.export_dir)}   (SignVer: Cleaner().load(...))")
    console.line(
        "look", f"{shown_path(run.samples)} · make tensorboard  (curves and pictures of {shown_path(run.path)})"
    )
    console.line("next", f"python train.py mode=predict predict.input=my_scan.png run_dir={shown_path(run.path)}")

"""mode=predict: applies an export to files."""

from pathlib import Path

from hydra_plugins.mpi_launcher.text import shown_path

from data.errors import UserError
from data.pictures.left_out import printable
from engine.config import Config
from engine.console import Console
from engine.hardware.tensorflow_setup import configure_tensorflow
from engine.modes.export import export_folder
from engine.modes.input_files import find_files, left_out
from engine.modes.predictions import check_predictions
from engine.modes.pretrained import describe_pretrained
from models.pretrained.card import PRETRAINED

LINES_SHOWN = 20


def predict(config: Config, overrides: list[str]) -> None:
    """Applies the SavedModel in `export_dir` to the files of `predict.input`.

    Raises:
      UserError: none of them can be read, or the task has no transparent pictures.
    """
    settings, serving, console = config.predict, config.task.serving(config.model), Console()
    if not Path(settings.input).exists():
        raise UserError("predict.input", f"{settings.input} does not exist")
    if settings.transparent and not serving.leaves_background_out:
        raise UserError("predict.transparent", f"task={config.task.name} has no transparent output")
    if config.export_dir == PRETRAINED:
        console.line("model", describe_pretrained(config.task.name))
    folder = export_folder(config)
    check_predictions(Path(settings.output), Path(config.run_dir))
    configure_tensorflow(config)
    files, output, results = find_files(Path(settings.input), serving.suffixes), Path(settings.output), []
    with console.progress(serving.action, len(files)) as update:
        predicted = (
            serving.predict_transparent(folder, files, output)
            if settings.transparent
            else serving.predict(folder, files, output, settings.score)
        )
        for result in predicted:
            results.append(result)
            update(len(results), printable(result.file.name))
    if others := left_out(Path(settings.input), serving.suffixes):
        console.line("left out", others)
    for result in (result for result in results if not result.output):
        console.line("skipped", f"{printable(result.file.name)}: {result.text}")
    if not any(result.output for result in results):
        raise UserError("predict.input", f"none of {len(files)} files could be read; first: {results[0].text}")
    good = [result for result in results if result.output and result.text]
    for result in good[:LINES_SHOWN]:
        console.line(serving.done, f"{printable(result.file.name)}: {result.text}")
    if len(good) > LINES_SHOWN:
        console.line("", f"and {len(good) - LINES_SHOWN} more")
    for label, output_line in serving.describe_outputs(results, output):
        console.line(label, shown_path(output_line) if isinstance(output_line, Path) else output_line)

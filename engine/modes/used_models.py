"""The models that mode=extract uses: pretrained ones, exports of runs, or exports anywhere."""

import dataclasses
from pathlib import Path
from typing import Any

from hydra_plugins.mpi_launcher.text import shown_path

from data.commands import command, override
from data.errors import UserError
from data.fingerprint import fingerprint_of
from engine.modes.pretrained import describe_pretrained, pretrained_export
from engine.runs.run_folder import read_metadata
from models.pretrained.card import card_of, PRETRAINED


@dataclasses.dataclass(frozen=True)
class UsedModel:
    """A model that was found; it need not have been exported yet.

    Attributes:
      task: `cleaner` or `detector`.
      export: its folder; None for the pretrained model.
      content: hash that identifies it.
      size: height and width of a detector's input in pixels; None if it is not known.
      about: a line for the console.
    """

    task: str
    export: Path | None
    content: str
    size: tuple[int, int] | None
    about: str

    def folder(self, cache_dir: Path) -> Path:
        """The SavedModel, made first if necessary. TensorFlow is configured already."""
        return self.export or pretrained_export(self.task, cache_dir)


def find_model(task: str, named: str) -> UsedModel:
    """The model that a key of the config names.

    Args:
      task: of the model; the key is `extract.<task>`.
      named: `pretrained`, or the folder of a run or of an export.

    Raises:
      UserError: there is none.
    """
    if named == PRETRAINED:
        card = card_of(task)
        about = describe_pretrained(task, f"extract.{task}=<run>")
        return UsedModel(task, None, card.weights["sha256"], _size(card.model), about)
    folder = Path(named)
    run, export = (folder, folder / "export") if (folder / "run.json").is_file() else (folder.parent, folder)
    if not (export / "saved_model.pb").is_file():
        remedies: tuple[str, ...] = (f"leave it out for the pretrained {task}",)
        if run == folder:
            remedies = (f"export it:  {command('mode=export', override('run_dir', named))}", *remedies)
        raise UserError(f"extract.{task}", f"no run and no SavedModel in {named}", remedies)
    metadata = read_metadata(run)
    if metadata and metadata.get("task") not in (None, task):
        raise UserError(f"extract.{task}", f"{named} is a run of task={metadata['task']}")
    files = sorted(file for file in export.rglob("*") if file.is_file())
    settings: Any = metadata.get("settings") or {}
    size = _size(settings.get("model") or {}) if export.name == "export" else None
    return UsedModel(task, export, fingerprint_of(files).content, size, shown_path(export))


def _size(model: dict[str, Any]) -> tuple[int, int] | None:
    match model.get("input_size"):
        case [int(height), int(width)] if height > 0 and width > 0:
            return height, width
    return None

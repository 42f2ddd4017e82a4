"""What to say of a SavedModel that cannot be used."""

from pathlib import Path

from data.errors import UserError


def not_an_export(folder: Path, task: str, reason: object) -> UserError:
    """The error for a folder that holds no model of a task, or a damaged one.

    Args:
      folder: of the SavedModel.
      task: `cleaner` or `detector`.
      reason: an exception or text; its first line is shown.
    """
    text = str(reason).strip() or type(reason).__name__
    return UserError(
        "export_dir",
        f"{folder} holds no signature {task}, or a damaged one ({text.splitlines()[0].rstrip('.')[:200]})",
        (
            "a model of the other task needs  task=detector  or  task=cleaner",
            "to write it anew from the run's best checkpoint:  python train.py mode=export run_dir=<run>",
        ),
    )

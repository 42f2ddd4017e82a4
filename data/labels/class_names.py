"""What other people's class names stand for here."""

from collections.abc import Iterable, Sequence

from data.errors import UserError
from data.pages.page_classes import CLASSES

NONE = "none"
"""Stands for a class whose boxes are left out."""


def labels_of_names(names: Iterable[str], given: Sequence[str]) -> dict[str, int | None]:
    """The label that each name stands for; None for those whose boxes are left out.

    Args:
      names: classes of a dataset that have boxes.
      given: `<name>:<signature | initials | redaction | date | none>` each; names that are the same as ours, but for
        case and plural, need none.

    Raises:
      UserError: one of `given` is not of this form, or a name is not known.
    """
    ours = {form: label for label, name in enumerate(CLASSES, start=1) for form in (name, name.rstrip("s"), f"{name}s")}
    chosen: dict[str, int | None] = {}
    for pair in given:
        theirs, _, meant = pair.rpartition(":")
        if not theirs or meant not in (*CLASSES, NONE):
            raise UserError("dataset.classes", f"{pair} is not <their name>:<{' | '.join((*CLASSES, NONE))}>")
        chosen[theirs.strip().lower()] = ours.get(meant)
    labels, unknown = {}, []
    for name in sorted(set(names)):
        form = name.strip().lower()
        if form not in chosen and form not in ours:
            unknown.append(name)
        labels[name] = chosen.get(form, ours.get(form))
    if unknown:
        example = ",".join(f"{name}:{NONE if number else CLASSES[0]}" for number, name in enumerate(unknown[:2]))
        raise UserError(
            "dataset.classes",
            f"{', '.join(unknown)}: not known what this stands for ({' | '.join(CLASSES)})",
            (f"say it, {NONE} to leave such boxes out:  'dataset.classes=[{example}]'",),
        )
    return labels

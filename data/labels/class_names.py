"""Maps class names of labels to the project's classes."""

import re
import shlex
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from data.commands import quoted
from data.errors import UserError
from data.pages.page_classes import CLASSES

NONE = "none"
"""The class of boxes that are left out."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*:[a-z]+|[0-9]+:[a-z]+")
"""Items that Hydra's grammar reads without quotes."""

_DENIED = re.compile(
    r"(?:^|[\W_\d])(?:no|non|not|without|missing|absent|empty|blank)(?:$|[\W_\d])|unsigned|unsignature", re.IGNORECASE
)
"""Names of classes that mean that there is no signature, such as `no_signature`."""


def labels_of_names(names: Iterable[str], given: Sequence[str]) -> dict[str, int | None]:
    """The label of each class name; None for names whose boxes are left out.

    Args:
      names: classes of a dataset that have boxes.
      given: `<name>:<signature | initials | redaction | date | none>` each; names that equal the project's except for
        case and plural need no entry.

    Raises:
      UserError: an entry of `given` does not have this form, or a name is unknown.
    """
    ours = {form: label for label, name in enumerate(CLASSES, start=1) for form in (name, name.rstrip("s"), f"{name}s")}
    chosen: dict[str, int | None] = {}
    for pair in given:
        theirs, _, meant = pair.rpartition(":")
        meant = meant.strip().lower()
        if not theirs or meant not in (*CLASSES, NONE):
            raise UserError("dataset.classes", f"{pair} is not <their name>:<{' | '.join((*CLASSES, NONE))}>")
        chosen[_form_of(theirs)] = ours.get(meant)
    labels, unknown = {}, []
    for name in sorted(set(names)):
        form = _form_of(name)
        if form not in chosen and form not in ours:
            unknown.append(name)
        labels[name] = chosen.get(form, ours.get(form))
    if unknown:
        shown = ", ".join(" ".join(name.split()) for name in unknown)
        example = [*given, *(f"{name}:{_guess(name, unknown, labels)}" for name in unknown)]
        raise UserError(
            "dataset.classes",
            f"{shown}: unknown class{'es' * (len(unknown) > 1)} (known: {' | '.join(CLASSES)})",
            (f"map each to a class, or to {NONE} to leave its boxes out:  {shlex.quote(_override(example))}",),
        )
    return labels


def unused_names(names: Iterable[str], given: Sequence[str]) -> list[str]:
    """Names in `given` that no box has.

    Args:
      names, given: as of `labels_of_names`.
    """
    used = {_form_of(name) for name in names}
    return [name for pair in given if _form_of(name := pair.rpartition(":")[0]) not in used]


def _guess(name: str, unknown: Sequence[str], labels: Mapping[str, int | None]) -> str:
    """The class to suggest for a name: `signature` if it contains "sign", or for the first of several other names.

    Names of classes without a signature, such as `no_signature`, get `none`.
    """
    sounding = [each for each in unknown if "sign" in each.casefold() and not _DENIED.search(each)]
    if _DENIED.search(name):
        return NONE
    if name in sounding or (not sounding and name == unknown[0] and 1 not in labels.values()):
        return CLASSES[0]
    return NONE


def _form_of(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def _override(pairs: Sequence[str]) -> str:
    """The override of `dataset.classes` with items quoted for Hydra if necessary."""
    return f"dataset.classes=[{','.join(_item(pair) for pair in pairs)}]"


def _item(pair: str) -> str:
    plain = " ".join(pair.split())  # Hydra's grammar takes no line breaks
    return plain if _PLAIN.fullmatch(plain) else quoted(plain.replace("${", "\\${"))

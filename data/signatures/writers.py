"""Finds the writers of signatures by folders and names: by rules for known datasets, or by common words."""

import dataclasses
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import PurePosixPath

from data.signatures.writer_names import alike, keys_by_folder, keys_by_name, without_recurring_folders
from data.signatures.writer_rules import WRITER_RULES
from data.splits.document_names import without_versions

WAYS = ("auto", "folder", "name", "file")
"""Values of `dataset.writers`; any other is a regular expression whose groups are the writer."""

_LAST_NUMBER = re.compile(r"[-_. ()]*\d+[)]?$")


@dataclasses.dataclass(frozen=True)
class Writers:
    """The writers of files.

    Attributes:
      keys: the writer of each file.
      rule: the rule that found them, for people.
      doubt: why they may be wrong; "" if there is no doubt.
    """

    keys: list[str]
    rule: str
    doubt: str = ""

    @property
    def sentence(self) -> str:
        """The number of writers and the rule that found them, as text."""
        files, writers = len(self.keys), len(set(self.keys))
        return f"{files:,} signatures of {writers:,} writer{'s' * (writers != 1)}, by {self.rule}"


def find_writers(paths: Sequence[str], way: str) -> Writers:
    """Finds the writer of each file.

    Args:
      paths: within the dataset, with `/`.
      way: one of `WAYS`, or a regular expression with groups, searched in each path.
    """
    if way == "folder":
        return Writers([str(PurePosixPath(path).parent) for path in paths], "folder")
    if way == "name":
        return Writers(
            [_LAST_NUMBER.sub("", str(PurePosixPath(path).parent / PurePosixPath(path).stem)) for path in paths], "name"
        )
    if way == "file":
        return Writers(list(paths), "file: each is by a writer of its own")
    if way != "auto":
        return _by_pattern(paths, way)
    scans = [f"{scan}{PurePosixPath(path).suffix}" for scan, path in zip(without_versions(paths), paths, strict=True)]
    return _by_rules(scans) or _with_doubt(_by_structure(scans))


def _by_pattern(paths: Sequence[str], way: str) -> Writers:
    pattern = re.compile(way)
    keys, unmatched = [], []
    for path in paths:
        match = pattern.search(path)
        keys.append("/".join(group or "" for group in match.groups()) if match else path)
        if not match:
            unmatched.append(path)
    doubt = ""
    if unmatched:
        doubt = f"{len(unmatched):,} files do not match, and each counts as a writer of its own ({unmatched[0]}, ...)"
    return Writers(keys, f"the pattern {way}", doubt)


def _by_rules(paths: Sequence[str]) -> Writers | None:
    """Finds writers by the names of known datasets; None if a tenth of the files does not match, or most differ."""
    counts: Counter[str] = Counter()
    keys, others = [], []
    for path in paths:
        for rule in WRITER_RULES:
            if writer := rule.writer_of(path):
                keys.append(f"{rule.collection or rule.name}:{writer}")
                counts[rule.name] += 1
                break
        else:
            keys.append("")
            others.append(len(keys) - 1)
    understood = len(paths) - len(others)
    writers = {key for key in keys if key}
    if not paths or understood < 0.9 * len(paths) or len(writers) > 0.7 * understood:
        return None
    rest = find_writers([paths[number] for number in others], "folder").keys if others else []
    for number, key in zip(others, rest, strict=True):
        keys[number] = f"folder:{key}"
    names = ", ".join(f"{name} {count:,}" for name, count in counts.most_common())
    return Writers(keys, f"the names of {names}" + (f"; folder {len(others):,}" if others else ""))


def _by_structure(paths: Sequence[str]) -> Writers:
    """Finds writers by folders or names, without words for kinds of signatures and parts of a split."""
    pure = [PurePosixPath(path) for path in paths]
    folders, stems = without_recurring_folders(keys_by_folder(pure)), keys_by_name(pure)
    named = [key for key in stems if key]
    places = defaultdict(set)
    for folder, stem in zip(folders, stems, strict=True):
        places[stem].add(folder)
    recur = sum(len(found) > 1 for stem, found in places.items() if stem)
    if len(set(folders)) >= 3 and not (len(set(named)) >= 3 and recur >= 0.5 * len(set(named))):
        return Writers(folders, "folder, whatever the kind of signature")
    if len(set(named)) >= 2 and len(named) == len(paths) and len(set(named)) <= 0.7 * len(paths):
        return Writers(stems, "name up to its last number, whatever folder and kind")
    if len(set(folders)) == 2 and not named:
        return Writers(folders, "folder, whatever the kind of signature")
    if len(set(folders)) >= 2 and len(set(named)) <= 1:
        whole = [f"{folder}/{stem}" for folder, stem in zip(folders, stems, strict=True)]
        if len(set(whole)) >= 3:
            return Writers(whole, "folder and name")
    return Writers(list(paths), "file: no folder or name says who wrote them")


def _with_doubt(found: Writers) -> Writers:
    """Adds the reason for doubt, if the writers are implausible."""
    files, writers = len(found.keys), len(set(found.keys))
    doubt = ""
    if found.rule.startswith("file"):
        doubt = "nothing says who wrote which, so that one writer may be in several parts"
    elif files >= 10 and writers > 0.7 * files:
        doubt = f"{writers:,} writers for {files:,} files: almost every file counts as a writer of its own"
    elif files >= 100 and writers < 3:
        doubt = f"only {writers:,} for {files:,} files"
    elif two := alike(found.keys):
        doubt = f"{two[0]} and {two[1]} count as two writers, and may be one"
    return dataclasses.replace(found, doubt=doubt)

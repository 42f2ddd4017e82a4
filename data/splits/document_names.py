"""Finds the pages that belong to one document by their names, with a table of rules."""

import dataclasses
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePath, PurePosixPath

from data.commands import typed
from data.splits.path_names import folded, PAGE_WORDS, without_split_folders


@dataclasses.dataclass(frozen=True)
class DocumentRule:
    """An ending of a file's name that does not belong to the name of the document.

    Attributes:
      name: in messages.
      pattern: the ending, which is removed from a name without suffix.
      example: (a name, the result).
      version: whether the ending marks a version of the same scan, not another page of the document.
      by_tool: whether a tool makes such versions from a labelled page, and transforms the labels too.
    """

    name: str
    pattern: "re.Pattern[str]"
    example: tuple[str, str]
    version: bool = False
    by_tool: bool = False


def _rule(
    name: str, pattern: str, example: tuple[str, str], version: bool = False, by_tool: bool = False
) -> DocumentRule:
    return DocumentRule(name, re.compile(pattern, re.IGNORECASE), example, version, by_tool)


ROBOFLOW = "Roboflow's versions"

DOCUMENT_RULES = (
    _rule(
        ROBOFLOW,
        r"(?<=.)(?:[-_.](?:jpe?g|jfif|png|tiff?|bmp|gif|webp|heic|avif|pdf))?\.rf\.[0-9a-z_-]{6,}$",
        ("lease_jpg.rf.4864dafb55d05d74897fdce5dee7fd22", "lease"),
        version=True,
        by_tool=True,
    ),
    _rule(
        "augmented copies",
        r"(?<=.)[-_. ]+(?:aug(?:mented)?|rot(?:ated?)?|[hv]?flip(?:ped)?|mirror(?:ed)?)[-_. ]*\d*$",
        ("lease_aug3", "lease"),
        version=True,
        by_tool=True,
    ),
    _rule("copies", r"(?<=.)[-_. ]+(?:copy|kopie|copie)(?:[-_. ]*\(?\d+\)?)?$", ("lease - Copy (2)", "lease"), True),
    _rule(
        "page numbers",
        rf"(?<=.)[-_. (\[]+(?:{PAGE_WORDS})[-_. ]*\d+(?:[-_. ]*(?:of|von|de|di|/)[-_. ]*\d+)?[)\]]?(?:_\d{{1,2}})?$",
        ("lease_page2", "lease"),
    ),
    _rule("front and back", r"(?<=.)[-_. ]+(?:front|back|recto|verso)$", ("cheque_12_back", "cheque_12")),
    _rule(
        "amendments",
        r"(?<=.)[-_. ]+(?:amendments?|amend|amd|addendum|annex|appendix|rider|supplement)[-_. ]*(?:no[-_. ]*)?\d*$",
        ("lease_amendment_2", "lease"),
    ),
)
"""The rules; they are applied repeatedly until none matches."""

_TOBACCO = re.compile(r"([a-z]{3}[a-z0-9]{3}\d\d)[-_](?:page\d+(?:_\d+)?|\d{1,2}|var|first|full|last)$")
TOBACCO = "Tobacco800's names"
_COPY_NUMBER = re.compile(r"(?<=.)[-_ ]*\((\d{1,2})\)$")
NUMBERED_COPIES = "numbered copies"
_PAGE_ALONE = re.compile(rf"(?:{PAGE_WORDS})[-_. ]*\d+", re.I)
PAGES_OF_A_FOLDER = "a folder of pages"
_LEAST_FOLDERS, _MOST_PAGES = 3, 50
_LAST_NUMBER = re.compile(r"[-_. (]*\d+\)?$")
_NUMBERED = r"^(.*?)[-_. (]*[0-9]+[)]?[.][^.]*$"
_UPLOAD = re.compile(r"[0-9a-f]{8}-(?=.)")
UPLOADS = "uploads of Label Studio"
_COUNTED = re.compile(
    r"(?:img|image|scan|scanned|page|pg|p|doc|document|file|pic|picture|photo|dsc|dscn|frame|sample)?[-_. ]*\d*", re.I
)


@dataclasses.dataclass(frozen=True)
class Documents:
    """The documents of pages.

    Attributes:
      documents: the document of each page.
      scans: the scan of which each page is a version; versions of a scan show the same sheet of paper.
      rules: rule -> number of names that it matched.
      doubt: why more pages may belong to one document; "" if there is no doubt.
    """

    documents: list[str]
    scans: list[str]
    rules: dict[str, int]
    doubt: str = ""

    @property
    def sentence(self) -> str:
        """The number of documents and the rules that found them, as text."""
        pages, documents = len(self.documents), len(set(self.documents))
        if not self.rules:
            return f"{pages:,} pages; no rule found two of one document by their names, so each counts as its own"
        how = ", ".join(f"{name} {count:,}" for name, count in sorted(self.rules.items(), key=lambda r: -r[1]))
        return f"{pages:,} pages of {documents:,} documents by their names ({how})"


def documents_of(names: Sequence[str], pattern: str = "auto") -> Documents:
    """Finds the document of each page.

    Folders that only name a part of a split (`train/images`) are ignored, so that a document is recognised in every
    part. Names that only count (`0001`, `IMG_3`) keep their folders, because two parts may both begin at 1.

    Args:
      names: paths within the dataset, with `/`.
      pattern: `auto`, or a regular expression whose groups are the document, searched in each path.
    """
    if pattern != "auto":
        return _by_pattern(names, re.compile(pattern))
    paths = [PurePosixPath(name) for name in names]
    known = {folded(str(path.parent / path.stem)) for path in paths}
    stripped = [_strip(_without_copy_number(path, known), versions=True) for path in paths]
    uploads, of_folders = _are_uploads([scan for scan, _ in stripped]), _folders_of_pages(paths, stripped)
    documents, scans, rules = [], [], Counter[str]()
    for path, (scan, used) in zip(paths, stripped, strict=True):
        by_version = bool(used)
        if _without_copy_number(path, known) != path.stem:
            used = used | {NUMBERED_COPIES}
        if uploads and not only_counts(original := _UPLOAD.sub("", scan, count=1)) and original != scan:
            scan, used = original, used | {UPLOADS}
        document, by_page = _strip(scan, versions=False)
        folder: PurePath = path.parent
        if tobacco := _TOBACCO.match(scan):
            document, by_page = tobacco[1], {TOBACCO}
        elif _PAGE_ALONE.fullmatch(scan) and (inner := without_split_folders(path).parent) in of_folders:
            folder, document, by_page = inner.parent, inner.name, {PAGES_OF_A_FOLDER}
        rules.update(used | by_page)
        if ROBOFLOW in used and not only_counts(document):  # Roboflow has no folders: these are of several exports
            folder = PurePath()
        elif by_version or not only_counts(document):
            folder = without_split_folders(folder / path.name).parent
        documents.append(str(Path(folder, document)))
        scans.append(str(Path(folder, scan)))
    documents, scans = _spelled_alike(documents), _spelled_alike(scans)
    return Documents(documents, scans, dict(rules), _doubt(documents))


def _without_copy_number(path: PurePosixPath, known: set[str]) -> str:
    """The stem of a path, without the number of a copy if the original exists."""
    copy = _COPY_NUMBER.search(path.stem)
    original = path.stem[: copy.start()].rstrip("-_ ") if copy else path.stem
    return original if folded(str(path.parent / original)) in known else path.stem


def _spelled_alike(names: Sequence[str]) -> list[str]:
    """Replaces names that differ only in case or in the encoding of accents by the first of them."""
    spelling: dict[str, str] = {}
    return [spelling.setdefault(folded(name), name) for name in names]


def _are_uploads(scans: Sequence[str]) -> bool:
    """Whether most names begin with different prefixes of eight digits, as Label Studio's uploads do."""
    scans_of = defaultdict(set)
    for scan in scans:
        if prefix := _UPLOAD.match(scan):
            scans_of[prefix[0]].add(scan)
    own = all(len(alike) == 1 for alike in scans_of.values())
    return own and 2 * len(scans_of) > len(set(scans)) and not all(prefix[:8].isdecimal() for prefix in scans_of)


def _folders_of_pages(paths: Sequence[PurePosixPath], stripped: Sequence[tuple[str, set[str]]]) -> set[PurePath]:
    """Folders that each hold a document: several folders hold files called just `page1`, `page2` and so on."""
    pages = (path for path, (scan, _) in zip(paths, stripped, strict=True) if _PAGE_ALONE.fullmatch(scan))
    found = {without_split_folders(path).parent for path in pages} - {PurePath()}
    return found if len(found) >= _LEAST_FOLDERS else set()


def _doubt(documents: Sequence[str]) -> str:
    """The reason for doubt if many names form small groups that differ only in their last numbers; "" otherwise."""
    groups = defaultdict(list)
    for document in dict.fromkeys(documents):
        path = PurePosixPath(document)
        base = _LAST_NUMBER.sub("", path.name)
        if base != path.name and (path.parent.name or not only_counts(base)):
            groups[path.parent if only_counts(base) else path.parent / base].append(document)
    several = [alike for alike in groups.values() if len(alike) > 1]
    if len(several) < _LEAST_FOLDERS or 3 * sum(map(len, several)) < len(set(documents)):
        return ""
    if max(map(len, several)) > _MOST_PAGES:
        return ""
    return (
        f"{several[0][0]} and {several[0][1]} count as two documents; if such names are pages of one, add "
        f"{typed('dataset.documents', _NUMBERED)}"
    )


def without_versions(names: Sequence[str]) -> list[str]:
    """Removes suffixes, and the endings of versions of a scan: copies, augmented copies, Roboflow's versions.

    Args:
      names: paths within the dataset, with `/`.
    """
    paths = [PurePosixPath(name) for name in names]
    known = {folded(str(path.parent / path.stem)) for path in paths}
    return [str(path.parent / _strip(_without_copy_number(path, known), versions=True)[0]) for path in paths]


def labelled_page(name: str) -> str:
    """The page, without suffix, from which a tool made a version, by its name; the name itself if no tool made it."""
    path = PurePosixPath(name)
    stem = path.stem
    for rule in DOCUMENT_RULES:
        if rule.by_tool:
            stem = rule.pattern.sub("", stem)
    return str(path.parent / stem)


def only_counts(name: str) -> bool:
    """Whether the name of a document, such as 0001 or IMG_3, may mean other documents in other folders."""
    return _COUNTED.fullmatch(name) is not None


def _strip(stem: str, versions: bool) -> tuple[str, set[str]]:
    """(a stem without endings of versions, or without endings of pages; the names of the rules that matched)."""
    used = set()
    found = True
    while found:
        found = False
        for rule in DOCUMENT_RULES:
            shorter = rule.pattern.sub("", stem) if rule.version == versions else stem
            if shorter != stem:
                stem, found = shorter, True
                used.add(rule.name)
    return stem, used


def _by_pattern(names: Sequence[str], pattern: "re.Pattern[str]") -> Documents:
    documents, understood = [], 0
    for name in names:
        match = pattern.search(name)
        understood += match is not None
        documents.append("/".join(group or "" for group in match.groups()) if match else name)
    return Documents(documents, list(documents), {"dataset.documents": understood} if understood else {})

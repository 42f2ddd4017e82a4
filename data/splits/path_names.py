"""Derives the part of a split from the path of a page or of its labels."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath, PurePosixPath

PARTS = ("train", "validation", "test")
"""The parts of a split, in this order wherever they are listed."""


def without_accents(text: str) -> str:
    """A text without accents in any encoding: `validacion` for `validación`."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


_WORDS = {
    **dict.fromkeys(("train", "training", "trn", "trainval"), "train"),
    **dict.fromkeys(("entrenamiento", "entrainement", "treino", "treinamento"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "validate", "dev", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("validierung", "validacion", "validacao"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "holdout", "heldout"), "test"),
    **dict.fromkeys(("prueba", "pruebas", "teste", "testes"), "test"),
    **dict.fromkeys(
        ("addestramento", "trening", "egitim", "обучение", "训练", "训练集", "学習", "訓練", "학습", "훈련"), "train"
    ),
    **dict.fromkeys(("validazione", "convalida", "validatie", "walidacja", "dogrulama", "валидация"), "validation"),
    **dict.fromkeys(("验证", "验证集", "検証", "검증"), "validation"),
    **dict.fromkeys(("тест", "测试", "测试集", "テスト", "테스트"), "test"),
}
SPLIT_WORDS = {without_accents(word): part for word, part in _WORDS.items()}
"""Names of the parts in several languages, without accents -> part."""

_BESIDE_A_SPLIT_WORD = frozenset(
    (
        *("set", "sets", "data", "dataset", "split", "part", "subset", "partition", "folder", "yolo", "coco", "voc"),
        *("images", "image", "imgs", "img", "pictures", "pics", "pages", "page", "scans", "scan", "jpegimages"),
        *("labels", "label", "annotations", "annotation", "jpg", "jpeg", "png", "tif", "tiff"),
    )
)
"""Words that the name of a folder of a part may contain besides the word for the part."""

_BESIDE_A_LIST_WORD = _BESIDE_A_SPLIT_WORD | frozenset(
    (
        *("list", "file", "files", "filelist", "imagelist", "filenames", "name", "names", "path", "paths", "id", "ids"),
        *("index", "autosplit", "splits", "document", "documents", "docs", "sample", "samples"),
    )
)
"""The same for the name of a list of pictures."""

_LABEL_FILES = (".json", ".jsonl", ".xml", ".csv", ".tsv", ".txt", ".yaml", ".yml", ".tfrecord", ".record", ".data")

PAGE_WORDS = "pages?|pg|p|seite|blatt|sheet|p[aá]gina|pag|hoja|folha|feuille|strona|страница"
"""Words before the number of a page, as part of a regular expression."""


def split_of(path: PurePath) -> str:
    """The part, `train`, `validation` or `test`, that a path within a dataset names; "" if none.

    A folder counts if its name has no other meaning: `train`, `images_val2017` and `TestSet`, but not
    `blood test forms`. The innermost folder takes precedence. Of files, only the names of label files count, and there
    any word: `instances_val2017.json`. A picture called `test_contract.png` names no part.

    Args:
      path: relative to the dataset, so that a root folder called `test` does not count.
    """
    folders = list(path.parts[:-1])
    if path.suffix.lower() in _LABEL_FILES:
        words = _words(path.stem)
        for word in reversed(words):
            if word in SPLIT_WORDS:
                return SPLIT_WORDS[word]
    for folder in reversed(folders):
        if part := part_of_folder(folder):
            return part
    return ""


def parts_by_folders(names: Sequence[str]) -> list[str]:
    """The part of each picture by its folders, see `split_of`; `valid` beside `invalid` rates signatures: no part.

    Args:
      names: paths of pictures within a dataset, with `/`.
    """
    paths = [PurePosixPath(name) for name in names]
    folders = {folder for path in paths for folder in path.parents}
    ratings = {
        folder.parent / other.name
        for folder in folders
        if folder.name.lower() == "invalid"
        for other in folders
        if other.parent == folder.parent and other.name.lower() == "valid"
    }
    if not ratings:
        return [split_of(path) for path in paths]
    return [split_of(PurePosixPath(*_folders_without(path, ratings), path.name)) for path in paths]


def _folders_without(path: PurePosixPath, others: set[PurePosixPath]) -> list[str]:
    """Names of the folders of a path, without some folders."""
    return [folder.name for folder in reversed(path.parents) if folder not in others]


def part_of_folder(name: str) -> str:
    """The part that the name of a folder means; "" if it has another meaning."""
    return _only_part(_words(name), _BESIDE_A_SPLIT_WORD)


def part_of_list(stem: str) -> str:
    """The part that the name of a list of pictures means, such as `train` or `val_images`; "" if none.

    Args:
      stem: name of the list without suffix.
    """
    return _only_part(_words(stem), _BESIDE_A_LIST_WORD)


def unclear_folders(paths: Iterable[PurePath]) -> list[str]:
    """Folders that name no part because their names contain more than the word for one: `train_fold1`.

    Args:
      paths: of pictures within a dataset; those in the folder of a part are ignored.
    """
    found: dict[str, None] = {}
    for parent in dict.fromkeys(path.parent for path in paths):
        if not split_of(parent / "picture"):
            found |= dict.fromkeys(
                folder for folder in parent.parts if not SPLIT_WORDS.keys().isdisjoint(_words(folder))
            )
    return sorted(found)


def _only_part(words: Sequence[str], beside: frozenset[str]) -> str:
    parts = {SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS}
    others = [word for word in words if word not in SPLIT_WORDS and word not in beside]
    return parts.pop() if len(parts) == 1 and not others else ""


def _words(name: str) -> list[str]:
    """Words in lower case; `TrainingSet` and `trainset` are split, and `hold-out` is joined."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", without_accents(name))
    apart = re.sub(r"(?i)\bhe?o?ld[-_. ]*out\b", "holdout", apart)
    words = [word for word in re.split(r"[\W\d_]+", apart.lower()) if word]
    return [part for word in words for part in _without_set(word)]


def folded(name: str) -> str:
    """A name in the form in which names are compared: case-folded, accents composed."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _without_set(word: str) -> list[str]:
    """`trainset` as `train`, `set`; other words unchanged."""
    for ending in ("set", "data", "images", "list"):
        if word.endswith(ending) and word.removesuffix(ending) in SPLIT_WORDS:
            return [word.removesuffix(ending), ending]
    return [word]


def without_split_folders(path: PurePath) -> PurePath:
    """A path without folders that only name a part or a kind of files, such as `images`."""
    kept = [folder for folder in path.parts[:-1] if not part_of_folder(folder) and not _is_plain(folder)]
    return Path(*kept, path.name)


def _is_plain(folder: str) -> bool:
    words = _words(folder)
    return bool(words) and all(word in _BESIDE_A_SPLIT_WORD for word in words)

"""Derives the writer of a signature from folders and names, without words for kinds of signatures and versions."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from data.splits.path_names import part_of_folder, without_accents

KIND_WORDS = frozenset(
    (
        *("real", "genuine", "genuines", "original", "originals", "org", "orig", "authentic", "true", "signature"),
        *("fake", "fakes", "forge", "forged", "forg", "forgery", "forgeries", "simulated", "skilled", "unskilled"),
        *("simple", "random", "disguised", "disguise", "imitated", "traced", "false", "invalid", "opposite", "hand"),
        *("full", "reference", "references", "ref", "questioned", "question", "offline", "online"),
        *("signatures", "sign", "sig"),
        *("set", "data", "dataset", "images", "image", "scans", "scan", "png", "jpg", "tif", "bmp", "and", "of"),
        *("gen", "genuina", "genuinas", "autentica", "autenticas", "authentique", "authentiques", "verdadeira"),
        *("echt", "echte", "falsch", "gefalscht", "gefalschte", "falschung", "falschungen", "unterschrift"),
        *("falsa", "falsas", "falso", "falsos", "falsificada", "falsificadas", "falsificado", "falsificados"),
        *("imitee", "imitees", "imitada", "imitadas", "fausse", "fausses", "faux", "firma", "firmas", "assinatura"),
    )
)
"""Words in folders and names that do not name the writer, without accents."""

_KIND_LETTERS = tuple(map(frozenset, ("gf", "rf", "of", "tf")))
"""Letters for genuine, real, original or true, and for forged: kinds if they are the only single letters."""

_WORD = re.compile(r"\d+|[^\d\s_.,;+&#()\[\]-]+")
_COMMON, _MERGED = 0.2, 0.7

_COMPLETE = 0.9
"""Share of the pairs of outer and inner folders that exist if each inner folder is in each outer folder."""

_MOST_KINDS = 4
"""Most folders of one level that are kinds of signatures."""


def keys_by_folder(paths: Sequence[PurePosixPath]) -> list[str]:
    """The writer of each path by its folders; "" if they do not name one."""
    folders = [[_words(folder) for folder in path.parts[:-1] if not part_of_folder(folder)] for path in paths]
    kinds = _kinds(word for words in folders for folder in words for word in folder)
    return ["/".join(filter(None, (_folder_key(words, kinds) for words in each))) for each in folders]


def _folder_key(words: Sequence[str], kinds: frozenset[str]) -> str:
    left = [word for word in words if word not in kinds]
    only_counts = len(left) == 1 and left[0].isdecimal() and not {"set", "dataset"}.isdisjoint(words)
    return "" if only_counts else " ".join(left)


def without_recurring_folders(keys: Sequence[str]) -> list[str]:
    """Keys of folders without the level whose few names recur with every name of the other level.

    Such names are unknown words for kinds of signatures: `ada/vere`, `ada/altre`, `bob/vere`, `bob/altre`. Numbers
    below such folders, as in `vere/1` and `altre/1`, stay two writers, because they may be two people.

    Args:
      keys: from `keys_by_folder`.
    """
    levels = {key: key.partition("/")[::2] for key in set(keys)}
    outer, inner = ({pair[number] for pair in levels.values()} for number in (0, 1))
    if any("/" in name for name in inner) or len(levels) < _COMPLETE * len(outer) * len(inner):
        return list(keys)
    few, many = sorted((outer, inner), key=len)
    if not 2 <= len(few) <= _MOST_KINDS or len(many) <= len(few) or (many is inner and all(map(str.isdecimal, many))):
        return list(keys)
    return [levels[key][0 if many is outer else 1] for key in keys]


def keys_by_name(paths: Sequence[PurePosixPath]) -> list[str]:
    """The writer of each path by its name without its last number; "" if it does not name one."""
    stems = [_words(path.stem) for path in paths]
    kinds = _kinds(word for words in stems for word in words)
    keys = []
    for words in stems:
        left = [word for word in words if word not in kinds]
        if left and left[-1].isdecimal():
            left.pop()
        keys.append(" ".join(left))
    return keys


def alike(keys: Iterable[str]) -> tuple[str, str] | None:
    """Two keys that may be one writer, if there are many such pairs; None otherwise.

    Such keys differ in a word that many keys share, or in a second number.
    """
    words_of = {key: tuple(re.split(r"[ /]", key)) for key in sorted(set(keys))}
    counts = Counter(word for words in words_of.values() for word in set(words) if not word.isdecimal())
    common = {word for word, count in counts.items() if _COMMON * len(words_of) <= count < len(words_of)}
    without_common, without_last = defaultdict(list), defaultdict(list)
    for key, words in words_of.items():
        without_common[tuple(word for word in words if word not in common)].append(key)
        numbers = [word for word in words if word.isdecimal()]
        without_last[words[:-1] if words[-1].isdecimal() and len(numbers) > 1 else words].append(key)
    for groups in (without_common, without_last):
        if 2 <= len(groups) <= _MERGED * len(words_of):
            first = next(group for group in groups.values() if len(group) > 1)
            return first[0], first[1]
    return None


def _kinds(words: Iterable[str]) -> frozenset[str]:
    letters = frozenset(word for word in words if len(word) == 1 and not word.isdecimal())
    return KIND_WORDS | letters if letters in _KIND_LETTERS else KIND_WORDS


def _words(name: str) -> list[str]:
    """Words and numbers in lower case: `Ada01_Genuine` is `ada`, `1`, `genuine`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", without_accents(name))
    return [word.lstrip("0") or "0" if word.isdecimal() else word for word in _WORD.findall(apart.casefold())]

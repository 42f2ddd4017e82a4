"""Random splits as people write them: each page is in its part, or the folder is refused in one line."""

import json
from pathlib import Path

import pytest
from fuzzing import damaged, fuzz, NO_OTHER, ROUND
from hypothesis import strategies as st
from labelling import LINE, picture, read

from data.errors import UserError
from data.splits.given_split import with_split

PARTS = {"train": ("train", "Training", "entraînement"), "validation": ("val", "valid"), "test": ("test", "Testing")}
NAMES = [f"p{number}" for number in range(6)]
FORMS = ("{}.png", "./{}.png", "images/{}.png", "C:\\data\\own\\images\\{}.png", "/home/ada/own/images/{}.png", "{}")


@st.composite
def splits(draw: st.DrawFn) -> bytes:
    """Which part each page is in, and how the lists of the parts are written."""
    parts = draw(st.lists(st.sampled_from(["train", "validation", "test"]), min_size=6, max_size=6))
    words = {part: draw(st.sampled_from(words)) for part, words in PARTS.items()}
    way = draw(st.sampled_from(("lists", "yaml", "inline", "obj.data", "csv", "boxes")))
    form = draw(st.sampled_from(FORMS[:-1] if way in ("csv", "boxes") else FORMS))
    end = draw(st.sampled_from(("\n", "\r\n", "\n\n")))
    encoding = draw(st.sampled_from(("utf-8", "utf-8-sig", "utf-16")))
    return json.dumps([dict(zip(NAMES, parts, strict=True)), words, way, form, end, encoding]).encode()


def write_split(root: Path, made: bytes) -> dict[str, str]:
    """Writes the lists, and returns the part of each page."""
    part_of, words, way, form, end, encoding = json.loads(made)
    suffix = ".csv" if way == "csv" else ".txt"
    entries = {}
    for part, word in words.items():
        lines = [form.format(name) for name in NAMES if part_of[name] == part]
        if way == "boxes":
            lines = [f"{line} 20,15,30,30,0" for line in lines]
        if way == "csv":
            lines = ["file,label", *(f"{line},1" for line in lines)]
        if not any(part_of[name] == part for name in NAMES):
            continue
        key = {"train": "train", "validation": "val", "test": "test"}[part]
        entries[key] = f"{word}{suffix}"
        (root / f"{word}{suffix}").write_bytes((end.join(lines) + end).encode(encoding))
    if way in ("yaml", "inline"):
        path = "path: .\n" if way == "yaml" else ""
        text = "".join(f"{key}: {f'[{file}]' if way == 'inline' else file}\n" for key, file in entries.items())
        (root / "data.yaml").write_text(f"{path}{text}names: [signature]\n", encoding="utf-8")
    if way == "obj.data":
        text = "".join(f"{key} = data/{file}\n" for key, file in entries.items())
        (root / "obj.data").write_text(f"classes = 1\n{text}names = data/obj.names\n", encoding="utf-8")
    return dict(part_of)


def draw_pages(root: Path) -> None:
    for number, name in enumerate(NAMES):
        picture(root / f"images/{name}.png", number)
        (root / "labels").mkdir(exist_ok=True)
        (root / f"labels/{name}.txt").write_text(LINE)


def clear(root: Path) -> None:
    for path in root.iterdir():
        if path.is_file():
            path.unlink()
    (root / "classes.txt").write_text("signature")


@pytest.mark.fault(
    "lists of a split as people write them: text files, tables, data.yaml, obj.data, in any encoding",
    "each page is in its part, or the folder is refused in one line",
)
def test_written_splits(seconds: float, tmp_path: Path):
    root = tmp_path / "own"
    draw_pages(root)
    pages = None

    def read_split(made: bytes) -> None:
        nonlocal pages
        clear(root)
        pages = pages or read(root, "yolo")
        wanted = write_split(root, made)
        complete = {"train", "validation"} <= set(wanted.values())
        try:
            split = with_split(pages.dataset, root, "auto", "auto", pages.names.pictures)
        except UserError as error:
            if complete:
                pytest.fail(str(error))
            raise
        found = {Path(page.name).stem: page.split for page in split.pages}
        assert found.keys() == wanted.keys()
        assert all(part == wanted[name] or not (complete or part) for name, part in found.items())

    assert fuzz(read_split, splits(), seconds) >= ROUND


LISTS = (b"images/p0.png\nimages/p1.png\n", "images\\p2.png\r\np3\r\n".encode("utf-16"))
YAML = (b"path: .\ntrain: train.txt\nval: [images, val.txt]\nnames: [signature]\n", b"train: ../images\nval: images/\n")


@pytest.mark.fault("lists of a split and data.yaml damaged at random", NO_OTHER)
@pytest.mark.parametrize(("name", "originals"), [("train.txt", LISTS), ("data.yaml", YAML), ("obj.data", YAML)])
def test_damaged_splits(seconds: float, tmp_path: Path, name: str, originals: tuple[bytes, ...]):
    root = tmp_path / "own"
    draw_pages(root)
    clear(root)
    pages = read(root, "yolo")
    (root / "val.txt").write_text("images/p5.png\n")

    def read_split(content: bytes) -> None:
        (root / name).write_bytes(content)
        split = with_split(pages.dataset, root, "auto", "auto", pages.names.pictures)
        assert {page.split for page in split.pages} <= {"", "train", "validation", "test"}

    assert fuzz(read_split, damaged(originals), seconds) >= ROUND

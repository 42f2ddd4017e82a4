"""Tables and JSON files that assign every picture to a part, and others that do not."""

import json
from pathlib import Path
from typing import Any

import pytest

from data.splits.split_tables import parts_in_table

PARTS = {"train": ["a.png", "b.png"], "test": ["c.png"]}
RECORDS = [
    {"file_name": f"{name}.png", "id": 3, "split": part}
    for name, part in zip("abc", ("train", "train", "test"), strict=True)
]

TABLES = {
    "with a head": "filename,split\na.png,train\nb.png,TRAIN\nc.png,Test\n",
    "for Excel": "\ufeffsplit;width;picture\ntrain;5;a.png\ntrain;7;b.png\ntest;9;c.png\n",
    "with a line for the separator": 'sep=;\n"picture";"split"\n"a.png";"train"\n"b.png";"train"\n"c.png";"test"\n',
    "with tabs, quotes and gaps": 'a.png\t"train"\n"b.png"\ttrain\nc.png\ttest\nd.png\tUNASSIGNED\ne.png\t\n',
    "of boxes": "TRAIN,a.png,sign,0.1\nTRAIN,a.png,sign,0.3\nTRAIN,b.png,sign,0.1\nTEST,c.png,sign,0.1\n",
    "of two columns that fit": "set,name,split\ntrain,a.png,train\ntrain,b.png,train\ntest,c.png,test\n",
}


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables(tmp_path: Path, text: str, encoding: str):
    file = tmp_path / "split.csv"
    file.write_bytes(text.encode(encoding))
    assert parts_in_table(file) == PARTS


def test_names_without_suffixes_count_below_a_head_for_pictures(tmp_path: Path):
    file = tmp_path / "split.csv"
    file.write_text("size,Image ID,split\n1,a,train\n2,b,train\n3,c,test\n")
    assert parts_in_table(file) == {"train": ["a", "b"], "test": ["c"]}


JSON = {
    "lists": PARTS,
    "lists of objects": {"train": [{"id": "7", "image": "a.png"}, {"image": "b.png"}], "Test": [{"image": "c.png"}]},
    "a part for each picture": {"a.png": "train", "b.png": "training", "c.png": "test"},
    "within a key": {"version": 2, "splits": PARTS},
    "records": RECORDS,
    "images of COCO": {"images": RECORDS, "annotations": [{"id": 1, "bbox": [1, 2, 3, 4]}]},
}


@pytest.mark.parametrize("content", JSON.values(), ids=JSON)
def test_json(tmp_path: Path, content: Any):
    file = tmp_path / "splits.json"
    file.write_text(json.dumps(content))
    assert parts_in_table(file) == PARTS


def test_lines_of_json(tmp_path: Path):
    file = tmp_path / "metadata.jsonl"
    file.write_text("\n".join(map(json.dumps, RECORDS)))
    assert parts_in_table(file) == PARTS


def test_numbers_stand_for_names(tmp_path: Path):
    file = tmp_path / "splits.json"
    file.write_text('{"train": [1, 2], "val": [3]}')
    assert parts_in_table(file) == {"train": ["1", "2"], "validation": ["3"]}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "filename,width\na.png,3\n"),
        ("a.csv", "picture,kind\na.png,train\nb.png,letter\n"),
        ("a.csv", "split\ntrain\ntest\n"),
        ("a.csv", ""),
        ("log.csv", "epoch,phase,loss\n1,train,0.5\n1,val,0.6\n2,train,0.4\n2,val,0.5\n"),
        ("log.json", '[{"phase": "val", "note": "a"}, {"phase": "train", "note": "b"}]'),
        ("history.json", '{"loss": {"train": [0.5, 0.4], "val": [0.6, 0.5]}}'),
        ("a.json", '{"images": [], "categories": [{"name": "sign", "supercategory": "test"}]}'),
        ("a.json", '{"images": [{"file_name": "train/a.png"}], "info": "train"}'),
        ("a.json", '{"train": 3}'),
        ("a.json", '"train"'),
        ("a.json", '{"train": ['),
        ("a.jsonl", "no JSON"),
    ],
)
def test_what_says_nothing_of_a_split(tmp_path: Path, name: str, text: str):
    (tmp_path / name).write_text(text)
    assert not parts_in_table(tmp_path / name)


@pytest.mark.parametrize(
    "text",
    [
        "a.png train\nb.png train\nc.png test\n",
        "train: a.png\ntrain: b.png\ntest: c.png\n",
        "a.png\tTRAIN\r\nb.png\tTRAIN\r\n\r\nc.png\tTEST\r\n",
        '"a.png",train\n"b.png",train\n"c.png",test\n',
    ],
)
def test_a_text_file_named_split(tmp_path: Path, text: str):
    for name in ("split.txt", "list_eval_partition.txt"):
        (tmp_path / name).write_text(text)
        assert parts_in_table(tmp_path / name) == PARTS


@pytest.mark.parametrize(
    "text", ["", "a.png\nb.png\n", "This split was made by hand\nfor the test\n", "a.png 0\nb.png 1\n"]
)
def test_a_text_file_named_split_without_parts(tmp_path: Path, text: str):
    (tmp_path / "split.txt").write_text(text)
    assert parts_in_table(tmp_path / "split.txt") == {}

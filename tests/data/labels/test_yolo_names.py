"""Names of YOLO's classes."""

from pathlib import Path

import pytest

from data.errors import UserError
from data.labels.yolo_names import find_name_files, read_keypoint_shape, read_names


def names_of(root: Path) -> dict[str, str]:
    return read_names(find_name_files(root))


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("data.yaml", "nc: 2\nnames: [signature, no]"),
        ("data.yaml", "names:\n  0: signature\n  1: no\n"),
        ("dataset.yml", "names: {'0': signature, '1': 'no'}"),
        ("data.yaml", "train: a\nnames: \"['signature', 'no']\""),
        ("classes.txt", "signature\r\nno\r\n"),
        ("obj.names", "signature\nno"),
        ("classes.txt", "0: signature\n1: no\n"),
        ("classes.txt", "1 no\n0 signature\n\n"),
        ("train/_darknet.labels", "signature\nno\n"),
        ("labels/Classes.txt", "\ufeffsignature\nno\n"),
        ("notes.json", '{"categories": [{"id": 0, "name": "signature"}, {"id": 1, "name": "no"}]}'),
    ],
)
def test_names_in_every_usual_file(tmp_path: Path, file: str, text: str):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert names_of(tmp_path) == {"0": "signature", "1": "no"}


@pytest.mark.parametrize(
    "text", ["", "[1, 2", "names: 7", "names: [[1], {a: b}]", "- a\n- b", "a: &a [*a]", "\0", "!!x y"]
)
def test_other_yaml_files_name_nothing(tmp_path: Path, text: str):
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "labels.txt").write_text("0 0.5 0.5 0.1 0.1\n")  # labels of labels.png
    assert names_of(tmp_path) == {}


@pytest.mark.parametrize("text", ["1: signature\n2: date\n", "5 euro\n10 euro\n", "0 euro\n"])
def test_numbers_that_do_not_count_from_zero_belong_to_the_names(tmp_path: Path, text: str):
    (tmp_path / "classes.txt").write_text(text)
    assert names_of(tmp_path) == {str(number): line for number, line in enumerate(text.splitlines())}


def test_blank_lines_keep_their_numbers(tmp_path: Path):
    (tmp_path / "classes.txt").write_text("signature\n\ndate\n")
    assert names_of(tmp_path) == {"0": "signature", "2": "date"}


def test_keypoints_in_data_yaml(tmp_path: Path):
    (tmp_path / "data.yaml").write_text("kpt_shape: [4, 2]\nnames: [signature]")
    assert read_keypoint_shape(find_name_files(tmp_path)) == (4, 2)


def test_names_with_their_numbers_behind(tmp_path: Path):
    (tmp_path / "data.yaml").write_text("names:\n  signature: 0\n  no: 1\n")
    assert names_of(tmp_path) == {"0": "signature", "1": "no"}


@pytest.mark.fault("YOLO: a data.yaml that is broken", "refused by name, with the line")
@pytest.mark.parametrize("text", ["nc: 1\nnames:\n\t0: signature\n", 'path: "C:\\data"\nnames: [signature]\n'])
def test_a_broken_data_yaml(tmp_path: Path, text: str):
    (tmp_path / "data.yaml").write_text(text)
    with pytest.raises(UserError, match=r"data.yaml: is broken in line \d"):
        names_of(tmp_path)

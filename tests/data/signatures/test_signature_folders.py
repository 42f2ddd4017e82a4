"""A user's signatures: their writers, and a split by writer."""

from pathlib import Path

import pytest
from composing import dataset

from data.errors import UserError
from data.signatures.cedar import SignatureFile
from data.signatures.signature_folders import (
    find_own_signatures,
    read_own_signatures,
    split_off_writers,
    SplitSignatures,
)


def touch(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def writers_of(root: Path, way: str = "auto") -> dict[str, int]:
    return {str(file.path.relative_to(root)): file.writer for file in find_own_signatures(root, way)}


def test_three_folders_are_writers(tmp_path: Path):
    root = touch(tmp_path, "ann/1.png", "ann/2.jpg", "bob/1.tif", "eve/x/1.png", "notes.txt", ".cache/1.png")
    found = writers_of(root)
    assert found == {"ann/1.png": 0, "ann/2.jpg": 0, "bob/1.tif": 1, "eve/x/1.png": 2}


def test_two_folders_are_not_and_names_are(tmp_path: Path):
    root = touch(tmp_path, *(f"{kind}/{who}_{n}.png" for kind in ("day", "night") for who in "ab" for n in (1, 2)))
    found = writers_of(root)
    assert len(set(found.values())) == 2
    assert found["day/a_1.png"] == found["day/a_2.png"] == found["night/a_1.png"] != found["day/b_1.png"]


def test_names_that_only_count_name_no_writer(tmp_path: Path):
    assert len(set(writers_of(touch(tmp_path, *(f"IMG_{n:04}.png" for n in range(5)))).values())) == 5


@pytest.mark.parametrize(("way", "count"), [("folder", 2), ("name", 3), ("file", 4)])
def test_the_way_can_be_chosen(tmp_path: Path, way: str, count: int):
    root = touch(tmp_path, "a/x_1.png", "a/x_2.png", "a/y_1.png", "b/x_1.png")
    assert len(set(writers_of(root, way).values())) == count


def test_writers_are_held_out_whole():
    files = [SignatureFile(writer, Path(f"{writer}_{n}.png")) for writer in range(20) for n in range(writer % 4 + 1)]
    train, validation = split_off_writers(files, 0.25)
    assert {file.writer for file in train}.isdisjoint(file.writer for file in validation)
    assert len(train) + len(validation) == len(files)
    assert len(validation) / len(files) == pytest.approx(0.25, abs=0.05)
    assert split_off_writers(files, 0.25) == (train, validation)


def test_one_writer_cannot_be_split():
    with pytest.raises(UserError, match="all of one writer"):
        split_off_writers([SignatureFile(0, Path(f"{n}.png")) for n in range(5)], 0.2)


def test_the_config_leads_there(tmp_path: Path):
    root = touch(tmp_path, *(f"{who}/{n}.png" for who in "abcd" for n in range(3)))
    own = dataset("cleaner", "signatures", root=str(root), synthetic_writers=5)
    train, validation = own.sources()
    assert (len(train), len(validation)) == (9 + 5, 3)
    with pytest.raises(UserError, match="there is no folder"):
        dataset("cleaner", "signatures", root=str(tmp_path / "nowhere")).sources()


def own_split(root: Path) -> SplitSignatures:
    return read_own_signatures(root, "auto", 0.25, 0.0)


def names_in(files: list[SignatureFile]) -> list[str]:
    return [file.path.name for file in files]


def lists(root: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (root / f"{name}.txt").write_text(text)
    return root


def test_lists_of_a_split_are_kept(tmp_path: Path):
    root = touch(tmp_path, *(f"scans/{who}_{n}.png" for who in ("ada", "bob", "cy") for n in range(2)))
    lists(
        root, train="/data/scans/ada_0.png\nscans/ada_1.png\nbob_0.png\nbob_1.png\ngone.png", valid="cy_0.png\ncy_1.png"
    )
    split = own_split(root)
    assert names_in(split.train) == ["ada_0.png", "ada_1.png", "bob_0.png", "bob_1.png"]
    assert names_in(split.validation) == ["cy_0.png", "cy_1.png"]
    assert ("split", "kept as it is: 4 train, 2 validation") in split.notes
    assert any("1 entry without a picture: gone.png" in text for _, text in split.notes)


def test_lists_and_folders_that_contradict_each_other(tmp_path: Path):
    root = touch(
        tmp_path, *(f"{part}/{who}_{n}.png" for part, who in (("train", "ada"), ("test", "cy")) for n in range(2))
    )
    lists(root, train="train/ada_0.png\ntest/cy_0.png")
    with pytest.raises(
        UserError, match=r"contradict each other on 1 picture: test/cy_0.png \(list: train, folder: test"
    ):
        own_split(root)


def test_signatures_without_a_part_are_trained_on(tmp_path: Path):
    root = touch(tmp_path, *(f"{who}/{n}.png" for who in ("ada", "bob", "valid/cy") for n in range(3)))
    split = own_split(root)
    assert len(split.train) == 6
    assert {file.path.parent.name for file in split.validation} == {"cy"}
    assert ("split", "kept as it is: 3 validation; the other 6 are the training part") in split.notes


def test_validation_and_test_alone_are_refused(tmp_path: Path):
    root = touch(tmp_path, *(f"{part}/{who}/{n}.png" for part in ("val", "test") for who in "ab" for n in range(3)))
    with pytest.raises(UserError, match="no training part"):
        own_split(root)


def test_one_part_alone_is_split_by_writer(tmp_path: Path):
    root = touch(tmp_path, *(f"train/{who}/{n}.png" for who in "abcd" for n in range(3)))
    split = own_split(root)
    assert (len(split.train), len(split.validation)) == (9, 3)
    assert any("the only part" in text for _, text in split.notes)

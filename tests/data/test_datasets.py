"""From the config's dataset group to signatures, and CEDAR's layout."""

from pathlib import Path

import pytest
from composing import dataset

from data.datasets.signature_dataset import SignatureDataset
from data.errors import UserError
from data.signatures.cedar import find_signatures, split_by_writer


def cleaner_dataset(name: str, **changes) -> SignatureDataset:
    return dataset("cleaner", name, **changes)


@pytest.fixture
def cedar(tmp_path: Path) -> Path:
    for folder, stem in (("full_org", "original"), ("full_forg", "forgeries")):
        (tmp_path / "signatures" / folder).mkdir(parents=True)
        for writer in (1, 2, 10, 30):
            for number in (1, 2):
                (tmp_path / "signatures" / folder / f"{stem}_{writer}_{number}.png").touch()
    (tmp_path / "signatures" / "full_org" / "Thumbs.db").touch()
    (tmp_path / "signatures" / "full_org" / "original_x_1.png").touch()
    return tmp_path


def test_the_layout_is_found_from_either_folder(cedar: Path):
    files = find_signatures(cedar)
    assert len(files) == 16
    assert files == find_signatures(cedar / "signatures")
    assert [file.writer for file in files] == sorted(file.writer for file in files)
    assert find_signatures(cedar / "nowhere") == []


def test_writers_and_their_forgeries_are_in_one_part(cedar: Path):
    train, validation = split_by_writer(find_signatures(cedar), [2, 30])
    assert {file.writer for file in train} == {1, 10}
    assert {file.writer for file in validation} == {2, 30}
    assert any(file.path.name.startswith("forgeries_30") for file in validation)


def test_the_references_ten_writers_are_held_out_by_default():
    assert list(cleaner_dataset("cedar").held_out_writers) == [2, 5, 6, 15, 19, 22, 30, 34, 48, 51]


def test_drawn_signatures_are_added_to_the_training_part_alone(cedar: Path):
    train, validation = cleaner_dataset("cedar", root=str(cedar), synthetic_writers=5).sources()
    assert len(train) == 8 + 5
    assert all(source.path for source in validation)


def test_forgeries_can_be_left_out(cedar: Path):
    train, _ = cleaner_dataset("cedar", root=str(cedar), synthetic_writers=0, forgeries=False).sources()
    assert {source.name for source in train} == {f"original_{w}_{n}.png" for w in (1, 10) for n in (1, 2)}


def test_missing_data_says_how_to_get_it(tmp_path: Path):
    with pytest.raises(UserError) as refusal:
        cleaner_dataset("cedar", root=str(tmp_path)).sources()
    assert refusal.value.what == "dataset.root"
    assert any("kaggle" in remedy for remedy in refusal.value.remedies)
    assert any("dataset=synthetic" in remedy for remedy in refusal.value.remedies)


@pytest.mark.parametrize("held_out", [[], [1, 2, 10, 30], [99]])
def test_a_part_without_signatures_is_refused(cedar: Path, held_out: list[int]):
    with pytest.raises(UserError, match=r"writers in .*: \[1, 2, 10, 30\]"):
        cleaner_dataset("cedar", root=str(cedar), held_out_writers=held_out).sources()


def test_synthetic_writers_are_disjoint_too():
    train, validation = cleaner_dataset("synthetic", writers=7, held_out_writers=2, samples_per_writer=3).sources()
    assert {source.writer for source in train} == {0, 1, 2, 3, 4}
    assert {source.writer for source in validation} == {5, 6}
    assert len(train) == 15

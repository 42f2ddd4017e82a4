"""Three parts of a split, from the config to what is loaded: pages, signatures, CEDAR and SignverOD."""

from pathlib import Path

import numpy as np
import pytest
from composing import accepted, dataset
from PIL import Image
from signverod_files import PAGES, write_pictures, write_tables

from data.datasets.cedar import Cedar
from data.datasets.signverod import Signverod
from data.errors import UserError
from data.labels.split_report import read_report
from data.pages.canvas import Canvas
from data.pages.tf_examples import write_records


def page_folder(root: Path, *names: str) -> Path:
    for number, name in enumerate(names):
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.full((96, 64), 255, np.uint8)
        pixels[10 + number : 20 + number, 10:50] = 0
        Image.fromarray(pixels).save(file)
        file.with_suffix(".txt").write_text("0 0.5 0.3 0.4 0.2\n")
    (root / "classes.txt").write_text("signature\n")
    return root


def pages(root: Path, **changes):
    return dataset("detector", "pages", root=str(root), cache_dir=str(root.parent / "cache"), **changes)


def counts(root: Path, **changes) -> dict[str, int]:
    report = read_report(pages(root, **changes).shards_root())
    return {part: sum(source["pages"] for source in sources.values()) for part, sources in report["used"].items()}


def test_training_and_test_pages_alone_get_a_validation_part_of_the_training_pages(tmp_path: Path):
    names = [f"train/t{n}x.png" for n in range(8)] + [f"test/e{n}x.png" for n in range(3)]
    own = pages(page_folder(tmp_path / "own", *names), held_out=0.25)
    pools = own.load(Canvas((96, 64)))
    assert (len(pools.train), len(pools.validation), len(pools.test)) == (6, 2, 3)
    assert all(name.startswith("train/") for name in pools.validation.names)
    assert all(name.startswith("test/") for name in pools.test.names)
    assert pools.measured_on_test().validation is pools.test
    assert ("split", "made of documents of the training part: 2 validation pages") in own.split_lines()


def test_a_test_part_is_made_on_request_and_leaves_the_rest_as_it_was(tmp_path: Path):
    root = page_folder(tmp_path / "own", *(f"d{n}x.png" for n in range(20)))
    assert counts(root) == {"train": 16, "validation": 4}
    assert counts(root, test=0.2) == {"train": 12, "validation": 4, "test": 4}


def test_a_validation_part_of_the_users_stays_where_a_test_part_is_made(tmp_path: Path):
    names = [f"train/t{n}x.png" for n in range(10)] + ["valid/t0x.png", "valid/v1x.png"]
    root = page_folder(tmp_path / "own", *names)
    own = pages(root, test=0.2)
    pools = own.load(Canvas((96, 64)))
    assert (len(pools.train), len(pools.validation), len(pools.test)) == (8, 2, 2)
    assert "train/t0x.png" in pools.train.names  # its document is in validation too
    shared = dict(own.split_lines())["shared"]
    assert shared == "documents in several splits: 1, with 1 train, 1 validation pages (t0x)"


@pytest.mark.fault("all pages of the user's validation part are broken", "one line; no other pages are validated on")
def test_a_part_without_usable_pages_is_not_made_again(tmp_path: Path):
    root = page_folder(tmp_path / "own", *(f"train/t{n}x.png" for n in range(40)), "valid/v1x.png")
    (root / "valid/v1x.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"none of the 1 pages of the validation part can be used; valid/v1x\.png"):
        pages(root).load(Canvas((96, 64)))


def test_a_picture_that_moves_to_another_part_is_another_dataset(tmp_path: Path):
    root = page_folder(tmp_path / "own", *(f"train/t{n}x.png" for n in range(5)), "valid/v1x.png")
    assert counts(root) == {"train": 5, "validation": 1}
    for suffix in ("png", "txt"):
        (root / f"train/t4x.{suffix}").rename(root / f"valid/t4x.{suffix}")
    assert counts(root) == {"train": 4, "validation": 2}


def test_versions_of_a_scan_stay_together(tmp_path: Path):
    names = [f"train/images/s{n}_jpg.rf.{k:032x}.png" for n in range(6) for k in range(3)]
    pools = pages(page_folder(tmp_path / "own", *names)).load(Canvas((96, 64)))
    scans = [{name.split("_jpg")[0] for name in part.names} for part in (pools.train, pools.validation)]
    assert scans[0].isdisjoint(scans[1])


@pytest.mark.parametrize(("name", "task"), [("pages", "detector"), ("synthetic", "cleaner"), ("synthetic", "detector")])
@pytest.mark.fault("`dataset.part=test` of a dataset without a test part", "one line that says how to get one")
def test_no_test_part_is_said(tmp_path: Path, name: str, task: str):
    changes = {"pages": 2, "held_out_pages": 2} if (name, task) == ("synthetic", "detector") else {}
    if name == "pages":
        changes = {"root": str(page_folder(tmp_path / "own", "a.png", "b.png"))}
    own = dataset(task, name, cache_dir=str(tmp_path / "cache"), part="test", **changes)
    with pytest.raises(UserError, match=f"dataset={name} has no test part"):
        own.load(Canvas((96, 64))) if task == "detector" else own.load()


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        (("dataset.part=test",), "dataset.part: test: training picks its checkpoints"),
        (("mode=eval", "dataset=signatures", "dataset.writers=nobody"), "no regular expression with a group"),
        (("mode=eval", "dataset=signatures", "dataset.writers='(a'"), "is no regular expression"),
        (("mode=eval", "dataset=signatures", "dataset.test=0.8"), "leave too little to train on"),
        (("mode=eval", "dataset=cedar", "dataset.test_writers=[2]"), "in dataset.held_out_writers too"),
        (("task=detector", "dataset=signverod", "dataset.split=shipped", "dataset.test=0.1"), "has no test part"),
    ],
)
def test_options_that_do_not_go_together_are_refused(overrides: tuple[str, ...], expected: str):
    with pytest.raises(UserError) as refusal:
        accepted(*overrides)
    assert expected in f"{refusal.value.what}: {refusal.value.why}"


def touched(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_signatures_have_three_parts_of_different_writers(tmp_path: Path):
    root = touched(
        tmp_path, *(f"{who}/{kind}_{n}.png" for who in "abcdefgh" for kind in ("real", "forged") for n in "12")
    )
    own = dataset("cleaner", "signatures", root=str(root), synthetic_writers=0, test=0.25, held_out=0.25)
    parts = [*own.sources(), own.test_sources()]
    writers = [{source.writer for source in part} for part in parts]
    assert [len(each) for each in writers] == [4, 2, 2]
    assert len(set.union(*writers)) == 8
    lines = own.split_lines()
    assert ("writers", "32 signatures of 8 writers, by folder, whatever the kind of signature") in lines
    assert ("shared", "writers in several splits: 0") in lines


def test_folders_of_signatures_called_after_parts_are_kept(tmp_path: Path):
    names = [f"sign_data/train/{w:03}{k}/x_{n}.png" for w in range(1, 9) for k in ("", "_forg") for n in "12"]
    names += [f"sign_data/test/{w:03}{k}/x_{n}.png" for w in (49, 50) for k in ("", "_forg") for n in "12"]
    own = dataset("cleaner", "signatures", root=str(touched(tmp_path, *names)), synthetic_writers=0)
    train, validation = own.sources()
    assert {source.path.parts[-3] for source in own.test_sources()} == {"test"}
    assert (len(own.test_sources()), len(train) + len(validation)) == (8, 32)
    assert any("validation made of writers of the training part" in text for _, text in own.split_lines())


def test_a_writer_in_two_folders_of_a_split_is_named(tmp_path: Path):
    folders = ("train/ann", "train/bob", "train/eve", "valid/ann")
    names = [f"{folder}/{n}.png" for folder in folders for n in "12"]
    own = dataset("cleaner", "signatures", root=str(touched(tmp_path, *names)), synthetic_writers=0)
    assert ("shared", "writers in several splits: 1 (ann)") in own.split_lines()


def test_writers_that_names_do_not_show_are_doubted(tmp_path: Path):
    root = touched(tmp_path, *(f"IMG_{n:04}.png" for n in range(20)))
    own = dataset("cleaner", "signatures", root=str(root), synthetic_writers=0)
    text = "\n".join(text for _, text in own.split_lines())
    assert "unsure: nothing says who wrote which" in text
    assert "dataset.writers=" in text
    assert "0, as far as the writers are known" in text


def test_cedar_has_a_test_part_on_request(tmp_path: Path):
    root = touched(tmp_path, *(f"signatures/full_org/original_{w}_{n}.png" for w in (1, 2, 3, 4) for n in (1, 2)))
    own = dataset("cleaner", "cedar", root=str(root), held_out_writers=[2], test_writers=[3], synthetic_writers=0)
    assert isinstance(own, Cedar)
    train, validation = own.sources()
    assert [{s.writer for s in part} for part in (train, validation, own.test_sources())] == [{1, 4}, {2}, {3}]


def signverod(root: Path, **changes) -> Signverod:
    return dataset("detector", "signverod", root=str(root), cache_dir=str(root.parent / "cache"), **changes)


def test_signverod_is_split_again_if_pictures_and_tables_exist(tmp_path: Path):
    write_tables(tmp_path / "raw", train=PAGES, test=(PAGES[1], PAGES[5]))
    write_pictures(tmp_path / "raw")
    own = signverod(tmp_path / "raw", test=0.2)
    assert own.split == "auto"
    report = read_report(own.shards_root())
    assert set(report["used"]) == {"train", "validation", "test"}
    assert report["documents_on_both_sides"] == 0
    assert own.split_lines()[0][1].startswith("clean: ")


def test_signverod_stays_as_shipped_if_only_shards_exist(tmp_path: Path):
    for name in ("train-0", "eval-0"):
        (tmp_path / "raw/tfrecords").mkdir(parents=True, exist_ok=True)
        write_records(tmp_path / "raw/tfrecords" / name, [])
    own = signverod(tmp_path / "raw")
    assert own.shards_root() == tmp_path / "raw"
    (_, split), (_, shared) = own.split_lines()
    assert split.startswith("as shipped; dataset.split=clean lacks the tables")
    assert "not checked" in shared
    with pytest.raises(UserError, match=r"dataset\.test: needs the clean split"):
        signverod(tmp_path / "raw", test=0.1).shards_root()


def test_the_reference_keeps_the_shipped_split():
    for cards in ("1card", "8cards"):
        assert accepted(f"experiment=reference_detector_{cards}").dataset.split == "shipped"
    assert accepted("experiment=detector_finetune").dataset.split == "auto"


@pytest.mark.parametrize(
    ("task", "name", "keys"),
    [
        ("detector", "pages", {"split", "documents", "held_out", "test"}),
        ("detector", "signverod", {"split", "test"}),
        ("detector", "synthetic", set()),
        ("cleaner", "signatures", {"writers", "held_out", "test"}),
        ("cleaner", "cedar", {"held_out_writers", "test_writers"}),
        ("cleaner", "synthetic", {"writers", "held_out_writers"}),
        ("cleaner", "crops", set()),
    ],
)
def test_the_keys_that_decide_the_part_of_an_example_are_known(task: str, name: str, keys: set[str]):
    options = accepted(f"task={task}", f"dataset={name}").dataset
    assert options.split_values().keys() == keys
    assert options.datasets_by_key() == {"dataset": options}

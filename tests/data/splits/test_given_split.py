"""A user's split by folders, lists or both is kept; contradictions are refused by name."""

from pathlib import Path

import pytest

from data.errors import UserError
from data.labelled_pages import box_arrays, LabelledDataset, LabelledPage
from data.splits.given_split import GivenSplit, read_given_split, with_split

FAULT = "a split that contradicts itself"


def split(root: Path, names: list[str], way: str = "auto", **files: str) -> GivenSplit:
    """The split of pictures and of files, whose names have `__` for `/` and `_dot_` for `.`."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    for name, text in files.items():
        file = root / name.replace("__", "/").replace("_dot_", ".")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    boxes, labels = box_arrays([(0, 0, 1, 1)], [1])
    pages = [LabelledPage(name, root / name, boxes, labels, name, "one") for name in names]
    return read_given_split(root, pages, way)


def parts(given: GivenSplit) -> dict[str, str]:
    return {page.name: page.split for page in given.pages}


def test_a_stray_picture_leaves_the_folders_as_they_are(tmp_path: Path):
    given = split(tmp_path, ["train/images/a.png", "valid/images/b.png", "preview.png"])
    assert parts(given) == {"train/images/a.png": "train", "valid/images/b.png": "validation"}
    assert given.dropped == [("preview.png", "in none of the parts that the split has (train, validation)")]


def test_three_parts_are_kept(tmp_path: Path):
    given = split(tmp_path, ["Training/a.png", "Dev/b.png", "HoldOut/c.png"])
    assert list(parts(given).values()) == ["train", "validation", "test"]


def test_what_lies_beside_a_test_folder_is_trained_on(tmp_path: Path):
    given = split(tmp_path, ["images/a.png", "images/b.png", "test/c.png"])
    assert list(parts(given).values()) == ["train", "train", "test"]


@pytest.mark.parametrize("folder", ["train", "test", "valid"])
def test_one_part_is_no_split(tmp_path: Path, folder: str):
    given = split(tmp_path, [f"{folder}/a.png", f"{folder}/b.png"])
    assert set(parts(given).values()) == {""}
    assert any("the only part" in text for _, text in given.notes)


@pytest.mark.fault("validation and test pages, and none to train on", "one line that says so")
def test_nothing_to_train_on_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"has no training part \(1 validation, 1 test\)"):
        split(tmp_path, ["val/a.png", "test/b.png"])


LISTS = {
    "relative": ("data/a.png\ndata/b.png\n", "data/c.png\n"),
    "of another machine": ("C:\\Users\\ann\\data\\a.PNG\r\nD:\\b.png\r\n", "/home/bob/x/data/c.png\n"),
    "without suffixes": ("a\nb\n", "c\n"),
    "with flags": ("a  1\nb -1\n", "c  1\n"),
}


@pytest.mark.parametrize(("train", "valid"), LISTS.values(), ids=LISTS)
def test_lists_of_names_are_read(tmp_path: Path, train: str, valid: str):
    given = split(tmp_path, ["data/a.png", "data/b.png", "data/c.png"], train_dot_txt=train, valid_dot_txt=valid)
    assert list(parts(given).values()) == ["train", "train", "validation"]


def test_lists_of_pascal_voc_are_read(tmp_path: Path):
    lists = {"ImageSets__Main__train_dot_txt": "a\n", "ImageSets__Main__val_dot_txt": "b\n"}
    both = {"ImageSets__Main__trainval_dot_txt": "a\nb\n", "ImageSets__Main__signature_train_dot_txt": "a 1\nb -1\n"}
    given = split(tmp_path, ["JPEGImages/a.jpg", "JPEGImages/b.jpg", "JPEGImages/c.jpg"], **lists, **both)
    assert parts(given) == {"JPEGImages/a.jpg": "train", "JPEGImages/b.jpg": "validation"}
    assert [name for name, _ in given.dropped] == ["JPEGImages/c.jpg"]


def test_darknets_obj_data_is_read(tmp_path: Path):
    given = split(
        tmp_path,
        ["obj/a.png", "obj/b.png"],
        obj_dot_data="classes = 1\ntrain = data/mine.list.txt\nvalid = data/theirs.txt\nbackup = backup/\n",
        **{"data__mine.list.txt": "data/obj/a.png\n", "data__theirs.txt": "data/obj/b.png\n"},
    )
    assert list(parts(given).values()) == ["train", "validation"]


@pytest.mark.parametrize(
    "text",
    [
        "path: /content/datasets/mine\ntrain: batch1\nval: batch2\ntest: batch3\n",
        "train: ../batch1\nval: ../batch2\ntest: ../batch3\n",
        "train: [batch1]\nval: [batch2]\ntest:\n  - batch3\n",
        "train: batch1/*.png\nval: /home/ann/mine/batch2/**/*.*\ntest: C:\\mine\\batch3\\*\n",
        "train: [batch1/a.png]\nval:\n  - ./batch2/b.png\ntest: [batch3\\c.png]\n",
        "path: .\ntrain: /home/ann/mine/batch1\nval: ./batch2/\ntest: batch3\n",
    ],
)
def test_data_yaml_names_folders(tmp_path: Path, text: str):
    given = split(tmp_path, ["batch1/a.png", "batch2/b.png", "batch3/c.png"], data_dot_yaml=text + "names: [x]\n")
    assert list(parts(given).values()) == ["train", "validation", "test"]


def test_folders_that_data_yaml_names_and_that_are_not_there_are_said(tmp_path: Path):
    text = "train: ../train/images\nval: ../valid/images\ntest: ../test/images\n"
    given = split(tmp_path, ["train/images/a.png", "valid/images/b.png"], data_dot_yaml=text)
    assert ("split", "data.yaml: test: ../test/images is not there") in given.notes
    assert list(parts(given).values()) == ["train", "validation"]


def test_the_same_pictures_for_both_parts_are_no_split(tmp_path: Path):
    given = split(tmp_path, ["images/a.png", "images/b.png"], data_dot_yaml="train: images\nval: images\n")
    assert set(parts(given).values()) == {""}
    assert any("which is no split" in text for _, text in given.notes)


def test_a_label_file_called_after_a_part_is_no_list(tmp_path: Path):
    given = split(tmp_path, ["train.png", "test.png"], train_dot_txt="0 0.5 0.5 0.1 0.1\n", test_dot_txt="read me\n")
    assert (set(parts(given).values()), given.dropped) == ({""}, [])


def test_pictures_that_a_list_names_and_that_are_not_there_are_named(tmp_path: Path):
    given = split(tmp_path, ["a.png", "b.png"], train_dot_txt="a.png\ngone.png\n", val_dot_txt="b.png\n")
    assert given.dropped == [("gone.png", "train.txt lists it, and there is no such picture")]


@pytest.mark.fault("a split list of pictures of which none is there", "one line that names the list")
def test_a_list_of_other_pictures_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"none of the 1 pictures that it lists for validation"):
        split(tmp_path, ["a.png", "b.png"], train_dot_txt="a.png\n", val_dot_txt="gone.png\n")


@pytest.mark.fault("a picture in the lists of two parts", "one line that names the picture and the lists")
def test_a_picture_in_two_lists_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"a\.png \(train\.txt and valid\.txt\)"):
        split(tmp_path, ["a.png", "b.png"], train_dot_txt="a.png\nb.png", valid_dot_txt="a.png\n")


CONTRADICTION = ["train/a.png", "train/c.png", "valid/b.png"]


@pytest.mark.fault("lists and folders that contradict each other", "one line that names the pages; an option decides")
def test_lists_and_folders_that_contradict_each_other_are_refused(tmp_path: Path):
    lists = {"train_dot_txt": "a.png\n", "valid_dot_txt": "c.png\nb.png\n"}
    with pytest.raises(UserError, match=r"on 1 picture: train/c\.png \(list: validation, folder: train\)"):
        split(tmp_path, CONTRADICTION, **lists)
    assert list(parts(split(tmp_path, CONTRADICTION, "lists")).values()) == ["train", "validation", "validation"]
    assert list(parts(split(tmp_path, CONTRADICTION, "folders")).values()) == ["train", "train", "validation"]
    assert set(parts(split(tmp_path, CONTRADICTION, "documents")).values()) == {""}


def test_bare_names_mean_the_pictures_of_their_own_folder(tmp_path: Path):
    names = ["train/1.png", "train/2.png", "valid/1.png"]
    given = split(tmp_path, names, train_dot_txt="1.png\n2.png\n", valid_dot_txt="1.png\n")
    assert list(parts(given).values()) == ["train", "train", "validation"]


def test_lists_of_ultralytics_autosplit_are_read(tmp_path: Path):
    lists = {"autosplit_train_dot_txt": "./a.png\n", "autosplit_val_dot_txt": "./b.png\n"}
    assert list(parts(split(tmp_path, ["a.png", "b.png"], **lists)).values()) == ["train", "validation"]


@pytest.mark.parametrize("line", ["{}\n", "7\t0.0\tscans/{}\n", "scans/{}"])
def test_lists_of_other_suffixes_are_read(tmp_path: Path, line: str):
    lists = {"train_dot_lst": line.format("a.png"), "val_dot_list": line.format("b.png")}
    assert list(parts(split(tmp_path, ["a.png", "b.png"], **lists)).values()) == ["train", "validation"]


def test_numbers_mean_names_with_leading_zeros(tmp_path: Path):
    given = split(tmp_path, ["0007.png", "0012.png", "0120.png"], splits_dot_json='{"train": [7, 120], "val": [12]}')
    assert list(parts(given).values()) == ["train", "validation", "train"]


def test_a_text_file_named_split_is_read_or_reported(tmp_path: Path):
    given = split(tmp_path, ["a.png", "b.png"], split_dot_txt="a.png train\nb.png val\n")
    assert list(parts(given).values()) == ["train", "validation"]
    given = split(tmp_path, ["a.png", "b.png"], split_dot_txt="a.png 0\nb.png 1\n")
    assert ("split", "split.txt names pictures and no part of a split, and is not read") in given.notes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("names", [("Train.TXT", "VALID.TXT"), ("train.txt", "valid.txt")])
def test_lists_of_any_case_and_encoding(tmp_path: Path, names: tuple[str, str], encoding: str):
    for name, picture in zip(names, ("Müller.png", "b.png"), strict=True):
        (tmp_path / name).write_bytes(f"C:\\scans\\{picture}\n".encode(encoding))
    given = split(tmp_path, ["Müller.png", "b.png"])
    assert parts(given) == {"Müller.png": "train", "b.png": "validation"}


def test_lists_in_hidden_folders_do_not_count(tmp_path: Path):
    given = split(tmp_path, ["a.png", "b.png"], _dot_git__train_dot_txt="a.png\n", _dot_git__val_dot_txt="b.png\n")
    assert set(parts(given).values()) == {""}


@pytest.mark.parametrize(
    ("suffix", "train", "valid"),
    [
        ("txt", "a.png 20,15,30,30,0 1,2,3,4,1\nscans/b c.png 3\n", "d.png"),
        ("csv", 'filename,width,class\na.png,40,signature\na.png,40,date\n"b c.png",40,signature\n', "7;d.png\n"),
    ],
)
def test_lists_that_go_on_behind_the_pictures(tmp_path: Path, suffix: str, train: str, valid: str):
    given = split(tmp_path, ["a.png", "b c.png", "d.png"], **{f"train_dot_{suffix}": train, f"val_dot_{suffix}": valid})
    assert parts(given) == {"a.png": "train", "b c.png": "train", "d.png": "validation"}
    assert not given.dropped


def test_a_list_that_is_not_read_is_named(tmp_path: Path):
    given = split(tmp_path, ["a.png", "b.png"], train_dot_txt="the first hundred pages\n")
    assert ("split", "train.txt names no picture that is there, and is not read") in given.notes


@pytest.mark.parametrize(
    ("name", "text"),
    [("split.csv", "file,split\na,train\nb,val\nc,test\n"), ("splits.json", '{"a": "train", "b": "val", "c": "test"}')],
)
def test_one_file_for_all_parts(tmp_path: Path, name: str, text: str):
    (tmp_path / name).write_text(text)
    given = split(tmp_path, ["images/a.png", "images/b.png", "images/c.png"])
    assert list(parts(given).values()) == ["train", "validation", "test"]
    assert f"{name} (train): 1 train" in str(given.notes)


def test_a_table_that_is_not_read_is_named(tmp_path: Path):
    given = split(
        tmp_path, ["a.png", "b.png"], folds_dot_csv="file,fold\na.png,1\nb.png,2\n", sizes_dot_csv="width\n3\n"
    )
    said = [text for _, text in given.notes if "not read" in text]
    assert said == ["folds.csv names pictures and no part of a split, and is not read"]


def test_names_that_recur_in_folders_of_several_parts_are_named(tmp_path: Path):
    names = [f"{folder}/{name}" for folder in ("ann/train", "bob/val") for name in ("lease_p1.png", "IMG_1.png")]
    pages = split(tmp_path, [*names, "ann/train/x.png", "bob/val/y.png"]).pages
    notes = [text for _, text in with_split(LabelledDataset(pages, [], []), tmp_path, "auto", "auto").notes]
    assert "1 name recurs in folders of several parts, each a document of its own: lease" in notes


def test_names_of_lists_may_say_what_they_list(tmp_path: Path):
    given = split(tmp_path, ["a.png", "b.png"], train_images_dot_txt="a.png\n", filelist_val_dot_txt="b.png\n")
    assert list(parts(given).values()) == ["train", "validation"]


def test_folders_that_may_mean_a_part_are_named(tmp_path: Path):
    given = split(tmp_path, ["train_fold1/a.png", "val_fold1/b.png", "other/test/c.png", "other/test/old train/d.png"])
    said = "not read: folders that say more than train, validation or test, and so may mean no part: "
    assert [text for _, text in given.notes if text.startswith("not read")] == [f"{said}train_fold1, val_fold1"]
    assert set(parts(given).values()) == {"train", "test"}

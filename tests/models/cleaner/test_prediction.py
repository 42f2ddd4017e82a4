"""Cleaning at scan size with networks whose output is known."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.ink import signature_ink
from data.pictures.image_folder import IMAGE_SUFFIXES
from data.pictures.reading import BadScan
from engine.modes.input_files import find_files
from models.cleaner.drawing import save_sheet, triptych
from models.cleaner.prediction import clean_files, clean_scan


class KeepsTheLeftHalf:
    """Stands in for an export: whitens the right half."""

    def predict(self, images: np.ndarray, batch_size: int, verbose: int) -> np.ndarray:
        assert images.shape == (1, 224, 224, 3)
        assert images.dtype == np.float32
        cleaned = images.copy()
        cleaned[:, :, 112:] = 1
        return cleaned


@pytest.fixture
def scan() -> np.ndarray:
    scan = np.full((300, 640), 240, np.uint8)
    scan[140:160, 20:620] = 37
    return scan


def test_the_scans_own_pixels_stay_or_turn_white(scan: np.ndarray):
    cleaned, whiteness = clean_scan(KeepsTheLeftHalf(), scan)
    assert cleaned.shape == scan.shape
    assert cleaned.dtype == np.uint8
    assert whiteness.shape == (224, 224)
    assert set(np.unique(cleaned)) == {37, 255}
    assert (cleaned[142:158, 30:300] == 37).all()
    assert (cleaned[:, 340:] == 255).all()


def test_files_of_one_name_do_not_overwrite_each_other(scan: np.ndarray, tmp_path: Path):
    for name in ("a.png", "a.bmp"):
        Image.fromarray(scan).save(tmp_path / name)
    done = list(clean_files(KeepsTheLeftHalf(), find_files(tmp_path, IMAGE_SUFFIXES), tmp_path / "out"))
    assert len({result.output for result in done}) == 2
    assert len(list((tmp_path / "out").iterdir())) == 4


@pytest.mark.parametrize("count", [1, 2, 3, 5, 9])
def test_sheets_show_every_triptych(tmp_path: Path, count: int):
    one = triptych(*(np.full((20, 30), grey, np.float32) for grey in (0.0, 0.5, 1.0)))
    assert one.shape == (20, 3 * 30 + 2 * 4)
    save_sheet(tmp_path / "samples.png", [one] * count)
    with Image.open(tmp_path / "samples.png") as sheet:
        pixels = np.asarray(sheet)
    assert (pixels[28:] == 0).sum() == count * 20 * 30


def test_what_training_leaves_out_is_left_out_for_the_same_reason(scan: np.ndarray, tmp_path: Path):
    pictures = {
        "dark": 255 - scan,
        "blank": np.full_like(scan, 255),
        "black": np.zeros_like(scan),
        "good": scan,
        "tiny": scan[:6, :6],
    }
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    done = {
        result.file.stem: result
        for result in clean_files(KeepsTheLeftHalf(), find_files(tmp_path, IMAGE_SUFFIXES), tmp_path / "out")
    }
    for name, pixels in pictures.items():
        if name == "good":
            assert done[name].output == tmp_path / "out/good_cleaned.png"
            continue
        with pytest.raises(BadScan) as refusal:
            signature_ink(pixels)
        assert done[name].output is None
        assert done[name].text == str(refusal.value)


def test_every_page_of_a_tiff_is_a_signature(scan: np.ndarray, tmp_path: Path):
    pages = [Image.fromarray(scan), Image.fromarray(255 - scan), Image.fromarray(scan[:, ::-1])]
    pages[0].save(tmp_path / "three.tif", save_all=True, append_images=pages[1:])
    (done,) = clean_files(KeepsTheLeftHalf(), [tmp_path / "three.tif"], tmp_path / "out")
    assert done.output == tmp_path / "out/three_page3_cleaned.png"
    assert done.text.startswith("page 2 left out: ")
    assert "not dark ink on white paper" in done.text
    assert sorted(path.name for path in (tmp_path / "out").glob("*_cleaned.png")) == [
        "three_page1_cleaned.png",
        "three_page3_cleaned.png",
    ]


def test_a_photograph_is_cleaned_upright(scan: np.ndarray, tmp_path: Path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(scan)).save(tmp_path / "photo.jpg", exif=exif, quality=100)
    (done,) = clean_files(KeepsTheLeftHalf(), [tmp_path / "photo.jpg"], tmp_path / "out")
    with Image.open(done.output) as cleaned:
        assert cleaned.size == scan.shape[::-1]

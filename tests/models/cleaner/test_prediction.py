"""Cleaning at scan size with networks whose output is known."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.pictures.image_folder import IMAGE_SUFFIXES
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

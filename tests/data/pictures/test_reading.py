"""Picture files of any kind as grey on white."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data.pictures import reading
from data.pictures.reading import BadScan, read_scan


@pytest.fixture
def grey() -> np.ndarray:
    scan = np.full((60, 90), 250, np.uint8)
    scan[20:30, 10:80] = 30
    return scan


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "CMYK"])
def test_every_mode_is_read_as_grey_on_white(grey: np.ndarray, tmp_path: Path, mode: str):
    file = tmp_path / ("scan.tif" if mode == "CMYK" else "scan.png")
    Image.fromarray(grey).convert(mode).save(file)
    scan = read_scan(file)
    assert scan.dtype == np.uint8
    np.testing.assert_allclose(scan.astype(int), grey, atol=2)


def test_one_bit_images(grey: np.ndarray, tmp_path: Path):
    Image.fromarray(grey).convert("1", dither=Image.Dither.NONE).save(tmp_path / "scan.png")
    np.testing.assert_array_equal(read_scan(tmp_path / "scan.png"), np.where(grey > 128, 255, 0))


def test_sixteen_bits_keep_their_greys(grey: np.ndarray, tmp_path: Path):
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / "scan.png")
    np.testing.assert_array_equal(read_scan(tmp_path / "scan.png"), grey)


def test_transparent_is_paper(grey: np.ndarray, tmp_path: Path):
    black = np.zeros((*grey.shape, 4), np.uint8)
    black[..., 3] = np.where(grey < 128, 255, 0)
    Image.fromarray(black, "RGBA").save(tmp_path / "rgba.png")
    palette = Image.fromarray(np.where(grey < 128, 0, 1).astype(np.uint8), "P")
    palette.putpalette([0, 0, 0, 0, 0, 0])
    palette.save(tmp_path / "palette.png", transparency=1)
    expected = np.where(grey < 128, 0, 255)
    for name in ("rgba.png", "palette.png"):
        np.testing.assert_array_equal(read_scan(tmp_path / name), expected)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"just text", "not a readable image"),
        (None, "no such file"),
        ("cut", "not a readable image"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 4711\n", "git lfs pull"),
        (b"\n<!DOCTYPE html><html>404</html>", "a web page"),
        (b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
    ],
)
def test_broken_files_say_why(grey: np.ndarray, tmp_path: Path, content: bytes | str | None, reason: str):
    file = tmp_path / "scan.png"
    if content == "cut":
        Image.fromarray(np.random.default_rng(0).integers(0, 255, (200, 200), np.uint8)).save(file)
        content = file.read_bytes()[:5000]
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadScan, match=reason):
        read_scan(file)


def test_pictures_beyond_the_limit_are_not_decoded(grey: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    Image.fromarray(grey).save(tmp_path / "scan.png")
    monkeypatch.setattr(reading, "MAX_PIXELS", 1000)
    with pytest.raises(BadScan, match="90x60 pixels, more than 1,000"):
        read_scan(tmp_path / "scan.png")


def test_formats_that_another_program_draws_are_refused(grey: np.ndarray, tmp_path: Path):
    Image.fromarray(grey).save(tmp_path / "scan.png", format="EPS")
    with pytest.raises(BadScan, match="EPS, which another program would have to draw"):
        read_scan(tmp_path / "scan.png")

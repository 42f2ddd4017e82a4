"""From picture files of any kind to ink."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from data import ink as ink_module
from data.ink import BadScan, find_ink, pack, read_scan, resize_ink, signature_ink, unpack


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
    [(b"", "empty"), (b"just text", "not a readable image"), (None, "no such file"), ("cut", "not a readable image")],
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
    monkeypatch.setattr(ink_module, "MAX_PIXELS", 1000)
    with pytest.raises(BadScan, match="90x60 pixels, more than 1,000"):
        read_scan(tmp_path / "scan.png")


def test_the_threshold_is_otsus():
    rng = np.random.default_rng(0)
    scan = np.where(rng.random((80, 80)) < 0.2, rng.normal(80, 20, (80, 80)), rng.normal(200, 15, (80, 80)))
    scan = scan.clip(0, 255).astype(np.uint8)

    def between_class_variance(threshold: int) -> float:
        dark, light = scan[scan <= threshold], scan[scan > threshold]
        return len(dark) * len(light) * (dark.mean() - light.mean()) ** 2

    best = max(range(scan.min(), scan.max()), key=between_class_variance)
    np.testing.assert_array_equal(find_ink(scan), scan <= best)


def test_one_grey_value_has_no_ink():
    assert not find_ink(np.full((9, 9), 0, np.uint8)).any()


def test_resizing_keeps_thin_strokes():
    ink = np.zeros((300, 600), bool)
    ink[100:104] = True
    small = resize_ink(ink)
    assert small.shape == (224, 224)
    assert small.any(axis=0).all()
    np.testing.assert_array_equal(resize_ink(small), small)


def test_packing_round_trips_leftmost_pixel_highest():
    ink = np.random.default_rng(0).random((3, 224, 224)) < 0.3
    np.testing.assert_array_equal(unpack(pack(ink)), ink)
    single = np.zeros((224, 224), bool)
    single[0, 0] = True
    assert pack(single)[0, 0] == 128


@pytest.mark.parametrize(("scan", "reason"), [((255, 255), "no ink"), ((20, 250), "dark"), ((250, 250), "no ink")])
def test_scans_that_are_no_signature_are_refused(scan: tuple[int, int], reason: str):
    picture = np.full((50, 50), scan[0], np.uint8)
    picture[:5] = scan[1]
    with pytest.raises(BadScan, match=reason):
        signature_ink(picture)

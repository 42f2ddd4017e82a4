"""Cleaning at the size of the scan, with networks of known output."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from data.ink import signature_ink
from data.paper import local_ink
from data.pictures.image_folder import IMAGE_SUFFIXES
from data.pictures.reading import BadScan
from engine.modes.input_files import find_files
from models.cleaner.drawing import save_sheet, triptych
from models.cleaner.pieces import Pieces
from models.cleaner.prediction import clean_files, clean_scan
from models.cleaner.views import plan_views


class Network:
    """Stands in for an export: whitens nothing."""

    def predict(self, images: np.ndarray, batch_size: int, verbose: int) -> np.ndarray:
        assert images.shape[1:] == (224, 224, 3)
        assert len(images) == batch_size
        assert images.dtype == np.float32
        assert set(np.unique(images)) <= {0, 1}
        return self.clean(images.copy())

    def clean(self, images: np.ndarray) -> np.ndarray:
        return images


class KeepsTheLeftHalf(Network):
    """Whitens the right half of what it sees."""

    def clean(self, images: np.ndarray) -> np.ndarray:
        images[:, :, 112:] = 1
        return images


class KnowsOneScale(Network):
    """Whitens lines that are thicker than lines of training are in what the network sees, and remembers how many
    pictures it saw."""

    seen = 0

    def clean(self, images: np.ndarray) -> np.ndarray:
        self.seen += len(images)
        for image in images:
            thick = cv2.morphologyEx(1 - image[..., 0], cv2.MORPH_OPEN, np.ones((7, 7), np.uint8))
            image[cv2.dilate(thick, np.ones((3, 3), np.uint8)) > 0] = 1
        return images


@pytest.fixture
def scan() -> np.ndarray:
    scan = np.full((300, 640), 240, np.uint8)
    scan[140:160, 20:620] = 37
    return scan


def test_the_scans_own_pixels_stay_or_turn_white(scan: np.ndarray):
    cleaned, whiteness = clean_scan(KeepsTheLeftHalf(), scan)
    assert cleaned.shape == whiteness.shape == scan.shape
    assert cleaned.dtype == np.uint8
    assert set(np.unique(cleaned)) == {37, 255}
    assert (cleaned[142:158, 30:300] == 37).all()
    assert (cleaned[:, 340:] == 255).all()


def lines(scale: int) -> np.ndarray:
    """A thin circle, which is the signature, and a rule as thick as letters are high: uint8, dark on light."""
    picture = np.full((260 * scale, 420 * scale), 255, np.uint8)
    cv2.circle(picture, (200 * scale, 120 * scale), 90 * scale, 0, 4 * scale)
    cv2.rectangle(picture, (20 * scale, 225 * scale), (400 * scale, 245 * scale), 0, -1)
    return picture


@pytest.mark.parametrize("scale", [1, 2, 5])
def test_a_scan_of_any_resolution_is_shown_at_the_scale_of_training(scale: int):
    network = KnowsOneScale()
    cleaned, _ = clean_scan(network, lines(scale))
    assert network.seen == 1
    assert (cleaned[226 * scale : 244 * scale] == 255).all()
    ring = lines(scale)[: 220 * scale] == 0
    assert (cleaned[: 220 * scale][ring] == 0).mean() > 0.9


def test_a_large_crop_is_cleaned_in_overlapping_views():
    page = np.full((1600, 2400), 255, np.uint8)
    for top in range(100, 1300, 400):
        for left in range(100, 1900, 600):
            page[top : top + 260, left : left + 420] = lines(1)
    network = KnowsOneScale()
    cleaned, _ = clean_scan(network, page)
    assert network.seen > 6
    thick = cv2.morphologyEx(255 - page, cv2.MORPH_OPEN, np.ones((15, 15), np.uint8)) > 0
    assert (cleaned[thick] == 255).mean() > 0.99
    assert (cleaned[(page == 0) & ~thick] == 0).mean() > 0.9


@pytest.mark.parametrize("shape", [(9, 2000), (3000, 11), (33, 47), (900, 1800), (1000, 40, 3), (57, 61, 3)])
def test_no_ink_is_lost_where_the_network_leaves_all_of_it(shape: tuple[int, ...]):
    rng = np.random.default_rng(0)
    crop = np.full(shape, 255, np.uint8)
    for _ in range(5 + shape[0] * shape[1] // 40_000):
        start, stop = ((int(rng.integers(shape[1])), int(rng.integers(shape[0]))) for _ in range(2))
        cv2.line(crop, start, stop, (0, 0, 0)[: len(shape)], 3)
    cleaned, _ = clean_scan(Network(), crop)
    assert cleaned.shape == shape
    lost = (crop == 0) & (cleaned != 0)
    assert lost.sum() <= 0.02 * (crop == 0).sum()
    assert (cleaned[crop == 255] == 255).all()


def test_blue_ink_on_yellow_paper_stays_blue_on_white_or_on_nothing():
    yellow, blue = (250, 240, 190), (60, 70, 170)
    crop = np.full((200, 400, 3), yellow, np.uint8)
    cv2.ellipse(crop, (200, 100), (150, 60), 0, 0, 360, blue, 5, cv2.LINE_AA)
    inside = cv2.erode((crop == blue).all(-1).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    paper = (crop == yellow).all(-1)
    cleaned, _ = clean_scan(Network(), crop)
    assert (cleaned[inside] == blue).all()
    assert (cleaned[paper] == 255).all()
    soft = ~inside & ~paper
    assert (cleaned[soft].astype(int).min(axis=-1) >= 55).all()

    clear, _ = clean_scan(Network(), crop, transparent=True)
    assert clear.shape == (200, 400, 4)
    assert (clear[inside] == (*blue, 255)).all()
    assert (clear[paper, 3] == 0).all()
    again = clear[..., :3] * (clear[..., 3:] / 255) + (1 - clear[..., 3:] / 255) * yellow
    assert np.abs(again - crop).max() < 40
    assert np.abs(again - crop)[~soft].max() <= 1


def test_grey_crops_can_be_transparent_too(scan: np.ndarray):
    clear, _ = clean_scan(Network(), scan, transparent=True)
    assert (clear[scan == 37] == (37, 37, 37, 255)).all()
    assert (clear[scan == 240, 3] == 0).all()


def test_faint_ink_beside_black_print_is_found_as_is_ink_in_the_shade():
    shade = np.linspace(250, 110, 600).astype(np.float32)
    crop = np.tile(shade, (200, 1))
    faint, black = np.zeros((200, 600), bool), np.zeros((200, 600), bool)
    faint[60:64, 30:570], black[130:160, 30:570] = True, True
    crop[faint] -= 60
    crop[black] *= 0.1
    ink = local_ink(crop.astype(np.uint8))
    assert ink[faint].mean() > 0.95
    assert ink[black].mean() > 0.95
    assert ink[~(faint | black)].mean() < 0.02


def test_files_in_colour_stay_in_colour_and_upright(tmp_path: Path):
    crop = np.full((120, 300, 3), 255, np.uint8)
    crop[50:56, 20:280] = (40, 60, 200)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(crop)).save(tmp_path / "blue.png", exif=exif)
    (done,) = clean_files(Network(), [tmp_path / "blue.png"], tmp_path / "out", transparent=True)
    with Image.open(done.output) as cleaned:
        assert (cleaned.mode, cleaned.size) == ("RGBA", (300, 120))
        assert cleaned.getpixel((100, 52)) == (40, 60, 200, 255)
        assert cleaned.getpixel((100, 10))[3] == 0
    with Image.open(tmp_path / "out/blue_compared.png") as compared:
        assert (compared.mode, compared.height) == ("RGB", 120)


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


def test_a_letter_stays_or_goes_as_a_whole_and_what_little_is_left_of_print_goes():
    ink, whiteness = np.zeros((120, 400), bool), np.ones((120, 400), np.float32)
    for left in (10, 60, 110):  # letters
        ink[20:40, left : left + 20] = True
        ink[24:36, left + 4 : left + 16] = False
    ink[80:84, 10:390] = True  # a rule
    ink[100:104, 10:390] = True  # a stroke, as long
    whiteness[20:40, 10:26] = 0  # most of the first letter
    whiteness[20:40, 60:67] = 0  # a trace of the second
    whiteness[80:84, 10:100] = 0  # a quarter of the rule
    whiteness[100:104, 10:300] = 0  # most of the stroke
    keep = Pieces(ink).kept(whiteness)
    assert (keep[:60, :50] == ink[:60, :50]).all()
    assert not keep[:60, 50:].any()
    assert not keep[80:84].any()
    assert keep[100:104].sum() == 4 * 290


@pytest.mark.parametrize("width", range(1, 1400, 7))
def test_views_cover_every_pixel_of_a_crop_of_any_size(width: int):
    ink = np.zeros((120, width), bool)
    ink[::12] = True  # lines of one pixel
    ink[1::12] = ink[2::12] = True  # and now of three
    seen = np.zeros_like(ink)
    for view in plan_views(ink, Pieces(ink).stroke):
        assert view.top >= 0 and view.left >= 0 and view.left + view.width <= width  # noqa: PT018
        seen[view.part] = True
    assert seen.all()

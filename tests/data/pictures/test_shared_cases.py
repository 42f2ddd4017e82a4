"""Unusual pictures and documents beside the repository, with the expected results; skipped if they are missing."""

from pathlib import Path

import numpy as np
import pytest
from programs import REPOSITORY

from data.ink import signature_ink
from data.pictures.document_pages import read_page, read_pages
from data.pictures.headers import frame_count, orientation_of
from data.pictures.image_folder import ImageFolder
from data.pictures.reading import BadScan, is_blank

CASES = REPOSITORY.parent / "shared" / "cases" / "data"

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"there is no {CASES}")


@pytest.mark.filterwarnings("error")
def test_broken_metadata_is_upright():
    for picture in ImageFolder(CASES / "broken-exif").pictures:
        assert orientation_of(picture) == 1
        assert read_page(picture).shape == (640, 480)


@pytest.mark.parametrize("number", range(3))
def test_a_photograph_is_the_page_that_is_seen(number: int):
    photo, upright = (read_page(CASES / f"exif-predict/phone{number}_{kind}.jpg") for kind in ("exif6", "upright"))
    assert photo.shape == upright.shape
    assert photo.shape[0] == 1100
    assert np.abs(photo.astype(int) - upright).mean() < 3


def test_every_depth_has_white_paper_and_black_ink():
    for picture in ImageFolder(CASES / "odd-formats").pictures:
        page = read_page(picture)
        if picture.name.startswith("f09"):
            assert is_blank(page)
        else:
            assert (page[:5].min() > 250, page.min() < 5) == (True, True), picture.name


@pytest.mark.parametrize("name", ["widget", "stamp"])
def test_the_signature_in_a_field_or_stamp_is_drawn(name: str):
    plain, marked = read_page(CASES / "pdfs/plain.pdf"), read_page(CASES / f"pdfs/{name}.pdf")
    place = (slice(1550, 1700), slice(920, 1410))
    assert (marked[place] < 128).sum() == pytest.approx((plain[place] < 128).sum(), rel=0.02)


REFUSED_PDFS = {
    "xfa.pdf": "XFA form",
    "zero.pdf": "without pages",
    "cut.pdf": "damaged",
    "empty.pdf": "empty",
    "html.pdf": "something else",
}


@pytest.mark.parametrize("name", REFUSED_PDFS)
def test_documents_that_cannot_be_drawn(name: str):
    with pytest.raises(BadScan, match=REFUSED_PDFS[name]):
        list(read_pages(CASES / "pdfs" / name))


def reason_of(picture: Path) -> str:
    try:
        for _, page in read_pages(picture):
            signature_ink(page)
    except BadScan as error:
        return str(error)
    return ""


REFUSED_SIGNATURES = {
    "02_white_on_black.png": "not dark ink on white paper",
    "04_white_on_blue.png": "not dark ink on white paper",
    "07_whiteink_transparent.png": "no ink",
    "18_blank.png": "no ink",
    "19_tiny.png": "only 6x6 pixels",
    "22.heic": "HEIC",
}


def test_signatures_are_read_or_refused_for_a_reason():
    pictures = ImageFolder(CASES / "signature-pictures").pictures
    assert len(pictures) == 20
    for picture in pictures:
        expected, reason = REFUSED_SIGNATURES.get(picture.name, ""), reason_of(picture)
        assert bool(reason) == bool(expected), f"{picture.name}: {reason}"
        assert expected in reason
    assert frame_count(CASES / "signature-pictures/14_multi.tif") == 3
    assert read_page(CASES / "signature-pictures/12_exif6.jpg").shape == (220, 440)


def test_jfif_is_read():
    pictures = ImageFolder(CASES / "yolo-jfif-ignored").pictures
    assert len(pictures) == 6
    assert all(read_page(picture).ndim == 2 for picture in pictures)

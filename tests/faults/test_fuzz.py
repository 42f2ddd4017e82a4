"""Randomly damaged files: the readers read or refuse them, and never fail in another way. Takes seconds or minutes."""

import io
from pathlib import Path

import numpy as np
import pytest
from fuzzing import damaged, fuzz, NO_OTHER, ROUND
from PIL import Image

from data.ink import signature_ink
from data.pages.page_records import decode_page, parse_page, serialise_page
from data.pages.tf_examples import read_record, record_offsets, write_records
from data.pictures.reading import MAX_PIXELS, read_scan

PAGE = np.full((60, 80), 250, np.uint8)
PAGE[20:30, 10:70] = 20


def encoded(kind: str, mode: str = "L", **options) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PAGE).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


PICTURES = (
    encoded("PNG"),
    encoded("PNG", "P"),
    encoded("PNG", "RGBA"),
    encoded("PNG", "1"),
    encoded("JPEG"),
    encoded("JPEG", "CMYK", progressive=True),
    encoded("TIFF"),
    encoded("TIFF", "1", compression="group4"),
    encoded("TIFF", "RGB", compression="tiff_lzw"),
    encoded("TIFF", "RGB", compression="jpeg"),
    encoded("BMP"),
    encoded("GIF", "P"),
    encoded("WEBP", "RGB"),
    encoded("PPM"),
    encoded("TGA"),
    encoded("JPEG2000"),
    encoded("ICO"),
)
BOXES = np.array([[0.1, 0.1, 0.3, 0.5], [0.4, 0.2, 0.8, 0.9]], np.float32)
RECORD = serialise_page("page", PAGE, BOXES, np.array([1, 3]))


@pytest.mark.fault("picture files damaged at random, five minutes long", NO_OTHER)
def test_pictures(seconds: float):
    def read(content: bytes) -> None:
        scan = read_scan(content)
        assert (scan.dtype, scan.ndim) == (np.uint8, 2)
        assert 0 < scan.size <= MAX_PIXELS
        assert signature_ink(scan).shape == scan.shape

    assert fuzz(read, damaged(PICTURES), seconds) >= ROUND


@pytest.mark.fault("records damaged at random, their sums made to fit, five minutes long", NO_OTHER)
def test_records(seconds: float):
    def read(content: bytes) -> None:
        record = parse_page(content)
        assert record.boxes.shape == (len(record.labels), 4)
        assert ((record.boxes >= 0) & (record.boxes <= 1)).all()
        assert decode_page(record).dtype == np.uint8

    assert fuzz(read, damaged((RECORD,)), seconds) >= ROUND


@pytest.mark.fault("shards damaged at random, five minutes long", "every whole record is read, no damaged one is")
def test_shards(seconds: float, tmp_path: Path):
    shard = tmp_path / "train-0"
    write_records(shard, [RECORD, RECORD])
    whole = shard.read_bytes()

    def read(content: bytes) -> None:
        shard.write_bytes(content)
        for offset in record_offsets(shard)[0]:
            assert read_record(shard, offset) == RECORD

    assert fuzz(read, damaged((whole,)), seconds) >= ROUND

"""Files damaged at random: the readers read or refuse them, and never fail in another way. Some seconds, or minutes."""

import io
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, HealthCheck, seed, settings
from hypothesis import strategies as st
from PIL import Image

from data.ink import signature_ink
from data.pages.page_records import BadPage, decode_page, parse_page, serialise_page
from data.pages.tf_examples import BrokenRecord, read_record, record_offsets, write_records
from data.pictures.reading import BadScan, MAX_PIXELS, read_scan

QUICK_SECONDS, THOROUGH_SECONDS = 5, 300
SLOWEST_SECONDS = 10
ROUND = 200

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


@st.composite
def damaged(draw: st.DrawFn, originals: tuple[bytes, ...]) -> bytes:
    """One of some files with bits flipped, bytes put over others, parts cut out, repeated, inserted or swapped in."""
    content = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 64))
        match draw(st.sampled_from(("flip", "write", "extreme", "cut", "end", "repeat", "insert", "splice"))):
            case "flip" if start < len(content):
                content[start] ^= 1 << draw(st.integers(0, 7))
            case "write":
                content[start : start + length] = draw(st.binary(min_size=length, max_size=length))
            case "extreme":
                value = draw(st.sampled_from((b"\0", b"\xff", b"\x7f", b"\x80")))
                width = draw(st.sampled_from((1, 2, 4, 8)))
                content[start : start + width] = value * width
            case "cut":
                del content[start : start + length]
            case "end":
                del content[start:]
            case "repeat":
                content[start:start] = content[start : start + length] * draw(st.integers(1, 50))
            case "insert":
                content[start:start] = draw(st.binary(max_size=64))
            case "splice":
                other = draw(st.sampled_from(originals))
                content[start:] = other[min(start, len(other)) :]
    return bytes(content)


def fuzz(read: Callable[[bytes], None], files: st.SearchStrategy, seconds: float) -> int:
    """Tries files until the time is over; a failure is shrunk to the simplest file that fails. Returns how many."""
    tried = 0

    def timed(content: bytes) -> None:
        nonlocal tried
        tried += 1
        started = time.monotonic()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                read(content)
                reason = "none"
            except (BadScan, BadPage, BrokenRecord) as error:
                reason = str(error)
        assert reason
        assert "\n" not in reason
        assert time.monotonic() - started < SLOWEST_SECONDS

    deadline, round_number = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        one_round = settings(
            max_examples=ROUND, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
        )(given(files)(timed))
        seed(round_number)(one_round)()
        round_number += 1
    return tried


@pytest.fixture
def seconds(request: pytest.FixtureRequest) -> float:
    return THOROUGH_SECONDS if request.config.getoption("--moments") else QUICK_SECONDS


NO_OTHER = "read, or refused in one line; never another error, a warning, or more than some seconds"


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

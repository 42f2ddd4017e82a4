"""Rows of a PNG, decompressed and without their filters: those of libpng, or None."""

import struct
import zlib

import numpy as np
import pytest

from data.pictures.png_chunks import decode_stream
from data.pictures.png_rows import decode_rows

HEIGHT, WIDTH = 60, 13


def stream(filters: list[int]) -> bytes:
    rng = np.random.default_rng(len(set(filters)))
    return zlib.compress(b"".join(bytes([each]) + rng.bytes(WIDTH) for each in filters))


@pytest.mark.parametrize(
    "filters",
    [
        [0] * HEIGHT,
        [1] * HEIGHT,
        [2] * HEIGHT,
        [0, 1, 2] * (HEIGHT // 3),
        [2, 2, 1, 2, 2, 0] * (HEIGHT // 6),
        [1] * 30 + [2] * 30,
    ],
)
def test_rows_are_those_of_libpng(filters: list[int]):
    data = stream(filters)
    rows = decode_rows(data, HEIGHT, WIDTH)
    assert rows.dtype == np.uint8
    np.testing.assert_array_equal(rows, decode_stream(struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 0, 0, 0, 0), data))


@pytest.mark.parametrize("filters", [[0] * 59 + [3], [4] * HEIGHT, [0] * 59 + [5]])
def test_other_filters_are_left_to_libpng(filters: list[int]):
    assert decode_rows(stream(filters), HEIGHT, WIDTH) is None


def test_many_runs_of_rows_are_left_to_libpng():
    assert decode_rows(zlib.compress(bytes((0,) * 14 + (2,) + (0,) * 13) * 300), 600, WIDTH) is None


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"abc",
        stream([0] * HEIGHT)[:-6],
        stream([0] * HEIGHT)[:-1] + b"x",
        stream([0] * (HEIGHT - 1)),
        stream([0] * (HEIGHT + 1)),
        zlib.compress(bytes(10_000_000)),
    ],
)
def test_damaged_data_is_refused(damaged: bytes):
    assert decode_rows(damaged, HEIGHT, WIDTH) is None

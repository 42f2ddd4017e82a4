"""Draws and damages files at random until a time is over, for the tests of readers."""

import time
import warnings
from collections.abc import Callable

from hypothesis import given, HealthCheck, seed, settings
from hypothesis import strategies as st

from data.errors import UserError
from data.pages.page_records import BadPage
from data.pages.tf_examples import BrokenRecord
from data.pictures.reading import BadScan

SLOWEST_SECONDS = 10
ROUND = 200

NO_OTHER = "read, or refused in one line; never another error, a warning, or more than some seconds"


@st.composite
def damaged(draw: st.DrawFn, originals: tuple[bytes, ...]) -> bytes:
    """One of some files with bits flipped, bytes overwritten, or parts removed, repeated, inserted or exchanged."""
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
            except (BadScan, BadPage, BrokenRecord, UserError) as error:
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

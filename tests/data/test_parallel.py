"""Work on every core."""

import os
from collections.abc import Sequence

import pytest

from data import parallel
from data.parallel import map_chunks, one_pool


def doubled(chunk: Sequence[int]) -> list[int]:
    if 13 in chunk:
        raise ValueError("thirteen")
    return [2 * item for item in chunk]


@pytest.mark.parametrize("chunk", [3, 100])
def test_results_come_in_order_with_progress(chunk: int):
    reported: list[tuple[int, int]] = []
    results = list(map_chunks(doubled, range(10), chunk, lambda done, total: reported.append((done, total))))
    assert [item for part in results for item in part] == list(range(0, 20, 2))
    assert reported[-1] == (10, 10)
    assert reported == sorted(reported)


def test_an_error_of_a_worker_is_raised():
    with pytest.raises(ValueError, match="thirteen"):
        list(map_chunks(doubled, range(20), 4))


def worker(chunk: Sequence[int]) -> int:
    return os.getpid()


def test_one_pool_serves_all_calls(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(parallel, "usable_cores", lambda: 2)
    with one_pool():
        assert set(map_chunks(worker, range(4), 1, start=False)) == {os.getpid()}
        first = set(map_chunks(worker, range(4), 1))
        with one_pool():
            assert set(map_chunks(worker, range(4), 1, start=False)) | first <= processes_of_the_pool()
        with pytest.raises(ValueError, match="thirteen"):
            list(map_chunks(doubled, range(20), 4))
        assert list(map_chunks(doubled, range(4), 2)) == [[0, 2], [4, 6]]
        assert os.getpid() not in first
    assert parallel._shared is None


def processes_of_the_pool() -> set[int]:
    return set(parallel._shared.get()._processes)

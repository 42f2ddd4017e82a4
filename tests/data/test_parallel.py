"""Work on every core."""

from collections.abc import Sequence

import pytest

from data.parallel import map_chunks


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


def test_a_workers_error_travels():
    with pytest.raises(ValueError, match="thirteen"):
        list(map_chunks(doubled, range(20), 4))

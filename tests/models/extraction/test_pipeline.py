"""Threads that read and write: order, limits, errors."""

import threading
import time

import pytest

from models.extraction.pipeline import Behind, ReadAhead


def parts_of(item: int):
    for part in range(3):
        yield item, part


def test_all_parts_come_and_those_of_an_item_in_order():
    with ReadAhead(parts_of, range(20), threads=3, ahead=2) as parts:
        taken = list(parts)
    assert sorted(taken) == [(item, part) for item in range(20) for part in range(3)]
    for item in range(20):
        assert [part for number, part in taken if number == item] == [0, 1, 2]


def test_few_parts_wait():
    read = []

    def note(item: int):
        read.append(item)
        yield item

    with ReadAhead(note, range(100), threads=2, ahead=3) as parts:
        next(parts)
        time.sleep(0.3)
        assert len(read) <= 3 + 2 + 1
    assert threading.active_count() < 20


def test_an_error_in_a_thread_is_raised_where_its_parts_are_taken():
    def fail(item: int):
        yield item
        raise ValueError(item)

    with pytest.raises(ValueError), ReadAhead(fail, [1, 2]) as parts:  # noqa: PT011
        list(parts)


def test_threads_end_when_their_consumer_ends():
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt), ReadAhead(parts_of, range(100), ahead=1) as parts:  # noqa: PT012
        next(parts)
        raise KeyboardInterrupt
    assert threading.active_count() == before


def test_work_is_done_in_order():
    done: list[int] = []
    with Behind(waiting=2) as behind:
        for number in range(50):
            behind.do(lambda number=number: done.append(number))
    assert done == list(range(50))


def test_an_error_in_the_work_ends_it():
    done: list[int] = []

    def fail() -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"), Behind(waiting=1) as behind:  # noqa: PT012
        behind.do(fail)
        for number in range(5):
            behind.do(lambda number=number: done.append(number))
    assert not done


def test_what_was_handed_over_is_done_after_an_interruption():
    done: list[int] = []

    def slow() -> None:
        time.sleep(0.1)
        done.append(1)

    with pytest.raises(KeyboardInterrupt), Behind() as behind:  # noqa: PT012
        behind.do(slow)
        raise KeyboardInterrupt
    assert done == [1]

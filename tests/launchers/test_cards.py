"""The pool: which job gets which cards and cores."""

import mpi_programs  # noqa: F401 - puts the launcher on the path
import pytest
from hydra_plugins.mpi_launcher import _cards
from hydra_plugins.mpi_launcher._cards import card_pool, describe_numbers, Pool, slot_pool
from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._hosts import Host
from hydra_plugins.mpi_launcher._machine import Card


def places(pool: Pool, count: int, processes: int | None = None) -> tuple[int, ...] | None:
    placement = pool.take(count, processes or count)
    return placement.shares[0].places if placement else None


def test_groups_are_aligned_powers_of_two():
    pool = Pool("cards", {"": range(8)}, aligned=True)
    assert places(pool, 1) == (0,)
    assert places(pool, 2) == (2, 3)
    assert places(pool, 4) == (4, 5, 6, 7)
    assert places(pool, 2) is None  # 1 is free, but no pair
    assert places(pool, 1) == (1,)


def test_single_cards_do_not_break_whole_groups():
    pool = Pool("cards", {"": range(8)}, aligned=True)
    taken = [pool.take(1, 1) for _ in range(8)]
    for number in (1, 6, 7):
        pool.give_back(taken[number])
    assert places(pool, 1) == (1,)
    assert places(pool, 2) == (6, 7)


def test_without_alignment_any_cards_do():
    pool = Pool("cards", {"": [1, 3, 4, 6]})
    assert places(pool, 3) == (1, 3, 4)


def test_what_is_given_back_can_be_taken_again():
    pool = Pool("cards", {"": range(4)}, aligned=True)
    all_of_them = pool.take(4, 4)
    assert pool.take(1, 1) is None
    pool.give_back(all_of_them)
    assert places(pool, 4) == (0, 1, 2, 3)


@pytest.mark.parametrize(("count", "complaint"), [(16, "there are 8"), (3, "aligned group"), (6, "aligned")])
def test_what_can_never_fit_is_refused(count: int, complaint: str):
    with pytest.raises(LaunchError, match=complaint):
        Pool("cards", {"": range(8)}, aligned=True).check(count, count, "job 1")


def test_no_cards_at_all_is_said():
    with pytest.raises(LaunchError, match="there are no cards here"):
        Pool("cards", {"": []}, aligned=True).check(1, 1, "job 0")


def test_jobs_are_packed_on_hosts_and_large_ones_get_whole_hosts():
    pool = card_pool("auto", True, [Host("a", 8), Host("b", 8)], "hpu")
    assert pool.take(4, 4).shares[0].host == "a"
    assert pool.take(4, 4).shares[0].host == "a"  # the fuller one first
    assert pool.take(16, 16) is None
    assert pool.take(8, 8).shares[0].host == "b"
    pool = card_pool("auto", True, [Host("a", 8), Host("b", 8)], "hpu")
    shares = pool.take(16, 16).shares
    assert [(share.host, share.processes, len(share.places)) for share in shares] == [("a", 8, 8), ("b", 8, 8)]
    pool.check(16, 16, "job 0")


@pytest.mark.parametrize(("slots", "cards", "ranks"), [((8, 4), 12, 12), ((8, 8), 12, 12), ((8, 8), 16, 1)])
def test_cards_of_several_hosts_that_are_not_alike_are_refused(slots: tuple[int, ...], cards: int, ranks: int):
    pool = card_pool("auto", True, [Host(f"h{number}", count) for number, count in enumerate(slots)], "hpu")
    with pytest.raises(LaunchError, match=f"job 0 needs {cards} cards .* as many on each"):
        pool.check(cards, ranks, "job 0")
    assert pool.take(cards, ranks) is None


def test_a_job_takes_the_hosts_that_are_alike():
    pool = card_pool("auto", True, [Host("a", 8), Host("b", 4), Host("c", 8)], "hpu")
    assert [share.host for share in pool.take(16, 16).shares] == ["a", "c"]
    assert pool.take(16, 16) is None


def test_slots_of_hosts_that_differ_are_filled():
    pool = slot_pool(0, [], [Host("a", 4), Host("b", 2)])
    assert [(share.host, share.processes) for share in pool.take(5, 5).shares] == [("a", 4), ("b", 1)]


def test_every_rank_gets_cores_of_its_own():
    pool = Pool("slots", {"": range(4)}, cores={"": range(8)})
    first, second = pool.take(1, 1), pool.take(3, 3)
    cores = [*first.shares[0].cores, *second.shares[0].cores]
    assert cores == [(0, 1), (2, 3), (4, 5), (6, 7)]


def test_more_slots_than_cores_share_them():
    pool = Pool("slots", {"": range(8)}, cores={"": range(2)})
    assert pool.take(1, 1).shares[0].cores == ()


def test_slots_are_one_a_core_but_no_more_than_the_jobs_can_use(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(4)))
    assert slot_pool(0, [], []).size == 1
    assert slot_pool(0, [1, 2], []).size == 3
    assert slot_pool(0, [1] * 9, []).size == 4
    assert slot_pool(0, [6, 1], []).size == 6  # the job's ranks share the cores
    assert slot_pool(5, [1], []).size == 5


@pytest.mark.parametrize(("cards", "size"), [(8, 8), ([0, 1, 5], 3), ("0,1,4", 3), (0, 0)])
def test_cards_are_a_number_or_a_list(cards, size: int):
    assert card_pool(cards, True, [], "hpu").size == size


@pytest.mark.parametrize("cards", ["many", -1, [1.5, "x"], None, True])
def test_other_descriptions_of_cards_are_refused(cards):
    with pytest.raises(LaunchError, match=r"hydra\.launcher\.cards"):
        card_pool(cards, True, [], "hpu")


def test_cards_that_a_process_holds_are_left_alone(monkeypatch: pytest.MonkeyPatch):
    cards = [Card(number, f"/dev/accel/accel{number}") for number in range(4)]
    monkeypatch.setattr(_cards, "visible_cards", lambda kind: cards)
    monkeypatch.setattr(_cards, "holders", lambda cards, kind: {1: 4321})
    pool = card_pool("auto", True, [], "hpu")
    assert pool.size == 3
    assert places(pool, 2) == (2, 3)


def test_a_share_of_a_host_is_whole_or_not():
    pool = card_pool("auto", True, [Host("a", 8), Host("b", 8)], "hpu")
    assert [share.whole for share in pool.take(16, 16).shares] == [True, True]
    assert [share.whole for share in card_pool("auto", True, [Host("a", 8)], "hpu").take(4, 4).shares] == [False]


def test_numbers_are_described_as_ranges():
    assert describe_numbers([0, 1, 2, 3, 6]) == "0-3,6"
    assert str(Pool("cards", {"": range(8)}, aligned=True).take(4, 4)) == "cards 0-3"
    assert str(Pool("slots", {"": range(8)}).take(1, 1)) == "slot 0"

"""Joined tables are separated where their numbering starts again, not at row numbers of one release."""

import pytest

from data.labels.numbering import batches_of_rows, repair_ids, repair_references, Unrepairable


def test_a_numbering_that_falls_begins_another_table():
    assert batches_of_rows([1, 2, 5, 2, 3, 1]) == [0, 0, 0, 1, 1, 2]
    assert batches_of_rows([]) == []


def test_any_column_that_falls_does():
    assert batches_of_rows([7, 7, 9, 9], [1, 2, 3, 1]) == [0, 0, 0, 1]


def test_ids_that_do_not_collide_are_left_alone_in_any_order():
    assert repair_ids([3, 1, 2]) == [(0, 3), (0, 1), (0, 2)]


def test_colliding_ids_get_the_batch_that_they_are_of():
    assert repair_ids([1, 2, 3, 1, 2]) == [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2)]


def test_an_id_that_is_listed_twice_in_one_table_cannot_be_repaired():
    with pytest.raises(Unrepairable, match="is listed twice"):
        repair_ids([1, 2, 2, 3])


def test_references_follow_the_ids():
    ids = repair_ids([1, 2, 3, 1, 2])
    assert repair_references(ids, [2, 2, 3, 1, 1], [4, 5, 6, 1, 2]) == [(0, 2), (0, 2), (0, 3), (1, 1), (1, 1)]


def test_references_whose_tables_do_not_show_in_themselves_show_in_another_column():
    ids = repair_ids([1, 2, 3, 1, 2])
    assert repair_references(ids, [1, 1, 2, 2], [1, 2, 1, 2]) == [(0, 1), (0, 1), (1, 2), (1, 2)]


def test_references_from_fewer_or_more_tables_cannot_be_repaired():
    ids = repair_ids([1, 2, 1, 2])
    with pytest.raises(Unrepairable, match="starts 1 times, that of the ids 2 times"):
        repair_references(ids, [1, 2])
    with pytest.raises(Unrepairable, match="starts 3 times"):
        repair_references(ids, [2, 1, 2, 1])


def test_references_to_ids_that_do_not_collide_may_stand_in_any_order():
    assert repair_references(repair_ids([1, 2, 3]), [3, 1, 2]) == [(0, 3), (0, 1), (0, 2)]

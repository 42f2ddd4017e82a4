"""Repairs ids that collide because tables that each count from the beginning were joined."""

from collections.abc import Sequence


class Unrepairable(Exception):
    """Numbers by which the joined tables cannot be separated; the message says why."""


def batches_of_rows(*columns: Sequence[int]) -> list[int]:
    """The index of the joined table that each row comes from.

    The numbers of a table count upwards, so another table begins where any column falls.

    Args:
      columns: numbers of the rows that rise, or stay the same, within a table.
    """
    batches, batch = [], 0
    before: tuple[int, ...] | None = None
    for row in zip(*columns, strict=True):
        if before and any(now < then for now, then in zip(row, before, strict=True)):
            batch += 1
        batches.append(batch)
        before = row
    return batches


def repair_ids(ids: Sequence[int]) -> list[tuple[int, int]]:
    """Makes the ids of a joined table unique.

    Returns:
      (batch, id) of each row. Ids that do not collide are all of batch 0, in any order.

    Raises:
      Unrepairable: an id is listed twice in a table.
    """
    if len(set(ids)) == len(ids):
        return [(0, number) for number in ids]
    repaired = list(zip(batches_of_rows(ids), ids, strict=True))
    if len(set(repaired)) < len(repaired):
        raise Unrepairable("an id is listed twice, and the numbering does not start again in between")
    return repaired


def repair_references(repaired: Sequence[tuple[int, int]], *columns: Sequence[int]) -> list[tuple[int, int]]:
    """Makes the references of another joined table to those ids unique.

    Args:
      repaired: the ids, from `repair_ids`.
      columns: the references, and other columns that count upwards in the same tables.

    Returns:
      (batch, id) of each row.

    Raises:
      Unrepairable: this table was not joined from as many tables as the ids were.
    """
    wanted = max((batch for batch, _ in repaired), default=0) + 1
    if wanted == 1:
        return [(0, number) for number in columns[0]]
    batches = batches_of_rows(*columns)
    found = max(batches, default=0) + 1
    if found != wanted:
        raise Unrepairable(f"its numbering starts {found} times, that of the ids {wanted} times")
    return list(zip(batches, columns[0], strict=True))

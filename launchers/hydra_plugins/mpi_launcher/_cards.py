"""The available cards and cores, and the jobs that hold them: aligned groups, whole hosts, core sets."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from hydra_plugins.mpi_launcher._errors import LaunchError
from hydra_plugins.mpi_launcher._hosts import Host
from hydra_plugins.mpi_launcher._machine import cores_by_card, holders, ordered_cores, visible_cards

LOCALHOST = ""
"""Name of this machine in a pool that knows no hosts."""


@dataclasses.dataclass(frozen=True)
class Share:
    """What a job holds on one host.

    Attributes:
      host: name; empty for this machine.
      processes: ranks of the job there.
      places: numbers of the cards it holds there, or of the CPU slots.
      cores: one set of core numbers a rank; empty where the host's cores are not known.
      whole: whether it holds all that the host has.
    """

    host: str
    processes: int
    places: tuple[int, ...]
    cores: tuple[tuple[int, ...], ...] = ()
    whole: bool = False


@dataclasses.dataclass(frozen=True)
class Placement:
    """What a job holds, over all its hosts.

    Attributes:
      kind: `cards` or `slots`.
      shares: one a host.
    """

    kind: str
    shares: tuple[Share, ...]

    def __str__(self) -> str:
        places = " + ".join(
            (f"{share.host}:" if share.host else "") + describe_numbers(share.places) for share in self.shares
        )
        count = sum(len(share.places) for share in self.shares)
        return f"{self.kind[:-1] if count == 1 else self.kind} {places}"


class Pool:
    """Numbered places (cards or CPU slots) on some hosts, of which jobs take and give back groups.

    Args:
      kind: `cards` or `slots`.
      places: numbers of the places of each host.
      aligned: groups of several places are powers of two and start at a multiple of their size.
      cores: of each host, for ranks to be bound to; a host's cores are split evenly over its places.

    Attributes:
      free: number of free places.
    """

    def __init__(
        self,
        kind: str,
        places: Mapping[str, Sequence[int]],
        aligned: bool = False,
        cores: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        self.kind, self._aligned = kind, aligned
        self._all = {host: tuple(numbers) for host, numbers in places.items()}
        self._free = {host: set(numbers) for host, numbers in places.items()}
        self._cores = {host: tuple(numbers) for host, numbers in (cores or {}).items()}
        self._order = {host: number for number, host in enumerate(self._all)}
        self.free = self.size

    @property
    def size(self) -> int:
        """Places in all."""
        return sum(map(len, self._all.values()))

    def check(self, count: int, processes: int, job: str) -> None:
        """Refuses a job that could never start; the arguments are those of `take`, and the job's name.

        Raises:
          LaunchError: more places than there are, a group that cannot be aligned, or hosts that cannot share the job.
        """
        if count > self.size:
            have = f"{self.size} {self.kind}" if self.size else f"no {self.kind}"
            remedy = "" if self.kind == "slots" else "; hydra.launcher.dry_run=true hydra.launcher.cards=N plans for N"
            raise LaunchError(f"{job} needs {_counted(count, self.kind)}, but there are {have} here{remedy}")
        if self._fit(count, processes, {host: set(numbers) for host, numbers in self._all.items()}) is not None:
            return
        if count > max(map(len, self._all.values())):
            raise LaunchError(
                f"{job} needs {count} {self.kind} for {_counted(processes, 'ranks')}: of several hosts it takes all "
                f"{self.kind}, as many on each, with as many ranks on each; there are {self._describe()}"
            )
        raise LaunchError(
            f"{job} needs {count} {self.kind} in an aligned group, which {self.kind} "
            f"{self._describe()} do not have; take a power of two, or hydra.launcher.aligned=false"
        )

    def take(self, count: int, processes: int) -> Placement | None:
        """A group of free places for a job, or None for now.

        Args:
          count: places.
          processes: ranks of the job, split evenly over the places' hosts.
        """
        found = self._fit(count, processes, self._free)
        if found is None:
            return None
        shares = []
        ranks = _split(processes, [len(places) for _, places in found])
        for (host, places), number in zip(found, ranks, strict=True):
            self._free[host] -= set(places)
            self.free -= len(places)
            whole = len(places) == len(self._all[host])
            shares.append(Share(host, number, tuple(places), self._core_sets(host, places, number), whole))
        return Placement(self.kind, tuple(shares))

    def give_back(self, placement: Placement) -> None:
        """Frees what a job held."""
        for share in placement.shares:
            self._free[share.host] |= set(share.places)
            self.free += len(share.places)

    def grow(self, count: int) -> None:
        """Adds places to a pool of this machine, for a job that needs more than it has: ranks share the cores."""
        new = range(self.size, count)
        self._all[LOCALHOST] = (*self._all[LOCALHOST], *new)
        self._free[LOCALHOST] |= set(new)
        self.free += len(new)

    def _fit(self, count: int, processes: int, free: Mapping[str, set[int]]) -> list[tuple[str, list[int]]] | None:
        # The host with the least room that suffices: large holes stay large.
        with_room = [(len(places), self._order[host], host) for host, places in free.items() if len(places) >= count]
        for _, _, host in sorted(with_room):
            places = self._group(count, host, free[host])
            if places is not None:
                return [(host, places)]
        if any(len(numbers) >= count for numbers in self._all.values()):
            return None
        whole = [host for host in free if free[host] and len(free[host]) == len(self._all[host])]
        return self._some_of(whole, count) if self.kind == "slots" else self._equals_of(whole, count, processes)

    def _some_of(self, whole: Sequence[str], count: int) -> list[tuple[str, list[int]]] | None:
        """Places of free hosts for a job that no host can hold alone; the last host may be used in part."""
        found, left = [], count
        for host in whole:
            if left > 0:
                found.append((host, list(self._all[host][:left])))
                left -= len(found[-1][1])
        return found if left == 0 else None

    def _equals_of(self, whole: Sequence[str], count: int, processes: int) -> list[tuple[str, list[int]]] | None:
        """Free hosts of one size, all their cards: ranks on all hosts get the same numbers of cards."""
        for size in sorted({len(self._all[host]) for host in whole}, reverse=True):
            hosts = [host for host in whole if len(self._all[host]) == size][: count // size]
            if size * len(hosts) == count and processes % len(hosts) == 0:
                return [(host, list(self._all[host])) for host in hosts]
        return None

    def _group(self, count: int, host: str, free: set[int]) -> list[int] | None:
        if len(free) < count:
            return None
        numbers = sorted(free)
        if not self._aligned or count == 1:
            return self._tightest(count, numbers) if self._aligned else numbers[:count]
        if count & (count - 1):
            return None
        for start in sorted({number - number % count for number in numbers}):
            group = list(range(start, start + count))
            if free.issuperset(group):
                return group
        return None

    def _tightest(self, count: int, numbers: list[int]) -> list[int]:
        """One place, from the most fragmented aligned groups."""
        free = set(numbers)

        def whole_groups_broken(number: int) -> tuple[int, ...]:
            sizes = (2, 4, 8)
            return tuple(
                int(free.issuperset(range(number - number % size, number - number % size + size))) for size in sizes
            )

        return sorted(numbers, key=lambda number: (whole_groups_broken(number), number))[:count]

    def _core_sets(self, host: str, places: Sequence[int], processes: int) -> tuple[tuple[int, ...], ...]:
        cores, everything = self._cores.get(host, ()), self._all[host]
        if not cores or not processes:
            return ()
        each = len(cores) // len(everything)
        if each == 0:
            return ()  # more places than cores: ranks share them all
        mine = [core for place in places for core in cores[everything.index(place) * each :][:each]]
        if len(mine) < processes:
            return ()
        sizes = _split(len(mine), [1] * processes)
        starts = [sum(sizes[:rank]) for rank in range(processes)]
        return tuple(tuple(mine[start : start + size]) for start, size in zip(starts, sizes, strict=True))

    def _describe(self) -> str:
        return " + ".join(
            (f"{host}:" if host else "") + describe_numbers(numbers) for host, numbers in self._all.items()
        )


def _counted(count: int, kind: str) -> str:
    return f"{count} {kind[:-1] if count == 1 else kind}"


def _split(total: int, weights: Sequence[int]) -> list[int]:
    """Splits a whole number by weights, exactly: the first parts get the remainder."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    for index in range(total - sum(parts)):
        parts[index % len(parts)] += 1
    return parts


def describe_numbers(numbers: Sequence[int]) -> str:
    """`0-3,6` for (0, 1, 2, 3, 6)."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in ranges)


def card_pool(cards: object, aligned: bool, hosts: Sequence[Host], kind: str) -> Pool:
    """The pool of cards that `hydra.launcher.cards` describes.

    Args:
      cards: `auto`, those that the driver shows and no process holds; a number, or a list of numbers (also as text,
        `0,1,4`).
      aligned: see `Pool`.
      hosts: other machines; each brings as many cards as its slots, unless a list names them.
      kind: of the cards, see `_devices.device_of`.

    Raises:
      LaunchError: the description is none of these.
    """
    numbers = _card_numbers(cards)
    if hosts:
        places = {host.name: list(range(host.slots)) if numbers is None else numbers for host in hosts}
        return Pool("cards", places, aligned)
    here = visible_cards(kind)
    if numbers is None:
        held = holders(here, kind)
        numbers = [card.number for card in here if card.number not in held]
    known = [card for card in here if card.number in numbers]
    cores = cores_by_card(known) if len(known) == len(numbers) else ordered_cores()
    return Pool("cards", {LOCALHOST: numbers}, aligned, {LOCALHOST: cores})


def slot_pool(slots: int, ranks: Sequence[int], hosts: Sequence[Host]) -> Pool:
    """The pool of CPU slots, one a rank.

    Args:
      slots: how many; 0: one a core, or fewer if the jobs cannot use them, or more if one job alone has more ranks.
      ranks: of each job.
      hosts: other machines, each with its own slots.
    """
    if hosts:
        return Pool("slots", {host.name: range(host.slots) for host in hosts})
    cores = ordered_cores()
    count = slots or max(1, *ranks, min(sum(ranks), len(cores)))
    return Pool("slots", {LOCALHOST: range(count)}, cores={LOCALHOST: cores})


def _card_numbers(cards: object) -> list[int] | None:
    if cards == "auto":
        return None
    if isinstance(cards, int) and not isinstance(cards, bool) and cards >= 0:
        return list(range(cards))
    items: Any = cards.split(",") if isinstance(cards, str) else cards
    try:
        numbers = sorted({int(item) for item in items})
        if numbers and numbers[0] >= 0:
            return numbers
    except (TypeError, ValueError):
        pass
    raise LaunchError(
        f"hydra.launcher.cards: {cards} is neither auto, nor a number of cards, nor a list of their numbers"
    )

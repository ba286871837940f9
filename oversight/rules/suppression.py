"""Which numbers of a public table are hidden so that no small one can be found by subtraction. Pure.

A table has a row for each unit and one for all of them, and for each a column for every month, quarter, half-year and year. Such a table is
a network: each number is what flows through one edge, and at each node what comes in goes out (a quarter is its months, all units are
their sum). A reader who knows some edges can say of another one exactly how much flows there unless it lies on a circle of hidden edges
around which one more, or one less, could flow (Gusfield 1988, "A graph theoretic approach to statistical data security"). So each number
that must be hidden is laid on such a circle, the one that costs the fewest useful numbers; whatever the circle has is hidden too, and
is by the same circle as safe. Where what everyone knows leaves no circle, all that ends with that month is hidden.

Time goes on and files were downloaded: what was once shown is never hidden later. Columns are therefore decided in the order in which they
end, and a circle may only take numbers that were never shown before.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from heapq import heappop, heappush
from typing import Any

#: The row of all units.
ALL = None
MONTHS = 12
#: How much is lost with a number: a year or a quarter is read more than a month, and all units more than one.
_WORTH = {1: 1, 3: 6, 6: 4, 12: 12}
_WORTH_OF_ALL = 100
_TIE = 1000  # of two as useful, the smaller number


@dataclass(frozen=True, order=True)
class Period:
    """A month, quarter, half-year or year by its months of the year, both counted."""

    first: int
    last: int

    @property
    def months(self) -> int:
        """How many months it has."""
        return self.last - self.first + 1

    @property
    def above(self) -> Period | None:
        """The next longer period, of which it is a part."""
        longer = {1: 3, 3: 6, 6: 12}.get(self.months)
        if longer is None:
            return None
        first = (self.first - 1) // longer * longer + 1
        return Period(first, first + longer - 1)


PERIODS = tuple(Period(first, first + length - 1) for length in (1, 3, 6, 12) for first in range(1, MONTHS + 1, length))


@dataclass(frozen=True)
class Month:
    """The number of one unit in one month, and between what a reader knows it to lie even where it is hidden."""

    value: int
    least: int = 1
    most: int | None = None


Row = Hashable
Cell = tuple[Row, Period]


class _Seen(IntEnum):
    NOT_YET = 0  # the period is not over: nobody was ever told
    HIDDEN = 1
    NEW = 2  # to be shown for the first time, unless a circle needs it
    SHOWN = 3


def is_small(value: int, least: int) -> bool:
    """Say whether a number is of so few that it is not shown. Nought tells of nobody."""
    return 0 < value < least


def hidden(table: Mapping[Row, Sequence[Month]], must: Callable[[Row, Period], bool], *, zeros_too: bool = False) -> set[Cell]:
    """Return which numbers are not to be shown of a year whose months so far are in *table*.

    *must* says which have to be hidden by themselves. Noughts are always shown, unless *zeros_too*: then they may be hidden with others.
    """
    network = _Network(table, zeros_too=zeros_too)
    for month in range(1, network.months + 1):
        network.end_of(month, must)
    return network.hidden


def sums(table: Mapping[Row, Sequence[Month]]) -> dict[Cell, int]:
    """Return each number of the table whose period is over, ALL units too."""
    found: dict[Cell, int] = {}
    months = min((len(row) for row in table.values()), default=0)
    for period in PERIODS:
        if period.last <= months:
            for key, row in table.items():
                found[key, period] = sum(month.value for month in row[period.first - 1 : period.last])
            found[ALL, period] = sum(found[key, period] for key in table)
    return found


class _Network:
    """The table as a network: numbers and nodes are counted through, for a province has thousands of each."""

    def __init__(self, table: Mapping[Row, Sequence[Month]], *, zeros_too: bool) -> None:
        self.months = min((len(row) for row in table.values()), default=0)
        self.zeros_too = zeros_too
        # Months to come are no edges: what they will be was not known when the others were decided.
        periods = [period for period in PERIODS if period.months > 1 or period.last <= self.months]
        self.cells: list[Cell] = [(row, period) for row in (ALL, *table) for period in periods]
        values = sums(table)
        self.values = [values.get(cell, 0) for cell in self.cells]
        self.state = [_Seen.NOT_YET] * len(self.cells)
        self.ends: list[tuple[int, int]] = []
        self.at: list[list[tuple[int, int, int]]] = []  # node → the edges there: the number, the node at its other end, +1 along it or -1
        self.known = [self._known(table, cell) for cell in self.cells]
        #: The circle that keeps a hidden number safe.
        self.circle: dict[int, frozenset[int]] = {}
        nodes: dict[Any, int] = {}
        for number, cell in enumerate(self.cells):
            tail, head = (nodes.setdefault(node, len(nodes)) for node in _ends(*cell))
            self.at += [[] for _ in range(len(nodes) - len(self.at))]
            self.ends.append((tail, head))
            self.at[tail].append((number, head, 1))
            self.at[head].append((number, tail, -1))

    @property
    def hidden(self) -> set[Cell]:
        return {cell for cell, state in zip(self.cells, self.state, strict=True) if state is _Seen.HIDDEN}

    def end_of(self, month: int, must: Callable[[Row, Period], bool]) -> None:
        """Decide on what is over with that month."""
        new = [number for number, cell in enumerate(self.cells) if cell[1].last == month]
        for number in new:
            least, most = self.known[number]
            # What cannot be anything else is known anyhow.
            self.state[number] = _Seen.HIDDEN if least != most and must(*self.cells[number]) else _Seen.NEW
        for number, state in enumerate(list(self.state)):
            if state is _Seen.HIDDEN and not self._is_safe(number) and not self._made_safe(number):
                # What everyone knows of it leaves no way round: nothing of what ends now is shown.
                self.state = [_Seen.HIDDEN if each is _Seen.NEW else each for each in self.state]
        for number in new:
            if self.state[number] is _Seen.NEW:
                self.state[number] = _Seen.SHOWN

    def _is_safe(self, number: int) -> bool:
        return number in self.circle and all(self.state[each] <= _Seen.HIDDEN for each in self.circle[number])

    def _made_safe(self, number: int) -> bool:
        tail, head = self.ends[number]
        best: tuple[int, list[int]] | None = None
        for start, goal, by in ((head, tail, 1), (tail, head, -1)):
            if self._may_change(number, by) and (best is None or best[0]):
                best = self._way(start, goal, number, best) or best
        if best is None:
            return False
        circle = frozenset([number, *best[1]])
        for each in circle:
            if self.state[each] is _Seen.NEW:
                self.state[each] = _Seen.HIDDEN
            self.circle[each] = circle
        return True

    def _way(self, start: int, goal: int, without: int, better_than: tuple[int, list[int]] | None) -> tuple[int, list[int]] | None:
        """Return the cheapest way from node to node along which one more may flow, and what it hides (Dijkstra)."""
        dearest = better_than[0] if better_than else None
        best = {start: 0}
        came: dict[int, tuple[int, int]] = {}
        heap, turn = [(0, 0, start)], 0
        while heap:
            cost, _, node = heappop(heap)
            if node == goal:
                return cost, list(_back(came, goal))
            if cost > best[node]:
                continue
            for number, other, by in self.at[node]:
                if self.state[number] is _Seen.SHOWN or number == without:
                    continue
                total = cost + (self._price(number) if self.state[number] is _Seen.NEW else 0)
                if total >= best.get(other, total + 1) or (dearest is not None and total >= dearest) or not self._may_change(number, by):
                    continue
                turn += 1
                best[other], came[other] = total, (node, number)
                heappush(heap, (total, turn, other))
        return None

    def _price(self, number: int) -> int:
        row, period = self.cells[number]
        return _WORTH[period.months] * (_WORTH_OF_ALL if row is ALL else 1) * _TIE + min(self.values[number], _TIE - 1)

    def _known(self, table: Mapping[Row, Sequence[Month]], cell: Cell) -> tuple[int, int | None]:
        """Return between what everyone knows a number to lie, hidden or not."""
        row, period = cell
        months = [month for of in (table if row is ALL else [row]) for month in table[of][period.first - 1 : period.last]]
        most: int | None = 0
        for month in months:
            most = None if most is None or month.most is None else most + month.most
        return max(sum(month.least for month in months), 0 if self.zeros_too or (row is not ALL and period.months == 1) else 1), most

    def _may_change(self, number: int, by: int) -> bool:
        """Say whether one more or one less is as possible, and whether it may be hidden at all: without *zeros_too*, no nought is."""
        state, value, (least, most) = self.state[number], self.values[number], self.known[number]
        if state is _Seen.NOT_YET:
            return True
        return (value > 0 or self.zeros_too) and value + by >= least and (most is None or value + by <= most)


def _back(came: dict[int, tuple[int, int]], node: int) -> Iterator[int]:
    while node in came:
        node, number = came[node]
        yield number


def _ends(row: Row, period: Period) -> tuple[Any, Any]:
    """Return the nodes of an edge: all units' year flows into its parts and months, each month into units, these into the unit's year."""
    above = period.above
    outer = "end" if above is None else (row, above)
    inner = ("month", period.first) if period.months == 1 else (row, period)
    return (outer, inner) if row is ALL else (inner, outer)

"""What is hidden of a public table: of no hidden number can be said what it is, whatever else is published now or was before."""

from __future__ import annotations

import itertools
import random

import pytest

from oversight.figures import suppression
from oversight.figures.counting import Tally
from oversight.rules.suppression import ALL, PERIODS, Month, Period, hidden, is_small, sums

LEAST = 5
JAN, FEB, MARCH, Q1, H1, YEAR = Period(1, 1), Period(2, 2), Period(3, 3), Period(1, 3), Period(1, 6), Period(1, 12)


def table_of(*rows):
    return {f"u{number}": [Month(value, least=min(value, 1)) for value in row] for number, row in enumerate(rows)}


def hidden_in(table):
    values = sums(table)
    return hidden(table, lambda *cell: is_small(values[cell], LEAST))


@pytest.mark.parametrize(("value", "small"), [(0, False), (1, True), (4, True), (5, False)])
def test_small_is_what_is_of_somebody_and_of_few(value, small):
    assert is_small(value, LEAST) is small


def test_a_period_knows_what_it_is_part_of():
    assert (JAN.above, Period(4, 4).above, Q1.above, Period(10, 12).above, H1.above, YEAR.above) == (
        Q1, Period(4, 6), H1, Period(7, 12), YEAR, None,
    )  # fmt: skip


def test_where_nothing_is_small_nothing_is_hidden():
    assert hidden_in(table_of([5, 0, 9], [6, 7, 0])) == set()


def test_another_unit_of_the_month_is_hidden_with_a_small_one_and_all_units_stay():
    found = hidden_in(table_of([3], [20], [8]))
    assert found == {("u0", JAN), ("u2", JAN)}


def test_a_quarter_is_not_shown_beside_its_only_hidden_month():
    found = hidden_in(table_of([9, 8, 2], [9, 9, 9], [9, 9, 9]))
    months = {cell for cell in found if cell[1].months == 1}
    assert {row for row, _ in months} > {"u0"}
    for row in ("u0", "u1", "u2"):
        of_row = [period for each, period in found if each == row]
        assert len(of_row) != 1


def test_what_only_one_unit_has_is_hidden_of_all_units_too():
    assert {(ALL, JAN), ("u0", JAN)} <= hidden_in(table_of([3, 9, 9], [0, 9, 9]))


# --- somebody who reads everything, and tries all numbers ---------------------------------------------------------------


def possible(table, found, *, zeros_too=False, most=None):
    """Return the values that each hidden number may have, by going through all that fits what is shown."""
    values = sums(table)
    shown = {cell: value for cell, value in values.items() if cell not in found}
    rows, months = list(table), len(next(iter(table.values())))
    leaves = [(row, Period(month, month)) for month in range(1, months + 1) for row in rows]
    sums_of = {
        cell: [leaf for leaf in leaves if cell[0] in {ALL, leaf[0]} and cell[1].first <= leaf[1].first <= cell[1].last] for cell in values
    }
    last_of = {}
    for cell, value in shown.items():
        last_of.setdefault(leaves.index(max(sums_of[cell], key=leaves.index)), []).append((cell, value))
    seen: dict[object, set[int]] = {cell: set() for cell in found}
    budget = itertools.count()

    def go(at, world):
        if next(budget) > 200_000:
            return
        if at == len(leaves):
            for cell in found:
                seen[cell].add(sum(world[leaf] for leaf in sums_of[cell]))
            return
        leaf = leaves[at]
        own = values[leaf]
        top = most[leaf] if most else own + 2
        # Near its own value first: whatever fits nearby is found before the budget ends.
        near = sorted(range(0 if zeros_too else 1, top + 1), key=lambda value: abs(value - own)) if leaf in found else [own]
        for value in near:
            if abs(value - own) > 2:
                continue
            world[leaf] = value
            if all(sum(world[each] for each in sums_of[cell]) == sum_ for cell, sum_ in last_of.get(at, ())):
                go(at + 1, world)
            if all(len(each) > 1 for each in seen.values()):
                return
        del world[leaf]

    go(0, {})
    return seen


SHAPES = [(1, 3), (2, 1), (2, 3), (3, 2), (3, 3), (2, 4), (4, 2), (2, 6), (3, 4)]


@pytest.mark.parametrize("shape", SHAPES)
def test_each_hidden_number_may_be_at_least_two_whatever_one_adds_and_subtracts(shape):
    units, months = shape
    some = 0
    for seed in range(12):
        chance = random.Random(f"{shape}{seed}")
        kinds = [0, 0, 1, 2, 3, 4, 5, 6, 9]
        table = table_of(*([chance.choice(kinds) for _ in range(months)] for _ in range(units)))
        found = hidden_in(table)
        some += len(found)
        assert [(cell, worlds) for cell, worlds in possible(table, found).items() if len(worlds) < 2] == [], table
    assert some


def test_the_one_who_tries_all_numbers_finds_what_is_badly_hidden():
    table = table_of([3, 6], [7, 8])
    worlds = possible(table, {("u0", JAN)})
    assert worlds[("u0", JAN)] == {3}


def test_what_was_shown_once_is_never_hidden_later():
    for seed in range(8):
        chance = random.Random(seed)
        table = table_of(*([chance.choice([0, 2, 3, 5, 7, 12]) for _ in range(12)] for _ in range(4)))
        before: set[object] = set()
        for months in range(1, 13):
            so_far = {row: values[:months] for row, values in table.items()}
            found = hidden_in(so_far)
            over = set(sums(so_far))
            assert not (before & found), (seed, months)
            before |= over - found


def test_no_small_number_and_no_nought_is_on_the_wrong_side():
    for seed in range(10):
        chance = random.Random(seed)
        table = table_of(*([chance.choice([0, 1, 4, 5, 20]) for _ in range(12)] for _ in range(6)))
        found, values = hidden_in(table), sums(table)
        assert {cell for cell, value in values.items() if is_small(value, LEAST)} <= found
        assert not [cell for cell in found if values[cell] == 0]
        assert len(found) < len(values)


def test_a_part_and_the_rest_of_a_known_whole_are_hidden_together_and_both_stay_open():
    for seed in range(40):
        chance = random.Random(seed)
        wholes = [[chance.choice([0, 5, 6, 8]) for _ in range(3)] for _ in range(2)]
        table = {f"u{n}": [Month(chance.randint(0, whole), 0, whole) for whole in row] for n, row in enumerate(wholes)}
        whole = sums(table_of(*wholes))
        values = sums(table)

        def must(*cell, values=values, whole=whole):
            return is_small(values[cell], LEAST) or is_small(whole[cell] - values[cell], LEAST)

        found = hidden(table, must, zeros_too=True)
        worlds = possible(table, found, zeros_too=True, most=whole)
        assert all(len(each) > 1 for each in worlds.values()), table


# --- somebody who knows besides which figure is part of which --------------------------------------------------------------

COUNTED = {"opened": "made", "done": "closed", "due": "due", "rated": "rated", "on_time": "met"}


def unseen(months=1, *, least=LEAST, **of_units):
    """Return what is hidden of each figure, of units with these counts: of each month, or the same in all of so many *months*."""
    numbers: dict[object, Tally] = {}
    for period in (each for each in PERIODS if each.last <= months):
        numbers[ALL, period] = Tally()
        for unit, counts in of_units.items():
            rows = counts if isinstance(counts, list) else [counts] * months
            tally = Tally()
            for month in rows[period.first - 1 : period.last]:
                tally.counts.update(month)
            numbers[unit, period] = tally
            numbers[ALL, period].add(tally)
    return suppression._hidden(numbers, list(of_units), months, least)


def worlds(unit):
    """Return all units of a first month that are no greater: what was rated was done, what was done or due came, what was kept both."""
    made = range(unit["made"] + 2)
    return [
        {"made": came, "closed": done, "rated": rated, "due": due, "met": met}
        for came in made
        for done in range(came + 1)
        for due in range(came + 1)
        for rated in range(done + 1)
        for met in range(min(done, due) + 1)
    ]


def read_off(units, least):
    """Return the numbers of few that can be read off what is shown of *units* in their first month."""
    found = unseen(least=least, **units)
    totals = {name: sum(unit[name] for unit in units.values()) for name in COUNTED.values()}
    asked = {name: lambda world, counted=name: world[counted] for name in COUNTED.values()}
    asked["missed"] = lambda world: world["due"] - world["met"]
    told = [counted for name, counted in COUNTED.items() if (ALL, JAN) not in found[name]]
    fits = {
        key: [
            world
            for world in worlds(unit)
            if all(
                world[counted] == unit[counted] if (key, JAN) not in found[name] else name != "opened" or world[counted] > 0
                for name, counted in COUNTED.items()
            )
        ]
        for key, unit in units.items()
    }
    wanted = tuple(totals[name] for name in told)
    caught = []
    for key, unit in units.items():
        reached = {(0,) * len(told)}
        for other in units.keys() - {key}:
            steps = {tuple(world[name] for name in told) for world in fits[other]}
            reached = {tuple(map(sum, zip(total, step, strict=True))) for total in reached for step in steps}
        left = [
            world
            for world in fits[key]
            if tuple(total - world[name] for total, name in zip(wanted, told, strict=True)) in reached
        ]  # fmt: skip
        assert unit in left
        caught += [(key, name) for name, of in asked.items() if is_small(of(unit), least) and len({of(world) for world in left}) < 2]
    return caught


def at_random(chance, top):
    made = chance.randint(0, top)
    done, due = chance.randint(0, made), chance.randint(0, made)
    rated, met = chance.choice([0, done, chance.randint(0, done)]), chance.randint(0, min(done, due))
    return {"made": made, "closed": done, "rated": rated, "due": due, "met": met}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_no_number_of_few_can_be_read_off_the_figures_of_a_first_month_by_who_knows_their_order(number):
    for seed in range(60):
        chance = random.Random(f"{number}{seed}")
        units = {name: at_random(chance, 4) for name in "abc"[:number]}
        assert read_off(units, 3) == [], units


def test_what_was_done_is_not_the_rest_of_a_whole_where_all_the_other_unit_did_was_rated():
    found = unseen(a={"made": 9, "closed": 1}, b={"made": 9, "closed": 5, "rated": 5})
    assert {("a", JAN), ("b", JAN)} <= found["done"]
    assert ("b", JAN) in found["rated"]  # shown, b did five at least: of six in all, a did one


@pytest.mark.parametrize("told", ["closed", "due"])
def test_what_came_is_not_the_rest_of_a_whole_where_the_other_unit_is_known_to_have_got_as_many(told):
    found = unseen(3, a={"made": 1}, b={"made": 5, told: 5})
    figure = {"closed": "done", "due": "due"}[told]
    assert {cell for cell in found["opened"] if cell[1] in {JAN, Q1}} <= found[figure]


def test_nought_kept_of_nought_due_is_told_and_what_the_other_kept_says_nothing_of_what_was_done():
    found = unseen(a={"made": 9, "closed": 1}, b={"made": 9, "closed": 5, "due": 5, "met": 5})
    assert {("a", JAN), ("b", JAN)} <= found["done"]
    assert ("a", JAN) not in found["on_time"]
    assert {("b", JAN), (ALL, JAN)} <= found["on_time"]


def test_no_table_of_figures_is_too_odd_to_be_shown():
    for seed in range(40):
        chance = random.Random(seed)
        units = {}
        for name in "abcd"[: seed % 5]:
            units[name] = [at_random(chance, chance.choice([0, 1, 9])) | {"made": chance.choice([0, 1, 5, 9])} for _ in range(12)]
        found = unseen(12, **units)
        for name, counted in COUNTED.items():
            few = {(unit, month) for unit, rows in units.items() for month in range(12) if is_small(rows[month][counted], LEAST)}
            assert {(unit, Period(month + 1, month + 1)) for unit, month in few} <= found[name], (seed, name)


def test_all_units_stay_where_there_are_many():
    chance = random.Random(1)
    table = table_of(*([chance.choice([0, 1, 3, 4, 6, 8]) for _ in range(12)] for _ in range(30)))
    found = hidden_in(table)
    assert not [period for row, period in found if row is ALL]
    assert len(sums(table)) == 31 * len(PERIODS)

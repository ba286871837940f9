"""A cursor opens only the list it was made for, and only unchanged."""

from __future__ import annotations

import datetime as dt

import pytest

from app.cursors import read_cursor, write_cursor

DAY, INSTANT = dt.date(2026, 12, 31), dt.datetime(2026, 12, 31, 3, 0, 0, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize("place", [(DAY, 7), (INSTANT, 7), (0, DAY, 2**60)])
def test_a_place_comes_back_as_it_was(app, place):
    assert read_cursor("desk", write_cursor("desk", *place), *map(type, place)) == place


@pytest.mark.parametrize(
    "change", [lambda it: it[:-1], lambda it: "x" + it, lambda _: "", lambda _: "a.b", lambda _: "\x00", lambda it: it * 99]
)
def test_a_cursor_that_was_tampered_with_stands_for_nothing(app, change):
    assert read_cursor("desk", change(write_cursor("desk", DAY, 7)), dt.date, int) is None


def test_a_cursor_of_another_list_stands_for_nothing(app):
    assert read_cursor("register", write_cursor("desk", DAY, 7), dt.date, int) is None

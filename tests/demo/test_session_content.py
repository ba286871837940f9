"""The demo's sessions, plans and reception days hold together: what they name exists, and nobody's number is in them. Pure."""

from __future__ import annotations

from typing import Any

import pytest

from demo import content
from dialogues import rules

UNITS = {unit.code for unit in content.units()}
USERS = {user["login"]: user for user in content.read("users")["user"]}
FIELDS = {field["code"] for field in content.read("fields")["field"]}
PLACES = {commune.full_name for commune in content.communes()}
SESSIONS = content.sessions()
PLANS = content.read("plans")["plan"]
RECEPTIONS = content.read("receptions")["unit"]

#: Which names stand for what, wherever in the data they are.
NAMES: dict[str, set[str]] = {
    "unit": UNITS,
    "field": FIELDS,
    "place": PLACES,
    **{name: set(USERS) for name in ("by", "head", "records", "who", "user", "officer", "clerk", "taken_by")},
    "stop": set(rules.Status),
    "public": set(rules.PublicForm),
}


def named(data: Any, path: tuple[str, ...] = ()) -> list[tuple[str, str, tuple[str, ...]]]:
    """Every (name, value, where) of the data whose value is text."""
    if isinstance(data, dict):
        return [each for key, value in data.items() for each in named(value, (*path, key))]
    if isinstance(data, list):
        return [each for value in data for each in named(value, path)]
    return [(path[-1], data, path)] if isinstance(data, str) and path else []


@pytest.mark.parametrize("story", [*SESSIONS, *PLANS, *RECEPTIONS], ids=lambda row: row.get("key") or row["unit"])
def test_what_is_named_exists(story):
    for name, value, path in named(story):
        citizens = name in {"who", "by"} and path[0] in {"question", "floor"} and "then" not in path
        if name in NAMES and not citizens:
            assert value in NAMES[name], (path, value)


def roles_at(login: str, unit: str) -> set[str]:
    """The roles that somebody holds over exactly that unit or over the commune it belongs to."""
    return {held["role"] for held in USERS[login]["roles"] if unit == held["scope"] or unit.startswith(f"{held['scope']}.")}


@pytest.mark.parametrize("story", SESSIONS, ids=lambda row: row["key"])
def test_a_session_is_led_by_the_head_of_its_unit_and_numbered_by_its_clerk(story):
    numbered = story["stop"] not in {"draft", "planned"}

    assert "head" in roles_at(story["head"], story["unit"])
    assert not numbered or "records" in roles_at(story["records"], story["unit"])
    assert any(row["unit"] == story["unit"] and row.get("part") != "co_organiser" for row in story["chair"])


def test_no_telephone_number_is_written_in_the_data():
    assert not [value for story in SESSIONS for _, value, _ in named(story) if any(part.startswith("09") for part in value.split())]


def test_the_sessions_stand_in_every_state_that_a_visitor_asks_for():
    stops = [story["stop"] for story in SESSIONS]

    assert {"draft", "planned", "announced", "ready", "concluded", "published", "postponed", "cancelled"} <= set(stops)
    assert sum("dossier" in story for story in SESSIONS) == 1  # archived


def test_a_session_like_the_one_reported_is_there():
    """132 questions in 7 themes, 18 of them put on the day; a show of hands of 33 among 101 households: scaled down."""
    story = next(each for each in SESSIONS if each["key"] == "tu-son-duong-ven-song")
    asked = story["question"]

    assert (len(asked), len(story["themes"]), sum(row.get("day", False) for row in asked)) == (26, 5, 9)
    assert [(row["agree"], row["present"]) for row in story["hands"]] == [(33, 101)]
    assert [row for row in asked if "wants" in row]
    assert sum("like" in row for row in asked) == 4
    assert {row["theme"] for row in asked} == set(range(1, 6))

"""The demo's items read as stories: where each ends, and what a visitor would call it. Pure, without the site."""

from __future__ import annotations

from typing import Any

from demo import content

ITEMS = content.items()


def with_parts(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every item, and every part of a split one with what it has from the whole."""
    found = []
    for item in items:
        found.append(item)
        for step in item["past"]:
            found += [{**item, **part} for part in step.get("parts", [])]
    return found


ALL = with_parts(ITEMS)
#: From where each step that moves an item may be taken, and where it then is. Steps not named here move nothing.
MOVES: dict[str, tuple[set[str], str]] = {
    "route": ({"received"}, "offered"),
    "take": ({"offered"}, "taken"),
    "return": ({"offered", "taken"}, "received"),
    "transfer": ({"offered", "taken"}, "offered"),
    "ask": ({"taken"}, "waiting"),
    "answer": ({"waiting"}, "taken"),
    "extend": ({"taken"}, "taken"),
    "reply": ({"taken"}, "submitted"),
    "send_back": ({"submitted"}, "taken"),
    "approve": ({"submitted"}, "approved"),
    "publish": ({"approved"}, "answered"),
    "rate": ({"answered"}, "answered"),
    "promise_done": ({"answered"}, "answered"),
    "reopen": ({"answered"}, "offered"),
    "guide": ({"received"}, "guided"),
    "forward": ({"received"}, "forwarded"),
    "refuse": ({"received"}, "refused"),
    "file": ({"received"}, "filed"),
    "split": ({"received"}, "split"),
    "merge": ({"received", "offered", "taken"}, "merged"),
    "withdraw": ({"received", "offered", "taken"}, "withdrawn"),
}


def replay(item: dict[str, Any]) -> str:
    """Walk through an item's past and return where it ends; an impossible step fails."""
    at = "received"
    for step in item["past"]:
        if step["do"] in MOVES:
            before, after = MOVES[step["do"]]
            assert at in before, f"{item['key']}: {step['do']} when {at}"
            at = "draft" if step.get("draft") else after
    return at


#: The province's own terms in working days; an extension on the ground "complex" adds ten.
TERMS = {"report": 10, "recommendation": 15, "suggestion": 15, "question": 15}


def days_allowed(item: dict[str, Any]) -> int | None:
    """Working days the unit has for its answer, with extensions and the days the sender was asked."""
    if item["channel"] == "voter_meeting" or item["kind"] == "complaint" or item.get("field") == "quy-dinh-thu-tuc":
        return None
    allowed, asked = TERMS[item["kind"]], 0
    for step in item["past"]:
        allowed += 10 if step["do"] == "extend" and step["approved"] else 0
        asked = step["day"] if step["do"] == "ask" else asked
        allowed += step["day"] - asked if step["do"] == "answer" else 0
    return allowed


def looks_like(item: dict[str, Any]) -> set[str]:
    """What a visitor of the demo would call it."""
    at, allowed, done = replay(item), days_allowed(item), [step["do"] for step in item["past"]]
    published = [step["day"] for step in item["past"] if step["do"] == "publish"]
    names = {at}
    if "reopen" in done:
        names.add("reopened")
    elif published and allowed:
        names.add("in time" if published[0] <= allowed else "late")
    elif at in {"offered", "taken", "draft", "submitted"} and allowed and item["sent"]["days_ago"] > allowed:
        names.add("overdue")
    if any(step["do"] == "extend" and step["approved"] for step in item["past"]) and not published:
        names.add("extended")
    if "publish_public" in done:
        names.add("public")
    if any("points" in step for step in item["past"]) and at in {"draft", "submitted", "taken"}:
        names.add("answer in the making")
    return names | promises(item)


def promises(item: dict[str, Any]) -> set[str]:
    """What became of the promises in an item's published answers."""
    names: set[str] = set()
    points: list[dict[str, Any]] = []
    for number, step in enumerate(item["past"]):
        points = step.get("points", points)
        if step["do"] != "publish":
            continue
        for position, point in enumerate(points, start=1):
            if point["outcome"] != "promised":
                continue
            kept = [later["day"] for later in item["past"][number:] if later["do"] == "promise_done" and later["point"] == position]
            if kept:
                names.add("promise kept" if kept[0] <= point["by"] else "promise kept late")
            else:
                names.add("promise broken" if point["by"] < item["sent"]["days_ago"] else "promise open")
    return names

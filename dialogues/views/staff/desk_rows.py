"""How the desk's state falls into what its page draws: what runs and comes next, who has the floor, which questions still wait.

desk-view.js does the same on the device; what the two must share is said here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from dialogues.rules import DEFERRED, Status
from dialogues.views.staff.pages import bp

#: While the programme runs, and the clock with it.
GOES_ON = frozenset({Status.READY, Status.IN_SESSION})
NOBODY = {"uid": "", "name": "", "comes_from": "", "hall": ""}
NO_ITEM: dict[str, Any] = {"uid": "", "title": "", "presenter": "", "minutes": 0, "begun_at": None, "ended_at": None}


#: Rows without anything in them, for the templates that the device fills.
EMPTY: dict[str, dict[str, Any]] = {
    "question": {
        "uid": "", "number": "", "origin": "floor", "asker": "", "comes_from": "", "hall": "", "text": "", "text_base": [], "answer": None,
        "answer_base": [], "rejected": False, "wants": "", "rejected_base": [], "asked_at": None, "conflict": False, "wordless": False,
        "conflicts": {"text": [], "answer": [], "rejected": []},
    },
    "waiting": NOBODY | {"number": "", "origin": "speaker", "text": "", "called_at": None},
    "hall": {"uid": "", "name": "", "counted": None, "base": [], "other": []},
    "hands": {"uid": "", "about": "", "agree": "", "disagree": None, "present": None, "counted_in": "people"},
    "item": NO_ITEM,
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """What stands where on the desk. *minutes*: how long the running item has run."""

    now: dict[str, Any] | None
    next: dict[str, Any] | None
    minutes: int
    floor: dict[str, Any]
    ended: bool
    unanswered: bool
    chosen: list[dict[str, Any]]
    open: list[dict[str, Any]]
    done: list[dict[str, Any]]
    empty = EMPTY


@bp.app_template_filter("instant")
def instant(said: str) -> dt.datetime:
    """Return the instant that a piece of the state says, for the filters that format one."""
    return dt.datetime.fromisoformat(said)


@bp.app_template_global("string_words")
def string_words(words: dict[str, Any]) -> dict[str, str]:
    """Return *words* as they are said in the language of the page, for a script that shows them."""
    return {name: str(word) for name, word in words.items()}


@bp.app_template_global("desk_rows")
def rows(state: dict[str, Any], chosen: str) -> Rows:
    """Return the rows of *state*; *chosen*: whose question is to be written down, a speaker's uid, "moi", or "" for the last called."""
    agenda = state["agenda"] if state["status"] in GOES_ON else []
    now = next((item for item in agenda if item["begun_at"] and not item["ended_at"]), None)
    put = [each for each in state["questions"] if each["uid"] not in {waiting["uid"] for waiting in state["queue"]}]
    questions = [_question(each, number) for number, each in enumerate(put, start=1)]
    return Rows(
        now=now,
        next=next((item for item in agenda if not item["begun_at"]), None) if state["status"] == Status.IN_SESSION else None,
        minutes=int((instant(state["now"]) - instant(now["begun_at"])).total_seconds() // 60) if now else 0,
        ended=state["status"] not in GOES_ON,
        floor=_floor(state["queue"], chosen),
        unanswered=any(each["answer"] is None for each in questions),
        chosen=[each for each in state["queue"] if each["origin"] == "question"],
        open=[each for each in questions if not each["settled"]],
        done=[each for each in reversed(questions) if each["settled"]],
    )


def _question(each: dict[str, Any], number: int) -> dict[str, Any]:
    """Add what the row says of itself. Settled: answered, with its words unless they come later, and nobody says otherwise."""
    answer, conflict = each["answer"], any(each["conflicts"].values())
    wordless = bool(answer) and answer["kind"] not in DEFERRED and not answer["text"]
    heads = {
        part: [head | {"question": each["uid"], "heads": each[f"{part}_base"]} for head in kept] for part, kept in each["conflicts"].items()
    }
    added = {"number": number, "conflict": conflict, "wordless": wordless, "settled": bool(answer) and not wordless and not conflict}
    return each | added | {"conflicts": heads}


def _floor(queue: list[dict[str, Any]], chosen: str) -> dict[str, Any]:
    speakers = [each for each in queue if each["origin"] == "speaker"]
    if chosen:
        return next((each for each in speakers if each["uid"] == chosen), NOBODY)
    return max((each for each in speakers if each["called_at"]), key=lambda each: instant(each["called_at"]), default=NOBODY)

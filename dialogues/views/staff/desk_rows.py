"""How the desk's state falls into what its page draws: what runs and comes next, who has the floor, which questions still wait.

desk-view.js does the same on the device; what the two must share is said here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
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


#: Rows of a list that the page draws at once: at a big session each list has hundreds, and a row has six forms.
MOST = 8


@dataclass(frozen=True)
class Part:
    """What the page draws of a list: *shown* of all *total* rows, from the place *start* on (of the newest where the newest stand last)."""

    name: str  # in the address
    shown: list[dict[str, Any]]
    total: int
    start: int

    @property
    def most(self) -> int:
        """How many rows from the first on a script shows here."""
        return self.start + MOST

    @property
    def rest(self) -> int:
        """How many rows stand neither here nor on the pages before."""
        return max(0, self.total - max(self.most, len(self.shown)))


@dataclass(frozen=True)
class Rows:
    """What stands where on the desk. *minutes*: how long the running item has run."""

    now: dict[str, Any] | None
    next: dict[str, Any] | None
    minutes: int
    floor: dict[str, Any]
    ended: bool
    unanswered: bool
    queue: Part
    chosen: Part
    open: Part
    done: Part
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
def rows(state: dict[str, Any], chosen: str, starts: Mapping[str, str] = MappingProxyType({}), typed_in: str = "") -> Rows:
    """Return the rows of *state*; *chosen*: whose question is to be written down, a speaker's uid, "moi", or "" for the last called.

    *starts*: from which row on a list is looked at, by its name in the address. *typed_in*: uid of the row whose form was refused.
    """
    agenda = state["agenda"] if state["status"] in GOES_ON else []
    now = next((item for item in agenda if item["begun_at"] and not item["ended_at"]), None)
    queue = [each | {"number": number} for number, each in enumerate(state["queue"], start=1)]
    put = [each for each in state["questions"] if each["uid"] not in {waiting["uid"] for waiting in queue}]
    questions = [_question(each, number) for number, each in enumerate(put, start=1)]

    def part(name: str, every: list[dict[str, Any]], must: str = "", *, last: bool = False) -> Part:
        start = int(starts[name]) if starts.get(name, "").isdecimal() and len(starts[name]) < 6 else 0  # noqa: PLR2004  longer than any list
        first = max(0, len(every) - start - MOST) if last else start
        until = max(0, len(every) - start) if last else start + MOST
        here = [
            each
            for place, each in enumerate(every)
            if first <= place < until or each["uid"] == typed_in or (must and not start and each[must])
        ]
        return Part(name, here, len(every), start)

    return Rows(
        now=now,
        next=next((item for item in agenda if not item["begun_at"]), None) if state["status"] == Status.IN_SESSION else None,
        minutes=int((instant(state["now"]) - instant(now["begun_at"])).total_seconds() // 60) if now else 0,
        ended=state["status"] not in GOES_ON,
        floor=_floor(state["queue"], chosen),
        unanswered=any(each["answer"] is None for each in questions),
        queue=part("hang", queue, "called_at"),
        chosen=part("chua-neu", [each for each in queue if each["origin"] == "question"]),
        open=part("mo", [each for each in questions if not each["settled"]], "conflict", last=True),
        done=part("xong", [each for each in reversed(questions) if each["settled"]]),
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

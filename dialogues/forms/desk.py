"""What a device of the desk sends, and what its plain forms type: read field by field into an event, or refused with a sentence."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.text import TextTooLong, clean_line, clean_typed
from dialogues import live
from dialogues.forms.guests import MOST_SEATS
from dialogues.live import Event
from dialogues.rules import AnswerKind, CountedIn
from dialogues.rules import EventKind as E
from feedback.forms.base import LINE_MAX
from feedback.forms.staff import TEXT_MAX

MOST_EVENTS = 200  # sent at once
MOST_BYTES = 256 * 1024
MOST_BASES = 100  # events that one replaces
MOST_COUNTED = 100_000  # people in a hall, hands
DEVICE_MAX = 64  # characters

UNREADABLE = _l("Mục này máy gửi lên không đọc được. Ghi lại.")

Reader = Callable[[Any], Any]


class Unreadable(ValueError):
    """What was sent is no event; the message says why, to a person."""


def _line(value: Any) -> str:
    return _clean(value, clean_line, LINE_MAX)


def _text(value: Any) -> str:
    return _clean(value, clean_typed, TEXT_MAX)


def _clean(value: Any, clean: Callable[[str, int], str], most: int) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Unreadable(UNREADABLE)
    try:
        return clean(value, most)
    except TextTooLong as error:
        raise Unreadable(_("Dài %(length)d ký tự, nhiều nhất là %(limit)d.", length=error.length, limit=error.limit)) from error


def _asked_for(read: Reader, sentence: Any) -> Reader:
    def required(value: Any) -> Any:
        found = read(value)
        if found in {"", None}:
            raise Unreadable(sentence)
        return found

    return required


def _number(value: Any, least: int = 0, most: int = MOST_COUNTED) -> int | None:
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) < len(str(most)) + 3:
        value = int(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise Unreadable(_("Ghi số bằng chữ số, từ %(least)d đến %(most)d.", least=least, most=most))
    return value


def _one_of(offered: Collection[str], otherwise: str, value: Any) -> str:
    if value is None or value == "":
        return otherwise
    if not isinstance(value, str) or value not in offered:
        raise Unreadable(UNREADABLE)
    return str(value)


def _flag(value: Any) -> bool:
    if value in (None, "", False, "0"):
        return False
    if value in (True, "1"):
        return True
    raise Unreadable(UNREADABLE)


def _hall(value: Any) -> str:
    return "" if value in (None, "") else str(_uid(value))


_MANY = _asked_for(_number, _l("Ghi số người."))

#: Each kind with its facts, as live.py and folding.py read them.
FACTS: dict[E, dict[str, Reader]] = {
    E.ITEM_BEGUN: {},
    E.ITEM_ENDED: {},
    E.QUEUED: {"name": _line, "comes_from": _line, "hall": _hall},
    E.CALLED: {},
    E.ASKED: {
        "text": _asked_for(_text, _l("Ghi câu hỏi.")),
        "name": _line,
        "comes_from": _line,
        "phone": _line,
        "hall": _hall,
    },
    E.TEXT_CHANGED: {"value": _asked_for(_text, _l("Ghi câu hỏi."))},
    E.ANSWERED: {
        "kind": _asked_for(partial(_one_of, set(AnswerKind), ""), _l("Chọn cách trả lời.")),
        "by": _line,
        "text": _text,
    },
    E.REJECTED: {"wants": _text, "taken_back": _flag},
    E.CAME: {"name": _line, "comes_from": _line, "people": partial(_number, least=1, most=MOST_SEATS), "hall": _hall},
    E.COUNTED: {"people": _MANY},
    E.HANDS: {
        "about": _asked_for(_line, _l("Ghi biểu quyết về việc gì.")),
        "counted_in": partial(_one_of, set(CountedIn), CountedIn.PEOPLE),
        "agree": _asked_for(_number, _l("Ghi số đồng ý.")),
        "disagree": _number,
        "present": _number,
    },
    E.WITHDRAWN: {"of": partial(_one_of, {live.SPEAKER, "question"}, "")},
}


def read(given: Any) -> Event:
    """Return the event that a device means by *given*, a piece of JSON. :raise Unreadable:"""
    if not isinstance(given, Mapping):
        raise Unreadable(UNREADABLE)
    try:
        kind = E(given.get("kind"))
    except ValueError as error:
        raise Unreadable(UNREADABLE) from error
    said = given.get("facts")
    if not isinstance(said, Mapping):
        raise Unreadable(UNREADABLE)
    facts = {name: reader(said.get(name)) for name, reader in FACTS[kind].items()}
    if kind in {E.QUEUED, E.CAME} and not (facts["name"] or facts["comes_from"]):
        raise Unreadable(_("Ghi tên, hoặc ở đâu, thuộc đơn vị nào."))
    if kind == E.HANDS:
        _check_hands(facts["agree"], facts["disagree"] or 0, facts["present"])
    if kind == E.CAME:
        facts["people"] = facts["people"] or 1
    return Event(_uid(given.get("uid")), kind, _uid(given.get("subject")), _at(given.get("at")), _base(given.get("base")), facts)


def _check_hands(agree: int, disagree: int, present: int | None) -> None:
    if present is not None and agree + disagree > present:
        raise Unreadable(
            _("Đồng ý và không đồng ý cộng lại là %(sum)d, nhiều hơn số có mặt là %(present)d.", sum=agree + disagree, present=present)
        )


def from_form(typed: Mapping[str, str], at: dt.datetime) -> Event:
    """Return the event of a plain form, sent at *at*; its fields are the facts, but the kind of an answer. :raise Unreadable:"""
    facts = {name: value for name, value in typed.items() if name != "kind"}
    if "answer_kind" in typed:
        facts["kind"] = typed["answer_kind"]
    given = {"uid": typed.get("uid"), "kind": typed.get("kind"), "subject": typed.get("subject"), "at": at.isoformat()}
    return read(given | {"base": typed.get("base", "").split(), "facts": facts})


def _uid(value: Any) -> uuid.UUID:
    try:
        return uuid.UUID(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise Unreadable(UNREADABLE) from error


def _base(value: Any) -> frozenset[uuid.UUID]:
    if value is None:
        return frozenset()
    if not isinstance(value, list) or len(value) > MOST_BASES:
        raise Unreadable(UNREADABLE)
    return frozenset(map(_uid, value))


def _at(value: Any) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise Unreadable(UNREADABLE)
        return found.astimezone(dt.UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise Unreadable(UNREADABLE) from error

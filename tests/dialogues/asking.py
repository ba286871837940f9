"""Questions as people send them before a session. Plain functions; they flush."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from app.access import SENDER
from dialogues.models import Question, Session
from dialogues.operations import asking
from dialogues.operations.asking import Asked, Taken
from dialogues.rules import Origin
from feedback.operations.intake import PersonData, Submission
from feedback.rules import Kind
from tests.feedback.builders import at

_number = itertools.count(1)

WORDS = "Bao giờ chi trả đền bù cho hộ bà Nguyễn Thị Lan, số nhà 12?"
#: The day after the session of builders.session_at() was announced.
ASKED = at(15)


def asked(**over: Any) -> Asked:
    """Return what a named person would have typed."""
    of_session = {name: over.pop(name) for name in ("origin", "comes_from", "earlier_code", "earlier_key") if name in over}
    person = PersonData(name="Trần Văn Hợp", phone="0912345678", email="hop@example.com")
    values: dict[str, Any] = {"kind": Kind.QUESTION, "body": WORDS, "token": f"hoi-{next(_number)}", "people": (person,)} | over
    return Asked(**({"submission": Submission(**values), "origin": Origin.WEB, "comes_from": "Tổ dân phố 4"} | of_session))


def ask(session: Session, now: dt.datetime = ASKED, **over: Any) -> Taken:
    """Ask a question before *session*."""
    return asking.ask(session, asked(**over), actor=SENDER, now=now)


def question(session: Session, now: dt.datetime = ASKED, **over: Any) -> Question:
    """Return the question that was asked."""
    return ask(session, now, **over).question

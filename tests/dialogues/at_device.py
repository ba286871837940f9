"""A device at the secretary's desk: makes events with ids of its own, and sends them."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from typing import Any

import flask
from flask_wtf.csrf import generate_csrf

from dialogues.models import Session
from dialogues.rules import EventKind
from tests.dialogues.builders import DAY
from tests.feedback.at_desk import AtDesk

E = EventKind

#: Each kind with facts of its own, as a device of ours says them.
FACTS: dict[EventKind, dict[str, Any]] = {
    E.ITEM_BEGUN: {},
    E.ITEM_ENDED: {},
    E.QUEUED: {"name": "Nguyễn Thị Hợp", "comes_from": "tổ dân phố 4", "hall": ""},
    E.CALLED: {},
    E.ASKED: {
        "text": "Bao giờ trả tiền đền bù?",
        "name": "Nguyễn Thị Hợp",
        "comes_from": "tổ dân phố 4",
        "phone": "0912345678",
        "hall": "",
    },
    E.TEXT_CHANGED: {"part": "text", "value": "Bao giờ trả tiền đền bù đợt hai?"},
    E.ANSWERED: {"kind": "by_chair", "by": "", "text": "Trong tháng 9."},
    E.REJECTED: {"wants": "Trả lời bằng văn bản.", "taken_back": False},
    E.CAME: {"name": "Lê Văn An", "comes_from": "tổ 2", "people": 2, "hall": ""},
    E.COUNTED: {"people": 35},
    E.HANDS: {"about": "phương án 2", "counted_in": "households", "agree": 33, "disagree": 8, "present": 101},
    E.WITHDRAWN: {},
}


def event(kind: EventKind | str, subject: Any = None, minute: int = 10, base: Any = (), /, **facts: Any) -> dict[str, Any]:
    """Return an event as JSON: about *subject* (a row, an earlier event, an id; none: something new), *minute* minutes after the start."""
    about = subject["subject"] if isinstance(subject, dict) else str(getattr(subject, "uid", subject or uuid.uuid4()))
    return {
        "uid": str(uuid.uuid4()),
        "kind": str(kind),
        "subject": about,
        "base": [each["uid"] if isinstance(each, dict) else each for each in base],
        "at": (DAY + dt.timedelta(minutes=minute)).isoformat(),
        "facts": FACTS[EventKind(kind)] | facts,
    }


def desk(session: Session, rest: str = "") -> str:
    """Return the address of the desk of *session*."""
    return f"/can-bo/doi-thoai/{session.code}/ban{rest}"


class Device:
    """A device that sends as the desk's script does."""

    def __init__(self, app, session, user, name="máy 1"):
        self.app, self.user, self.name, self.address, self.client = app, user, name, desk(session), AtDesk(app, user).client
        with app.test_request_context():  # what every page of theirs gives its forms, without the time that a page takes
            flask.g.pop("csrf_token", None)  # of the device before
            self.mark, kept = generate_csrf(), flask.session["csrf_token"]
        with self.client.session_transaction() as signed_in:
            signed_in["csrf_token"] = kept

    def post(self, body, status=200, **headers):
        headers |= {"X-CSRFToken": self.mark, "Content-Type": "application/json"}
        answer = self.client.post(self.address + "/su-kien", data=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json

    def said(self, *events):
        """What became of each, with the reasons."""
        return self.post(json.dumps({"device": self.name, "events": list(events)}))["results"]

    def __call__(self, *events):
        return [each["state"] for each in self.said(*events)]

    def state(self):
        return self.client.get(self.address + "/trang-thai.json").json

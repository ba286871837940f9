"""What opens by code and key, by a link, or by what a browser remembers: asked with one's own, with another's, and with none.

`docs/keys.md` is what this finds; `test_keys.py` compares. An item is asked about at each state its sender meets.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.database import db
from app.files import store_ours
from app.files.content import JPEG
from dialogues.models import Invitation, Question, ReceptionVisit, Registration, Session
from dialogues.rules import Status
from dialogues.views.citizen import coming, receptions, seats
from feedback import rules
from feedback.models import Attachment, Feedback
from feedback.operations import desk, merging, sender
from feedback.rules import IdentityScope
from feedback.sealed.models import SealedCase
from feedback.views.citizen import device, sealed_thread
from tests.app.files import samples
from tests.bad_input import matrix
from tests.bad_input.conftest import NOW, Site, unchanging, undone
from tests.bad_input.matrix import SAYS
from tests.bad_input.pages import address, honest
from tests.bad_input.routes import rules_of
from tests.feedback import builders
from tests.feedback.builders import MONDAY
from tests.feedback.pages import token

WHO = ("one's own", "another's", "none")
#: Pages that ask for what was not given, and the one that shows of an item what everybody may read.
ASKS = {"feedback/citizen/ask.html", "feedback/citizen/unknown.html", "dialogues/citizen/no_link.html"}
PUBLIC = "feedback/citizen/public_view.html"
ASKS_AT = {"/tra-cuu", "/doi-thoai/tiep-cong-dan/tim"}
OPENS, ASKED_FOR, EVERYBODYS = "✓", "key", "public"
ITEM, API, SEAT, GUEST = "/tra-cuu/<code>", "/api/v1/feedback/<string:code>", "/doi-thoai/<code>/cho-ngoi", "/doi-thoai/<code>/loi-moi"
SLIP, FLOOR = "/doi-thoai/tiep-cong-dan/luot-hen", "/doi-thoai/<code>/tai-cho/bien-nhan/<uuid:uid>"
LINKS = {"/doi-thoai/c/<key>": "seat_key", "/doi-thoai/m/<key>": "guest_key", "/doi-thoai/theo-doi/<key>": "follower_key"}
OF_SESSIONS = ("cancelled", "ready", "held", "archived")
SAID = {"text": "Lời", "score": 5, "why": "Rõ", "reason": "Chưa rõ"}
TYPED = {"text": "Lời", "score": "5", "why": "Rõ", "reason": "Chưa rõ", "viec": "x"}


@dataclass
class Given:
    """What somebody brings: in the address, in their browser, in a header, in the form."""

    values: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    session: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


#: One address at one state: what each of WHO brings.
Three = tuple[Given, ...]


class Doors:
    """Goes to each of these pages, three times."""

    def __init__(self, app: Flask, site: Site) -> None:
        self.app, self.site = app, site
        #: How often somebody with another's or nothing was not let in.
        self.refused = 0
        #: The pages that were drawn since the last answer: what an address answers is told by which it was.
        self.drawn: list[str] = []
        self.clients: dict[str, tuple[FlaskClient, str]] = {}
        self.asked = [*self._of_items(), *self._of_sessions()]
        db.session.commit()
        for _rule, _state, three in self.asked:
            for given in three:
                self._client(given)

    def _of_items(self) -> Iterator[tuple[Rule, str, Three]]:
        items, sealed = self._items(), self._sealed()
        for rule in sorted(rules_of(self.app), key=lambda each: each.rule):
            plain = honest(self.site, rule)
            if rule.rule.startswith((ITEM, API)):
                for state, (item, key) in items.items():
                    yield rule, state, self._of_item(rule, plain, item, key)
            elif rule.rule == "/t/<code>/<key>":
                for state, (item, key) in items.items():
                    yield rule, state, tuple(Given({"code": item.code, "key": each}) for each in (key, self.other_key, "0" * len(key)))
            elif rule.rule == "/tra-cuu" and "POST" in (rule.methods or ()):
                ordinary = {name: (item.code, key, self.other_key) for name, (item, key) in items.items()}
                for state, (code, *keys) in ({"sealed": sealed} | ordinary).items():
                    yield rule, state, tuple(Given(typed={"code": code, "key": each}) for each in (*keys, "0" * 16))
                case = db.session.scalars(db.select(SealedCase).order_by(SealedCase.id)).first()
                assert case is not None
                right = sealed_thread._signer().dumps([case.uid.hex, int(NOW.timestamp())])
                forged = device._signer().dumps([case.uid.hex, int(NOW.timestamp())])
                yield rule, "sealed, from its page", tuple(Given(typed={"opened": each}) for each in (right, forged, "x"))

    def _of_sessions(self) -> Iterator[tuple[Rule, str, Three]]:
        rooms, visit = self._rooms(), db.session.scalars(db.select(ReceptionVisit)).first()
        assert visit is not None
        for rule in sorted(rules_of(self.app), key=lambda each: each.rule):
            if rule.rule.startswith((SEAT, GUEST)):
                model = Registration if rule.rule.startswith(SEAT) else Invitation
                for state, elsewhere in pairwise((*OF_SESSIONS, OF_SESSIONS[0])):
                    cookies = [{coming.COOKIE: coming._signer().dumps(rooms[each][model].uid.hex)} for each in (state, elsewhere)]
                    yield rule, state, tuple(Given({"code": rooms[state]["code"]}, each) for each in (*cookies, {}))
            elif rule.rule in LINKS:
                for state in OF_SESSIONS:
                    name = LINKS[rule.rule]
                    wrong = next(each for each in LINKS.values() if each != name)
                    yield rule, state, tuple(Given({"key": each}) for each in (rooms[state][name], rooms[state][wrong], "0" * 16))
            elif rule.rule.startswith(SLIP):
                codes = (visit.code, "ZZZZZZ")
                yield rule, "", (*(Given(session={receptions.BOOKED: each}) for each in codes), Given())
            elif rule.rule == FLOOR:
                yield rule, "", self._from_the_floor()

    # --- what there is to open -------------------------------------------------------------------------------------------

    def _items(self) -> dict[str, tuple[Feedback, str]]:
        """Return items and their keys, at each state their sender meets."""
        province = self.site.province
        receipts = {state: builders.submit(body=f"Đèn đường {state} tắt.") for state in ("at the desk", "merged", "split", "withdrawn")}
        receipts["kept from the unit"] = builders.submit(identity_scope=IdentityScope.RECEPTION)
        found: dict[str, tuple[Any, Any]] = {state: (receipt.feedback, receipt.key) for state, receipt in receipts.items()}
        into = self.site.items["at the desk"]
        merging.propose_merge(found["merged"][0], into, actor=province.clerk, now=MONDAY)
        merging.merge(found["merged"][0], into, actor=province.clerk, now=MONDAY)
        parts = [desk.Part(rules.Kind.REPORT, "Đèn", "Đèn tắt."), desk.Part(rules.Kind.QUESTION, "Giấy", "Cần giấy gì?")]
        found["a part"] = (desk.split(found["split"][0], parts, actor=province.clerk, now=MONDAY)[0], found["split"][1])
        sender.withdraw(found["withdrawn"][0], builders.key_of(receipts["withdrawn"]), now=MONDAY)
        for name, how in {"asked": builders.taken, "answered": builders.answered}.items():
            with_key = builders.submit(body=f"Rãnh {name} tắc.")
            found[name] = (self._as(how, with_key.feedback), with_key.key)
        for item, _key in found.values():
            file = store_ours(samples.picture(), "anh.jpg", JPEG, MONDAY)
            item.attachments.append(Attachment(file=file, by_sender=True))
        db.session.flush()
        other = builders.submit(body="Chuyện khác hẳn.")
        self.other_key = other.key or ""
        return found

    def _as(self, how: Any, item: Any) -> Feedback:
        """Lead *item* as the builder *how* leads one of its own."""
        province = self.site.province
        desk.route_to(item, province.works, actor=province.clerk, now=MONDAY)
        builders.unit.take(item, actor=province.officer, now=MONDAY)
        if how is builders.taken:
            builders.unit.ask(item, "Ở số nhà nào?", actor=province.officer, now=MONDAY)
        else:
            builders.answer(province, item, MONDAY)
        return item

    def _rooms(self) -> dict[str, dict[Any, Any]]:
        """Return sessions with somebody's seat and invitation, one that was called off among them."""
        off = self.site.rooms.by_status[Status.ANNOUNCED]
        db.session.scalars(db.select(Session).where(Session.code == off["code"])).one().status = Status.CANCELLED
        rooms: dict[str, dict[Any, Any]] = {
            state: dict(off if state == "cancelled" else self.site.rooms.by_status[state]) for state in OF_SESSIONS
        }
        for room in rooms.values():
            for model in (Registration, Invitation):
                room[model] = db.session.scalars(db.select(model).join(Session).where(Session.code == room["code"])).first()
        return rooms

    def _sealed(self) -> tuple[str, str, str]:
        mine, another = (builders.submit(kind=rules.DENUNCIATION, token=f"sealed-{number}") for number in range(2))
        return mine.code, mine.key or "", another.key or ""

    def _of_item(self, rule: Rule, plain: dict[str, str], item: Feedback, key: str) -> Three:
        values = plain | {"code": item.code}
        if "uid" in rule.arguments:
            values["uid"] = str(item.attachments[-1].file.uid)
        if rule.rule.startswith(API):
            return tuple(Given(values, headers={"X-Feedback-Key": each} if each else {}) for each in (key, self.other_key, ""))
        whole = item.parent or item
        mine, another = builders.queries.key_of(whole, key), builders.sender_key(self.site.items["taken"])
        assert mine is not None
        return (*(Given(values, {device.COOKIE: device._signer().dumps(each.uid.hex)}) for each in (mine, another)), Given(values))

    def _from_the_floor(self) -> Three:
        live = self.site.rooms.by_status[Status.IN_SESSION]
        mine = db.session.scalars(db.select(Question).where(Question.uid == uuid.UUID(live["seat_uid"]))).one()
        mine.feedback = self.site.items["answered"]
        values = {"code": live["code"], "uid": live["seat_uid"]}
        phones = ([mine.uid.hex], [self.site.rooms.by_status["ready"]["uid"].replace("-", "")])
        return (*(Given(values, {seats.ASKED: str(seats._signer().dumps(each))}) for each in phones), Given(values))

    # --- asking ----------------------------------------------------------------------------------------------------------

    def _client(self, given: Given) -> tuple[FlaskClient, str]:
        held = repr((given.cookies, given.session))
        if held not in self.clients:
            client = self.app.test_client()
            csrf = token(client, "/tra-cuu")
            for name, value in given.cookies.items():
                client.set_cookie(name, value)
            if given.session:
                with client.session_transaction() as session:
                    session.update(given.session)
            self.clients[held] = unchanging(client), csrf
        return self.clients[held]

    def ask(self, rule: Rule, method: str, given: Given) -> str:
        """Return what the site says to who brings that; whatever it did is undone."""
        client, csrf = self._client(given)
        more: dict[str, Any] = {}
        if method == "POST":
            more = {"json": SAID} if rule.rule.startswith(API) else {"data": TYPED | given.typed | {"csrf_token": csrf}}
        self.drawn.clear()
        with undone(), client.open(address(rule, given.values), method=method, headers=given.headers, **more) as answer:
            if answer.location and urlsplit(answer.location).path in ASKS_AT:
                return ASKED_FOR
            if ASKS & set(self.drawn) or answer.status_code == 401:
                return ASKED_FOR
            said = answer.json if rule.rule == API and method == "GET" and answer.status_code == 200 else None
            if PUBLIC in self.drawn or (said is not None and "messages" not in said):
                return EVERYBODYS
            return SAYS.get(answer.status_code, str(answer.status_code))

    def rows(self) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
        """Yield address, method, states that are answered alike, and the three answers."""
        found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
        for rule, state, three in self.asked:
            for method in sorted({"GET", "POST"} & set(rule.methods or ())):
                if rule.rule == "/tra-cuu" and method == "GET":
                    continue
                said = tuple(self.ask(rule, method, given) for given in three)
                self.refused += sum(each != OPENS for each in said[1:])
                found.setdefault((rule.rule, method, said), []).append(state)
        for (text, method, said), states in found.items():
            yield text, method, ", ".join(filter(None, states)), said


# --- as a person reads it ------------------------------------------------------------------------------------------------

HEAD = f"""# What opens by code and key

Pages for people without an account, asked with what opens one's own, with what opens another's, and with nothing or a wrong key;
`tests/bad_input/test_keys.py` fails where an answer is another one. Made anew by

    WRITE_PERMISSIONS=1 python -m pytest tests/bad_input/test_keys.py --database sqlite

| | |
|---|---|
| ✓ | it opens, the step is taken, or it is said why it cannot be now |
| ✎ | the form opens and asks for what is missing |
| key | the page asks for what opens it, alike for what is not theirs and what is not there |
| public | only what everybody may read of it |
| 403 | they see it, and this is not theirs to do |
| 404 | there is no such thing for them |
| 409 | it is theirs, and too late or too early |

| Address | | When | {" | ".join(WHO)} |
|---|---|---|---|---|---|
"""


def rendered(rows: list[tuple[str, str, str, tuple[str, ...]]]) -> str:
    """Return the text of docs/keys.md."""
    return HEAD + "".join(f"| `{matrix._address(text)}` | {method} | {when} | {' | '.join(said)} |\n" for text, method, when, said in rows)

"""The JSON API of the sessions under /api/v1/sessions: what the pages of the people show and take, for programs."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from typing import Any, NoReturn

from flask import Flask, current_app, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_smorest import Blueprint

from app import clock, crypto, csrf, opening, proof
from app.access import SENDER, public
from app.api import PREFIX, api
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.limits import limiter, network
from app.units.models import Place, Unit
from dialogues import links, seen
from dialogues import public as results
from dialogues.forms import api as schemas
from dialogues.forms.registering import BETWEEN
from dialogues.models import Question, Session
from dialogues.operations import asking, registering
from dialogues.operations.asking import Asked
from dialogues.operations.registering import RegistrationData
from dialogues.rules import Origin
from dialogues.views.citizen import device
from dialogues.views.citizen.sessions import programme, result
from feedback.forms.api import SendingHeaders
from feedback.operations import intake
from feedback.operations.intake import PersonData, Submission
from feedback.rules import Channel, Kind
from feedback.views.api.base import JsonParser, Refused, answer_refused, no_store, refuse, rows
from feedback.views.api.sending import receipt_out

blueprint = Blueprint("api_sessions", __name__, url_prefix=PREFIX, description="Đối thoại")
blueprint.ARGUMENTS_PARSER = JsonParser()
blueprint.register_error_handler(Refused, answer_refused)

#: Each refusal, the status and name it has here, and its sentence.
REFUSALS: dict[type[Exception], tuple[int, str, Any]] = {
    asking.QuestionsClosed: (409, "questions-closed", _l("Đã hết giờ nhận câu hỏi trước buổi đối thoại này.")),
    asking.EarlierUnknown: (422, "code-or-key-unknown", _l("Mã hoặc khóa không đúng.")),
    intake.ContactMissing: (422, "contact-missing", _l("Cần họ tên và một cách liên hệ để trả lời.")),
    intake.TokenReused: (422, "key-reused", _l("Idempotency-Key này đã dùng cho một câu hỏi khác.")),
    registering.RegisteringOver: (409, "registering-over", _l("Buổi đối thoại không nhận đăng ký lúc này.")),
    registering.RegisteredBefore: (
        409,
        "registered-before",
        _l("Số điện thoại hoặc e-mail này đã đăng ký; liên kết xem mã vào cửa được gửi lại tới nơi ấy."),
    ),
    asking.NotShown: (409, "session-over", _l("Buổi đối thoại đã xong.")),
}


def init_app(app: Flask) -> None:
    """Add the routes to the API and take them out of the forms' CSRF check: they read no cookie."""
    csrf.exempt(blueprint)
    api.register_blueprint(blueprint)
    proof.asks_at(app, "api_sessions.ask", "api_sessions.register")
    opening.takes_new(app, "api_sessions.ask", "api_sessions.register")


def _refuse(refusal: Exception) -> NoReturn:
    refuse(*REFUSALS[type(refusal)])


def _load(code: str) -> Session:
    found = seen.by_code(code)
    if found is None:
        refuse(404, "session-unknown", _("Không có buổi đối thoại nào mang mã này."))
    return found


@blueprint.route("/sessions", methods=["GET"])
@public
@blueprint.arguments(schemas.SessionsIn, location="query")
@blueprint.response(200, schemas.SessionsOut)
def index(data: dict[str, Any]) -> dict[str, Any]:
    """List what lies ahead, the nearest first, or what was held, the newest first and by keyset."""
    place, unit = rows(area=(Place, data["area"]), unit=(Unit, data["unit"]))
    if data["when"] == "ahead":
        found = seen.ahead(place=place, unit=unit, limit=data["limit"])
        return {"items": [_picture(each) for each in found], "next": None}
    before = read_cursor("sessions", data["cursor"], dt.datetime, int) if data["cursor"] else None
    if data["cursor"] and before is None:
        refuse(422, "cursor-invalid", errors={"cursor": [_("Con trỏ trang không đúng; bắt đầu lại từ trang đầu.")]})
    found = seen.past(place=place, unit=unit, before=before, limit=data["limit"] + 1)
    last = found[data["limit"] - 1] if len(found) > data["limit"] else None
    return {
        "items": [_picture(each) for each in found[: data["limit"]]],
        "next": write_cursor("sessions", last.starts_at, last.id) if last and last.starts_at else None,
    }


def _picture(session: Session) -> dict[str, Any]:
    """Return what everyone may know of *session* from a list."""
    stands = seen.day_stands(session)
    return {
        **{name: getattr(session, name) for name in ("code", "topic", "status", "unit", "field", "form")},
        "area": session.place,
        "audience": session.audience if stands else "",
        "starts_at": session.starts_at if stands else None,
        "ends_at": session.ends_at if stands else None,
        "takes_questions": seen.takes_questions(session, clock.now()),
        "takes_registrations": registering.is_open(session, clock.now()),
        "put_off_why": None if stands else session.put_off_why or None,
        "links": {"self": _link("api_sessions.show", session), "page": _link("dialogues_sessions.show", session)},
    }


def _link(endpoint: str, session: Session) -> str:
    # From the setting, not from the Host header: whoever keeps the answer must not be led elsewhere.
    return current_app.config["SITE_URL"] + url_for(endpoint, code=session.code)


@blueprint.route("/sessions/<string:code>", methods=["GET"])
@public
@limiter.limit("120 per minute")
@blueprint.response(200, schemas.WholeSessionOut)
def show(code: str) -> dict[str, Any]:
    """Show one session: programme, questions in their masked copies, and what was promised once the result is published."""
    session = _load(code)
    out, supports, stands = session.status in results.OUT, seen.supports(session), seen.day_stands(session)
    return _picture(session) | {
        "halls": session.halls if stands else [],
        "chairs": session.chairs if stands else [],
        "online_link": session.online_link if stands else "",
        "programme": [
            {name: getattr(item, name) for name in ("title", "part", "presenter", "minutes")} | {"begins_at": at}
            for at, item in programme(session)
        ],
        "questions": [
            _question(question, supports.get(question.id, 0), out=out) for question in seen.questions(session) + seen.untold(session)
        ],
        "conclusion": session.public_conclusion or None if out else None,
        **result(session),
    }


def _question(question: Question, supports: int, *, out: bool) -> dict[str, Any]:
    return {
        "uid": question.uid,
        "public_text": question.public_text,
        "theme": question.theme.title if question.theme else None,
        "for_the_day": question.for_the_day,
        "like": question.like.uid if question.like and seen.is_shown(question.like) else None,
        "supports": supports,
        "answer_kind": question.answer_kind if out else None,
        "answer": question.public_answer if out and question.public_text else None,
    }


@blueprint.route("/sessions/<string:code>/questions", methods=["POST"])
@public
@limiter.limit("30 per minute")
@no_store
@proof.of_caller
@blueprint.arguments(SendingHeaders, location="headers")
@blueprint.arguments(schemas.QuestionIn)
@blueprint.response(201, schemas.QuestionReceiptOut)
def ask(headers: dict[str, Any], data: dict[str, Any], *, code: str) -> dict[str, Any]:
    """Ask before the session; with `Idempotency-Key` the same call again returns the same receipt and adds nothing.

    With code and key of an item that is still open the question goes on with it, and `key` is null: the asker has it already.
    """
    session = _load(code)
    asked = Asked(
        submission=Submission(
            kind=Kind.QUESTION,
            body=data["text"],
            token=f"api:{session.code}:{headers['idempotency_key'] or secrets.token_hex(16)}",
            channel=Channel.API,
            people=(PersonData(**data["contact"]),),
            place_text=data["comes_from"],
            publish_consent=data["publish"],
            locale=data["lang"],
        ),
        origin=Origin.WEB,
        comes_from=data["comes_from"],
        earlier_code=data["earlier_code"],
        earlier_key=data["earlier_key"],
    )
    try:
        taken = asking.ask(session, asked, actor=SENDER, now=clock.now())
    except tuple(REFUSALS) as refusal:
        _refuse(refusal)
    item = taken.question.feedback
    assert item is not None
    receipt = taken.receipt or intake.Receipt(item.code, None, item)
    answer = receipt_out(receipt) | {"question": taken.question.uid}
    db.session.commit()
    return answer


@blueprint.route("/sessions/<string:code>/registrations", methods=["POST"])
@public
@limiter.limit("30 per minute")
@no_store
@proof.of_caller
@blueprint.arguments(SendingHeaders, location="headers")
@blueprint.arguments(schemas.RegistrationIn)
@blueprint.response(201, schemas.RegistrationOut)
def register(headers: dict[str, Any], data: dict[str, Any], *, code: str) -> dict[str, Any]:
    """Take a seat, or a place on the waiting list; with `Idempotency-Key` the same call again finds the same one."""
    session, contact = _load(code), data["contact"]
    if not contact.get("name") or not (contact.get("phone") or contact.get("email")):
        refuse(*REFUSALS[intake.ContactMissing])
    halls = {str(hall.uid): hall for hall in session.halls}
    if data["hall"] and data["hall"] not in halls:
        refuse(422, "hall-unknown", errors={"hall": [_("Không có hội trường này.")]})
    wanted = RegistrationData(
        name=contact["name"],
        phone=contact["phone"],
        email=contact["email"],
        comes_from=data["comes_from"],
        people=data["people"],
        hall=halls.get(data["hall"]) or next(iter(session.halls), None),
        needs=BETWEEN.join(dict.fromkeys(data["needs"])),
        locale=data["lang"],
        form="api",
        token=f"api:{headers['idempotency_key'] or secrets.token_hex(16)}",
    )
    try:
        made = registering.register(session, wanted, actor=None, now=clock.now())
    except registering.RegisteredBefore as refusal:
        db.session.commit()  # whose seat it is hears of it
        _refuse(refusal)
    except tuple(REFUSALS) as refusal:
        _refuse(refusal)
    answer = {"state": made.state, "people": made.people, "check_in_code": made.check_in_code, "link": links.seat_link(made)}
    db.session.commit()
    return answer


@blueprint.route("/sessions/<string:code>/questions/<uuid:question>/support", methods=["POST"])
@public
@limiter.limit("60 per minute")
@no_store
@blueprint.arguments(schemas.SupportIn)
@blueprint.response(201, schemas.SupportOut)
def support(data: dict[str, Any], *, code: str, question: uuid.UUID) -> dict[str, Any]:
    """Say that somebody else wants to know it, too: once a device, and a device is what has an id of ours.

    A first call sends any `device` and is counted once for the address that it comes from; `device` of the answer is sent from then on.
    """
    session = _load(code)
    found = db.session.scalar(db.select(Question).where(Question.session_id == session.id, Question.uid == question))
    if found is None or not seen.is_shown(found):
        refuse(404, "question-unknown", _("Không có câu hỏi này."))
    id_ = device.read(data["device"]) or crypto.blind_index(f"address:{network()}")  # else one program would be as many as it likes
    try:
        asking.support(found, id_, now=clock.now())
    except asking.NotShown as refusal:
        _refuse(refusal)
    answer = {"supports": seen.supports(session).get(found.id, 0), "device": device.sign(id_)}
    db.session.commit()
    return answer

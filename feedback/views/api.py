"""The JSON API under /api/v1: what a citizen does on the pages, for programs."""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from flask import Response, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_smorest import Blueprint
from sqlalchemy import select
from webargs.flaskparser import FlaskParser

from app import audit, clock, csrf, search
from app.access import SENDER, public
from app.api import PREFIX, api, problem
from app.assignments.rules import IllegalTransition
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.limits import limiter
from app.units.models import Field, Place, Unit
from feedback import codes, queries, rules, vocabulary
from feedback import public as reading
from feedback.forms import api as schemas
from feedback.models import Feedback, MessageKind, ReceiptKey
from feedback.operations import intake, sender


class JsonParser(FlaskParser):
    """A parser to which brackets 10,000 deep, or a number of 5,000 digits, are no JSON."""

    def _raw_load_json(self, req: Any) -> Any:
        try:
            return super()._raw_load_json(req)
        except RecursionError as error:
            raise json.JSONDecodeError("too deep", "[", 0) from error
        except (json.JSONDecodeError, UnicodeDecodeError):
            raise
        except ValueError as error:
            raise json.JSONDecodeError("a number too long", "0", 0) from error


blueprint = Blueprint("api_feedback", __name__, url_prefix=PREFIX, description="Ý kiến")
blueprint.ARGUMENTS_PARSER = JsonParser()
catalogue = Blueprint("api_catalogue", __name__, url_prefix=PREFIX, description="Danh mục, số liệu")

#: Each refusal, the status and name it has here, and its sentence.
REFUSALS: dict[type[Exception], tuple[int, str, Any]] = {
    intake.ContactMissing: (422, "contact-missing", _l("Loại ý kiến này cần họ tên và một cách liên hệ (luật yêu cầu).")),
    intake.KindNotAnonymous: (422, "name-required", _l("Khiếu nại phải có họ tên, địa chỉ người khiếu nại (Luật Khiếu nại, Điều 8).")),
    intake.MandateMissing: (422, "mandate-missing", _l("Khiếu nại hộ cần giấy ủy quyền.")),
    intake.TokenReused: (422, "key-reused", _l("Idempotency-Key này đã dùng cho một ý kiến khác.")),
    sender.KeyOnlyReads: (403, "key-only-reads", _l("Mã này chỉ để theo dõi. Người đại diện mới thao tác được.")),
    sender.TooLate: (409, "too-late", _l("Ý kiến đã sang bước khác, không làm việc này được nữa.")),
    sender.AlreadyRated: (409, "already-rated", _l("Câu trả lời này đã được đánh giá.")),
    sender.ReopenedBefore: (409, "reopened-before", _l("Ý kiến đã được mở lại một lần.")),
    IllegalTransition: (409, "too-late", _l("Ý kiến đã sang bước khác, không làm việc này được nữa.")),
}


def init_app() -> None:
    """Add the routes to the API and take them out of the forms' CSRF check: they read no cookie."""
    for each in (blueprint, catalogue):
        csrf.exempt(each)
        api.register_blueprint(each)


class Refused(Exception):
    """A problem to answer with."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def _refuse(status: int, name: str | None = None, detail: Any = None, errors: dict[str, Any] | None = None) -> NoReturn:
    raise Refused(problem(status, name=name, detail=detail, errors=errors))


@blueprint.errorhandler(Refused)
@catalogue.errorhandler(Refused)
def _answer_refused(refused: Refused) -> Response:
    db.session.rollback()
    return refused.response


def _no_store(view: Callable[..., Any]) -> Callable[..., Any]:
    """Keep an answer that holds a key or a thread out of every cache."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        response = make_response(view(*args, **kwargs))
        response.headers["Cache-Control"] = "no-store"
        return response

    return wrapped


def _by_code(model: Any, code: str, name: str) -> Any:
    row = db.session.scalar(select(model).where(model.code == code)) if code else None
    if code and row is None:
        _refuse(422, f"{name}-unknown", errors={name: [_("Không có mã này trong danh mục.")]})
    return row


@blueprint.route("/feedback", methods=["POST"])
@public
@limiter.limit("30 per minute")
@_no_store
@blueprint.arguments(schemas.FeedbackIn)
@blueprint.response(201, schemas.ReceiptOut)
def submit(data: dict[str, Any]) -> dict[str, Any]:
    """Submit one matter; with `Idempotency-Key` the same call again returns the same receipt and adds nothing."""
    token = request.headers.get("Idempotency-Key", "")[:200] or secrets.token_hex(16)
    field, area = _by_code(Field, data["field"], "field"), _by_code(Place, data["area"], "area")
    contact = data["contact"]
    if data["tax_code"]:
        sender_type = rules.SenderType.ENTERPRISE
    else:
        sender_type = rules.SenderType.PERSON if any(contact.values()) else rules.SenderType.ANONYMOUS
    submission = intake.Submission(
        kind=data["kind"],
        body=data["body"],
        title=data["subject"],
        token=f"api:{token}",
        channel=rules.Channel.API,
        sender_type=sender_type,
        people=(intake.PersonData(tax_code=data["tax_code"], **contact),),
        field_id=field.id if field else None,
        place_id=area.id if area else None,
        publish_consent=data["publish"],
        locale=data["lang"],
    )
    try:
        receipt = intake.submit(submission, actor=SENDER, now=clock.now())
    except tuple(REFUSALS) as refusal:
        _refuse_named(refusal)
    answer = _receipt(receipt)
    db.session.commit()
    return answer


def _refuse_named(refusal: Exception) -> NoReturn:
    status, name, sentence = REFUSALS[type(refusal)]
    _refuse(status, name, sentence)


def _receipt(receipt: intake.Receipt) -> dict[str, Any]:
    links = {"self": url_for("api_feedback.show", code=receipt.code, _external=True)}
    if receipt.feedback is None:
        return {
            "code": receipt.code,
            "key": receipt.key,
            "status": None,
            "unit": None,
            "notice_due_on": None,
            "due_on": None,
            "due_reason": None,
            "notice": _(
                "Luật không nhận tố cáo qua mạng. Nội dung được giữ kín, mã hóa, chuyển người có thẩm quyền xem xét, "
                "không hẹn ngày trả lời. "
                "Muốn tố cáo theo luật: nộp đơn có chữ ký hoặc trình bày trực tiếp tại nơi tiếp công dân."
            ),
            "links": {},
        }
    seen = reading.picture(receipt.feedback, clock.today())
    return {name: seen[name] for name in ("code", "status", "unit", "notice_due_on", "due_on", "due_reason")} | {
        "key": receipt.key,
        "links": links,
    }


def _opened(code: str) -> tuple[Feedback, ReceiptKey | None]:
    """Return the item and the key that came with the request; one answer for unknown code and wrong key."""
    try:
        item = queries.by_code(codes.read_code(code))
    except codes.CodeInvalid:
        item = None
    typed = request.headers.get("X-Feedback-Key", "")
    if not typed:
        if item is None:
            _refuse(404, "code-unknown", _("Không có ý kiến nào mang mã này."))
        return item, None
    key = queries.key_of(item, typed) if item is not None else None
    if item is None or key is None:
        _refuse(404, "code-or-key-unknown", _("Mã hoặc khóa không đúng."))
    return item, key


def _acting(code: str) -> tuple[Feedback, ReceiptKey]:
    item, key = _opened(code)
    if key is None:
        _refuse(401, "key-missing", _("Cần khóa trong đầu mục X-Feedback-Key."))
    return item, key


@blueprint.route("/feedback/<string:code>", methods=["GET"])
@public
@limiter.limit("60 per minute")
@_no_store
@blueprint.response(200, schemas.SenderOut)
def show(code: str) -> dict[str, Any]:
    """Show an item: with its code what everyone may know; with `X-Feedback-Key` the thread and the answer."""
    item, key = _opened(code)
    return _picture(item, key)


def _picture(item: Feedback, key: ReceiptKey | None) -> dict[str, Any]:
    seen = reading.picture(item, clock.today())
    if key is None:
        return seen
    units = {unit.id: unit.name for unit in db.session.scalars(select(Unit).where(Unit.id.in_(_unit_ids(item))))}
    seen["body"] = item.body
    seen["timeline"] = [
        {
            "at": entry.at,
            "event": entry.action.removeprefix("feedback."),
            "unit": units.get(entry.facts.get("unit_id") or entry.facts.get("to_id")),
        }
        for entry in audit.entries_about(item)
        if entry.action in vocabulary.TOLD_TO_SENDER
    ]
    seen["messages"] = [
        {"at": message.at, "kind": message.kind, "text": message.body} for message in item.messages if message.kind != MessageKind.NOTE
    ]
    seen["question_open"] = item.open_question is not None
    seen["answer"] = _answer(item.merged_into or item)
    return seen


def _unit_ids(item: Feedback) -> set[int]:
    return {each.unit_id for each in item.assignments} | {item.desk_unit_id}


def _answer(item: Feedback) -> dict[str, Any] | None:
    paper = next((p for p in reversed(item.papers) if p.published_at is not None and p.type == rules.PaperType.REPLY), None)
    if paper is None:
        return None
    return {
        "number": paper.number,
        "published_at": paper.published_at,
        "unit": paper.unit.name,
        "body": paper.body,
        "points": [
            {"title": point.title, "text": point.text, "outcome": point.outcome, "promised_on": point.promised_on} for point in paper.points
        ],
    }


def _done(act: Callable[..., Any], code: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Do one of the sender's verbs, commit, and show what the item is now."""
    item, key = _acting(code)
    try:
        act(item, key, *args, **kwargs, now=clock.now())
    except tuple(REFUSALS) as refusal:
        _refuse_named(refusal)
    db.session.commit()
    return _picture(item, key)


@blueprint.route("/feedback/<string:code>/messages", methods=["POST"])
@public
@limiter.limit("30 per minute")
@_no_store
@blueprint.arguments(schemas.MessageIn)
@blueprint.response(201, schemas.SenderOut)
def add_message(data: dict[str, Any], code: str) -> dict[str, Any]:
    """Add something, or answer the open question."""
    return _done(sender.add, code, data["text"], ())


@blueprint.route("/feedback/<string:code>/rating", methods=["POST"])
@public
@limiter.limit("30 per minute")
@_no_store
@blueprint.arguments(schemas.RatingIn)
@blueprint.response(201, schemas.SenderOut)
def rate(data: dict[str, Any], code: str) -> dict[str, Any]:
    """Rate the answer, once a round."""
    return _done(sender.rate, code, score=data["score"], why=data["why"])


@blueprint.route("/feedback/<string:code>/withdrawal", methods=["POST"])
@public
@limiter.limit("30 per minute")
@_no_store
@blueprint.response(201, schemas.SenderOut)
def withdraw(code: str) -> dict[str, Any]:
    """Withdraw it, before an answer."""
    return _done(sender.withdraw, code)


@blueprint.route("/feedback/<string:code>/reopening", methods=["POST"])
@public
@limiter.limit("30 per minute")
@_no_store
@blueprint.arguments(schemas.ReopeningIn)
@blueprint.response(201, schemas.SenderOut)
def reopen(data: dict[str, Any], code: str) -> dict[str, Any]:
    """Open an answered item again, once."""
    return _done(sender.reopen, code, data["reason"])


@blueprint.route("/feedback", methods=["GET"])
@public
@blueprint.arguments(schemas.ListIn, location="query")
@blueprint.response(200, schemas.ListOut)
def index(data: dict[str, Any]) -> dict[str, Any]:
    """List what was published, newest first, by keyset."""
    rows = reading.published(
        ids=search.matching("public", data["q"], Feedback) if data["q"].strip() else None,
        kind=data["kind"],
        field=_by_code(Field, data["field"], "field"),
        place=_by_code(Place, data["area"], "area"),
        unit=_by_code(Unit, data["unit"], "unit"),
        status=data["status"],
        before=_read_cursor(data["cursor"]),
        limit=data["limit"] + 1,
    )
    page, today = rows[: data["limit"]], clock.today()
    last = page[-1] if len(rows) > data["limit"] else None
    return {
        "items": [reading.picture(item, today) for item in page],
        "next": write_cursor("public", last.published_at, last.id) if last and last.published_at else None,
    }


def _read_cursor(cursor: str) -> tuple[dt.datetime, int] | None:
    if cursor and (place := read_cursor("public", cursor, dt.datetime, int)) is None:
        _refuse(422, "cursor-invalid", errors={"cursor": [_("Con trỏ trang không đúng; bắt đầu lại từ trang đầu.")]})
    return place if cursor else None


@catalogue.route("/units", methods=["GET"])
@public
@catalogue.response(200, schemas.UnitOut(many=True))
def units() -> list[dict[str, Any]]:
    """List the units that are there today."""
    today = clock.today()
    rows = [unit for unit in db.session.scalars(select(Unit).order_by(Unit.path)) if unit.exists_on(today)]
    codes = {unit.id: unit.code for unit in rows}
    return [
        {"code": unit.code, "name": unit.name, "kind": unit.kind, "level": unit.level, "parent": codes.get(unit.parent_id or 0)}
        for unit in rows
    ]


@catalogue.route("/fields", methods=["GET"])
@public
@catalogue.response(200, schemas.Named(many=True))
def fields() -> Any:
    """List the fields of public business."""
    return db.session.scalars(select(Field).where(Field.active).order_by(Field.position, Field.id)).all()


@catalogue.route("/areas", methods=["GET"])
@public
@catalogue.response(200, schemas.AreaOut(many=True))
def areas() -> Any:
    """List the communes, in the order of the alphabet."""
    return db.session.scalars(select(Place).where(Place.kind.in_(["ward", "commune", "special_zone"])).order_by(Place.sort_key)).all()


@catalogue.route("/statistics", methods=["GET"])
@public
@catalogue.response(200, schemas.StatisticsOut)
def statistics() -> dict[str, Any]:
    """Count what came in, what was answered, and what was promised."""
    return reading.statistics(clock.today())

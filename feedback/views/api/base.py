"""What the resources of the API share: where they are registered, what their refusals are called, whose code and key came."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from flask import Response, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_smorest import Blueprint
from sqlalchemy import select
from webargs.flaskparser import FlaskParser

from app.api import PREFIX, problem
from app.assignments.rules import IllegalTransition
from app.database import db
from app.headers import unkept
from app.kept import while_unchanged
from feedback import codes, queries
from feedback.models import Feedback, ReceiptKey
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
catalogue = Blueprint("api_catalogue", __name__, url_prefix=PREFIX, description="Danh mục")

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


class Refused(Exception):
    """A problem to answer with."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


def refuse(status: int, name: str | None = None, detail: Any = None, errors: dict[str, Any] | None = None) -> NoReturn:
    """:raise Refused: to answer with this problem."""
    raise Refused(problem(status, name=name, detail=detail, errors=errors))


@blueprint.errorhandler(Refused)
@catalogue.errorhandler(Refused)
def answer_refused(refused: Refused) -> Response:
    """Answer with the problem that was raised, and keep nothing."""
    db.session.rollback()
    return refused.response


def no_store(view: Callable[..., Any]) -> Callable[..., Any]:
    """Keep an answer that holds a key or a thread out of every cache."""

    @wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return unkept(view(*args, **kwargs))

    return wrapped


def refuse_named(refusal: Exception) -> NoReturn:
    """:raise Refused: with the status, name and sentence of an operation's refusal."""
    status, name, sentence = REFUSALS[type(refusal)]
    refuse(status, name, sentence)


def rows(**wanted: tuple[Any, str]) -> list[Any]:
    """Return the row of each (model, code), None for an empty code; every code that there is not is refused at once."""
    ids = {name: _with_code(model, code) if code else None for name, (model, code) in wanted.items()}
    found = {name: db.session.get(wanted[name][0], id_) if id_ else None for name, id_ in ids.items()}
    unknown = [name for name, (_model, code) in wanted.items() if code and found[name] is None]
    if unknown:
        refuse(422, f"{unknown[0]}-unknown", errors={name: [_("Không có mã này trong danh mục.")] for name in unknown})
    return list(found.values())


@while_unchanged("field", "place", "unit")
def _with_code(model: Any, code: str) -> int | None:
    return db.session.scalar(select(model.id).where(model.code == code))


def opened(code: str) -> tuple[Feedback, ReceiptKey | None]:
    """Return the item and the key that came with the request; one answer for unknown code and wrong key."""
    try:
        item = queries.by_code(codes.read_code(code))
    except codes.CodeInvalid:
        item = None
    typed = request.headers.get("X-Feedback-Key", "")
    if not typed:
        if item is None:
            refuse(404, "code-unknown", _("Không có ý kiến nào mang mã này."))
        return item, None
    key = queries.key_of(item or Feedback(id=0, parent_id=None), typed)  # the same work for a code of nothing
    if item is None or key is None:
        refuse(404, "code-or-key-unknown", _("Mã hoặc khóa không đúng."))
    return item, key


def acting(code: str) -> tuple[Feedback, ReceiptKey]:
    """Return the item and the key that came with the request; :raise Refused: without a key."""
    item, key = opened(code)
    if key is None:
        refuse(401, "key-missing", _("Cần khóa trong đầu mục X-Feedback-Key."))
    return item, key

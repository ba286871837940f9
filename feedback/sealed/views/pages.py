"""What the pages of the sealed register share: `/can-bo/to-cao`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, abort, render_template
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import signed_in
from app.headers import unkept
from app.steps import Steps
from feedback.sealed import queries, rules
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import identity, leading, reading

bp = Blueprint("sealed", "feedback", url_prefix="/can-bo/to-cao", template_folder="templates")

UNPROCESSABLE = 422
STEPS = Steps(
    {
        reading.NotOpened: _l("Mở đọc trước, rồi mới làm việc này."),
        reading.CopyMissing: _l("Chưa có bản làm việc đã xác nhận. Lập bản ấy trước, rồi mới giao xem hoặc đưa vào thanh tra, kiểm tra."),
        leading.Excluded: _l(
            "Người này không được biết: là người bị nói tới, đang thay người đó, thuộc cơ quan phải tránh, "
            "hoặc đã khai vướng lợi ích riêng."
        ),
        leading.ReasonMissing: _l("Ghi vì sao bản đã bỏ tên không đủ"),
        leading.GrantedAlready: _l("Người này đang được giao rồi."),
        leading.DayGone: _l("Ngày cuối đã qua. Ghi hôm nay hoặc một ngày sau."),
        identity.AskedAlready: _l("Đã xin rồi: đang chờ người khác đồng ý, hoặc đang xem được."),
    },
    "feedback/sealed/form.html",
)


bp.after_request(unkept)


def for_readers(view: Callable[..., Any]) -> Callable[..., Any]:
    """Let in sealed intake and whoever has a case here; for everybody else there is no such page."""

    @signed_in
    @wraps(view)
    def page(*args: Any, **named: Any) -> Any:
        if not queries.knows_any(current_user, on=clock.today()):
            abort(404)
        return view(*args, **named)

    return page


def load(uid: uuid.UUID, may: Callable[[Any, rules.Standing], bool] | None = None) -> SealedCase:
    """Return the case, or answer 404: alike where there is none, and where it or this step (*may*) is not for this reader."""
    today = clock.today()
    case = queries.by_uid(uid, current_user, on=today)
    if case is None or (may is not None and not may(current_user.reach, queries.standing_of(case, current_user, on=today))):
        abort(404)
    return case


def form_page(form: Any, *, case: SealedCase | None = None, **words_: Any) -> tuple[str, int]:
    """Return the page that is one form."""
    page = render_template("feedback/sealed/form.html", form=form, case=case, fields=list(form), **words_)
    return page, UNPROCESSABLE if form.failed or form.form_errors else 200

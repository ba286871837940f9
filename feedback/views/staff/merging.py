"""Items about the same matter: link a repeat to its earlier answer; merge after telling the senders; take a merge back."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.database import db
from app.permissions import Permission
from feedback import codes, queries, rules
from feedback.forms.base import mistyped
from feedback.forms.staff import CodeForm
from feedback.models import Feedback
from feedback.operations import merging
from feedback.views.staff.pages import bp, load_for, press, step


def _other(form: CodeForm) -> Feedback | None:
    """Return the item whose code was typed, if the person may read it; else say so at the field."""
    typed = form.code.data or ""
    try:
        other = queries.by_code(codes.read_code(typed))
    except codes.CodeInvalid:
        form.fail("code", mistyped())
        return None
    if other is None or not rules.may_read(current_user.reach, queries.standing_of(other)):
        form.fail("code", _("Không có ý kiến nào mang mã này"))
        return None
    return other


class _OtherForm(CodeForm):
    """A code that names an item the person may read."""

    other: Feedback | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        self.other = _other(self)
        return self.other is not None


@bp.route("/y-kien/<code>/gui-lai-lan-nua", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def link(code: str) -> Any:
    """Say that the item repeats an earlier one."""
    item, form = load_for(code, "link"), _OtherForm()
    return step(
        item,
        form,
        lambda: merging.link_repeat(item, _known(form), actor=current_user, now=clock.now()),
        done=_("Đã nối với ý kiến trước."),
        title=_("Nối với ý kiến gửi trước"),
        submit=_("Nối"),
        intro=[_("Hai ý kiến vẫn riêng, mỗi ý kiến một hạn. Người xử lý mở được câu trả lời trước.")],
    )


@bp.route("/y-kien/<code>/de-nghi-gop", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def propose_merge(code: str) -> Any:
    """Tell the senders that their item would go on together with another."""
    item, form = load_for(code, "propose_merge"), _OtherForm()
    return step(
        item,
        form,
        lambda: merging.propose_merge(item, _known(form), actor=current_user, now=clock.now()),
        done=_("Đã báo người gửi về việc gộp. Gộp được từ bây giờ."),
        title=_("Đề nghị gộp vào ý kiến khác"),
        submit=_("Báo người gửi"),
        intro=[
            _("Người gửi được báo trước. Gộp rồi tách lại được."),
            _("Mã, hạn và đánh giá của từng ý kiến vẫn còn; hạn sớm nhất được giữ."),
        ],
    )


def _known(form: _OtherForm) -> Feedback:
    assert form.other is not None
    return form.other


@bp.post("/y-kien/<code>/gop")
@requires(Permission.FEEDBACK_TRIAGE)
def merge(code: str) -> Response:
    """Merge it into the item that was proposed."""

    def do(item: Feedback) -> None:
        into = _item(item.merge_proposed_into_id)
        merging.merge(item, into, actor=current_user, now=clock.now())

    return press(code, "merge", do, done=_("Đã gộp. Câu trả lời chung, mã và hạn của từng ý kiến vẫn còn."))


def _item(id_: int | None) -> Feedback:
    row = db.session.get(Feedback, id_) if id_ is not None else None
    if row is None:
        raise merging.MergeNotProposed
    return row


@bp.post("/y-kien/<code>/tach-lai")
@requires(Permission.FEEDBACK_TRIAGE)
def unmerge(code: str) -> Response:
    """Take a merge back."""
    return press(
        code,
        "unmerge",
        lambda item: merging.unmerge(item, actor=current_user, now=clock.now()),
        done=_("Đã tách lại. Ý kiến chờ giao đơn vị, hạn như cũ."),
    )

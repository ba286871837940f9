"""An item turns out to have the content of a denunciation: its desk moves it into the sealed register."""

from __future__ import annotations

import uuid
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import requires
from app.files import discard_bytes
from app.permissions import Permission
from app.steps import Steps
from feedback.forms.staff import WordsForm
from feedback.sealed.operations import sealing
from feedback.views.staff.pages import bp, load_for

_steps = Steps(
    {sealing.OthersMerged: _l("Ý kiến của người khác đã gộp vào đây. Tách lại từng ý kiến, rồi niêm phong.")}, "feedback/staff/step.html"
)


@bp.route("/y-kien/<code>/niem-phong", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def seal(code: str) -> Any:
    """Move it into the sealed register; it is gone from everywhere else."""
    item, form = load_for(code, "seal"), WordsForm()
    form.text.label.text = _("Vì sao là tố cáo")
    files: list[uuid.UUID] = []

    def do() -> None:
        _case, gone = sealing.seal(item, reason=form.text.data or "", actor=current_user, now=clock.now())
        files.extend(gone)

    def to() -> str:
        for uid in files:  # their rows are gone for good; a crash here leaves bytes without rows, which are swept
            discard_bytes(uid)
        return url_for("staff.desk_list")

    return _steps.one_form(
        form,
        do,
        done=_("Đã niêm phong. Ý kiến này không còn ở đây; người gửi tiếp tục bằng hai mã cũ ở trang tra cứu thông tin đã khóa."),
        back=url_for("staff.item", code=code),
        to=to,
        item=item,
        code=code,
        danger=True,
        title=_("Niêm phong vì là tố cáo"),
        submit=_("Niêm phong"),
        intro=[
            _(
                "Nội dung, tệp, trao đổi và tên người gửi chuyển vào sổ niêm phong. Bản soạn, bản công khai, tin báo và mọi chỗ tìm thấy "
                "ý kiến này bị xóa hẳn. Không lấy lại được."
            )
        ],
    )

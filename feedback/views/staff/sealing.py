"""An item turns out to have the content of a denunciation: its desk moves it into the sealed register."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app import clock
from app.access import requires
from app.files import discard_bytes
from app.permissions import Permission
from app.steps import Steps
from feedback.forms.staff import WordsForm
from feedback.models import Feedback
from feedback.sealed.operations import quoting, sealing
from feedback.views.staff.pages import bp, load_for

_steps = Steps(
    {sealing.OthersMerged: _l("Ý kiến của người khác đã gộp vào đây. Tách lại từng ý kiến, rồi niêm phong.")}, "feedback/staff/step.html"
)


def _repeated(item: Feedback) -> list[str]:
    """Return what to say of others' texts that repeat *item*: what goes there, and what somebody has to fetch."""
    if request.method == "POST":  # asked once: it goes through all that was written
        return []
    whole = item.parent or item
    places = quoting.found((whole, *whole.parts))
    said = []
    if places:
        called = "; ".join(dict.fromkeys(str(place.called) for place in places))
        said.append(_("Câu chép lại ý kiến này ở những chỗ sau được thay bằng “[đã niêm phong]”: %(places)s.", places=called))
    if papers := quoting.to_recall(places):
        said.append(_("Đã ra bản giấy, phải thu hồi bằng tay: %(papers)s.", papers="; ".join(papers)))
    said.append(_("Hệ thống không đọc được bản quét và lời kể lại bằng chữ khác: xem lại những nơi đã bàn việc này."))
    return said


@bp.route("/y-kien/<code>/niem-phong", methods=["GET", "POST"])
@requires(Permission.FEEDBACK_TRIAGE)
def seal(code: str) -> Any:
    """Move it into the sealed register; it is gone from everywhere else."""
    item, form = load_for(code, "seal"), WordsForm()
    form.text.label.text = _("Vì sao là tố cáo")
    results: list[sealing.Sealed] = []

    def do() -> None:
        results.append(sealing.seal(item, reason=form.text.data or "", actor=current_user, now=clock.now()))

    def to() -> str:
        for uid in results[-1].gone:  # their rows are gone for good; a crash here leaves bytes without rows, which are swept
            discard_bytes(uid)
        if results[-1].recall:
            flash(_("Thu hồi bằng tay: %(papers)s.", papers="; ".join(results[-1].recall)), "warn")
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
            ),
            *_repeated(item),
        ],
    )

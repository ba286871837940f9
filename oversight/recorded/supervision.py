"""The audit's entries of supervision as sentences, and what plans and campaigns are called in them."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import hooks, reference
from app.administration import sentences
from app.database import db
from oversight.models import Campaign, CampaignTarget, Checklist, SupervisionPlan
from oversight.operations import checklists

SENTENCES = {
    "checklist.added": _l("thêm %(subject)s, áp dụng từ %(effective_from)s"),
    "checklist.ended": _l("%(subject)s hết áp dụng ngày %(effective_to)s"),
    "checklist.checked": _l("đối chiếu %(subject)s với văn bản gốc"),
    "supervision_plan.drafted": _l("soạn kế hoạch giám sát năm %(year)s, bản %(version)s: %(subject)s"),
    "supervision_plan.changed": _l("sửa %(subject)s (dòng %(line_id)s)"),
    "supervision_plan.approved": _l("%(subject)s có hiệu lực, số %(number)s"),
    "campaign.drafted": _l("lập %(subject)s"),
    "campaign.changed": _l("sửa %(subject)s (%(what)s)"),
    "campaign.stepped": _l("chuyển %(subject)s sang bước %(to)s"),
    "campaign.answered": _l("trả lời bảng câu hỏi của %(subject)s (bên %(side)s, %(number)s câu)"),
    "campaign.reported": _l("gửi báo cáo của %(subject)s"),
    "campaign.commented": _l("góp ý dự thảo kết quả của %(subject)s (nhất trí: %(agrees)s)"),
    "campaign.found": _l("ghi nhận định %(finding_id)s về %(subject)s (%(kind)s; do không thực hiện dân chủ: %(undemocratic)s)"),
    "campaign.finding_removed": _l("bỏ nhận định %(finding_id)s về %(subject)s"),
    "recommendation.extension_asked": _l("xin gia hạn %(subject)s (đề nghị %(request_id)s)"),
    "recommendation.extension_decided": _l("quyết định đề nghị gia hạn %(request_id)s của %(subject)s (đồng ý: %(granted)s)"),
    "recommendation.dropped": _l("thôi kiến nghị bị trả lại %(subject)s"),
}

GROUPS = {
    "checklist": _l("Bảng câu hỏi giám sát"),
    "supervision_plan": _l("Kế hoạch giám sát"),
    "campaign": _l("Cuộc giám sát"),
    "recommendation": _l("Kiến nghị sau giám sát"),
}


def _campaign(id_: int) -> str:
    row = db.session.get(Campaign, id_)
    return _("cuộc giám sát %(code)s", code=row.code) if row is not None else _("cuộc giám sát đã xóa")


def _target(id_: int) -> str:
    row = db.session.get(CampaignTarget, id_)
    if row is None:
        return _("đơn vị được giám sát đã bỏ")
    return _("%(unit)s, cuộc giám sát %(code)s", unit=row.unit.name, code=row.campaign.code)


def _plan(id_: int) -> str:
    row = db.session.get(SupervisionPlan, id_)
    return _("kế hoạch giám sát năm %(year)s, %(unit)s", year=row.year, unit=row.unit.name) if row is not None else ""


def _checklist(id_: int) -> str:
    row = db.session.get(Checklist, id_)
    return row.name if row is not None else ""


SUBJECTS: dict[str, Callable[[int], str]] = {
    "campaign": _campaign,
    "campaign_target": _target,
    "supervision_plan": _plan,
    "supervision_checklist": _checklist,
}


def register() -> None:
    """Let the audit speak of supervision, and every install start with its checklists."""
    hooks.add(reference.further, checklists.load_shipped)
    sentences.register(SENTENCES, groups=GROUPS, subjects=SUBJECTS)

"""The audit's entries of looks on the spot as sentences."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.administration import sentences
from app.assignments.models import Assignment
from app.database import db
from app.units.models import Unit

SENTENCES = {
    "spot_check.recorded": _l("ghi kết quả kiểm tra thực tế số %(subject)s của việc %(assignment_id)s (đúng như đã báo: %(as_reported)s)"),
    "check_task.asked": _l("đề nghị kiểm tra thực tế việc %(assignment_id)s"),
    "check_task.planned": _l("giao %(looker_id)s kiểm tra thực tế việc %(assignment_id)s"),
    "reopening.asked": _l("đưa câu hỏi mở lại việc %(assignment_id)s tới %(decider_id)s"),
    "reopening.withdrawn": _l("rút câu hỏi mở lại việc %(assignment_id)s: xem lại thấy đúng"),
    "reopening.decided": _l("quyết định về việc %(assignment_id)s (mở lại: %(reopened)s, hạn %(due_on)s)"),
    "check_sample.drawn": _l(
        "rút mẫu kiểm tra tháng %(month)s: %(size)s trong %(number)s việc, cách %(algorithm)s, mầm %(seed)s, dấu %(digest)s"
    ),
    "sampling_rule.added": _l("thêm quy định rút mẫu %(code)s, áp dụng từ %(effective_from)s"),
    "sampling_rule.ended": _l("quy định rút mẫu %(code)s hết áp dụng ngày %(effective_to)s"),
    "sampling_rule.checked": _l("đối chiếu quy định rút mẫu %(code)s với văn bản gốc"),
}
GROUPS = {
    "spot_check": _l("Kiểm tra thực tế"),
    "check_task": _l("Việc cần kiểm tra thực tế"),
    "reopening": _l("Mở lại việc báo đã xong"),
    "check_sample": _l("Mẫu kiểm tra hằng tháng"),
    "sampling_rule": _l("Quy định rút mẫu"),
}


def register() -> None:
    """Give the audit's list the words for what is recorded here."""
    ids = {f"{action}:assignment_id": _promise for action in SENTENCES if action.split(".")[0] in {"spot_check", "check_task", "reopening"}}
    units = {"reopening.asked:decider_id": _unit, "check_task.planned:looker_id": _person}
    sentences.register(SENTENCES, groups=GROUPS, ids=ids | units)


def _promise(id_: int) -> str:
    found = db.session.get(Assignment, id_)
    return f"{found.reference}/{id_}" if found is not None else str(id_)


def _unit(id_: int) -> str:
    found = db.session.get(Unit, id_)
    return found.name if found is not None else str(id_)


def _person(id_: int) -> str:
    found = db.session.get(User, id_)
    return found.name if found is not None else str(id_)

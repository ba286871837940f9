"""Each audit action as a sentence that says who did what to which thing.

An entry holds ids, codes, dates and names of reasons. Here its ids become names, of the day on which one reads.
Domains add the sentences of their own actions with :func:`register`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.accounts.words import FACTORS, ROLES
from app.administration import words
from app.audit import AuditEntry
from app.database import db
from app.formats import format_date
from app.units.models import Field, Place, Unit

#: Action → what was done, in the words of its facts; the line begins with who did it.
SENTENCES: dict[str, Any] = {
    "personal_data.seen": _l("xem thông tin cá nhân trong %(subject)s, lý do: %(reason)s"),
    "user.signed_in": _l("đăng nhập"),
    "user.sign_in_failed": _l("ghi nhận một lần đăng nhập sai mật khẩu vào %(subject)s"),
    "user.unknown_tried": _l("ghi nhận một lần đăng nhập bằng e-mail không có tài khoản"),
    "user.signed_out": _l("đăng xuất"),
    "user.sessions_ended": _l("kết thúc %(count)s phiên đăng nhập của %(subject)s"),
    "user.factor_added": _l("thêm cách xác nhận khi đăng nhập của %(subject)s: %(factor)s"),
    "user.factor_removed": _l("bỏ cách xác nhận khi đăng nhập của %(subject)s: %(factor)s"),
    "user.factor_failed": _l("ghi nhận một lần xác nhận sai khi vào %(subject)s"),
    "user.recovery_renewed": _l("lấy mã dự phòng mới của %(subject)s"),
    "user.recovery_used": _l("dùng một mã dự phòng của %(subject)s, còn %(left)s mã"),
    "user.factors_ended": _l("kết thúc xác nhận hai bước của %(subject)s từ máy chủ"),
    "user.reset_asked": _l("đề nghị đặt lại xác nhận hai bước của %(subject)s (đề nghị %(reset_id)s)"),
    "user.reset_agreed": _l("đồng ý đặt lại xác nhận hai bước của %(subject)s (đề nghị %(reset_id)s)"),
    "user.reset_refused": _l("không đặt lại xác nhận hai bước của %(subject)s (đề nghị %(reset_id)s)"),
    "user.created": _l("lập tài khoản %(subject)s ở %(unit_id)s"),
    "user.changed": _l("sửa tài khoản %(subject)s: %(changed)s"),
    "user.deactivated": _l("cho %(subject)s thôi dùng tài khoản, việc giao lại: %(handed_to)s"),
    "user.password_changed": _l("đặt mật khẩu của %(subject)s"),
    "user.invited": _l("gửi liên kết đặt mật khẩu cho %(subject)s, dùng đến hết %(last_on)s"),
    "grant.given": _l("giao vai trò %(role)s cho %(subject)s, phạm vi %(scope)s (đơn vị %(unit_id)s, địa bàn %(place_id)s)"),
    "grant.asked": _l("đề nghị giao vai trò %(role)s cho %(subject)s (đề nghị %(request_id)s)"),
    "grant.agreed": _l("đồng ý giao vai trò %(role)s cho %(subject)s (đề nghị %(request_id)s)"),
    "grant.refused": _l("không giao, hoặc rút đề nghị giao vai trò %(role)s cho %(subject)s (đề nghị %(request_id)s)"),
    "grant.ended": _l("thôi vai trò %(role)s của %(subject)s"),
    "delegation.given": _l("ghi ủy quyền của %(subject)s (%(unit_id)s) cho %(to_id)s từ %(starts_on)s đến hết %(ends_on)s"),
    "delegation.ended": _l("thôi ủy quyền của %(subject)s"),
    "unit.created": _l("thêm %(subject)s dưới %(parent_id)s"),
    "unit.changed": _l("sửa %(subject)s: %(changed)s"),
    "unit.closed": _l("ghi ngày cuối cùng của %(subject)s: %(on)s"),
    "unit.succeeded": _l("chuyển việc của %(subject)s sang %(to_id)s từ %(on)s (địa bàn: %(place_id)s; lĩnh vực: %(field_id)s)"),
    "units.imported": _l("nhập %(rows)s đơn vị từ bảng tính"),
    "field.created": _l("thêm lĩnh vực %(subject)s"),
    "field.changed": _l("sửa lĩnh vực %(subject)s: %(changed)s"),
    "calendar.day_added": _l("ghi vào lịch ngày %(day)s (%(kind)s)"),
    "calendar.day_removed": _l("bỏ khỏi lịch ngày %(day)s (%(kind)s)"),
    "calendar.year_loaded": _l("nạp lịch năm %(year)s (đã có quyết định: %(confirmed)s)"),
    "deadline_rule.added": _l("thêm quy định %(code)s áp dụng từ %(effective_from)s"),
    "deadline_rule.ended": _l("kết thúc quy định %(code)s sau %(effective_to)s"),
    "file.infected": _l("đánh dấu %(subject)s có mã độc %(signature)s, không giao cho ai nữa"),
    "setting.changed": _l("đổi cài đặt %(name)s"),
    "clock.started": _l("bắt đầu tính hạn %(stage)s theo %(rule)s: %(due_on)s"),
    "clock.stopped": _l("xong %(stage)s ngày %(on)s, hạn %(due_on)s"),
    "clock.cancelled": _l("thôi tính hạn %(stage)s"),
    "clock.paused": _l("tạm dừng tính hạn %(stage)s, lý do: %(ground)s"),
    "clock.resumed": _l("tính tiếp hạn %(stage)s: %(due_on)s"),
    "clock.extended": _l("gia hạn %(stage)s thêm %(days)s ngày, lý do %(ground)s: %(due_on)s"),
    "clock.recomputed": _l("tính lại hạn %(stage)s từ %(was)s sang %(due_on)s, lý do: %(why)s"),
    "clock.undetermined": _l("chưa tính được hạn %(stage)s: chưa có lịch năm %(year)s"),
    "assignment.made": _l("giao việc cho %(unit_id)s (%(duty)s), hạn %(due_on)s"),
    "assignment.taken": _l("nhận việc, người xử lý %(officer_id)s"),
    "assignment.given": _l("giao việc cho %(officer_id)s"),
    "assignment.freed": _l("để đơn vị giao lại việc của %(officer_id)s"),
    "assignment.returned": _l("trả việc về %(unit_id)s, lý do: %(reason)s"),
    "assignment.transferred": _l("chuyển việc từ %(from_id)s sang %(to_id)s, lý do: %(reason)s, lần chuyển thứ %(hops)s"),
    "assignment.done": _l("báo xong việc ngày %(on)s"),
    "assignment.reopened": _l(
        "mở lại việc, lượt %(round)s, hạn %(due_on)s (đã báo xong ngày %(was_closed_on)s, hạn khi ấy %(was_due_on)s)"
    ),
    "assignment.verified": _l("xem lại việc đã xong, đúng: %(right)s"),
    "assignment.cancelled": _l("bỏ việc, lý do: %(why)s"),
}

#: First part of an action's name → what the filter calls it.
GROUPS: dict[str, Any] = {
    "assignment": _l("Việc giao"),
    "calendar": _l("Lịch làm việc"),
    "clock": _l("Tính hạn"),
    "deadline_rule": _l("Quy định về hạn"),
    "delegation": _l("Ủy quyền"),
    "field": _l("Lĩnh vực"),
    "file": _l("Tệp gửi lên"),
    "grant": _l("Vai trò"),
    "personal_data": _l("Xem thông tin cá nhân"),
    "setting": _l("Cài đặt"),
    "unit": _l("Đơn vị"),
    "units": _l("Nhập đơn vị"),
    "user": _l("Tài khoản"),
}

#: Fact → table whose row's name it stands for. Where an action uses the name otherwise, the action's own entry wins.
NAMED_IN: dict[str, type] = {
    "unit_id": Unit,
    "parent_id": Unit,
    "place_id": Place,
    "field_id": Field,
    "officer_id": User,
    "handed_to": User,
    "unit.succeeded:to_id": Unit,
    "delegation.given:to_id": User,
    "assignment.transferred:from_id": Unit,
    "assignment.transferred:to_id": Unit,
}

#: Fact → its codes in words.
FACT_WORDS: dict[str, dict[Any, Any]] = {
    "role": ROLES,
    "factor": FACTORS,
    "stage": {stage: _l("“%(stage)s”", stage=word) for stage, word in words.STAGES.items()},
    "scope": {"everywhere": _l("toàn hệ thống"), "unit": _l("một đơn vị"), "place": _l("một địa bàn")},
    "calendar.day_added:kind": words.DAY_KINDS,
    "calendar.day_removed:kind": words.DAY_KINDS,
    "duty": {"answer": _l("trả lời"), "act": _l("làm")},
    "ground": {**words.TRAITS, **words.PAUSE_GROUNDS},
    "changed": {
        "active": _l("đang dùng"),
        "address": _l("địa chỉ"),
        "code": _l("mã"),
        "copied_to_id": _l("nơi nhận bản sao"),
        "email": _l("e-mail"),
        "form_of_address": _l("xưng hô"),
        "handles_feedback": _l("được giao trả lời"),
        "hint": _l("gợi ý"),
        "is_reception": _l("bộ phận tiếp nhận"),
        "kind": _l("loại"),
        "level": _l("cấp"),
        "locale": _l("ngôn ngữ"),
        "name": _l("tên"),
        "parent_id": _l("đơn vị cấp trên"),
        "phone": _l("điện thoại"),
        "place_id": _l("địa bàn"),
        "position": _l("thứ tự"),
        "preferences": _l("tùy chọn thông báo"),
        "short_name": _l("tên ngắn"),
        "signing_chain": _l("các bước ký"),
        "tax_code": _l("mã số thuế"),
        "title": _l("chức vụ"),
        "unit_id": _l("đơn vị"),
        "valid_from": _l("ngày bắt đầu"),
    },
    "setting.changed:name": {
        "anchor_address": _l("nơi nhận mốc khóa nhật ký"),
        "authority_name": _l("cơ quan chịu trách nhiệm"),
        "code_prefix": _l("chữ đầu của mã tra cứu"),
        "desk_unit_id": _l("bộ phận tiếp nhận"),
        "league_least": _l("số việc ít nhất để xếp hạng"),
        "proof": _l("chặn máy tự động gửi biểu mẫu"),
        "proof_sent": _l("số lần gửi gọi là đông"),
        "proof_tries": _l("số lần gửi của một mạng gọi là đáng ngờ"),
        "province_name": _l("tên tỉnh"),
        "public_least": _l("số việc ít nhất để công khai"),
        "rating_days": _l("số ngày được đánh giá"),
        "second_factor_roles": _l("vai trò cần xác nhận hai bước"),
        "set_up": _l("mở trang"),
        "closed_because": _l("tạm ngừng nhận ý kiến"),
        "standing_body_id": _l("cơ quan thường trực"),
    },
}

#: Table of a subject → how the subject is called. A domain adds its own.
SUBJECTS: dict[str, Callable[[int], str]] = {}

#: Tables whose entries no list shows: that there is such a row is itself a secret.
SECRET: set[str] = set()

#: Fact that is an id → how the row is called, where no name stands in a column.
IDS: dict[str, Callable[[int], str]] = {}


@dataclass(frozen=True)
class Line:
    """One entry as it is read."""

    entry: AuditEntry
    actor: str
    text: str


def register(
    actions: Mapping[str, Any],
    *,
    groups: Mapping[str, Any],
    named_in: Mapping[str, type] | None = None,
    fact_words: Mapping[str, dict[Any, Any]] | None = None,
    subjects: Mapping[str, Callable[[int], str]] | None = None,
    ids: Mapping[str, Callable[[int], str]] | None = None,
    secret: Iterable[str] = (),
) -> None:
    """Add a domain's sentences, the filter's word for each group of actions, and what its subjects and facts are called.

    *named_in* and *ids* are for facts that are ids: a table whose rows have a name, or a function that says what a row is called.
    *secret* are tables whose entries are in no list.
    """
    FACT_WORDS.update(fact_words or {})
    SUBJECTS.update(subjects or {})
    IDS.update(ids or {})
    SECRET.update(secret)
    SENTENCES.update(actions)
    GROUPS.update(groups)
    NAMED_IN.update(named_in or {})


def tell(entries: Iterable[AuditEntry]) -> list[Line]:
    """Return *entries* as sentences."""
    names = _Names()
    return [Line(entry, names.actor(entry), _sentence(entry, names)) for entry in entries]


def _sentence(entry: AuditEntry, names: _Names) -> str:
    facts = {name: names.fact(entry.action, name, value) for name, value in entry.facts.items()}
    if entry.action not in SENTENCES:
        return f"{entry.action}: " + "; ".join(f"{name} {value}" for name, value in facts.items())
    return str(SENTENCES[entry.action]) % (facts | {"subject": names.subject(entry)})


class _Names:
    """Names by id, each asked for once a page."""

    def __init__(self) -> None:
        self._known: dict[tuple[type, int], str] = {}

    def of(self, model: Any, row_id: int | None) -> str:
        if row_id is None:
            return _("không có")
        key = (model, row_id)
        if key not in self._known:
            row = db.session.get(model, row_id)
            self._known[key] = row.name if row is not None else f"#{row_id}"
        return self._known[key]

    def actor(self, entry: AuditEntry) -> str:
        if entry.actor_kind == "user":
            return self.of(User, entry.actor_id)
        return _("Người gửi") if entry.actor_kind == "sender" else _("Phần mềm")

    def subject(self, entry: AuditEntry) -> str:
        models = {"app_user": User, "unit": Unit, "field": Field}
        if entry.subject_type in models:
            return self.of(models[entry.subject_type], entry.subject_id)
        if entry.subject_type in SUBJECTS:
            return SUBJECTS[entry.subject_type](entry.subject_id)
        return f"{entry.subject_type} {entry.subject_id}"

    def fact(self, action: str, name: str, value: Any) -> str:
        model = NAMED_IN.get(f"{action}:{name}") or NAMED_IN.get(name)
        if model is not None:
            return self.of(model, value)
        if value is None or isinstance(value, bool):
            return {None: _("chưa có"), True: _("có"), False: _("không")}[value]
        words_for = FACT_WORDS.get(f"{action}:{name}", {}) | FACT_WORDS.get(name, {})
        if isinstance(value, list):
            return ", ".join(str(words_for.get(each, each)) for each in value)
        if value in words_for:
            return str(words_for[value])
        called = IDS.get(f"{action}:{name}") or IDS.get(name)
        if called is not None:
            return called(value)
        return _day(value) if isinstance(value, str) else str(value)


def _day(text: str) -> str:
    """Return a date as people say it, any other text as it is."""
    try:
        return format_date(dt.date.fromisoformat(text), weekday=False)
    except ValueError:
        return text

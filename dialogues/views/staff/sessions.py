"""The list of sessions, and the first page of one: where it stands, what the next step lacks, and the step itself."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user

from app import clock
from app.access import requires
from app.formats import format_date, format_time
from app.permissions import Permission
from dialogues import lists, queries, rules, words
from dialogues.forms.sessions import FactsForm, PutOffForm, step_form, values_of
from dialogues.models import Session
from dialogues.operations import publishing, recording, steps, written
from dialogues.operations import sessions as operations
from dialogues.rules import Guard, Status
from dialogues.views.staff.pages import (
    MENDED_IN,
    REFUSALS,
    STEPS_IN,
    TOO_LATE,
    add_room,
    bp,
    load,
    load_to_prepare,
    step,
    to_room,
)
from feedback.views.staff.choices import fields_and_none, places_and_none

add_room("dialogue_staff.session", _l("Tổng quan"), "overview", 0)
REFUSALS |= {
    operations.TopicAnnounced: _l("Chủ đề này đã thông báo, người dân đã hỏi theo đó. Muốn đổi thì thông báo ngày mới trước."),
    operations.DayAnnounced: _l("Ngày, giờ và hình thức này đã thông báo. Muốn đổi thì hoãn buổi đối thoại, rồi định ngày mới."),
}
MENDED_IN |= dict.fromkeys(("no_day", "day_past", "not_described", "no_house_rules"), "dialogue_staff.change")

#: Begun so long before its hour, somebody may have pressed by mistake.
EARLY = dt.timedelta(minutes=30)

#: The way a session goes when nothing is put off.
WAY = (
    Status.DRAFT,
    Status.PLANNED,
    Status.ANNOUNCED,
    Status.READY,
    Status.IN_SESSION,
    Status.HELD,
    Status.CONCLUDED,
    Status.PUBLISHED,
    Status.ARCHIVED,
)

#: The steps as their addresses name them.
STEPS = {
    "vao-ke-hoach": Status.PLANNED,
    "thong-bao": Status.ANNOUNCED,
    "chuan-bi-xong": Status.READY,
    "bat-dau": Status.IN_SESSION,
    "ket-thuc": Status.HELD,
    "ra-ket-luan": Status.CONCLUDED,
    "cong-bo": Status.PUBLISHED,
    "luu-ho-so": Status.ARCHIVED,
}
#: What the list shows of the sessions, as it is called.
VIEWS = {"": _l("Tất cả"), "sap-toi": _l("Sắp tới"), "cho-ket-qua": _l("Đã họp, chờ kết quả"), "da-xong": _l("Đã xong")}
ADDRESSES = {status: address for address, status in STEPS.items()}


@bp.get("/")
@requires(Permission.DIALOGUE_READ)
def sessions() -> str:
    """Show the sessions of the person's units, what comes next first, or (?xem=) one kind of them."""
    view = request.args.get("xem", "")
    return render_template(
        "dialogues/staff/sessions.html",
        rows=lists.sessions(current_user.reach, view),
        views=[{"label": word, "url": url_for(".sessions", xem=name or None), "current": name == view} for name, word in VIEWS.items()],
        view=view,
        prepares=current_user.reach.may_anywhere(Permission.DIALOGUE_PREPARE),
    )


@bp.get("/<code>")
@requires(Permission.DIALOGUE_READ)
def session(code: str) -> str:
    """Show one session: where it stands, and what its next step lacks."""
    found, today = load(code), clock.today()
    standing = queries.standing_of(found)
    following = next_step(found)
    missing = rules.lacks(following, queries.facts_of(found, today)) if following else []
    return render_template(
        "dialogues/staff/session.html",
        session_=found,
        way=WAY,
        following=following,
        lacks=missing,
        mended_in=_rooms_for(found),
        step_url=_step_url(found, following),
        brings=_brings(found, following),
        elsewhere=following in STEPS_IN,
        asks_head=bool(missing) and all(guard.may_override for guard in missing),
        announce=queries.term(queries.Stage.ANNOUNCE, found),
        result=queries.term(queries.Stage.PUBLISH_RESULT, found),
        late=queries.is_late(found, today),
        may_prepare=rules.may_prepare(current_user.reach, standing),
        may_lead=rules.may_lead(current_user.reach, standing),
        editable=found.status in rules.EDITABLE,
        unread=publishing.unread(found) if found.status in rules.REVIEWED_IN else [],
        came_late=queries.late(found),
        at_desk=found.status in rules.AT_DESK and recording.may_record(found, current_user),
        may_be=rules.TRANSITIONS[Status(found.status)],
    )


def _rooms_for(found: Session) -> dict[str, str]:
    """Return in which room each thing that is missing is mended: some depend on what is there already."""
    rooms = dict(MENDED_IN)
    if not found.chairing:
        rooms["not_described"] = "dialogue_staff.organising"
    if found.status == Status.IN_SESSION:
        rooms["questions_without_answer"] = "dialogue_staff.desk"
    if found.house_rules and "no_programme" in rooms:
        rooms["no_house_rules"] = rooms["no_programme"]  # written, and not yet on a signed paper
    return rooms


def next_step(found: Session) -> Status | None:
    """Return the next step of the way that nothing puts off."""
    return next((status for status in WAY if status in rules.TRANSITIONS[Status(found.status)]), None)


def _brings(found: Session, to: Status | None) -> list[str]:
    """Return what the step to *to* brings with it, to be read before it is taken."""
    said, now = [str(words.BRINGS[to])] if to in words.BRINGS else [], clock.now()
    if to is Status.IN_SESSION and found.starts_at is not None and found.day == clock.today() and now < found.starts_at - EARLY:
        told, begun = format_time(found.starts_at), format_time(now)
        said.append(_("Giờ đã thông báo là %(told)s, bây giờ mới %(now)s. Biên bản sẽ ghi bắt đầu lúc %(now)s.", told=told, now=begun))
    if to is Status.HELD:
        said += _answered_in_writing(found)
    return said


def _answered_in_writing(found: Session) -> list[str]:
    """Return what becomes of the questions from the seats that nobody has answered when the session ends."""
    rest = sum(written.is_owed(question) for question in found.questions)
    if not rest:
        return []
    return [
        ngettext(
            "%(num)d câu hỏi từ điện thoại chưa được trả lời: trả lời bằng văn bản, có mã theo dõi.",
            "%(num)d câu hỏi từ điện thoại chưa được trả lời: trả lời bằng văn bản, có mã theo dõi.",
            rest,
        )
    ]


def _step_url(found: Session, to: Status | None) -> str:
    if to is None:
        return ""
    if to in STEPS_IN:
        return url_for(STEPS_IN[to], code=found.code)
    return url_for("dialogue_staff.take_step", code=found.code, to=ADDRESSES[to])


@bp.route("/<code>/sua", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def change(code: str) -> Any:
    """Set the facts of a session."""
    found = load_to_prepare(code)

    def begins(**how: Any) -> FactsForm:
        form = FactsForm(**how, data=values_of(found) | {"was": operations.fingerprint(found)})
        form.field.choices, form.place.choices = fields_and_none(now=found.field), places_and_none()
        return form

    form, intro = begins(), []
    if found.status in {Status.ANNOUNCED, Status.READY}:
        intro.append(_("Ngày, giờ và hình thức đã thông báo nên giữ nguyên. Muốn đổi thì hoãn buổi đối thoại, rồi định ngày mới."))
    return step(
        found,
        form,
        lambda: operations.change(found, form.facts(), seen=form.was.data, actor=current_user, now=clock.now()),
        done=lambda: warn_of_day(found) or _("Đã lưu."),
        title=_("Sửa thông tin buổi đối thoại"),
        submit=_("Lưu"),
        intro=intro,
        begins=lambda: begins(formdata=None),
        template="dialogues/staff/facts.html",
    )


def warn_of_day(found: Session) -> None:
    """Say so where *found* can no longer be announced in time: its day was set just now."""
    announce = queries.term(queries.Stage.ANNOUNCE, found)
    if announce is None or announce[1] >= clock.today() or found.day is None or found.status not in {Status.DRAFT, Status.PLANNED}:
        return
    day, by = format_date(found.day), format_date(announce[1])
    late = _("Họp %(day)s thì phải thông báo chậm nhất %(by)s, đã qua ngày ấy.", day=day, by=by)
    flash(f"{late} {_('Đổi ngày họp, hoặc lãnh đạo ghi lý do khi thông báo.')}", "warn")


@bp.route(f"/<code>/buoc/<any({', '.join(repr(address) for address in STEPS)}):to>", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def take_step(code: str, to: str) -> Any:
    """Take the next step; what may be passed over asks the head for a reason, what may not sends back to the overview."""
    found, status = load_to_prepare(code), STEPS[to]
    if status in STEPS_IN:
        return to_room(found, STEPS_IN[status])
    if status is not next_step(found):
        return to_room(found, sentence=TOO_LATE, category="warn")
    missing = rules.lacks(status, queries.facts_of(found, clock.today()))
    hard = [guard for guard in missing if not guard.may_override]
    if hard:
        return to_room(found, sentence=_("Chưa làm được bước này: %(why)s", why=words.LACKS[hard[0].name]), category="warn")
    if missing and not rules.may_lead(current_user.reach, queries.standing_of(found)):
        return to_room(found, sentence=words.LACKS[missing[0].name], category="warn")
    return _take(found, status, missing)


def _take(found: Session, status: Status, missing: list[Guard]) -> Any:
    form, done = step_form(missing), [_("Đã ghi: %(step)s.", step=words.STATUSES[status])]
    if status is Status.HELD:
        done += _answered_in_writing(found)

    def do() -> None:
        steps.move(found, status, overrides=form.overrides(), actor=current_user, now=clock.now())

    return step(
        found,
        form,
        do,
        done=" ".join(done),
        title=words.STEPS[status],
        submit=words.STEPS[status],
        back="dialogue_staff.desk" if status is Status.IN_SESSION else "dialogue_staff.session",
        intro=_brings(found, status),
    )


@bp.route("/<code>/hoan", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def postpone(code: str) -> Any:
    """Postpone a session for a reason."""
    return _put_off(
        code,
        Status.POSTPONED,
        title=_("Hoãn buổi đối thoại"),
        submit=_("Hoãn"),
        done=_("Đã hoãn. Người được mời, người đăng ký và người đã gửi câu hỏi được báo."),
        intro=[_("Định ngày mới thì đưa lại vào kế hoạch và thông báo lại từ đầu.")],
    )


@bp.route("/<code>/huy", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def cancel(code: str) -> Any:
    """Call a session off for a reason."""
    return _put_off(
        code,
        Status.CANCELLED,
        title=_("Hủy buổi đối thoại"),
        submit=_("Hủy buổi đối thoại"),
        done=_("Đã hủy. Người được mời, người đăng ký và người đã gửi câu hỏi được báo."),
        intro=[_("Hủy rồi không mở lại được. Câu hỏi đã gửi vẫn được trả lời, hạn không đổi.")],
    )


def _put_off(code: str, to: Status, **page: Any) -> Any:
    found, form = load_to_prepare(code), PutOffForm()
    if to not in rules.TRANSITIONS[Status(found.status)]:
        return to_room(found, sentence=TOO_LATE, category="warn")
    return step(
        found, form, lambda: steps.put_off(found, to, why=form.why.data or "", actor=current_user, now=clock.now()), danger=True, **page
    )

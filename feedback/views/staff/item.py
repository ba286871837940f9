"""The item: everything a colleague needs to know of it, who may know who wrote, its files, notes and messages."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import cache
from typing import Any

from flask import abort, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import Select, and_, bindparam, or_
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock, files
from app.access import requires
from app.administration import sentences
from app.assignments.chips import chip_of, open_chip
from app.assignments.facts import ClockFacts
from app.assignments.models import Clock
from app.assignments.rules import Duty
from app.audit import AuditEntry, record
from app.calendar.days import WorkCalendar
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from app.database import db, writing_first
from app.files import WARNINGS
from app.formats import format_datetime
from app.headers import unkept
from app.links import linked
from app.permissions import Permission
from app.pieces import piece, render
from feedback import queries, rules, steps, timeline, whole, words
from feedback.forms.staff import SeeForm, WordsForm
from feedback.models import Attachment, Feedback, Message, MessageKind, Person, PersonRole
from feedback.operations import clocks, unit
from feedback.views.staff import actions
from feedback.views.staff.pages import UNPROCESSABLE, bp, called, load, load_for, said, step
from feedback.why import explanation

#: Whoever may read items somewhere; which ones, the rules say of each.
READERS = (Permission.FEEDBACK_READ, Permission.FEEDBACK_HANDLE, Permission.FEEDBACK_NUMBER)

#: Why somebody looks at who wrote; the audit keeps the name of the reason.
REASONS: dict[str, Any] = {
    "contact": _l("Gọi điện, hẹn gặp để hỏi thêm"),
    "verify": _l("Xác minh tại chỗ"),
    "letter": _l("Ghi tên, địa chỉ vào văn bản"),
    "repeat": _l("Xem có phải một người gửi nhiều lần"),
}
ROLES: dict[str, Any] = {
    PersonRole.SENDER: _l("Người gửi"),
    PersonRole.PRINCIPAL: _l("Người có việc"),
    PersonRole.REPRESENTATIVE: _l("Người đại diện"),
    PersonRole.SIGNER: _l("Người cùng ký"),
}

#: What other domains tell those who work on an item: each returns the template of a section and what it calls `each`.
further: list[Callable[[Feedback], list[tuple[str, dict[str, Any]]]]] = []


@bp.get("/y-kien/<code>")
@requires(*READERS)
def item(code: str) -> str:
    """Show one item."""
    row = load(code, whole.by_code)
    whole.fill(row)
    today, now, calendar = clock.today(), clock.now(), work_calendar()
    may, refused = actions.now(row, current_user)
    governing = clocks.governing(row)
    asking = row.open_question is not None
    paper = actions.open_paper(row)
    return render_template(
        "feedback/staff/item.html",
        item=row,
        may=may,
        held_back=[said(each, row) for each in refused],
        duty=row.open_answer,
        chip=open_chip(governing.due_on, asking=asking, today=today, calendar=calendar) if governing else None,
        status=words.status_of(row),
        kind=words.KINDS[row.kind],
        sender=words.SENDER_TYPES[row.sender_type],
        channel=words.CHANNELS[row.channel],
        scope=words.IDENTITY_SCOPES[row.identity_scope],
        clocks=[_clock(each, asking, calendar) for each in _clocks(row)],
        held=timeline.holdings(row, calendar=calendar, now=now),
        promises=[
            (each, words.assignment_state(each), chip_of(each, today=today, calendar=calendar))
            for each in row.assignments
            if each.duty == Duty.ACT
        ],
        notes=[_message(row, each) for each in row.messages if each.kind == MessageKind.NOTE],
        papers=[(each, words.PAPER_TYPES[each.type], words.PAPER_STATES[each.state]) for each in row.papers],
        open_paper=paper,
        paper_steps=actions.paper_steps(paper, current_user) if paper else frozenset(),
        drafts=[(type_, word) for type_, word in words.PAPER_TYPES.items() if f"draft_{type_}" in may],
        **said_by_sender(row),
        history=_history(row),
        note_form=WordsForm(prefix="note-"),
        tell_form=WordsForm(prefix="tell-"),
        paper_words=words.PAPER_TYPES,
        paper_states=words.PAPER_STATES,
        happened=words.HAPPENED,
        settled_by_accused=steps.settled_by_accused(row),
        nobody_placed=steps.nobody_placed(row),
        may_ask_for_original=rules.may_ask_for_original(current_user.reach, queries.standing_of(row)),
    )


def _clocks(row: Feedback) -> list[Clock]:
    """Return what runs or ran for the matter, the unit's own short clock last."""
    own: list[Clock] = [each for each in row.clocks if each.cancelled_at is None]
    duty = row.open_answer
    return [*own, *(each for each in duty.clocks if each.cancelled_at is None)] if duty is not None else own


def _clock(each: Clock, asking: bool, calendar: WorkCalendar) -> dict[str, Any]:  # noqa: FBT001  a fact, not a switch
    today = clock.today()
    running = each.is_running
    return {
        "stage": words.STAGES[Stage(each.stage)],
        "clock": each,
        "late": each.is_late(today),
        "chip": open_chip(each.due_on, asking=asking, today=today, calendar=calendar) if running else None,
        "why": _why(each.facts, calendar) if running else None,
    }


@piece
def _why(facts: ClockFacts, calendar: WorkCalendar) -> Markup | None:
    """Return why the day that comes of *facts* is that day: the same for all that came in on one day under one rule."""
    why = explanation(facts, calendar)
    return render("feedback/staff/_why.html", why=why) if why else None


def _message(row: Feedback, message: Message) -> dict[str, Any]:
    who = _("Người gửi") if message.user is None else f"{called(message.user)}, {message.user.unit.short_name}"
    return {
        "who": who,
        "when": format_datetime(message.at),
        "text": linked(message.body) if message.user else message.body,
        "mine": message.user_id == current_user.id,
        "question": message.kind == MessageKind.QUESTION,
        "open": message.kind == MessageKind.QUESTION and message.answered_at is None,
        "files": [file_facts(row, each) for each in row.files if each.message_id == message.id],
    }


def said_by_sender(row: Feedback) -> dict[str, Any]:
    """Return what a page shows of the item's own words, line by line, of its files, and of what was said since, here or elsewhere."""
    return {
        "lines": [line for line in row.body.splitlines() if line.strip()],
        "sent_files": [file_facts(row, each) for each in row.files if each.message_id is None and each.point_id is None],
        "thread": [_message(row, each) for each in row.messages if each.kind != MessageKind.NOTE],
        "further": [section for sections in further for section in sections(row)],
    }


def file_facts(row: Feedback, attachment: Attachment) -> dict[str, Any]:
    """Return what the components show of a file of the item."""
    file, name = attachment.file, _file_name(row, attachment)
    return {
        "name": name,
        "size": file.size,
        "picture": file.is_picture,
        "plays": file.plays,
        "caption": attachment.caption or name,
        "url": url_for("staff.file", code=row.code, uid=file.uid),
        "uid": file.uid,
        "warnings": [WARNINGS[flag] for flag in file.flags],
        "original": file.original_size is not None,
    }


def _file_name(row: Feedback, attachment: Attachment) -> str:
    """Return what a file is called: who may not know who wrote learns it from no "Đơn của Trần Thị Hoa.pdf" either."""
    named = attachment.file.name
    if not attachment.by_sender or rules.may_see_identity(current_user.reach, queries.standing_of(row)):
        return named
    return f"tep-{attachment.id}.{named.rpartition('.')[2]}"


def _history(row: Feedback) -> list[sentences.Line]:
    """Return what happened to the item and its papers, newest first, as the audit tells it."""
    facts = {"id": row.id, "papers": [paper.id for paper in row.papers]}
    return sentences.tell(db.session.scalars(_happened(), facts))


@cache
def _happened() -> Select[AuditEntry]:
    of_item = and_(AuditEntry.subject_type == "feedback", AuditEntry.subject_id == bindparam("id"))
    of_papers = and_(AuditEntry.subject_type == "paper", AuditEntry.subject_id.in_(bindparam("papers", expanding=True)))
    return db.select(AuditEntry).where(or_(of_item, of_papers)).order_by(AuditEntry.id.desc())


@bp.get("/y-kien/<code>/tep/<uuid:uid>")
@requires(*READERS)
def file(code: str, uid: uuid.UUID) -> Response:
    """Send a file of the item."""
    row = load(code)
    found = next((each for each in row.files if each.file.uid == uid), None)
    if found is None:
        abort(404)
    return files.send(found.file, name=_file_name(row, found))


@bp.route("/y-kien/<code>/nguoi-gui", methods=["GET", "POST"])
@requires(*READERS)
def identity(code: str) -> Any:
    """Show who wrote, after saying why: each look is recorded before anything is read."""
    row = load_for(code, "identity")
    form = SeeForm()
    form.reason.choices = [SelectChoice(name, word) for name, word in REASONS.items()]
    if not form.validate_on_submit():
        return render_template("feedback/staff/identity_reason.html", item=row, form=form), UNPROCESSABLE if form.errors else 200
    with writing_first():
        record(current_user, "personal_data.seen", row, at=clock.now(), reason=form.reason.data)
    people = [_person(each) for each in row.writers]
    return unkept(render_template("feedback/staff/identity.html", item=row, people=people))


def _person(person: Person) -> dict[str, Any]:
    known = (
        (_("Họ tên"), person.name),
        (_("Tổ chức"), person.organisation),
        (_("Mã số thuế"), person.tax_code),
        (_("Điện thoại"), person.phone),
        (_("E-mail"), person.email),
        (_("Địa chỉ"), person.address),
    )
    return {"role": ROLES[person.role], "rows": [{"key": key, "value": value} for key, value in known if value]}


@bp.post("/y-kien/<code>/ghi-chu")
@requires(Permission.FEEDBACK_HANDLE, Permission.FEEDBACK_TRIAGE)
def note(code: str) -> Any:
    """Leave an internal note."""
    row, form = load_for(code, "note"), WordsForm(prefix="note-")
    return step(
        row,
        form,
        lambda: unit.note(row, form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã ghi. Chỉ cán bộ đọc được."),
        title=_("Ghi chú nội bộ"),
        submit=_("Ghi"),
        intro=[_("Chỉ cán bộ đọc được, người gửi không thấy.")],
    )


@bp.post("/y-kien/<code>/nhan-tin")
@requires(Permission.FEEDBACK_HANDLE)
def tell(code: str) -> Any:
    """Tell the sender how it goes."""
    row, form = load_for(code, "tell"), WordsForm(prefix="tell-")
    return step(
        row,
        form,
        lambda: unit.tell(row, form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã báo tin cho người gửi."),
        title=_("Báo tin cho người gửi"),
        submit=_("Gửi"),
        intro=[_("Người gửi đọc được. Hạn trả lời không thay đổi.")],
    )

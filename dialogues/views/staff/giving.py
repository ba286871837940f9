"""What the chair gives out in the conclusion: who answers what, who does what, by when; the slip of whoever asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, current_app, redirect, render_template, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock
from app.access import requires
from app.assignments.operations import UnitClosed
from app.calendar.queries import work_calendar
from app.database import db
from app.formats import format_date
from app.headers import unkept
from app.permissions import Permission
from app.units.models import Unit
from dialogues import queries
from dialogues.forms.concluding import InstructForm, PetitionForm, PromiseForm
from dialogues.models import ConclusionAssignment, Question, Session
from dialogues.operations import promises
from dialogues.operations.promises import Word
from dialogues.rules import DEFERRED, AnswerKind, PublicForm
from dialogues.views.staff.concluding import ROOM, load_to_record, question_of, unit_of
from dialogues.views.staff.pages import REFUSALS, TOO_LATE, bp, load_to_prepare, step, to_room
from feedback import codes
from feedback import steps as item_steps
from feedback.forms.staff import WordsForm
from feedback.operations import desk, intake
from feedback.public import answer_clock
from feedback.views.staff import choices

REFUSALS |= {
    promises.NotDeferred: _l("Câu hỏi này đã được trả lời tại chỗ, không còn gì để hẹn."),
    promises.DayPast: _l("Ngày hẹn phải sau hôm nay."),
    promises.BodyMissing: _l("Ghi tên cơ quan cấp trên nhận kiến nghị."),
    promises.NotTheChairs: _l("Việc này vượt thẩm quyền nên đơn vị tổ chức đối thoại giữ: gửi kiến nghị và báo lại kết quả."),
    promises.ProofMissing: _l("Báo đã làm xong thì kèm ít nhất một ảnh hoặc văn bản làm chứng."),
    promises.AnswerMissing: _l("Ghi văn bản kiến nghị đã gửi và trả lời của cấp trên trước, rồi mới báo kết quả."),
    promises.PetitionNeeded: _l("Câu hỏi chuyển cấp trên thì phải có kiến nghị. Sửa hạn hoặc cơ quan nhận ở câu hỏi ấy."),
    promises.SameUnit: _l("Đơn vị này đang giữ việc ấy rồi."),
    desk.UnitAccused: _l("Câu hỏi nói về chính đơn vị ấy nên không giao được. Chọn đơn vị khác."),
    item_steps.PaperSigned: _l("Văn bản trả lời đã ký, đang chờ số. Không đổi đơn vị trả lời được nữa."),
    UnitClosed: _l("Đơn vị ấy không còn hoạt động. Chọn đơn vị tiếp quản."),
}


def _units(session: Session) -> list[SelectChoice]:
    return choices.units(clock.today(), first=_("Gõ hoặc chọn một đơn vị"), own=session.unit)


def _given_out(done: str, due_on: dt.date) -> str:
    """Return what is said after saving: the chair may name any day, and is told of one on which nobody works."""
    calendar = work_calendar()
    if due_on.year not in calendar.years or calendar.is_working(due_on):
        return done
    return f"{done} " + _("Hạn %(day)s là ngày nghỉ: nhắc đơn vị làm xong trước ngày ấy.", day=format_date(due_on))


def _promised(question: Question, said: dt.date) -> str:
    """Return what is said after saving an answer's day: that it is another than the chair *said*, where the asker is owed it earlier."""
    due_on = question.promised_on or said
    owed = _("Đã giao trả lời. Người hỏi đã có hạn %(day)s, sớm hơn ngày hẹn: ghi hạn ấy.", day=format_date(due_on))
    return _given_out(owed if due_on < said else _("Đã giao trả lời."), due_on)


def _chosen(id_: int | None) -> Unit:
    found = db.session.get(Unit, id_) if id_ is not None else None
    if found is None:
        raise UnitClosed
    return found


@bp.route("/<code>/cau-hoi/<int:question_id>/hen-tra-loi", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def promise_answer(code: str, question_id: int) -> Any:
    """Say who answers a question that was left open, by when, and how the public hears of it."""
    session, today = load_to_record(code), clock.today()
    question = question_of(session, question_id)
    if question.answer_kind not in DEFERRED:
        return to_room(session, ROOM, REFUSALS[promises.NotDeferred], "warn")
    with force_locale("vi"):  # kept with the clock as the rules' own names are
        name, source = _("Trả lời theo hẹn của chủ trì"), _("kết luận buổi đối thoại %(code)s", code=session.code)
    held: dict[str, Any] = {"due_on": question.promised_on, "public_form": question.public_form}
    petition = question.answer_kind == AnswerKind.FORWARDED
    if petition:
        open_ = queries.petition_for(question)
        form: Any = PetitionForm(today=today, data=held | {"beyond": open_.beyond if open_ else ""})
    else:
        form = PromiseForm(today=today, data=held | _units_of(question))
        form.offer(_units(session))

    def do() -> None:
        common: dict[str, Any] = {"due_on": form.due_on.data, "public_form": PublicForm(form.public_form.data)}
        if petition:
            word = Word(unit=session.unit, beyond=form.beyond.data, **common)
        else:
            word = Word(unit=_chosen(form.unit.id_chosen), supporting=form.supporting, **common)
        promises.promise_answer(question, word, name=name, source=source, actor=current_user, now=clock.now())

    intro = [question.text]
    if petition:
        intro.append(_("%(unit)s gửi văn bản kiến nghị và báo lại cho người hỏi.", unit=session.unit.name))
    owed = answer_clock(question.feedback.merged_into or question.feedback) if question.feedback is not None else None
    if owed is not None and owed.due_on is not None and not question.promised_on:
        intro.append(_("Người hỏi đã có hạn trả lời %(day)s. Hẹn muộn hơn thì hạn ấy vẫn giữ.", day=format_date(owed.due_on)))
    if question.feedback is None:
        intro.append(_("Ghi xong thì câu hỏi có mã để người hỏi theo dõi. In phiếu đưa cho người hỏi trong 24 giờ."))
    return step(
        session,
        form,
        do,
        done=lambda: _promised(question, form.due_on.data),
        back=ROOM,
        title=_("Giao trả lời câu hỏi"),
        submit=_("Giao trả lời"),
        intro=intro,
    )


def _units_of(question: Question) -> dict[str, str]:
    duty = unit_of(question) if question.promised_on else None
    helps = {f"supporting_{number}": str(id_) for number, id_ in enumerate(question.supporting_ids or [], start=1)}
    return helps | ({"unit": str(duty.id)} if duty else {})


@bp.get("/<code>/cau-hoi/<int:question_id>/phieu")
@requires(Permission.DIALOGUE_PREPARE)
def asker_slip(code: str, question_id: int) -> Any:
    """Show the receipt to hand to who asked on the floor; its key only for a day."""
    session = load_to_prepare(code)
    question = question_of(session, question_id)
    receipt = intake.receipt_of(promises.receipt_token(question), now=clock.now())
    if receipt is None or receipt.feedback is None:
        return redirect(url_for(ROOM, code=code))
    link = current_app.config["SITE_URL"] + url_for("tracking.by_link", code=receipt.code, key=receipt.key) if receipt.key else None
    page = render_template(
        "dialogues/staff/asker_slip.html",
        session_=session,
        question=question,
        receipt=receipt,
        key=codes.show_key(receipt.key) if receipt.key else None,
        link=link,
        unit=unit_of(question),
    )
    return unkept(page)


@bp.route("/<code>/ket-luan/giao-viec", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def instruct(code: str) -> Any:
    """Write down something that the chair gave a unit to do."""
    session = load_to_record(code)
    form = InstructForm(today=clock.today())
    form.offer(_units(session))
    asked = {str(question.id): question for question in queries.raised(session)}
    form.question.choices = [
        SelectChoice("", _("Không từ câu hỏi nào")),
        *(SelectChoice(id_, f"{number}. {intake.first_words(each.text)}") for number, (id_, each) in enumerate(asked.items(), 1)),
    ]

    def do() -> None:
        unit = session.unit if form.beyond.data else _chosen(form.unit.id_chosen)
        word = Word(unit, form.due_on.data, PublicForm(form.public_form.data), form.supporting, form.beyond.data or "")
        question = asked.get(form.question.data or "")
        promises.instruct(session, form.title.data or "", word, question=question, actor=current_user, now=clock.now())

    return step(
        session,
        form,
        do,
        done=lambda: _given_out(_("Đã giao việc. Đơn vị được báo."), form.due_on.data),
        back=ROOM,
        intro=[_("Ghi xong thì đơn vị được báo ngay, trước khi ra kết luận. Ghi nhầm thì bỏ được đến khi ra kết luận.")],
        title=_("Giao việc theo kết luận"),
        submit=_("Giao việc"),
    )


@bp.route("/<code>/ket-luan/giao-viec/<int:promise_id>/bo", methods=["GET", "POST"])
@requires(Permission.DIALOGUE_PREPARE)
def withdraw_instruction(code: str, promise_id: int) -> Any:
    """Take back what was written down by mistake."""
    session, form = load_to_record(code), WordsForm()
    found = db.session.get(ConclusionAssignment, promise_id)
    if found is None or found.session_id != session.id:
        abort(404)
    if not found.is_open or promises.is_forwarding(found):
        return to_room(session, ROOM, TOO_LATE, "warn")
    form.text.label.text = _("Vì sao bỏ")
    return step(
        session,
        form,
        lambda: promises.withdraw(found, reason=form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã bỏ việc ghi nhầm."),
        back=ROOM,
        title=_("Bỏ việc ghi nhầm"),
        submit=_("Bỏ việc này"),
        danger=True,
        intro=[found.title, _("Chỉ bỏ được khi kết luận chưa ra. Sau đó việc đã giao thì phải có kết quả.")],
    )

"""Reminders and petitions, from the side of who sends them: the list, a new one, what each unit answered."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask import flash as say
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms.fields import SelectChoice

from app import clock
from app.access import NotAllowed, requires, signed_in
from app.assignments.chips import chip_of
from app.assignments.models import Assignment
from app.assignments.rules import IllegalTransition
from app.calendar.queries import work_calendar
from app.database import db
from app.permissions import Permission
from app.units.models import Unit
from app.units.queries import by_level_and_name
from feedback.forms.base import card
from feedback.words import assignment_state
from oversight import letters
from oversight import papers as made
from oversight import register as promises
from oversight.forms.letters import LetterForm, RemarksForm
from oversight.letters import words as letter_words
from oversight.models import Letter, LetterAssignment, OversightPaper
from oversight.operations import answering, heirs
from oversight.operations import letters as operations
from oversight.papers import names
from oversight.register.kinds import Address
from oversight.register.shown import shown
from oversight.rules.letters import PAPERS, PERMISSIONS, LetterKind
from oversight.views.staff.pages import REFUSALS, TOO_LATE, UNPROCESSABLE, attempt, bp, one_form

P = Permission
SENDS = tuple(dict.fromkeys(PERMISSIONS.values()))
#: So many promises one letter is about, at most.
MOST = 200

REFUSALS |= {
    operations.NobodyAddressed: _l("Chọn ít nhất một đơn vị nhận."),
    operations.NotToItself: _l("%(unit)s là cơ quan ban hành nên không gửi cho chính mình. Bỏ đơn vị này hoặc việc của đơn vị này."),
    operations.NotUpwards: _l("%(unit)s là cấp trên của cơ quan ban hành nên không đôn đốc. Bỏ đơn vị này hoặc việc của đơn vị này."),
    operations.OutOfReach: _l("%(unit)s ngoài phạm vi được gửi loại văn bản này. Bỏ đơn vị này hoặc việc của đơn vị này."),
    operations.NotToAccused: _l("Có ý kiến nói về %(unit)s nên không gửi chung. Bỏ việc ấy hoặc bỏ đơn vị này, gửi riêng từng văn bản."),
    operations.NotOwnMatter: _l("Chỉ nhắc việc do chính cơ quan đã kiến nghị hoặc đã chuyển. Việc khác thì gửi văn bản kiến nghị."),
    operations.NotReminded: _l("Chưa kiến nghị, chưa chuyển việc này đến %(unit)s nên không nhắc. Bỏ đơn vị này, hoặc gửi kiến nghị."),
    operations.DayOutOfBounds: _l("Ngày trả lời phải sau hôm nay ít nhất 2 ngày, nhiều nhất 60 ngày."),
    operations.DayPassed: _l("Ngày trả lời ghi trên văn bản đã tới hoặc đã qua. Nhờ người ký trả về, bỏ bản này, soạn bản mới."),
    operations.NobodyCounts: _l(
        "Chưa có quy định hạn trả lời cho loại văn bản này. Ghi ngày trả lời, hoặc nhờ quản trị viên thêm quy định."
    ),
    heirs.NobodyAnswers: _l("%(unit)s không còn hoạt động, và đơn vị tiếp quản không nhận được việc này. Báo cấp trên của đơn vị ấy."),
    answering.AnswerWaits: _l("Đã có bản trả lời đang chờ lãnh đạo duyệt. Duyệt hoặc trả lại bản ấy trước."),
    answering.NotOfUnit: _l("Chọn người của đơn vị này."),
    answering.OnlyOnce: _l("Đã một lần cho là trả lời chưa đủ. Lần này báo cáo cấp trên của đơn vị."),
    operations.AddresseeClosed: _l("Có đơn vị nhận không còn hoạt động. Nhờ người ký trả về để sửa nơi nhận, rồi ký lại."),
}


def page_of_paper(paper: OversightPaper) -> str | None:
    """Return where the letter of *paper* is: for its sender the letter, for a unit what it has to answer."""
    letter, reach = paper.letter, current_user.reach
    if letter is None:
        return None
    if letters.may_see(reach, letter):
        return url_for("oversight.letter", letter_id=letter.id)
    mine = next((duty for duty in letter.duties if letters.may_open(reach, duty)), None)
    return url_for("oversight.letter_duty", assignment_id=mine.id) if mine is not None else None


made.ABOUT.update(dict.fromkeys(PAPERS.values(), page_of_paper))


@bp.get("/don-doc")
@requires(*SENDS, P.OVERSIGHT_SIGN)
def letters_sent() -> str:
    """List what the person's body wrote to units, and how many answered."""
    rows = letters.sent(current_user.reach, current_user.unit)
    return render_template(
        "oversight/staff/letters.html", rows=[(row, _figures(row)) for row in rows], words=letter_words, names=names,
        may_begin=any(kinds_written(())), kinds=_kinds_sent(), reads_register=current_user.reach.may_anywhere(P.REGISTER_READ),
    )  # fmt: skip


def _kinds_sent() -> set[LetterKind]:
    return {kind for kind, permission in PERMISSIONS.items() if current_user.reach.may_anywhere(permission)}


def _figures(letter: Letter) -> dict[str, int]:
    today = clock.today()
    open_ = [duty for duty in letter.duties if duty.is_open]
    return {"to": len(letter.to), "answered": len(letter.duties) - len(open_), "late": sum(duty.is_late(today) for duty in open_)}


def kinds_written(about: Collection[Assignment]) -> Iterator[LetterKind]:
    """Yield the kinds of letter that the person who asks can send about these promises; about none: to any unit."""
    return (kind for kind in LetterKind if letters.writes(current_user.reach, current_user.unit, kind, clock.today(), about))


def _chosen() -> list[Assignment]:
    """Return the promises that the address names and the person may see; whatever else it says is left out."""
    ids = list(dict.fromkeys(int(each) for each in re.findall(r"\d{1,18}", ",".join(request.args.getlist("viec")), re.ASCII)))[:MOST]
    found = []
    for id_ in ids:
        row = promises.promise(id_, current_user.reach, clock.today())
        if (
            row is None
            and isinstance(own := db.session.get(Assignment, id_), LetterAssignment)
            and letters.may_see(current_user.reach, own.letter)
        ):
            row = own
        if row is not None:
            found.append(row)
    return found


@bp.route("/don-doc/moi", methods=["GET", "POST"])
@requires(*SENDS)
def new_letter() -> Any:
    """Begin a reminder or a petition about promises, to their units and to others."""
    about = _chosen()
    kinds = list(kinds_written(about))
    if not kinds:
        petitions = current_user.reach.may_anywhere(P.OVERSIGHT_PETITION)
        return render_template("oversight/staff/letter_none.html", about=shown_about(about), petitions=petitions)
    form = _form(kinds, about)
    if form.validate_on_submit():
        made: list[Letter] = []

        def do() -> None:
            issuer = db.session.get(Unit, form.issuer.id_chosen)
            to = db.session.scalars(db.select(Unit).where(Unit.id.in_(form.unit_ids))).all()
            assert issuer is not None  # the form offered it
            made.append(
                operations.draft(
                    LetterKind(form.kind.data),
                    issuer,
                    about=about,
                    to=to,
                    reason=form.reason.data or "",
                    answer_by=form.answer_by.data,
                    token=form.token.data or "",
                    actor=current_user,
                    now=clock.now(),
                )
            )

        try:
            if attempt(form, do):
                say(_("Đã soạn văn bản từ dữ liệu. Đọc lại từng phần rồi trình ký."), "ok")
                return redirect(url_for(".oversight_paper", uid=made[0].paper.uid), 303)
        except (IllegalTransition, NotAllowed):
            form.form_errors.append(_("Cơ quan này không gửi loại văn bản này. Chọn lại loại văn bản hoặc cơ quan ban hành."))
        about = _chosen()
    page = render_template(
        "oversight/staff/letter_new.html", form=form, about=shown_about(about), one_issuer=len(form.issuer.choices) == 1,
        title=_title(kinds), petitions=LetterKind.PETITION in kinds,
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors or form.form_errors else 200


def _form(kinds: list[LetterKind], about: list[Assignment]) -> LetterForm:
    reach, own, today = current_user.reach, current_user.unit, clock.today()
    bodies = {unit.id: unit for kind in kinds for unit in letters.issuers(reach, own, kind)}
    units = {unit.id: unit for kind in kinds for issuer in bodies.values() for unit in letters.addressable(reach, kind, issuer, today)}
    owing = {row.unit_id for row in about}
    asked = request.args.get("loai", "")
    begun = {"kind": asked if asked in kinds else str(kinds[0]), "issuer": str(next(iter(bodies)))}
    form = LetterForm(data=begun)
    form.kind.choices = [card(str(kind), letter_words.KINDS[kind], letter_words.HINTS[kind]) for kind in kinds]
    form.issuer.choices = [SelectChoice(str(unit.id), unit.name) for unit in bodies.values()]
    others = [unit for unit in by_level_and_name(units.values()) if unit.id not in owing]
    form.offer(others)
    return form


def _title(kinds: Collection[LetterKind]) -> str:
    """Return what the page is called: of a body that petitions nobody reads of reminders, nor the other way round."""
    if len(kinds) == 1:
        return _("Soạn: %(type)s", type=letter_words.KINDS[next(iter(kinds))])
    return _("Soạn văn bản đôn đốc, kiến nghị") if LetterKind.REMINDER in kinds else _("Soạn văn bản kiến nghị, nhắc việc")


def shown_about(about: Iterable[Assignment]) -> list[dict[str, Any]]:
    """Return what a letter is about, each with the page where this person may read of it: an office signs, and has no register."""
    rows, reach, today, calendar = list(about), current_user.reach, clock.today(), work_calendar()
    listed = promises.seen_among([row.id for row in rows], reach, today)
    return [
        facts | {"url": _url(row, facts["opens"], listed)}
        for row in rows
        for facts in [shown(row, None, reach=reach, today=today, calendar=calendar)]
    ]


def _url(row: Assignment, opens: Address | None, listed: Collection[int]) -> str | None:
    if isinstance(row, LetterAssignment):
        return url_for(".letter_duty", assignment_id=row.id) if letters.may_open(current_user.reach, row) else None
    if row.id in listed:
        return url_for(".promise", assignment_id=row.id)
    return url_for(opens[0], **opens[1]) if opens is not None else None


def load_letter(letter_id: int) -> Letter:
    """Return a letter for whoever reads it from its sender's side; else 404."""
    row = db.session.get(Letter, letter_id)
    if row is None or not letters.may_see(current_user.reach, row):
        abort(404)
    return row


@bp.get("/don-doc/<int:letter_id>")
@signed_in
def letter(letter_id: int) -> str:
    """Show a letter: its paper, what it is about, and each unit's answer."""
    row = load_letter(letter_id)
    today, calendar = clock.today(), work_calendar()
    late = [duty for duty in row.duties if duty.is_late(today) and duty.is_open]
    reminders = letters.about(duty.id for duty in row.duties)
    return render_template(
        "oversight/staff/letter.html",
        letter=row,
        late=late if late and not reminders and LetterKind.FOLLOW_UP in kinds_written(late) else (),
        reminders=[(each, url) for each in reminders if (url := page_of_paper(each.paper))],
        about=shown_about(each.assignment for each in row.about),
        closed=letters.closed(row, today) if not row.duties else (),
        deaf=letters.deaf(row, today),
        duties=[
            {
                "row": duty,
                "chip": chip_of(duty, today=today, calendar=calendar),
                "state": assignment_state(duty),
                "said": letters.given_answer(duty),
                "may_judge": answering.may_judge(current_user.reach, duty),
            }
            for duty in row.duties
        ],
        words=letter_words,
        names=names,
    )


@bp.route("/don-doc/tra-loi/<int:assignment_id>/chua-du", methods=["GET", "POST"])
@requires(*SENDS)
def judge_answer(assignment_id: int) -> Any:
    """The sender calls an answer insufficient, once, and says why."""
    duty = db.session.get(LetterAssignment, assignment_id)
    if duty is None or not letters.may_see(current_user.reach, duty.letter):
        abort(404)
    back = url_for(".letter", letter_id=duty.letter_id)
    if not answering.may_judge(current_user.reach, duty):
        say(str(TOO_LATE), "warn")
        return redirect(back, 303)
    form, said = RemarksForm(), letters.given_answer(duty)
    return one_form(
        form,
        lambda: answering.call_insufficient(duty, form.text.data or "", actor=current_user, now=clock.now()),
        done=_("Đã yêu cầu trả lời lại."),
        back=back,
        title=_("Trả lời chưa đủ"),
        submit=_("Yêu cầu trả lời lại"),
        crumb=duty.letter.paper.number,
        intro=[_("%(unit)s có thêm một hạn ngắn để trả lời lại. Mỗi đơn vị chỉ yêu cầu một lần.", unit=duty.unit.name)],
        quotes=[said.text] if said is not None else [],
    )

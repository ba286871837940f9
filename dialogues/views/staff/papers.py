"""The papers of a session and of a unit's year: drafted, sent to be signed, numbered, kept, each as PDF and as DOCX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app import clock
from app.access import NotAllowed, requires
from app.assignments.rules import IllegalTransition
from app.audit import record
from app.database import db, writing_first
from app.files import send as send_file
from app.files.content import DOCX, PDF
from app.permissions import Permission
from dialogues import filing, lists, queries, rules, words
from dialogues import papers as made
from dialogues.forms.papers import NumberForm, PaperForm, SignedFileForm, paper_form
from dialogues.models import SessionPaper, YearPlan
from dialogues.operations import papers
from dialogues.papers import keeping
from dialogues.rules import DOSSIER, OF_YEAR, PaperState, PaperType
from dialogues.views.staff.pages import MENDED_IN, REFUSALS, TOO_LATE, UNPROCESSABLE, add_room, attempt, bp, load, load_to_prepare

ROOM = "dialogue_staff.papers_room"

add_room(ROOM, _l("Văn bản"), 60)
MENDED_IN |= dict.fromkeys(("no_programme", "no_invitation", "conclusion_without_number"), ROOM)
REFUSALS |= {
    papers.Closed: _l("Hồ sơ đã lưu hoặc buổi đối thoại đã hủy nên văn bản giữ nguyên."),
    papers.AnotherDraft: _l("Đang có một văn bản loại này chưa ghi số. Làm xong hoặc bỏ văn bản ấy trước."),
    papers.ChangedMeanwhile: _l(
        "Bản soạn vừa được lưu ở nơi khác nên chưa lưu bản này. Chữ vừa ghi còn ở dưới; bấm lần nữa thì thay bản kia."
    ),
    papers.NotReady: _l("Ghi người ký và chức vụ trước khi trình."),
    papers.NumberUnreadable: _l("Số bắt đầu bằng chữ số, ví dụ 5 hoặc 05/TB-UBND."),
    papers.NumberTaken: _l("Số này đã cấp cho văn bản khác cùng loại trong năm."),
    papers.GapUnexplained: _l("Số này bỏ cách số trước. Ghi vì sao bỏ cách, hoặc sửa số."),
    papers.DatedAhead: _l("Ngày văn bản chưa tới. Ghi ngày hôm nay hoặc ngày đã qua."),
    papers.NotPdf: _l("Bản đã ký phải là tệp PDF."),
}

#: Who has anything to do with papers.
HANDS = (Permission.DIALOGUE_READ, Permission.FEEDBACK_NUMBER)
#: The papers of a session in the order of the dossier; what has no row there comes last.
OF_SESSION = sorted(
    set(PaperType) - OF_YEAR, key=lambda type_: next((place for place, row in enumerate(DOSSIER) if row.paper == type_), len(DOSSIER))
)


@bp.get("/<code>/van-ban")
@requires(*HANDS)
def papers_room(code: str) -> str:
    """List the papers of a session, and those that may be begun."""
    session = load(code)
    return render_template(
        "dialogues/staff/papers.html",
        session_=session,
        rows=filing.papers_of(session),
        types=OF_SESSION,
        post_to=url_for("dialogue_staff.begin_paper", code=code),
        may_prepare=rules.may_prepare(current_user.reach, queries.standing_of(session)) and session.status not in rules.CLOSED,
    )


@bp.post("/<code>/van-ban")
@requires(Permission.DIALOGUE_PREPARE)
def begin_paper(code: str) -> Response:
    """Begin a paper of a session."""
    session, type_ = load_to_prepare(code), _wanted(frozenset(OF_SESSION))
    return _begin(lambda: papers.draft(session, type_, actor=current_user, now=clock.now()), url_for(ROOM, code=code))


@bp.get("/ke-hoach/<int:plan_id>/van-ban")
@requires(*HANDS)
def plan_papers(plan_id: int) -> str:
    """List the papers of a unit's year, and those that may be begun."""
    plan = _plan(plan_id)
    return render_template(
        "dialogues/staff/plan_papers.html",
        plan=plan,
        rows=queries.papers_of_plan(plan),
        types=sorted(OF_YEAR),
        post_to=url_for("dialogue_staff.begin_plan_paper", plan_id=plan_id),
        may_prepare=rules.may_prepare(current_user.reach, rules.Standing(plan.unit.path, place_id=plan.unit.place_id)),
    )


@bp.post("/ke-hoach/<int:plan_id>/van-ban")
@requires(Permission.DIALOGUE_PREPARE)
def begin_plan_paper(plan_id: int) -> Response:
    """Begin a paper of a unit's year."""
    plan, type_ = _plan(plan_id), _wanted(OF_YEAR)
    back = url_for("dialogue_staff.plan_papers", plan_id=plan_id)
    return _begin(lambda: papers.draft_of_year(plan, type_, actor=current_user, now=clock.now()), back)


def _plan(plan_id: int) -> YearPlan:
    plan = db.session.get(YearPlan, plan_id)
    if plan is None or not rules.may_read(current_user.reach, rules.Standing(plan.unit.path, place_id=plan.unit.place_id)):
        abort(404)
    return plan


def _wanted(offered: frozenset[PaperType]) -> PaperType:
    wanted = request.form.get("loai", "")
    if wanted not in offered:
        abort(400)
    return PaperType(wanted)


def _begin(do: Callable[[], SessionPaper], back: str) -> Response:
    begun: list[SessionPaper] = []
    button = FlaskForm()
    try:
        if attempt(button, lambda: begun.append(do())):
            return redirect(url_for("dialogue_staff.paper", paper_id=begun[0].id), 303)
    except (IllegalTransition, NotAllowed):
        button.form_errors = [str(TOO_LATE)]
    flash(" ".join(button.form_errors), "warn")
    return redirect(back, 303)


# --- one paper ----------------------------------------------------------------------------------------------------------


def load_paper(paper_id: int) -> SessionPaper:
    """Return the paper for whoever may read its session or its unit's year, or numbers it; else 404."""
    paper = db.session.get(SessionPaper, paper_id)
    if paper is None or not (rules.may_read(current_user.reach, papers.standing_of(paper)) or papers.may_number(current_user, paper)):
        abort(404)
    return paper


def _may_write(paper: SessionPaper) -> bool:
    open_ = paper.session is None or paper.session.status not in rules.CLOSED
    return open_ and rules.may_prepare(current_user.reach, papers.standing_of(paper))


@bp.get("/van-ban/<int:paper_id>")
@requires(*HANDS)
def paper(paper_id: int) -> Any:
    """Show a paper: a draft to whoever writes it, else where it stands and what may be done to it."""
    row = load_paper(paper_id)
    if row.state == PaperState.DRAFT and _may_write(row):
        return _draft_page(row, _draft_form(row))
    return _paper_page(row)


def _draft_form(row: SessionPaper) -> PaperForm:
    sections = made.facts_of_paper(row)["sections"]
    return paper_form(sections, signer=row.signer, signer_title=row.signer_title, internal=row.internal, was=papers.fingerprint(row))


def _draft_page(row: SessionPaper, form: PaperForm) -> tuple[str, int]:
    form.was.data = papers.fingerprint(row)
    body = render_template(
        "dialogues/staff/paper_draft.html",
        paper=row,
        session_=row.session,
        form=form,
        facts=made.facts_of_paper(row),
        always_internal=row.type in rules.ALWAYS_INTERNAL,
    )
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200


@bp.post("/van-ban/<int:paper_id>")
@requires(Permission.DIALOGUE_PREPARE)
def write_paper(paper_id: int) -> Any:
    """Keep the draft, or send it to be signed."""
    row = load_paper(paper_id)
    form, sends = _draft_form(row), "trinh" in request.form

    def do() -> None:
        now = clock.now()
        papers.write(
            row, form.words, signer=form.signer.data or "", signer_title=form.signer_title.data or "", internal=form.internal.data,
            seen=form.was.data or "", actor=current_user, now=now,
        )  # fmt: skip
        if sends:
            papers.send(row, actor=current_user, now=now)

    if row.state != PaperState.DRAFT:
        form.form_errors.append(str(TOO_LATE))
    elif form.validate_on_submit():
        try:
            if attempt(form, do):
                return _to_paper(row, _("Đã trình ký. Nội dung giữ nguyên từ lúc này.") if sends else _("Đã lưu bản soạn."))
        except (IllegalTransition, NotAllowed):
            return _to_paper(row, TOO_LATE, "warn")
    return _draft_page(row, form)


def _paper_page(row: SessionPaper, *, number: NumberForm | None = None, signed: SignedFileForm | None = None) -> tuple[str, int]:
    used = papers.numbers_used(row.unit, row.series, clock.today().year)
    number = number or NumberForm(prefix="so-", data={"numbered_on": clock.today(), "number": str(max(used) + 1) if used else ""})
    signed = signed or SignedFileForm(prefix="ky-")
    writes, numbers = _may_write(row), papers.may_number(current_user, row)
    body = render_template(
        "dialogues/staff/paper.html",
        paper=row,
        session_=row.session,
        title=made.title_of(row),
        number=number,
        signed=signed,
        last=max(used, default=None),
        may_write=writes,
        may_number=numbers and row.state == PaperState.SENT,
        may_replace=(writes or numbers)
        and row.state != PaperState.DRAFT
        and (row.session is None or row.session.status not in rules.CLOSED),
        always_internal=row.type in rules.ALWAYS_INTERNAL,
    )
    return body, UNPROCESSABLE if any(form.errors or form.form_errors for form in (number, signed)) else 200


def _to_paper(row: SessionPaper, sentence: Any, category: str = "ok") -> Response:
    flash(str(sentence), category)
    return redirect(url_for("dialogue_staff.paper", paper_id=row.id), 303)


def _press(row: SessionPaper, do: Callable[[], Any], done: Any) -> Response:
    """Do one thing to a paper by the press of a button, and say so on its page, or why it was refused."""
    button = FlaskForm()
    try:
        if attempt(button, do):
            return _to_paper(row, done)
    except (IllegalTransition, NotAllowed):
        return _to_paper(row, TOO_LATE, "warn")
    return _to_paper(row, " ".join(button.form_errors), "warn")


@bp.post("/van-ban/<int:paper_id>/lay-lai")
@requires(Permission.DIALOGUE_PREPARE)
def take_paper_back(paper_id: int) -> Response:
    """Take back what was not signed, to change it."""
    row = load_paper(paper_id)
    return _press(row, lambda: papers.take_back(row, actor=current_user, now=clock.now()), _("Đã lấy lại để sửa."))


@bp.post("/van-ban/<int:paper_id>/<any('noi-bo', 'cong-khai'):which>")
@requires(Permission.DIALOGUE_PREPARE)
def open_paper(paper_id: int, which: str) -> Response:
    """Say whether everyone may read it."""
    row = load_paper(paper_id)
    internal = which == "noi-bo"
    done = _("Đã ghi là nội bộ.") if internal else _("Đã ghi là công khai.")
    return _press(row, lambda: papers.set_internal(row, internal=internal, actor=current_user, now=clock.now()), done)


@bp.post("/van-ban/<int:paper_id>/bo")
@requires(Permission.DIALOGUE_PREPARE)
def discard_paper(paper_id: int) -> Response:
    """Throw a draft away."""
    row = load_paper(paper_id)
    back = url_for(ROOM, code=row.session.code) if row.session is not None else url_for("dialogue_staff.plan_papers", plan_id=row.plan_id)
    button = FlaskForm()
    try:
        if attempt(button, lambda: papers.discard(row, actor=current_user, now=clock.now())):
            flash(_("Đã bỏ bản soạn."), "ok")
            return redirect(back, 303)
    except (IllegalTransition, NotAllowed):
        button.form_errors = [str(TOO_LATE)]
    flash(" ".join(button.form_errors), "warn")
    return redirect(back, 303)


@bp.post("/van-ban/<int:paper_id>/ghi-so")
@requires(Permission.FEEDBACK_NUMBER)
def number_paper(paper_id: int) -> Any:
    """Văn thư enters number and date; then the PDF is kept as it is."""
    row, form = load_paper(paper_id), NumberForm(prefix="so-")

    def do() -> None:
        assert form.numbered_on.data is not None
        papers.number(
            row, form.number.data or "", on=form.numbered_on.data, gap_why=form.gap_why.data or "", actor=current_user, now=clock.now()
        )

    if form.validate_on_submit():
        try:
            if attempt(form, do):
                number = row.number
                keeping.issued_file(row, now=clock.now())
                return _to_paper(row, _("Đã ghi số %(number)s.", number=number))
        except (IllegalTransition, NotAllowed):
            return _to_paper(row, TOO_LATE, "warn")
    return _paper_page(row, number=form)


@bp.post("/van-ban/<int:paper_id>/ban-ky")
@requires(*HANDS)
def sign_paper(paper_id: int) -> Any:
    """Put the signed or scanned PDF in the place of the made one."""
    row, form = load_paper(paper_id), SignedFileForm(prefix="ky-")
    if form.validate_on_submit():
        try:
            if attempt(form, lambda: papers.replace_file(row, form.file.data[0], actor=current_user, now=clock.now())):
                return _to_paper(row, _("Đã thay bằng bản đã ký. Số giữ nguyên."))
        except (IllegalTransition, NotAllowed):
            return _to_paper(row, TOO_LATE, "warn")
    return _paper_page(row, signed=form)


@bp.get("/van-ban/<int:paper_id>/van-ban.pdf")
@requires(*HANDS)
def paper_pdf(paper_id: int) -> Response:
    """Send a paper as PDF: as it was signed or issued, or as it stands. A look at the names in minutes is recorded."""
    row = _opened(paper_id)
    if row.signed_file is not None or row.state == PaperState.NUMBERED:
        return send_file(row.signed_file or keeping.issued_file(row, now=clock.now()), name=made.file_name(row, PDF.extension))
    return _sent(made.paper_pdf(row), PDF.media_type, made.file_name(row, PDF.extension))


@bp.get("/van-ban/<int:paper_id>/van-ban.docx")
@requires(*HANDS)
def paper_docx(paper_id: int) -> Response:
    """Send a paper as DOCX, to be changed by hand."""
    from dialogues.papers import word  # noqa: PLC0415 - python-docx takes a fifth of a second, only where a DOCX is asked for

    row = _opened(paper_id)
    return _sent(word.paper_docx(row), DOCX.media_type, made.file_name(row, DOCX.extension))


def _opened(paper_id: int) -> SessionPaper:
    row = load_paper(paper_id)
    if row.type != PaperType.MINUTES:  # who asked and who was there is kept as ciphertext, and printed only here
        return row
    with writing_first():
        record(current_user, "personal_data.seen", row, at=clock.now(), reason="letter")
    return load_paper(paper_id)


def _sent(data: bytes, media_type: str, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = media_type
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


# --- văn thư ------------------------------------------------------------------------------------------------------------


@bp.get("/van-ban/cho-so")
@requires(Permission.FEEDBACK_NUMBER)
def papers_waiting() -> str:
    """List what was sent to be signed and waits for its number, the longest first."""
    return render_template("dialogues/staff/papers_waiting.html", rows=lists.papers_waiting(current_user.reach), words=words)

"""One paper: a draft to be written, then sent, numbered, replaced by the signed one, and given out as PDF and as DOCX."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires
from app.audit import record
from app.database import db, writing_first
from app.files import send as send_file
from app.files import send_made
from app.files.content import DOCX, PDF
from app.permissions import Permission
from dialogues import books, lists, rules
from dialogues import papers as made
from dialogues.forms.papers import SECTIONS, NumberForm, OpenForm, PaperForm, SignedFileForm, number_form, paper_form
from dialogues.models import SessionPaper
from dialogues.operations import papers
from dialogues.papers import keeping
from dialogues.rules import PaperState, PaperType
from dialogues.views.staff.pages import REFUSALS, TOO_LATE, UNPROCESSABLE, bp, press_to, taken
from dialogues.views.staff.papers import HANDS, ROOM, is_older

#: Where the parts are written that a paper only shows.
PART_ROOMS = {
    "rules": "dialogue_staff.change",
    "concerns": "dialogue_staff.concerns",
    "content": "dialogue_staff.minutes",
    "conclusion": "dialogue_staff.conclusion",
    "general": "dialogue_staff.conclusion",
}


def _name_part(form: Any, refusal: papers.Unfinished) -> None:
    part = SECTIONS.get(refusal.part, _("Căn cứ, nơi gửi, nơi nhận"))
    form.form_errors.append(_("Chưa trình ký được: phần “%(part)s” còn chỗ “…” chưa điền.", part=part))


REFUSALS[papers.Unfinished] = _name_part


def load_paper(paper_id: int) -> SessionPaper:
    """Return the paper for whoever may read its session or its unit's year, or numbers it; else 404."""
    paper = db.session.get(SessionPaper, paper_id)
    if paper is None or not (rules.may_read(current_user.reach, papers.standing_of(paper)) or papers.may_number(current_user, paper)):
        abort(404)
    return paper


def _load_to_write(paper_id: int) -> SessionPaper:
    row = load_paper(paper_id)
    if not rules.may_prepare(current_user.reach, papers.standing_of(row)):
        abort(403)
    return row


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
    return paper_form(
        sections,
        signer=row.signer,
        signer_title=row.signer_title,
        signed_for=row.signed_for,
        giver_title=row.giver_title,
        internal=row.internal,
        was=papers.fingerprint(row),
    )


def _draft_page(row: SessionPaper, form: PaperForm) -> tuple[str, int]:
    form.was.data = papers.fingerprint(row)
    body = render_template(
        "dialogues/staff/paper_draft.html",
        paper=row,
        session_=row.session,
        form=form,
        facts=made.facts_of_paper(row),
        part_rooms=PART_ROOMS if row.session is not None else {},
        always_internal=row.type in rules.ALWAYS_INTERNAL,
        starts_internal=row.type in rules.STARTS_INTERNAL,
    )
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200


@bp.post("/van-ban/<int:paper_id>")
@requires(Permission.DIALOGUE_PREPARE)
def write_paper(paper_id: int) -> Any:
    """Keep the draft, or send it to be signed."""
    row = _load_to_write(paper_id)
    form, sends = _draft_form(row), "trinh" in request.form

    def do() -> None:
        now = clock.now()
        papers.write(
            row, form.words, signer=form.signer.data or "", signer_title=form.signer_title.data or "",
            signed_for=form.signed_for.data or "", giver_title=form.giver_title.data or "", internal=form.internal.data,
            seen=form.was.data or "", actor=current_user, now=now,
        )  # fmt: skip
        if sends:
            papers.send(row, actor=current_user, now=now)

    if row.state != PaperState.DRAFT:
        form.form_errors.append(str(TOO_LATE))
        return _draft_page(row, form)
    done = _("Đã trình ký. Nội dung giữ nguyên từ lúc này.") if sends else _("Đã lưu bản soạn.")
    return taken(form, do, done=done, back=_page(row)) or _draft_page(row, form)


def _paper_page(row: SessionPaper, *, number: NumberForm | None = None, signed: SignedFileForm | None = None) -> tuple[str, int]:
    used = books.used(row.unit, row.series, clock.today().year, plan=row.plan)
    number = number or number_form(used, clock.today())
    signed = signed or SignedFileForm(prefix="ky-")
    writes, numbers = _may_write(row), papers.may_number(current_user, row)
    body = render_template(
        "dialogues/staff/paper.html",
        paper=row,
        session_=row.session,
        title=made.title_of(row),
        older=is_older(row),
        number=number,
        signed=signed,
        last=max(used, default=None),
        may_write=writes,
        may_number=numbers and row.state == PaperState.SENT,
        still_waiting=lists.papers_waiting_count(current_user.reach) if numbers and row.state == PaperState.NUMBERED else 0,
        may_replace=(writes or numbers)
        and row.state != PaperState.DRAFT
        and (row.session is None or row.session.status not in rules.CLOSED),
        always_internal=row.type in rules.ALWAYS_INTERNAL,
        opening=OpenForm(formdata=None) if row.type in rules.STARTS_INTERNAL and row.internal else None,
    )
    return body, UNPROCESSABLE if any(form.errors or form.form_errors for form in (number, signed)) else 200


def _page(row: SessionPaper) -> str:
    return url_for("dialogue_staff.paper", paper_id=row.id)


@bp.post("/van-ban/<int:paper_id>/lay-lai")
@requires(Permission.DIALOGUE_PREPARE)
def take_paper_back(paper_id: int) -> Response:
    """Take back what was not signed, to change it."""
    row = _load_to_write(paper_id)
    return press_to(lambda: papers.take_back(row, actor=current_user, now=clock.now()), done=_("Đã lấy lại để sửa."), back=_page(row))


@bp.post("/van-ban/<int:paper_id>/<any('noi-bo', 'cong-khai'):which>")
@requires(Permission.DIALOGUE_PREPARE)
def open_paper(paper_id: int, which: str) -> Response:
    """Say whether everyone may read it."""
    row = _load_to_write(paper_id)
    internal, names_read = which == "noi-bo", bool(OpenForm().names_read.data)
    done = _("Đã ghi là nội bộ.") if internal else _("Đã ghi là công khai.")

    def do() -> None:
        papers.set_internal(row, internal=internal, names_read=names_read, actor=current_user, now=clock.now())

    return press_to(do, done=done, back=_page(row))


@bp.post("/van-ban/<int:paper_id>/bo")
@requires(Permission.DIALOGUE_PREPARE)
def discard_paper(paper_id: int) -> Response:
    """Throw a draft away."""
    row = _load_to_write(paper_id)
    back = url_for(ROOM, code=row.session.code) if row.session is not None else url_for("dialogue_staff.plan_papers", plan_id=row.plan_id)
    return press_to(lambda: papers.discard(row, actor=current_user, now=clock.now()), done=_("Đã bỏ bản soạn."), back=back)


@bp.post("/van-ban/<int:paper_id>/ghi-so")
@requires(Permission.FEEDBACK_NUMBER)
def number_paper(paper_id: int) -> Any:
    """Văn thư enters number and date; then the PDF is kept as it is."""
    row, form = load_paper(paper_id), NumberForm(prefix="so-")
    if not papers.may_number(current_user, row):
        abort(403)

    def do() -> None:
        papers.number(row, **form.entry, actor=current_user, now=clock.now())

    def done() -> str:
        number = row.number
        keeping.issued_file(row, now=clock.now())
        return _("Đã ghi số %(number)s.", number=number)

    return taken(form, do, done=done, back=_page(row)) or _paper_page(row, number=form)


@bp.post("/van-ban/<int:paper_id>/ban-ky")
@requires(*HANDS)
def sign_paper(paper_id: int) -> Any:
    """Put the signed or scanned PDF in the place of the made one."""
    row, form = load_paper(paper_id), SignedFileForm(prefix="ky-")
    if not (rules.may_prepare(current_user.reach, papers.standing_of(row)) or papers.may_number(current_user, row)):
        abort(403)

    def do() -> None:
        papers.replace_file(row, form.file.data[0], actor=current_user, now=clock.now())

    return taken(form, do, done=_("Đã thay bằng bản đã ký. Số giữ nguyên."), back=_page(row)) or _paper_page(row, signed=form)


@bp.get("/van-ban/<int:paper_id>/van-ban.pdf")
@requires(*HANDS)
def paper_pdf(paper_id: int) -> Response:
    """Send a paper as PDF: as it was signed or issued, or as it stands. A look at the names in minutes is recorded."""
    row = _opened(paper_id)
    if row.signed_file is not None or row.state == PaperState.NUMBERED:
        return send_file(row.signed_file or keeping.issued_file(row, now=clock.now()), name=made.file_name(row, PDF.extension))
    return send_made(made.paper_pdf(row), PDF.media_type, made.file_name(row, PDF.extension))


@bp.get("/van-ban/<int:paper_id>/van-ban.docx")
@requires(*HANDS)
def paper_docx(paper_id: int) -> Response:
    """Send a paper as DOCX, to be changed by hand."""
    from dialogues.papers import word  # noqa: PLC0415 - python-docx takes a fifth of a second, only where a DOCX is asked for

    row = _opened(paper_id)
    return send_made(word.paper_docx(row), DOCX.media_type, made.file_name(row, DOCX.extension))


def _opened(paper_id: int) -> SessionPaper:
    row = load_paper(paper_id)
    if row.type != PaperType.MINUTES:  # who asked and who was there is kept as ciphertext, and printed only here
        return row
    with writing_first():
        record(current_user, "personal_data.seen", row, at=clock.now(), reason="letter")
    return load_paper(paper_id)

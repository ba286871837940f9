"""The papers of oversight: what waits for whom, and one paper from its draft to its number."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask import flash as say
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock
from app.access import requires, signed_in
from app.administration.views.pages import fault
from app.files import send as send_file
from app.files import send_made
from app.files.content import DOCX, PDF
from app.permissions import Permission
from dialogues import books
from dialogues.forms.papers import NumberForm, SignedFileForm, number_form
from dialogues.operations.editing import ChangedMeanwhile
from dialogues.papers import keeping
from dialogues.papers.parts import to_write
from oversight import letters
from oversight import papers as made
from oversight.forms.papers import PaperForm, paper_form
from oversight.models.papers import OversightPaper
from oversight.operations import papers
from oversight.papers import names, paperwork
from oversight.rules.papers import PREPARED_WITH, PaperState, PaperType
from oversight.views.staff.pages import REFUSALS, TOO_LATE, UNPROCESSABLE, bp, press, taken

P = Permission


def _mark_unfinished(form: Any, _refusal: Exception) -> None:
    """Say at each part what is left in it; at the whole where it is in none that an officer writes."""
    left = [field for field in form.parts.values() if to_write(field.data or "")]
    for field in left:
        fault(field, _("Chưa trình ký được: phần “%(part)s” còn chỗ “…” chưa điền.", part=field.label.text))
    if not left:
        form.form_errors.append(_("Chưa trình ký được: còn chỗ “…” chưa điền."))


#: Who has anything to do with papers.
HANDS = (*dict.fromkeys(PREPARED_WITH.values()), P.OVERSIGHT_SIGN, P.FEEDBACK_NUMBER)
REFUSALS |= {
    ChangedMeanwhile: _l("Văn bản vừa được sửa ở nơi khác nên chưa làm. Đọc lại bản dưới đây rồi bấm lần nữa."),
    papers.NoTitle: _l("Tài khoản chưa ghi chức vụ nên chưa ký được. Nhờ quản trị viên ghi chức vụ."),
    papers.BodyEnded: _l("%(unit)s không còn hoạt động nên không phát hành văn bản nữa. Bỏ bản này; đơn vị tiếp quản soạn bản mới."),
    papers.Unfinished: _mark_unfinished,
    papers.NotPdf: _l("Bản đã ký phải là tệp PDF."),
    books.NumberUnreadable: _l("Số bắt đầu bằng chữ số, sau đó chỉ ghi ký hiệu; ví dụ 5 hoặc 05/TB-UBND."),
    books.WrongSymbol: _l("Ký hiệu này của loại văn bản khác. Ký hiệu của văn bản này là %(symbol)s; chỉ ghi số cũng được."),
    books.NumberTaken: _l("Số này đã cấp cho văn bản khác cùng loại trong năm."),
    books.GapUnexplained: _l("Số này bỏ cách số trước. Ghi vì sao bỏ cách, hoặc sửa số."),
    books.DatedAhead: _l("Ngày văn bản chưa tới. Ghi ngày hôm nay hoặc ngày đã qua."),
    books.DatedTooEarly: _l("Ngày văn bản quá sớm so với ngày soạn. Xem lại ngày, tháng, năm."),
}


@bp.get("/van-ban-giam-sat")
@requires(*HANDS)
def oversight_papers() -> str:
    """List what waits for the person's signature or number, and the other papers of their bodies."""
    reach = current_user.reach
    first = [
        (_("Chờ ký"), paperwork.to_sign(reach)),
        (_("Chờ ghi số"), paperwork.to_number(reach, clock.today())),
    ]
    waits = [each for each in first if each[1]]
    others = paperwork.others(reach, clock.today())
    lists = [*waits, *([(_("Văn bản khác") if waits else pgettext("danh sách", "Văn bản"), others)] if others else [])]
    return render_template("oversight/staff/papers.html", lists=lists, names=names)


def waiting() -> int:
    """Return how many papers wait for the person who looks, for the tab."""
    return paperwork.waiting_count(current_user.reach, clock.today())


def waiting_for_number() -> int:
    """Return how many wait for a number, for the menu of văn thư."""
    return paperwork.numbers_count(current_user.reach, clock.today())


def load_paper(uid: uuid.UUID) -> OversightPaper:
    """Return the paper for whoever may read it; else 404."""
    paper = paperwork.by_uid(uid)
    if paper is None or not papers.may_read(current_user.reach, paper, clock.today()):
        abort(404)
    return paper


@bp.get("/van-ban-giam-sat/<uuid:uid>")
@signed_in
def oversight_paper(uid: uuid.UUID) -> Any:
    """Show a paper: a draft to whoever writes it, else as it is printed and what may be done to it."""
    row = load_paper(uid)
    if row.state == PaperState.DRAFT and papers.may_prepare(current_user.reach, row):
        return _draft_page(row, _draft_form(row))
    return _paper_page(row)


def _draft_form(row: OversightPaper) -> PaperForm:
    texts = made.texts_of(row)
    texts |= {name: text for name, text in row.words.items() if name in texts}
    return paper_form(made.body_of(row)["sections"], texts, was=papers.seen_of(row))


def _draft_page(row: OversightPaper, form: PaperForm) -> tuple[str, int]:
    form.was.data = papers.seen_of(row)
    body = render_template(
        "oversight/staff/paper_draft.html", paper=row, form=form, facts=made.facts_of(row), names=names, about=_about(row),
        **_addressees(row),
    )  # fmt: skip
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200


def _addressees(row: OversightPaper) -> dict[str, Any]:
    """Return which of those that a letter goes to cannot get it, or cannot answer it here, as long as it is not out."""
    today, letter = clock.today(), row.letter if row.state != PaperState.NUMBERED else None
    return {"closed": letters.closed(letter, today) if letter else (), "deaf": letters.deaf(letter, today) if letter else ()}


def _about(row: OversightPaper) -> str | None:
    address = made.ABOUT.get(PaperType(row.type))
    return address(row) if address is not None else None


def _page(row: OversightPaper) -> str:
    return url_for("oversight.oversight_paper", uid=row.uid)


@bp.post("/van-ban-giam-sat/<uuid:uid>")
@requires(*dict.fromkeys(PREPARED_WITH.values()))
def write_oversight_paper(uid: uuid.UUID) -> Any:
    """Keep the draft, or send it to be signed."""
    row = load_paper(uid)
    if not papers.may_prepare(current_user.reach, row):
        abort(403)
    if row.state != PaperState.DRAFT:
        say(str(TOO_LATE), "warn")
        return redirect(_page(row), 303)
    form, sends = _draft_form(row), "trinh" in request.form

    def do() -> None:
        now = clock.now()
        papers.write(row, form.words, seen=form.was.data or "", actor=current_user, now=now)
        if sends:
            papers.send(row, actor=current_user, now=now)

    done = _("Đã trình ký. Nội dung giữ nguyên từ lúc này.") if sends else _("Đã lưu bản soạn.")
    return taken(form, do, done=done, back=_page(row)) or _draft_page(row, form)


def _paper_page(row: OversightPaper, *, number: NumberForm | None = None, signed: SignedFileForm | None = None) -> tuple[str, int]:
    reach, today = current_user.reach, clock.today()
    numbers = row.state == PaperState.SIGNED and papers.may_number(reach, row, today)
    used = books.used(row.unit, row.series, today.year) if numbers else set()
    number = number or number_form(used, today)
    signed = signed or SignedFileForm(prefix="ky-")
    body = render_template(
        "oversight/staff/paper.html",
        paper=row,
        facts=made.to_print(row),
        title=made.title_of(row),
        names=names,
        about=_about(row),
        number=number,
        signed=signed,
        last=max(used, default=None),
        may_sign=row.state == PaperState.SENT and papers.may_sign(reach, row),
        may_number=numbers,
        may_take_back=row.state in {PaperState.SENT, PaperState.SIGNED} and papers.may_take_back(reach, row),
        may_replace=row.state in {PaperState.SIGNED, PaperState.NUMBERED} and papers.may_replace(reach, row, today),
        **_addressees(row),
    )
    return body, UNPROCESSABLE if any(form.errors or form.form_errors for form in (number, signed)) else 200


@bp.post("/van-ban-giam-sat/<uuid:uid>/ky")
@requires(P.OVERSIGHT_SIGN)
def sign_oversight_paper(uid: uuid.UUID) -> Response:
    """The head signs in the system what they have read."""
    row = load_paper(uid)
    if not papers.may_sign(current_user.reach, row):
        abort(403)
    read = row.sent_at if row.sent_at is not None and request.form.get("doc") == row.sent_at.isoformat() else clock.now()
    return press(lambda: papers.sign(row, read=read, actor=current_user, now=clock.now()), done=_("Đã ký."), back=_page(row))


@bp.post("/van-ban-giam-sat/<uuid:uid>/lay-lai")
@requires(*HANDS)
def take_oversight_paper_back(uid: uuid.UUID) -> Response:
    """Make it a draft again: taken back by who wrote it, or sent back by who signs."""
    row = load_paper(uid)
    if not papers.may_take_back(current_user.reach, row):
        abort(403)
    return press(lambda: papers.take_back(row, actor=current_user, now=clock.now()), done=_("Đã trả về bản soạn để sửa."), back=_page(row))


@bp.post("/van-ban-giam-sat/<uuid:uid>/bo")
@requires(*dict.fromkeys(PREPARED_WITH.values()))
def discard_oversight_paper(uid: uuid.UUID) -> Response:
    """Throw a draft away."""
    row = load_paper(uid)
    if not papers.may_prepare(current_user.reach, row):
        abort(403)
    back = url_for(".oversight_papers")
    return press(lambda: papers.discard(row, actor=current_user, now=clock.now()), done=_("Đã bỏ bản soạn."), back=back)


@bp.post("/van-ban-giam-sat/<uuid:uid>/ghi-so")
@requires(P.FEEDBACK_NUMBER, P.OVERSIGHT_SIGN)
def number_oversight_paper(uid: uuid.UUID) -> Any:
    """Văn thư enters number and date; then the PDF is kept as it is."""
    row, form = load_paper(uid), NumberForm(prefix="so-")
    if not papers.may_number(current_user.reach, row, clock.today()):
        abort(403)

    def do() -> None:
        papers.number(row, **form.entry, actor=current_user, now=clock.now())

    def done() -> str:
        number = row.number
        issued_file(row)
        return _("Đã ghi số %(number)s.", number=number)

    return taken(form, do, done=done, back=_page(row)) or _paper_page(load_paper(uid), number=form)


@bp.post("/van-ban-giam-sat/<uuid:uid>/ban-ky")
@requires(*HANDS)
def scan_oversight_paper(uid: uuid.UUID) -> Any:
    """Put the scanned PDF in the place of the made one."""
    row, form = load_paper(uid), SignedFileForm(prefix="ky-")
    if not papers.may_replace(current_user.reach, row, clock.today()):
        abort(403)

    def do() -> None:
        papers.replace_file(row, form.file.data[0], actor=current_user, now=clock.now())

    return taken(form, do, done=_("Đã thay bằng bản đã ký. Số giữ nguyên."), back=_page(row)) or _paper_page(row, signed=form)


@bp.get("/van-ban-giam-sat/<uuid:uid>/van-ban.pdf")
@signed_in
def oversight_paper_pdf(uid: uuid.UUID) -> Response:
    """Send a paper as PDF: as it was issued, or as it stands."""
    row = load_paper(uid)
    if row.signed_file is not None or row.state == PaperState.NUMBERED:
        return send_file(issued_file(row), name=made.file_name(row, PDF.extension))
    return send_made(made.paper_pdf(row), PDF.media_type, made.file_name(row, PDF.extension))


@bp.get("/van-ban-giam-sat/<uuid:uid>/van-ban.docx")
@signed_in
def oversight_paper_docx(uid: uuid.UUID) -> Response:
    """Send a paper as DOCX."""
    row = load_paper(uid)
    return send_made(made.paper_docx(row), DOCX.media_type, made.file_name(row, DOCX.extension))


def issued_file(row: OversightPaper) -> Any:
    """Return the file of a numbered paper; commits where nobody kept it yet."""
    return keeping.kept_file(row, made.paper_pdf, made.file_name(row, PDF.extension), now=clock.now())

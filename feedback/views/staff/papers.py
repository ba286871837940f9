"""Letters and answers: begun, drafted, sent into the chain of hands."""

from __future__ import annotations

from typing import Any

from flask import abort, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import or_
from werkzeug.wrappers import Response

from app import clock
from app.access import NotAllowed, requires
from app.assignments.rules import IllegalTransition
from app.database import db
from app.fields import form_errors
from app.permissions import Permission
from feedback import steps, words
from feedback.forms.letters import MOST_POINTS, LetterForm, PointForm, RefusalForm, ReplyForm
from feedback.models import Attachment, LetterTemplate, Paper
from feedback.operations import papers
from feedback.operations.papers import PointData
from feedback.rules import Kind, Outcome, PaperType
from feedback.views.staff import actions, choices
from feedback.views.staff.hands import HANDS, paper_for, pressed, show_paper, to_paper
from feedback.views.staff.item import file_facts, said_by_sender
from feedback.views.staff.pages import TOO_LATE, UNPROCESSABLE, attempt, bp, load_for, to_item

DRAFTERS = (Permission.FEEDBACK_HANDLE, Permission.FEEDBACK_TRIAGE)


@bp.post("/y-kien/<code>/van-ban")
@requires(*DRAFTERS)
def begin_paper(code: str) -> Response:
    """Begin a letter or an answer."""
    wanted = request.form.get("loai", "")
    if wanted not in set(PaperType):
        abort(400)
    item = load_for(code, f"draft_{wanted}")
    try:
        paper = papers.draft(item, PaperType(wanted), actor=current_user, now=clock.now())
        db.session.commit()
    except (papers.AnotherPaperOnItsWay, steps.Refused, IllegalTransition, NotAllowed):
        db.session.rollback()
        return to_item(code, TOO_LATE, "warn")
    return to_paper(paper)


@bp.get("/y-kien/<code>/van-ban/<int:paper_id>")
@requires(Permission.FEEDBACK_READ, *DRAFTERS, *HANDS, Permission.FEEDBACK_NUMBER)
def paper(code: str, paper_id: int) -> Any:
    """Show a paper: to write on while it is one's own draft, else to read, with the buttons of whose turn it is."""
    row = paper_for(code, paper_id)
    if "write" in actions.paper_steps(row, current_user):
        return _show_draft(row, _form_of(row))
    return show_paper(row)


def _form_of(row: Paper) -> ReplyForm | LetterForm:
    """Return the form of a draft, filled with what is written already or what came by POST."""
    values: dict[str, Any] = {"body": row.body, "reason": row.reason or "", "recipient": row.recipient}
    if row.type == PaperType.REPLY:
        points = [
            {
                "title": point.title,
                "text": point.text,
                "outcome": point.outcome,
                "promised_on": point.promised_on,
                "promise_unit": str(point.promise_unit_id or ""),
                "kept": ",".join(str(proof.id) for proof in point.proofs),
            }
            for point in row.points
        ]
        form: ReplyForm | LetterForm = ReplyForm(
            data=values | {"points": points or [{"title": row.feedback.title, "outcome": Outcome.EXPLAINED}]}
        )
        units = choices.units(clock.today(), first=_("Đơn vị trả lời"), handling=True)
        for entry in form.points:
            entry.form.promise_unit.choices = units
        return form
    if row.type == PaperType.REFUSE:
        form = RefusalForm(data=values)
        form.name_reasons(Kind(row.feedback.kind))
        return form
    return LetterForm(data=values)


def _show_draft(row: Paper, form: Any, *, checked: bool = False) -> tuple[str, int]:
    item = row.feedback
    wrong = checked and form_errors(form)
    proofs = {proof.id: file_facts(item, proof) for point in row.points for proof in point.proofs}
    body = render_template(
        "feedback/staff/draft.html",
        item=item,
        paper=row,
        form=form,
        type=words.PAPER_TYPES[row.type],
        is_reply=row.type == PaperType.REPLY,
        fields=_letter_fields(row, form),
        proofs=proofs,
        templates=_templates(row),
        sent_back=next((step for step in reversed(row.steps) if step.decision == "sent_back"), None),
        earlier=item.repeat_of,
        **said_by_sender(item),
        most=MOST_POINTS,
        # A press in between, for one point more, keeps what the page began with; one that was refused is told and begins anew.
        was=papers.fingerprint(row) if checked else request.form.get("was") or papers.fingerprint(row),
    )
    return body, UNPROCESSABLE if wrong else 200


def _letter_fields(row: Paper, form: Any) -> list[Any]:
    if row.type == PaperType.REPLY:
        return []
    asks = {PaperType.REFUSE: ["reason"], PaperType.GUIDE: ["reason"], PaperType.FILE: ["reason"], PaperType.FORWARD: ["recipient"]}
    return [form[name] for name in asks.get(PaperType(row.type), [])]


def _templates(row: Paper) -> list[LetterTemplate]:
    """Return the templates for that type of paper: those of the item's field first."""
    rows = db.session.scalars(
        db.select(LetterTemplate)
        .where(
            LetterTemplate.active,
            LetterTemplate.paper_type == row.type,
            or_(LetterTemplate.field_id.is_(None), LetterTemplate.field_id == row.feedback.field_id),
        )
        .order_by(LetterTemplate.field_id.is_(None), LetterTemplate.name)
    )
    return list(rows)


def _written(row: Paper, form: Any) -> dict[str, Any]:
    """Return what was typed, as papers.write takes it."""
    if row.type != PaperType.REPLY:
        return {"body": form.body.data or "", "reason": form.reason.data or None, "recipient": form.recipient.data or ""}
    had = {proof.id: proof for point in row.points for proof in point.proofs}
    return {"body": form.body.data or "", "points": [_point_data(point, had) for point in form.written]}


def _point_data(point: PointForm, had: dict[int, Attachment]) -> PointData:
    outcome = Outcome(point.outcome.data) if point.outcome.data in set(Outcome) else Outcome.EXPLAINED
    promised = outcome is Outcome.PROMISED
    dropped = {int(each) for each in request.form.getlist(f"{point.kept.name}-drop") if each.isdecimal() and len(each) < 19}  # noqa: PLR2004  longer is no id
    kept = [had[id_] for id_ in sorted((point.kept_ids - dropped) & had.keys())]
    return PointData(
        title=point.title.data or "",
        text=point.text.data or "",
        outcome=outcome,
        promised_on=point.promised_on.data if promised else None,
        promise_unit_id=point.promise_unit.id_chosen if promised else None,
        proofs=(*kept, *(Attachment(file=file, caption=point.caption.data or "") for file in point.proofs.data)),
    )


@bp.post("/y-kien/<code>/van-ban/<int:paper_id>")
@requires(*DRAFTERS)
def write_paper(code: str, paper_id: int) -> Any:
    """Keep the draft, take a template, add a point, or send the paper into the chain."""
    row = paper_for(code, paper_id)
    form = _form_of(row)
    if (shown := _stores_nothing(row, form)) is not None:
        return shown
    submits = "trinh" in request.form

    def do() -> None:
        now = clock.now()
        papers.write(row, **_written(row, form), actor=current_user)
        if submits:
            papers.submit(row, actor=current_user, now=now)

    changed = request.form.get("was") not in {None, papers.fingerprint(row)}
    if form.validate() and not changed:
        try:
            if attempt(form, do):
                return to_item(code, *_submitted(row)) if submits else to_paper(row, _("Đã lưu bản soạn."))
        except (IllegalTransition, NotAllowed):
            return to_item(code, TOO_LATE, "warn")
    if changed:
        form.form_errors.append(
            _("Bản soạn vừa được lưu ở nơi khác nên chưa lưu bản này. Chữ vừa ghi còn ở dưới; bấm lần nữa thì thay bản kia.")
        )
    return _show_draft(row, form, checked=True)


def _submitted(row: Paper) -> tuple[str, str]:
    """Return what is said of a paper just sent into the chain, and how loud: an answer may have fewer points than the sender wrote."""
    lines = said_by_sender(row.feedback)["lines"]
    if row.type == PaperType.REPLY and len(row.points) < len(lines):
        said = _("Đã trình. Người gửi viết %(lines)s dòng; văn bản có %(points)s ý.", lines=len(lines), points=len(row.points))
        return said, "warn"
    return _("Đã trình. Người duyệt được báo."), "ok"


def _stores_nothing(row: Paper, form: ReplyForm | LetterForm) -> tuple[str, int] | None:
    """Return the page of a press in between (too late, a template taken, room for more points); None where the draft is to be kept."""
    if "write" not in actions.paper_steps(row, current_user):
        return _went_on(row, form)
    if "mau" in request.form and request.form.get("dung"):
        return _with_template(row, form)
    if isinstance(form, ReplyForm) and (wanted := _points_wanted(form)):
        for _each in range(len(form.points), wanted):
            form.points.append_entry({"outcome": Outcome.EXPLAINED})
            form.points[-1].form.promise_unit.choices = form.points[0].form.promise_unit.choices
        return _show_draft(row, form)
    return None


def _went_on(row: Paper, form: Any) -> tuple[str, int]:
    """Show what was typed into a draft that is none any more: another tab sent it off, or the item was withdrawn."""
    if not actions.is_business_of(row.feedback, current_user, "paper_write"):
        abort(403)
    form.form_errors.append(
        _("Văn bản đã trình, đã bỏ, hoặc ý kiến đã sang bước sau nên không lưu được. Chữ vừa ghi còn ở dưới để chép lại.")
    )
    return _show_draft(row, form, checked=True)


def _points_wanted(form: ReplyForm) -> int:
    """Return for how many points the page is to have room, 0 where the press asked for something else."""
    if "them" in request.form:
        return min(len(form.points) + 1, MOST_POINTS)
    typed = request.form.get("so-y", "")
    return min(int(typed), MOST_POINTS) if "mo" in request.form and typed.isdecimal() and len(typed) < 3 else 0  # noqa: PLR2004  two digits are enough


def _with_template(row: Paper, form: Any) -> tuple[str, int]:
    chosen = next((each for each in _templates(row) if str(each.id) == request.form.get("mau")), None)
    if chosen is not None:
        written = form.body.data or ""
        form.body.data = f"{written}\n\n{chosen.body}" if written and chosen.body not in written else chosen.body
    return _show_draft(row, form)


@bp.post("/y-kien/<code>/van-ban/<int:paper_id>/bo")
@requires(*DRAFTERS)
def discard_paper(code: str, paper_id: int) -> Response:
    """Throw a draft away."""
    row = paper_for(code, paper_id, "discard")
    return pressed(row, lambda: papers.discard(row, actor=current_user, now=clock.now()), _("Đã bỏ bản soạn."))

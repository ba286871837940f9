"""The words that papers of dialogues put around their data: `/can-bo/doi-thoai/loi-van-ban`, for an administrator of the whole install."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from app import clock, settings
from app.administration.views.pages import fault, install_wide
from app.calendar.operations import RuleDateInPast
from app.database import db
from app.files import send_made
from app.files.content import PDF
from dialogues import papers as made
from dialogues import words
from dialogues.forms.wording import WordingForm, wording_form
from dialogues.models import PaperWording
from dialogues.operations import wording as operations
from dialogues.papers import sample, wording
from dialogues.rules import PaperFormat, PaperType
from dialogues.views.staff.pages import UNPROCESSABLE, bp

_TYPES = ", ".join(f"'{each}'" for each in PaperType)
_FORMATS = ", ".join(f"'{each}'" for each in PaperFormat)
ADDRESS = f"/loi-van-ban/<any({_TYPES}):type_>/<any({_FORMATS}):format_>"


@bp.get("/loi-van-ban")
@install_wide
def wordings() -> str:
    """List every type of paper in both formats, and since when its words are the province's own."""
    today = clock.today()
    since: dict[tuple[str, str], PaperWording] = {}
    for row in db.session.scalars(db.select(PaperWording).order_by(PaperWording.effective_from)):
        since[row.type, row.format] = row
    return render_template(
        "dialogues/staff/wordings.html", types=list(PaperType), formats=list(PaperFormat), since=since, today=today, words=words
    )


@bp.route(ADDRESS, methods=["GET", "POST"])
@install_wide
def change_wording(type_: str, format_: str) -> Any:
    """Put the words of a type of paper otherwise from a day on, or see first how they look."""
    kind, look, today = PaperType(type_), PaperFormat(format_), clock.today()
    versions = _versions(kind, look)
    begun = versions[0].parts if versions else {}
    form = wording_form(kind, wording.shipped(kind) | ({} if "goc" in request.args else begun), effective_from=today)
    if form.validate_on_submit():
        tries = "xem-thu" in request.form
        try:
            operations.change(
                kind, look, form.words, source=form.source.data or "", effective_from=form.effective_from.data or today,
                actor=current_user, now=clock.now(),
            )  # fmt: skip
        except RuleDateInPast:
            fault(form.effective_from, _("Lời mới áp dụng sớm nhất từ hôm nay"))
        except operations.NotFilled as refusal:
            form.name_unknown(refusal.part, refusal.names)
        else:
            if tries:
                db.session.rollback()
                return _preview(kind, look, form.words)
            db.session.commit()
            flash(_("Đã lưu lời của %(type)s.", type=words.PAPER_TYPES[kind]), "ok")
            return redirect(url_for(".wordings"), 303)
    return _page(form, kind, look, versions)


@bp.get(f"{ADDRESS}/xem-thu.pdf")
@install_wide
def preview_wording(type_: str, format_: str) -> Response:
    """Show a paper of a made-up session in the words that hold today."""
    kind, look = PaperType(type_), PaperFormat(format_)
    return _preview(kind, look, made.words_of_type(kind, look, on=clock.today()))


def _versions(kind: PaperType, look: PaperFormat) -> list[PaperWording]:
    query = db.select(PaperWording).where(PaperWording.type == kind, PaperWording.format == look)
    return list(db.session.scalars(query.order_by(PaperWording.effective_from.desc())))


def _page(form: WordingForm, kind: PaperType, look: PaperFormat, versions: list[PaperWording]) -> tuple[str, int]:
    body = render_template(
        "dialogues/staff/wording.html",
        form=form,
        type=kind,
        format=look,
        names=wording.names_of(kind),
        versions=versions,
        today=clock.today(),
        words=words,
    )
    return body, UNPROCESSABLE if form.errors or form.form_errors else 200


def _preview(kind: PaperType, look: PaperFormat, parts: Mapping[str, str]) -> Response:
    with db.session.no_autoflush:  # nothing of the made-up session is stored
        paper = sample.paper(kind, look, now=clock.now(), province=settings.get("province_name"))
        return send_made(made.paper_pdf(paper, dict(parts)), PDF.media_type, "xem-thu.pdf", inline=True)

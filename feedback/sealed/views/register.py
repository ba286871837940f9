"""The sealed register: `/can-bo/to-cao`. Its lines tell no content; a case is opened with a reason, and the look is recorded first."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from itertools import islice
from typing import Any, cast

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.accounts.models import User
from app.database import db
from app.formats import format_date, upper_first
from app.limits import limiter
from app.permissions import Reach
from app.units.models import Field, Place, Unit
from feedback.sealed import copies, progress, queries, rules, words
from feedback.sealed.coming import Due, Next
from feedback.sealed.forms.reading import ClassifiedForm, DealtWithForm, FirstLookForm, LookForm, SlipForm
from feedback.sealed.models import SealedCase
from feedback.sealed.operations import reading as operations
from feedback.sealed.rules import SealedStep
from feedback.sealed.views.leading import accused_line, after_conflict
from feedback.sealed.views.pages import STEPS, UNPROCESSABLE, bp, for_readers, form_page, load
from feedback.words import CHANNELS

PAGE = 50

#: Where what comes next is done.
PLACES = {Next.CONFIRM: ".confirm", Next.HAND: ".hand", Next.DECIDE: ".dealt_with", Next.ANSWER_WHO: ".who"}


def waiting() -> int:
    """Count the cases in which something waits for this reader."""
    return progress.waiting(current_user, on=clock.today())


def told() -> tuple[str, str] | None:
    """Say on a head's list that something waits here, if it does: how much, and nothing of what."""
    many = waiting() if queries.knows_any(current_user, on=clock.today()) else 0
    return (_("Sổ niêm phong: %(many)s mục chờ", many=many), url_for("sealed.register")) if many else None


@bp.get("")
@for_readers
def register() -> str:
    """List what the reader may know of, the newest first."""
    rows = list(islice(queries.open_to(current_user, on=clock.today(), before=_last_shown()), PAGE + 1))
    next_url = url_for(".register", sau=rows[PAGE - 1].uid) if len(rows) > PAGE else None
    coming = progress.of(rows[:PAGE], current_user, on=clock.today())
    return render_template(
        "feedback/sealed/register.html",
        rows=rows[:PAGE],
        next_url=next_url,
        kinds=words.KINDS,
        channels=CHANNELS,
        left_alone=queries.left_alone(current_user, on=clock.today()),
        coming={id_: [(due.mine, _said(due)) for due in each] for id_, each in coming.items()},
    )


def _said(due: Due) -> Any:
    return (words.MINE if due.mine else words.THEIRS)[due.what]


def _coming(case: SealedCase, links: list[tuple[str, str, str]]) -> list[tuple[bool, Any, str]]:
    """Return what comes next in *case*: whether it is this reader's, the sentence, and where it is done, if *links* lead there."""
    to = {endpoint: address for endpoint, _label, address in links}
    comes = progress.of([case], current_user, on=clock.today())[case.id]
    return [(due.mine, _said(due), to.get(PLACES.get(due.what, ""), "") if due.mine else "") for due in comes]


def _last_shown() -> SealedCase | None:
    try:
        return queries.by_uid(uuid.UUID(request.args["sau"]), current_user, on=clock.today())
    except (KeyError, ValueError):
        return None


@bp.route("/doi-chieu", methods=["GET", "POST"])
@for_readers
@limiter.limit("60 per hour", methods=["POST"])
def compare() -> Any:
    """Find the case whose two codes a caller says: then it is the sender who calls."""
    form = SlipForm()
    if form.validate_on_submit():
        case = queries.by_code_and_key(form.code.data or "", form.key.data or "", current_user, on=clock.today())
        if case is not None:
            flash(_("Hai mã khớp: đúng là người đã gửi thông tin này."), "ok")
            return redirect(url_for(".look", uid=case.uid), 303)
        form.fail("key", _("Không có mục nào khớp cả hai mã"))
    return form_page(
        form,
        title=_("Đối chiếu phiếu báo tin"),
        intro=[_("Người gọi đến đọc hai mã trên phiếu. Khớp cả hai thì mới là người đã gửi.")],
        submit=_("Đối chiếu"),
    )


@bp.route("/<uuid:uid>", methods=["GET", "POST"])
@for_readers
def look(uid: uuid.UUID) -> Any:
    """Show what may be done with a case. To open it a reason is asked for; the look is recorded, and only then is it read."""
    case = load(uid)
    standing = queries.standing_of(case, current_user, on=clock.today())
    may_open, must_declare = rules.may_open(current_user.reach, standing), rules.must_declare(current_user.reach, standing)
    form = FirstLookForm() if must_declare else LookForm()
    if may_open and form.validate_on_submit():
        if form.said:
            operations.declare(case, conflict=form.said, actor=current_user, now=clock.now())
            db.session.commit()
            flash(_("Đã ghi lời khai. Ông, bà không còn xem mục này."), "ok")
            return redirect(after_conflict(), 303)
        operations.open_case(case, reason=form.reason.data or "", actor=current_user, now=clock.now(), declares=must_declare)
        db.session.commit()
        standing = queries.standing_of(case, current_user, on=clock.today())
        links = _links(case, standing)
        return render_template(
            "feedback/sealed/case.html",
            case=case,
            **_read(case),
            kinds=words.KINDS,
            links=links,
            coming=_coming(case, links),
            classified=_classified,
            nothing=operations.NOTHING,
        )
    links = _links(case, standing)
    page = render_template(
        "feedback/sealed/look.html",
        case=case,
        kinds=words.KINDS,
        links=links,
        coming=_coming(case, links),
        declare=must_declare,
        about=accused_line(case) if must_declare else "",
        **({"form": form} if may_open else {}),
    )
    return page, UNPROCESSABLE if form.failed else 200


def _links(case: SealedCase, standing: rules.Standing) -> list[tuple[str, str, str]]:
    """Return what this person may do with it: endpoint, label and address."""
    reach, uid = current_user.reach, case.uid
    opened = any(each.user_id == current_user.id for each in case.looks)
    return [
        (endpoint, label, url_for(endpoint, uid=uid))
        for label, endpoint, may in (
            (_("Xác nhận người bị nói tới"), ".confirm", opened and rules.may_confirm(reach, standing)),
            (_("Chuyển người đứng đầu quyết định"), ".hand", rules.may_hand(reach, standing)),
            (_recording(reach, standing), ".dealt_with", opened and bool(rules.steps_for(reach, standing))),
            (_("Ghi hồ sơ mật"), ".classified", opened and rules.may_open(reach, standing)),
            (_("Giao người xem"), ".grants", rules.may_lead(reach, standing)),
            (_("Khai lợi ích riêng"), ".declare", opened and rules.may_declare(reach, standing)),
            (_("Người báo tin là ai"), ".who", (opened and rules.may_open(reach, standing)) or rules.may_agree(reach, standing)),
        )
        if may
    ]


def _recording(reach: Reach, standing: rules.Standing) -> str:
    return _("Quyết định, ghi việc đã làm") if rules.may_lead(reach, standing) else _("Ghi việc đã làm")


@bp.route("/<uuid:uid>/viec-da-lam", methods=["GET", "POST"])
@for_readers
def dealt_with(uid: uuid.UUID) -> Any:
    """Record what was done with it, or what its head decided."""
    case, form = load(uid, lambda reach, standing: bool(rules.steps_for(reach, standing))), DealtWithForm()
    standing = queries.standing_of(case, current_user, on=clock.today())
    form.offer(rules.steps_for(current_user.reach, standing))
    return STEPS.one_form(
        form,
        lambda: operations.deal_with(case, SealedStep(form.step.data), words=form.note.data or "", actor=current_user, now=clock.now()),
        done=_("Đã ghi vào sổ niêm phong."),
        back=url_for(".look", uid=uid),
        to=lambda: url_for(".register"),
        case=case,
        title=_recording(current_user.reach, standing),
        intro=[],
        copy_missing=rules.may_lead(current_user.reach, standing) and not copies.is_confirmed(case),
        submit=_("Ghi"),
    )


@bp.route("/<uuid:uid>/ho-so-mat", methods=["GET", "POST"])
@for_readers
def classified(uid: uuid.UUID) -> Any:
    """Write down that there is a classified file: number, date, holder."""
    case, form = load(uid, rules.may_open), ClassifiedForm()
    return STEPS.one_form(
        form,
        lambda: operations.write_down_classified(
            case,
            number=form.number.data or "",
            day=cast("dt.date", form.day.data),
            holder=form.holder.data or "",
            actor=current_user,
            now=clock.now(),
        ),
        done=_("Đã ghi hồ sơ mật vào sổ."),
        back=url_for(".look", uid=uid),
        case=case,
        title=_("Ghi hồ sơ mật"),
        intro=[_("Bí mật nhà nước không được đưa lên trang này. Chỉ ghi số, ngày và nơi giữ; không chép nội dung, không chụp ảnh.")],
        submit=_("Ghi"),
    )


def _classified(said: str) -> str:
    kept = json.loads(said)
    day = format_date(dt.date.fromisoformat(kept["day"]), weekday=False)
    return _("Số %(number)s, ngày %(day)s, nơi giữ: %(holder)s", number=kept["number"], day=day, holder=kept["holder"])


def _read(case: SealedCase) -> dict[str, Any]:
    """Return what was written, for the page: the text, and the rest as rows."""
    written = case.matter
    place, field = _named(Place, written["place_id"]), _named(Field, written["field_id"])
    day = written["happened_on"]
    facts = [
        (_("Tóm tắt"), written["title"]),
        (_("Nơi xảy ra"), ", ".join(filter(None, [place, written["place_text"]]))),
        (_("Ngày xảy ra"), format_date(dt.date.fromisoformat(day), weekday=False) if day else ""),
        (_("Lĩnh vực"), field),
        (_("Người bị nói tới, theo người báo tin"), written.get("accused_names", "")),
        (_("Cơ quan bị nói tới"), _named(Unit, case.heading.accused_unit_id) or _("Chưa rõ, hoặc không thuộc tỉnh")),
        (
            _("Trao đổi trước khi niêm phong"),
            "\n".join(f"{said['by'] or _('Người gửi')}: {said['text']}" for said in written.get("thread", ())),
        ),
        (_("Người bị nói tới, đã xác nhận"), ", ".join(_named(User, each) for each in case.heading.accused_ids)),
    ]
    return {"text": written["body"], "facts": rows_of(facts)}


def _named(model: Any, row_id: int | None) -> str:
    row = db.session.get(model, row_id) if row_id is not None else None
    return row.name if row is not None else ""


def rows_of(facts: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Return rows for a summary list, without the empty ones."""
    return [{"key": upper_first(key), "value": value} for key, value in facts if value]

"""Who wrote: two people show it to one of them."""

from __future__ import annotations

import uuid
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from app import clock
from app.access import NotAllowed
from app.accounts.signing_in import present, recent
from app.database import db
from app.permissions import Reach
from app.steps import TOO_LATE
from feedback.sealed import queries, rules
from feedback.sealed.forms.leading import AgreeForm, WhyForm
from feedback.sealed.models import SealedCase, SealedReveal
from feedback.sealed.operations import identity as operations
from feedback.sealed.views.pages import STEPS, bp, for_readers, load
from feedback.sealed.views.register import rows_of

#: Minutes after which whoever asks, agrees or looks shows again who they are: a machine that was left open is not two people.
ASKED_AGAIN = 15


def _may_see_page(reach: Reach, standing: rules.Standing) -> bool:
    return rules.may_open(reach, standing) or rules.may_agree(reach, standing)


@bp.route("/<uuid:uid>/nguoi-bao-tin", methods=["GET", "POST"])
@for_readers
@recent(ASKED_AGAIN)
def who(uid: uuid.UUID) -> Any:
    """Show what was asked and decided, and ask."""
    case, now = load(uid, _may_see_page), clock.now()
    standing = queries.standing_of(case, current_user, on=clock.today())
    opens = rules.may_open(current_user.reach, standing)
    asked, able = queries.reveals_of(case), {each.id for each in queries.openers(case, on=clock.today())}
    mine = next((each for each in asked if each.asked_by_id == current_user.id), None)
    form = WhyForm()
    return STEPS.one_form(
        form,
        lambda: operations.ask(case, reason=form.reason.data or "", actor=current_user, now=clock.now()),
        done=_("Đã ghi. Một người khác phải đồng ý thì mới xem được."),
        back=url_for(".who", uid=uid),
        template="feedback/sealed/who.html",
        case=case,
        title=_("Người báo tin là ai"),
        submit=_("Xin biết"),
        asked=asked,
        # Who asked and has the case no more is promised nothing: the look would be refused.
        lost=[each for each in asked if each.asked_by_id not in able and (each.decided_at is None or rules.is_shown(each, now))],
        shown=opens and mine is not None and rules.is_shown(mine, now),
        may_ask=opens and (mine is None or (mine.decided_at is not None and not rules.is_shown(mine, now))),
        answerable=[each for each in asked if each.decided_at is None and operations.may_decide(each, present(), standing)],
    )


@bp.post("/<uuid:uid>/nguoi-bao-tin/xem")
@for_readers
@recent(ASKED_AGAIN)
def see_who(uid: uuid.UUID) -> Any:
    """Record the look, and only then show who wrote."""
    case = load(uid, rules.may_open)
    if FlaskForm().validate_on_submit():
        try:
            operations.see(case, actor=current_user, now=clock.now())
        except NotAllowed:
            db.session.rollback()
        else:
            db.session.commit()
            return render_template("feedback/sealed/people.html", case=case, people=_people(case))
    flash(str(TOO_LATE), "warn")
    return redirect(url_for(".who", uid=uid), 303)


@bp.route("/<uuid:uid>/nguoi-bao-tin/<uuid:reveal_uid>", methods=["GET", "POST"])
@for_readers
@recent(ASKED_AGAIN)
def decide(uid: uuid.UUID, reveal_uid: uuid.UUID) -> Any:
    """Agree that somebody else learns who wrote, or refuse."""
    case, form = load(uid, rules.may_agree), AgreeForm()
    reveal = db.session.scalar(db.select(SealedReveal).where(SealedReveal.uid == reveal_uid, SealedReveal.case_id == case.id))
    standing = queries.standing_of(case, current_user, on=clock.today())
    if reveal is None or not operations.may_decide(reveal, present(), standing):
        abort(404)
    who, able = reveal.asked_by.name, any(each.id == reveal.asked_by_id for each in queries.openers(case, on=clock.today()))
    return STEPS.one_form(
        form,
        lambda: operations.decide(
            reveal, agree=form.answer.data == "yes", reason=form.reason.data or "", actor=current_user, now=clock.now()
        ),
        done=_("Đã ghi quyết định."),
        back=url_for(".who", uid=uid),
        case=case,
        title=_("Cho biết người báo tin"),
        intro=[
            _("%(who)s xin biết người báo tin để: %(why)s", who=who, why=reveal.reason),
            _("Đồng ý thì %(who)s xem được tên và cách liên hệ trong 24 giờ. Mỗi lần xem được ghi lại.", who=who)
            if able
            else _("%(who)s không còn mở được thông tin này: đồng ý rồi cũng không xem được.", who=who),
        ],
        submit=_("Ghi quyết định"),
    )


def _people(case: SealedCase) -> list[list[dict[str, str]]]:
    people = [
        [
            (_("Họ tên"), each["name"]),
            (_("Tổ chức"), each["organisation"]),
            (_("Mã số thuế"), each["tax_code"]),
            (_("Điện thoại"), each["phone"]),
            (_("E-mail"), each["email"]),
            (_("Địa chỉ"), each["address"]),
        ]
        for each in case.people
    ]
    return [rows for rows in map(rows_of, people) if rows]

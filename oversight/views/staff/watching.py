"""The promises a person watches, their notes, the parts of the register they subscribed to, and the news of each week."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response
from wtforms.fields import SelectChoice

from app import clock, letters
from app.access import NotAllowed, requires
from app.accounts.queries import reach_of
from app.assignments.models import Assignment
from app.calendar.queries import work_calendar
from app.database import db
from app.formats import upper_first
from app.permissions import Permission
from app.units.models import Unit
from app.units.queries import by_level_and_name, communes, fields
from dialogues import queries as dialogue_queries
from dialogues import rules as dialogue_rules
from dialogues.models import Session
from oversight.board import watched, weekly
from oversight.forms.watching import NoteForm, SubscribeForm
from oversight.models import Subscription, WatchNote, WeeklyNews
from oversight.operations import watching as operations
from oversight.operations.weekly import TEMPLATE
from oversight.register import cuts
from oversight.register.shown import shown
from oversight.rules import watching as rules
from oversight.views.staff import story as story_pages
from oversight.views.staff.pages import REFUSALS, UNPROCESSABLE, attempt, bp, press

WEEKS_SHOWN = 12
SESSIONS_OFFERED = 100
REFUSALS |= {
    operations.TooManyWatched: _l(
        "Đã theo dõi %(most)d việc, không thêm được. Thôi theo dõi bớt, hoặc đăng ký bản tin cho cả một đơn vị.", most=rules.MOST_WATCHED
    ),
    operations.TooManySubscriptions: _l("Đã đăng ký %(most)d phần, không thêm được. Bỏ bớt một phần trước.", most=rules.MOST_SUBSCRIPTIONS),
}


def init_app(app: Flask) -> None:
    """Let the stories be told, letters tell the news of a week, and say where they are stopped."""
    story_pages.init_app()
    app.add_template_global(weekly_news)
    letters.STOPS[TEMPLATE] = "oversight.subscriptions"


def weekly_news(news_id: int) -> weekly.News:
    """Return the news that a letter tells, with the rights its receiver has today."""
    kept = db.session.get_one(WeeklyNews, news_id)
    today = clock.today()
    return weekly.of(kept, reach_of(kept.user, on=today), today)


@bp.get("/dang-theo-doi")
@requires(Permission.REGISTER_READ)
def watching() -> str:
    """Show what the person watches, and what is new in it."""
    today, reach = clock.today(), current_user.reach
    ids = watched.visible_ids(current_user, reach, today)
    page = request.args.get("trang", 1, type=int)
    first = (min(max(page, 1), max(1, -(-len(ids) // watched.PAGE))) - 1) * watched.PAGE
    lines = watched.lines(current_user, reach, ids[first : first + watched.PAGE])
    number = first // watched.PAGE + 1
    return render_template(
        "oversight/staff/watching.html",
        lines=[(line, _line(line.row)) for line in lines],
        hidden=watched.count(current_user) - len(ids),
        previous_url=url_for(".watching", trang=number - 1) if number > 1 else None,
        next_url=url_for(".watching", trang=number + 1) if first + watched.PAGE < len(ids) else None,
    )


def _line(row: Assignment) -> dict[str, Any]:
    return shown(row, None, reach=current_user.reach, today=clock.today(), calendar=work_calendar())


def _to_promise(row: Assignment) -> str:
    return url_for(".promise", assignment_id=row.id)


@bp.post("/viec-da-cam-ket/<int:assignment_id>/theo-doi")
@requires(Permission.REGISTER_READ)
def watch(assignment_id: int) -> Response:
    """Put a promise on the list."""
    row = story_pages.load(assignment_id)
    return press(
        lambda: operations.watch(row, actor=current_user, today=clock.today(), now=clock.now()),
        done=_("Đã thêm vào danh sách đang theo dõi."),
        back=_to_promise(row),
    )


@bp.post("/viec-da-cam-ket/<int:assignment_id>/thoi-theo-doi")
@requires(Permission.REGISTER_READ)
def unwatch(assignment_id: int) -> Response:
    """Take a promise off the list."""
    row = story_pages.load(assignment_id)
    back = url_for(".watching") if request.args.get("ve") == "danh-sach" else _to_promise(row)
    return press(lambda: operations.unwatch(row, actor=current_user, now=clock.now()), done=_("Đã thôi theo dõi."), back=back)


@bp.post("/viec-da-cam-ket/<int:assignment_id>/ghi-chu")
@requires(Permission.REGISTER_READ)
def note(assignment_id: int) -> Any:
    """Write something down about a promise."""
    row, form = story_pages.load(assignment_id), NoteForm(prefix="note-")

    def do() -> None:
        body, today, now = form.body.data or "", clock.today(), clock.now()
        operations.note(row, body=body, shared=form.shared.data, actor=current_user, today=today, now=now)

    if form.validate_on_submit():
        try:
            if attempt(form, do):
                flash(_("Đã ghi. Việc này nằm trong danh sách đang theo dõi."), "ok")
                return redirect(_to_promise(row), 303)
        except NotAllowed:
            abort(404)
    return story_pages.page(row, form, seen_at=None), UNPROCESSABLE


@bp.post("/viec-da-cam-ket/<int:assignment_id>/ghi-chu/<int:note_id>/bo")
@requires(Permission.REGISTER_READ)
def drop_note(assignment_id: int, note_id: int) -> Response:
    """Take back a note of one's own."""
    row = story_pages.load(assignment_id)
    written = db.session.get(WatchNote, note_id)
    if written is None or written.assignment_id != row.id or written.user_id != current_user.id:
        abort(404)
    return press(
        lambda: operations.drop_note(written, actor=current_user, now=clock.now()), done=_("Đã bỏ ghi chú."), back=_to_promise(row)
    )


@bp.route("/dang-theo-doi/ban-tin", methods=["GET", "POST"])
@requires(Permission.REGISTER_READ)
def subscriptions() -> Any:
    """Show what the person subscribed to, add to it, and lead to the news of the last weeks."""
    form = SubscribeForm(
        data=None if request.method == "POST" else _chosen(request.args.to_dict()),
        units=[SelectChoice("", _("Gõ hoặc chọn một đơn vị")), *_units()],
        places=[SelectChoice("", _("Cả tỉnh")), *(SelectChoice(each.code, upper_first(each.full_name)) for each in communes())],
        fields=[SelectChoice("", _("Mọi lĩnh vực")), *(SelectChoice(each.code, each.name) for each in fields())],
        sessions=[SelectChoice("", _("Không riêng buổi nào")), *_sessions()],
    )
    if form.validate_on_submit():
        address = weekly.spelled(cuts.cut_of(form.asked))
        if not address and not form.address.data:
            form.fail("unit", _("Chọn ít nhất một: đơn vị, xã phường, lĩnh vực, buổi đối thoại hoặc dán địa chỉ"))
        elif attempt(form, lambda: operations.subscribe(address, actor=current_user, now=clock.now())):
            flash(_("Đã đăng ký. Bản tin gửi vào 7 giờ sáng thứ Hai, tuần nào có tin thì gửi."), "ok")
            return redirect(url_for(".subscriptions"), 303)
    weeks = db.select(WeeklyNews).where(WeeklyNews.user_id == current_user.id).order_by(WeeklyNews.id.desc()).limit(WEEKS_SHOWN)
    page = render_template(
        "oversight/staff/subscriptions.html",
        form=form,
        mine=[
            (each, weekly.said(cut) if cut is not None else "", cuts.arguments(cut) if cut is not None else {})
            for each, cut in weekly.subscriptions(current_user)
        ],
        weeks=db.session.scalars(weeks).all(),
    )
    return page, UNPROCESSABLE if form.errors or form.form_errors else 200


def _chosen(asked: dict[str, str]) -> dict[str, str]:
    """Return what the form holds when one comes from the filtered register: its address."""
    address = weekly.spelled(cuts.cut_of(asked)) if asked else ""
    return {"address": f"?{address}"} if address else {}


def _units() -> list[SelectChoice]:
    rows = by_level_and_name(db.session.scalars(db.select(Unit).where(Unit.valid_to.is_(None))))
    return [SelectChoice(each.code, each.name) for each in rows]


def _sessions() -> list[SelectChoice]:
    """Return the latest sessions that gave something out and that this person may read."""
    given = Session.promises.any() & Session.starts_at.is_not(None)
    rows = db.session.scalars(db.select(Session).where(given).order_by(Session.starts_at.desc(), Session.id.desc()).limit(SESSIONS_OFFERED))
    return [
        SelectChoice(each.code, f"{each.code}: {each.topic}")
        for each in rows
        if dialogue_rules.may_read(current_user.reach, dialogue_queries.standing_of(each))
    ]


@bp.post("/dang-theo-doi/ban-tin/<int:subscription_id>/bo")
@requires(Permission.REGISTER_READ)
def unsubscribe(subscription_id: int) -> Response:
    """Want no more news of one part."""
    found = db.session.get(Subscription, subscription_id)
    if found is None or found.user_id != current_user.id:
        abort(404)
    return press(
        lambda: operations.unsubscribe(found, actor=current_user, now=clock.now()),
        done=_("Đã bỏ. Bản tin sau không còn phần này."),
        back=url_for(".subscriptions"),
    )


@bp.get("/dang-theo-doi/ban-tin/<int:news_id>")
@requires(Permission.REGISTER_READ)
def week(news_id: int) -> str:
    """Show the news of a week on the site, with the rights of today."""
    kept = db.session.get(WeeklyNews, news_id)
    if kept is None or kept.user_id != current_user.id:
        abort(404)
    return render_template("oversight/staff/week.html", news=weekly.of(kept, current_user.reach, clock.today()))

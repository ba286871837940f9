"""The lists staff work from. Each view has an address; filters and urgencies are links."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from app import clock
from app.access import NotAllowed, requires
from app.administration.views.pages import row_id
from app.assignments.chips import open_chip
from app.assignments.rules import Duty, IllegalTransition, State
from app.calendar.days import WorkCalendar
from app.calendar.queries import work_calendar
from app.calendar.rules import Stage
from app.counting import MOST
from app.cursors import read_cursor, write_cursor
from app.database import db
from app.permissions import Permission
from app.pieces import piece, render
from app.units.models import Unit
from app.units.queries import named_places
from feedback import duties, lists, queries, rules, steps, words
from feedback.models import FeedbackAssignment
from feedback.operations import unit
from feedback.rules import Kind
from feedback.suggesting import suggestions
from feedback.views.staff import actions
from feedback.views.staff.pages import REFUSALS, bp

URGENCIES: dict[str, tuple[Any, str]] = {
    "late": (_l("Quá hạn"), "late"),
    "today": (_l("Hạn hôm nay"), "today"),
    "soon": (_l("Còn 1 đến 3 ngày"), "clock"),
    "offered": (_l("Chờ nhận"), "inbox"),
    "asking": (_l("Chờ người gửi"), "pause"),
    "all": (_l("Tất cả đang mở"), ""),
}
DESK_VIEWS: dict[str, tuple[Any, str]] = {
    "waiting": (_l("Chờ phân loại, giao việc"), "inbox"),
    "danger": (_l("Có lời báo nguy hiểm"), "late"),
    "returned": (_l("Bị trả lại"), "back"),
    "under_way": (_l("Đang ở các đơn vị"), "person"),
    "to_publish": (_l("Đã trả lời, chưa đăng"), "globe"),
}


# --- what a unit must answer, or do -------------------------------------------------------------------------------------


@bp.get("/viec")
@requires(Permission.FEEDBACK_HANDLE)
def work() -> str:
    """Show what the person's units must answer, the most urgent first."""
    return _duties(Duty.ANSWER, _("Việc phải trả lời"))


@bp.get("/viec-da-hua")
@requires(Permission.FEEDBACK_HANDLE)
def promises() -> str:
    """Show what answers promised in the name of the person's units."""
    return _duties(Duty.ACT, _("Việc đã hứa"))


def _duties(duty: Duty, title: str) -> str:
    cut, today, calendar = _cut(duty), clock.today(), work_calendar()
    soon = lists.soon_until(today, calendar)
    found = duties.page(cut, current_user.reach, today=today, soon=soon, after=_duty_cursor(), limit=lists.PAGE + 1)
    shown = found[: lists.PAGE]
    counts = duties.counts(cut, current_user.reach, today=today, soon=soon)
    row = next((row for row in shown if row.code == request.args.get("y")), None)
    beside = db.session.get(FeedbackAssignment, row.id) if row is not None else None
    here = _url(y=None)
    beside_it = f"{here}{'&' if '?' in here else '?'}y="
    leads = current_user.reach.scopes(Permission.FEEDBACK_LEAD)
    paths = ["/"] if any(scope.everywhere for scope in leads) else [scope.unit_path for scope in leads if scope.unit_path]
    return render_template(
        "feedback/staff/work.html",
        title=title,
        duty=duty,
        today=today,
        rows=[_row(row, beside_it, today, calendar) for row in shown],
        counts=[
            {"label": label, "number": counts[name], "url": _url(gap=name, sau=None, y=None), "icon": icon, "current": cut.urgency == name}
            | ({"tone": name} if name in {"late", "today"} else {})
            for name, (label, icon) in URGENCIES.items()
            if duty is Duty.ANSWER or name not in {"offered", "asking"}
        ],
        groups=_groups(cut),
        officers=lists.officers(paths, today) if paths and duty is Duty.ANSWER else [],
        next_url=_url(sau=write_cursor(str(request.endpoint), shown[-1].due_sort, shown[-1].id), y=None)
        if len(found) > lists.PAGE
        else None,
        first_url=_url(sau=None, y=None) if "sau" in request.args else None,
        summary=_("Hơn 1.000 việc") if counts[cut.urgency] > MOST else ngettext("%(num)d việc", "%(num)d việc", counts[cut.urgency]),
        beside=beside,
        term=_term(row) if row is not None else "",
        may=actions.possible(beside.feedback, current_user) if beside else frozenset(),
        kinds=words.KINDS,
    )


def _row(row: Any, beside_it: str, today: dt.date, calendar: WorkCalendar) -> dict[str, Any]:
    offered = (row.duty, row.state) == (Duty.ANSWER, State.OFFERED)
    return {
        "duty": row,
        "due": _due(row.due_on, row.asking, today, calendar),
        "term": _term(row),
        "step": _step(row),
        "url": f"{beside_it}{row.code}#viec",
        "take": offered and (row.given_to == current_user.id or (row.given_to is None and not row.had_part)),
        "place": named_places()[row.place_id].name if row.place_id else "",
        "foreign": db.session.get_one(Unit, row.unit_id).short_name if row.unit_id != current_user.unit_id else "",
    }


@piece
def _due(due_on: dt.date | None, asking: bool, today: dt.date, calendar: WorkCalendar) -> Markup:  # noqa: FBT001 - a part of the key
    """Return what a line says of its day: the same for all that are due by that day."""
    return render("feedback/staff/_due.html", chip=open_chip(due_on, asking=asking, today=today, calendar=calendar), day=due_on)


def _term(row: Any) -> Any:
    """Return what must be done by the day of *row* where that is not the answer yet, in words; empty where it is."""
    return words.STAGES[Stage(row.term)] if row.duty == Duty.ANSWER and row.term in {Stage.NOTICE, Stage.OPENING} else ""


def _step(row: Any) -> Any:
    """Return in a word where the work stands."""
    if row.duty == Duty.ANSWER and row.asking:
        return _("Chờ người gửi")
    if row.duty == Duty.ANSWER and row.paper is not None:
        return words.PAPER_STATES[row.paper].text
    return words.ASSIGNMENT_STATES[row.state].text


def _cut(duty: Duty) -> lists.Cut:
    """Read what is wanted from the address; what names nothing is left out, so an old link still opens."""
    asked = request.args
    holder = asked.get("giu", "")
    known = holder in {"me", "nobody"} or (holder.isdecimal() and len(holder) < 10)  # noqa: PLR2004  longer is no id of ours
    return lists.Cut(
        duty=duty,
        urgency=asked["gap"] if asked.get("gap") in lists.URGENCIES else "all",
        holder=holder if known else "",
        kind=asked["loai"] if asked.get("loai") in set(Kind) else "",
        source=asked["nguon"] if asked.get("nguon") in {"floor", "voters"} else "",
        unit_id=row_id("don-vi"),
    )


def _groups(cut: lists.Cut) -> list[dict[str, Any]]:
    def group(label: Any, name: str, now: str, choices: list[tuple[str, Any]]) -> dict[str, Any]:
        return {
            "label": label,
            "choices": [
                {"label": text, "url": _url(**{name: value or None}, sau=None, y=None), "current": now == value} for value, text in choices
            ],
        }

    kinds = [("", _("tất cả")), *((str(kind), words.KINDS[kind]) for kind in Kind)]
    one = db.session.get(Unit, cut.unit_id) if cut.unit_id is not None else None
    units = [group(_("Đơn vị"), "don-vi", str(one.id), [("", _("tất cả")), (str(one.id), one.name)])] if one is not None else []
    return [
        *units,
        group(_("Người giữ"), "giu", cut.holder, [("", _("mọi người")), ("me", _("tôi")), ("nobody", _("chưa giao"))]),
        group(_("Loại"), "loai", cut.kind, kinds),
        group(_("Nguồn"), "nguon", cut.source, [("", _("mọi nguồn")), ("floor", _("đối thoại")), ("voters", _("kiến nghị cử tri"))]),
    ]


@bp.post("/viec/giao")
@requires(Permission.FEEDBACK_LEAD)
def hand_out() -> Response:
    """Give the chosen items to one officer; what cannot be given stays, and is named."""
    officer_id = request.form.get("giao", "")
    codes = request.form.getlist("v")[: lists.PAGE]
    back = redirect(url_for(".work"), 303)
    officer = next((user for user, _number in lists.officers(["/"], clock.today()) if str(user.id) == officer_id), None)
    if officer is None or not codes:
        flash(_("Chọn việc ở đầu dòng và chọn người nhận, rồi bấm Giao."), "warn")
        return back
    done, left, name = 0, dict[type[Exception], list[str]](), officer.name
    for code in codes:
        item = queries.by_code(code)
        if item is None or "hand" not in actions.possible(item, current_user):
            left.setdefault(unit.NothingOpen, []).append(code)
            continue
        try:
            unit.hand_to(item, officer, actor=current_user, now=clock.now())
            db.session.commit()
            done += 1
        except (unit.NotInUnit, steps.AnsweredBefore, unit.ReasonMissing) as refusal:
            db.session.rollback()
            left.setdefault(type(refusal), []).append(code)
        except (unit.NothingOpen, IllegalTransition, NotAllowed):
            db.session.rollback()
            left.setdefault(unit.NothingOpen, []).append(code)
    if done:
        flash(ngettext("Đã giao %(num)d việc cho %(name)s.", "Đã giao %(num)d việc cho %(name)s.", done, name=name), "ok")
    for refusal, kept in left.items():
        codes_left = ", ".join(code[:20] for code in kept)
        flash(_("Chưa giao được: %(codes)s. %(why)s", codes=codes_left, why=REFUSALS[refusal]), "warn")
    return back


# --- the reception desk -------------------------------------------------------------------------------------------------


@bp.get("/tiep-nhan")
@requires(Permission.FEEDBACK_TRIAGE)
def desk_list() -> str:
    """Show what waits at the person's desk: what sounds dangerous first, then by the desk's own short clock."""
    view = request.args["xem"] if request.args.get("xem") in lists.DESK_VIEWS else "waiting"
    kind = request.args["loai"] if request.args.get("loai") in set(Kind) else ""
    today, calendar = clock.today(), work_calendar()
    found = lists.desk(view, kind, current_user.reach, after=_desk_cursor(), limit=lists.PAGE + 1)
    shown = found[: lists.PAGE]
    counts = lists.desk_counts(kind, current_user.reach)
    suggested = suggestions((row.item for row in shown if row.item.status == rules.Status.RECEIVED), on=today)
    return render_template(
        "feedback/staff/desk.html",
        rows=[
            {
                "item": row.item,
                "chip": open_chip(row.due_on, asking=False, today=today, calendar=calendar)
                if row.item.status == rules.Status.RECEIVED
                else None,
                "due_on": row.due_on,
                "returned": any(duty.state == State.RETURNED for duty in row.item.assignments),
                "status": words.status_of(row.item),
                "suggestion": suggested.get(row.item.id),
                "given": row.item.open_answer.unit if row.item.open_answer is not None else None,
            }
            for row in shown
        ],
        counts=[
            {"label": label, "number": counts[name], "url": _url(xem=name, sau=None), "icon": icon, "current": view == name}
            | ({"tone": "late"} if name == "danger" else {})
            for name, (label, icon) in DESK_VIEWS.items()
        ],
        groups=[
            {
                "label": _("Loại"),
                "choices": [
                    {"label": text, "url": _url(loai=value or None, sau=None), "current": kind == value}
                    for value, text in [("", _("tất cả")), *((str(each), words.KINDS[each]) for each in Kind)]
                ],
            }
        ],
        next_url=_url(sau=write_cursor(str(request.endpoint), *shown[-1].sort)) if len(found) > lists.PAGE else None,
        first_url=_url(sau=None) if "sau" in request.args else None,
        view=view,
        today=today,
        kinds=words.KINDS,
        channels=words.CHANNELS,
    )


# --- addresses ---------------------------------------------------------------------------------------------------------


def _url(**over: str | None) -> str:
    """Return this list's address with some of its arguments changed."""
    kept = {name: value for name, value in request.args.items() if name in {"gap", "giu", "loai", "nguon", "don-vi", "xem", "sau", "y"}}
    arguments: dict[str, Any] = {name: value for name, value in (kept | over).items() if value}
    return url_for(str(request.endpoint), **arguments)


def _duty_cursor() -> lists.Cursor | None:
    return read_cursor(str(request.endpoint), request.args.get("sau", ""), dt.date, int)


def _desk_cursor() -> tuple[int, dt.date, int] | None:
    return read_cursor(str(request.endpoint), request.args.get("sau", ""), int, dt.date, int)

"""What came in, what was answered, how fast, which promises were kept: `/minh-bach`, and of one unit `/minh-bach/<code>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from app import clock
from app.access import public
from app.assignments import published as register
from app.assignments.rules import Duty
from app.fold import sort_key
from oversight import suppression, transparency
from oversight.rules.suppression import MONTHS, PERIODS
from oversight.transparency import Snapshot
from oversight.views.citizen.pages import bp, page, unit_of

#: By the words of the address: duty and source. They are never added up.
QUESTIONS: dict[str, tuple[str, str, Any]] = {
    "tra-loi": (Duty.ANSWER, "feedback", _l("trả lời phản ánh, kiến nghị")),
    "viec-hua": (Duty.ACT, "feedback", _l("làm việc đã hứa khi trả lời")),
    "doi-thoai": (Duty.ACT, "conclusion", _l("làm việc đã hứa khi đối thoại")),
    "tra-loi-doi-thoai": (Duty.ANSWER, "conclusion", _l("trả lời sau đối thoại")),
}
LEVELS: dict[str, Any] = {"province": _l("Sở, ngành, cơ quan cấp tỉnh"), "commune": _l("Xã, phường")}
STATES: dict[str, tuple[str, Any]] = {
    "late": ("late", _l("quá hạn, chưa xong")),
    "open": ("ok", _l("đang làm")),
    "done": ("done", _l("xong đúng hạn")),
    "done_late": ("done", _l("xong nhưng trễ hạn")),
}
QUARTER = 3
#: Promises of sessions on the page; the file has all.
SHOWN = 20


@bp.get("/minh-bach")
@public
def index() -> Response:
    """Show the figures of all units in one quarter or year, and what became of the promises."""
    picture, now = transparency.snapshot(clock.now()), clock.now()
    question = request.args.get("viec", "")
    question = question if question in QUESTIONS else "tra-loi"
    duty, source, _says = QUESTIONS[question]
    offered = _offered(picture)
    period = request.args.get("ky", "")
    period = period if period in offered else next(iter(offered), "")
    rows = picture.of_period(duty, source, period)
    named = sorted((row for row in rows if row["unit"] in picture.units), key=lambda row: sort_key(picture.units[row["unit"]]["name"]))
    body = render_template(
        "oversight/citizen/transparency.html",
        picture=picture,
        whole=next((row for row in rows if not row["unit"]), None),
        groups=[(title, [row for row in named if picture.units[row["unit"]]["level"] == level]) for level, title in LEVELS.items()],
        question=question,
        period=period,
        period_says=offered.get(period, ""),
        filters_=_filters(question, period, offered),
        sums=register.sums(clock.local_date(now)),
        promises=picture.promises[:SHOWN],
        more=len(picture.promises) - SHOWN,
        states=STATES,
    )
    return page(body)


@bp.get("/minh-bach/<code>")
@public
def unit(code: str) -> Response:
    """Show the figures of one unit in each quarter and year."""
    found = unit_of(code)
    if found.code != code:
        return redirect(url_for(".unit", code=found.code), 308)
    picture = transparency.snapshot(clock.now())
    parts = []
    for duty, source, says in QUESTIONS.values():
        rows = {row["period"]: row for row in picture.of_unit(duty, source, code)}
        shown = [(word, rows[period]) for period, word in _offered(picture).items() if period in rows]
        if shown:
            parts.append((says, shown))
    return page(render_template("oversight/citizen/unit.html", picture=picture, unit=found, parts=parts))


def _offered(picture: Snapshot) -> dict[str, str]:
    """Return the quarters and years that are over and have figures, the newest first, and what they are called."""
    shown = [each for each in PERIODS if each.months in {QUARTER, MONTHS}]
    shown.sort(key=lambda each: (each.months != MONTHS, -each.last))
    years = range(picture.day.year, picture.day.year - suppression.YEARS, -1)
    codes = [suppression.code_of(year, each) for year in years for each in shown]
    return {code: period_says(code) for code in codes if code in picture.periods}


def period_says(code: str) -> str:
    """Return what a quarter or a year is called."""
    year, _dash, quarter = code.partition("-Q")
    return _("quý %(number)s năm %(year)s", number=quarter, year=year) if quarter else _("cả năm %(year)s", year=year)


def unsaid(row: Mapping[str, Any]) -> bool:
    """Say whether nothing of a row is shown that its table has: of one case, or of very few."""
    hidden = set(row["hidden"])
    return {"opened", "done", "median_days"} <= hidden and bool(hidden & {"due", "on_time"})


def _filters(question: str, period: str, offered: dict[str, str]) -> list[dict[str, Any]]:
    def choice(word: Any, *, current: bool, **over: str) -> dict[str, Any]:
        arguments: dict[str, Any] = {"viec": question, "ky": period} | over
        return {"label": word, "url": url_for(".index", **arguments), "current": current}

    questions = [choice(says, viec=name, current=name == question) for name, (_duty, _source, says) in QUESTIONS.items()]
    periods = [choice(word, ky=code, current=code == period) for code, word in offered.items()]
    return [{"label": _("Việc"), "choices": questions}, {"label": _("Kỳ"), "choices": periods}]

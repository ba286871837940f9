"""What came in, what was answered, how fast, which promises were kept: `/minh-bach`, and of one unit `/minh-bach/<code>`."""

from __future__ import annotations

import datetime as dt
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
from app.replica import from_copy
from oversight.figures import suppression
from oversight.public import transparency
from oversight.public.transparency import Snapshot
from oversight.rules.suppression import MONTHS, PERIODS
from oversight.views.citizen.pages import bp, page, unit_of

#: By the words of the address: duty and source. They are never added up.
QUESTIONS: dict[str, tuple[str, str, Any]] = {
    "tra-loi": (Duty.ANSWER, "feedback", _l("trả lời phản ánh, kiến nghị")),
    "viec-hua": (Duty.ACT, "feedback", _l("làm việc đã hứa khi trả lời")),
    "doi-thoai": (Duty.ACT, "conclusion", _l("làm việc đã hứa khi đối thoại")),
    "tra-loi-doi-thoai": (Duty.ANSWER, "conclusion", _l("trả lời sau đối thoại")),
}
LEVELS: dict[str, Any] = {"province": _l("Sở, ngành, cơ quan cấp tỉnh"), "commune": _l("Xã, phường")}
CHIPS = {"late": "late", "open": "ok", "done": "done", "done_late": "done"}
#: What sessions promised, by duty: a question that gets its answer is not yet a promise kept.
PROMISED: dict[str, tuple[Any, dict[str, Any]]] = {
    Duty.ANSWER: (
        _l("Câu hỏi hứa trả lời sau buổi đối thoại"),
        {
            "late": _l("quá hạn, chưa trả lời"),
            "open": _l("chờ trả lời"),
            "done": _l("đã trả lời đúng hạn"),
            "done_late": _l("đã trả lời, trễ hạn"),
        },
    ),
    Duty.ACT: (
        _l("Việc hứa làm tại các buổi đối thoại"),
        {
            "late": _l("quá hạn, chưa xong"),
            "open": _l("đang làm"),
            "done": _l("xong đúng hạn"),
            "done_late": _l("xong nhưng trễ hạn"),
        },
    ),
}
COLUMNS: dict[str, Any] = {"opened": _l("Giao"), "done": _l("Xong"), "median_days": _l("Số ngày"), "kept": _l("Đúng hạn")}
QUARTER, HALF = 3, 6
#: How many of them are offered at most.
OFFERED = {QUARTER: 4, HALF: 4, MONTHS: suppression.YEARS}
#: Promises of each duty on the page, and on the page of all of them; the file has all.
SHOWN, MOST = 10, 500


@bp.get("/minh-bach")
@public
@from_copy
def index() -> Response:
    """Show the figures of all units in one quarter or year, and what became of the promises."""
    picture, now = transparency.snapshot(clock.now()), clock.now()
    question = request.args.get("viec", "")
    question = question if question in QUESTIONS else "tra-loi"
    duty, source, says = QUESTIONS[question]
    offered = _offered(picture)
    period = request.args.get("ky", "")
    # A unit has few cases in a quarter: what is longer and over last shows most.
    longest = next((code for code in offered if "-Q" not in code), next(iter(offered), ""))
    period = period if period in offered else longest
    rows = picture.of_period(duty, source, period)
    named = sorted((row for row in rows if row["unit"] in picture.units), key=lambda row: sort_key(picture.units[row["unit"]]["name"]))
    whole = request.args.get("hua") == "het"
    shown = MOST if whole else SHOWN
    whole_url = url_for(".data") if whole else url_for(".index", viec=question, ky=period, hua="het")
    body = render_template(
        "oversight/citizen/transparency.html",
        picture=picture,
        whole=next((row for row in rows if not row["unit"]), None),
        groups=[(title, [row for row in named if picture.units[row["unit"]]["level"] == level]) for level, title in LEVELS.items()],
        question=question,
        question_says=says,
        period=period,
        period_says=offered.get(period, ""),
        filters_=_filters(question, period, offered),
        columns=_columns(named),
        sums=register.sums(clock.local_date(now)),
        promised=[
            (title, [_promise(each, states) for each in of_duty[:shown]], len(of_duty) - shown, whole_url)
            for duty, (title, states) in PROMISED.items()
            if (of_duty := [each for each in picture.promises if each["duty"] == duty])
        ],
    )
    return page(body)


@bp.get("/minh-bach/<code>")
@public
@from_copy
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
            parts.append((says, shown, _columns([row for _word, row in shown])))
    return page(render_template("oversight/citizen/unit.html", picture=picture, unit=found, parts=parts))


def _promise(each: Mapping[str, Any], states: Mapping[str, Any]) -> dict[str, Any]:
    due_on = dt.date.fromisoformat(each["due_on"]) if each["due_on"] else None
    return {**each, "due_on": due_on, "chip": {"state": CHIPS[each["state"]], "text": states[each["state"]]}}


def _columns(rows: list[dict[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """Return the columns in which some row shows a number, and the names of those that are hidden throughout."""
    told = [row for row in rows if not unsaid(row)]
    names = {"kept": ("due", "on_time")}
    unseen = [each for each in COLUMNS if told and all({*names.get(each, (each,))} & {*row["hidden"]} for row in told)]
    return {each: word for each, word in COLUMNS.items() if each not in unseen}, [str(COLUMNS[each]) for each in unseen]


def _offered(picture: Snapshot) -> dict[str, str]:
    """Return the last quarters, half-years and years that are over and have figures, the newest first, and what they are called."""
    shown = sorted((each for each in PERIODS if each.months in OFFERED), key=lambda each: (-each.last, -each.months))
    years = range(picture.day.year, picture.day.year - suppression.YEARS, -1)
    found: dict[str, str] = {}
    left = dict(OFFERED)
    for year in years:
        for each in shown:
            code = suppression.code_of(year, each)
            if code in picture.periods and left[each.months]:
                left[each.months] -= 1
                found[code] = period_says(code)
    return found


def period_says(code: str) -> str:
    """Return what a quarter, a half-year or a year is called."""
    year, _dash, part = code.partition("-")
    if not part:
        return _("cả năm %(year)s", year=year)
    if part.startswith("Q"):
        return _("quý %(number)s năm %(year)s", number=part[1:], year=year)
    return _("6 tháng đầu năm %(year)s", year=year) if part == "H1" else _("6 tháng cuối năm %(year)s", year=year)


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

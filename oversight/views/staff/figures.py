"""Pictures and comparisons: who is late, is it improving, where do people wait, is it fair. Every number opens its cases."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user

from app import clock
from app.access import requires
from app.assignments.rules import Duty
from app.database import db
from app.permissions import Permission
from app.replica import from_copy
from app.units.models import Unit
from app.units.queries import by_level_and_name, communes, fields
from dialogues.duties import Span
from oversight import words
from oversight.figures import Dimension, Row, figures, months_of, over, periods
from oversight.figures import league as league_table
from oversight.figures import words as figure_words
from oversight.figures.meetings import by_duty
from oversight.figures.words import CHOICES
from oversight.register import Cut, cuts
from oversight.views.staff import figure_blocks as blocks
from oversight.views.staff import figure_grids as grids
from oversight.views.staff.figure_blocks import Block, Shown
from oversight.views.staff.figure_meetings import MeetingsBlock, meetings
from oversight.views.staff.pages import bp

#: What an address of these pages may carry over from one to the next.
CARRIED = ("viec", "don-vi", "cap", "noi", "linh-vuc", "ky")


@dataclass(frozen=True)
class Asked:
    """What the address asks for."""

    cut: Cut  # one duty, never both
    period: str
    span: Span
    today: dt.date
    figure: str
    shown: Shown

    def by(self, dimension: Dimension, *names: str, span: Span | None = None) -> list[Row]:
        """Return the rows of a table, of what the reader may see."""
        return figures(names, by=dimension, cut=self.cut, span=span or self.span, today=self.today, reach=current_user.reach)


@bp.get("/so-lieu")
@requires(Permission.REGISTER_READ)
@from_copy
def overview() -> str:
    """Show the pictures that answer: who is late, is it improving, where do people wait, is it fair?"""
    asked = _asked()
    days = ("median_days", "p90_days", "closed")
    units = asked.by(Dimension.UNIT, "overdue", "open", *blocks.OPEN_BY_AGE, *days)
    months = asked.by(
        Dimension.MONTH, "on_time_share", "due", "met", "kept_share", "made", "kept", *days, span=periods.last_months(asked.today)
    )
    parts = [
        blocks.overdue(units, asked.shown),
        blocks.by_age(units, asked.shown),
        blocks.on_time_by_month(months, asked.today),
        blocks.kept_by_month(months, asked.today),
        blocks.days_by_month(months, asked.today),
        blocks.waiting("cho-don-vi", _("Chờ lâu ở đơn vị nào"), _("Đơn vị"), units, asked.shown),
        blocks.waiting("cho-linh-vuc", _("Chờ lâu ở lĩnh vực nào"), _("Lĩnh vực"), asked.by(Dimension.FIELD, *days), asked.shown),
        blocks.spread(asked.by(Dimension.AREA, "on_time_share", "overdue"), asked.shown),
    ]
    return _page(asked, parts, title=_("Số liệu"), met=_met(asked))


def _met(asked: Asked) -> MeetingsBlock | None:
    """Return who met the people in the year in which the period ends; a field or a place owes nobody a meeting."""
    cut, year = asked.cut, min(asked.span.last, asked.today).year
    if cut.field_id is not None or cut.place_id is not None:
        return None
    rows = by_duty(year, today=asked.today, reach=current_user.reach, below=cut.unit, level=cut.level)
    return meetings(rows, year=year, below=cut.unit, level=cut.level)


@bp.get("/so-lieu/theo-thang")
@requires(Permission.REGISTER_READ)
@from_copy
def by_month() -> str:
    """Show one figure by unit and month."""
    asked = _asked()
    months = months_of(periods.last_months(asked.today))
    found = over([asked.figure], months, by=Dimension.UNIT, cut=asked.cut, today=asked.today, reach=current_user.reach)
    part = grids.by_month(asked.figure, [(month.first, found[month]) for month in months], asked.shown)
    return _page(asked, [part], title=_("Theo đơn vị và tháng"), of=CHOICES, periodic=False)


@bp.get("/xep-hang")
@requires(Permission.REGISTER_READ)
@from_copy
def league() -> str:
    """Show units of the same kind and level in the order of one figure."""
    asked = _asked()
    name = asked.figure if asked.figure in league_table.FIGURES else "on_time_share"
    asked = replace(asked, figure=name)
    groups = league_table.table(name, cut=asked.cut, span=asked.span, today=asked.today, reach=current_user.reach)
    parts = [grids.league(name, group, at, asked.shown) for at, group in enumerate(groups, start=1)]
    lead = _(
        "Chỉ so đơn vị cùng loại, cùng cấp; mỗi đơn vị tính cả đơn vị bên dưới. Số bằng nhau thì cùng hạng (dấu =). "
        "Dưới %(least)s việc thì không xếp hạng: thêm bớt một việc là từ đầu xuống cuối bảng. "
        "Đơn vị không có việc nào thì không có trong bảng. Ở đây đếm việc của đơn vị; bản đồ ô đếm việc xảy ra ở nơi ấy.",
        least=asked.shown.least,
    )
    return _page(asked, parts, title=_("Xếp hạng"), lead=lead, of=league_table.FIGURES)


@bp.get("/ban-do")
@requires(Permission.REGISTER_READ)
@from_copy
def tile_map() -> str:
    """Show the communes as tiles, shaded by one figure."""
    asked = _asked()
    rows = asked.by(Dimension.AREA, asked.figure)
    places = sorted(communes(), key=lambda place: place.code)
    if not any(scope.everywhere for scope in current_user.reach.scopes(Permission.REGISTER_READ)):
        places = [place for place in places if place.id in {row.key for row in rows}]
    lead = _("Ở đây đếm việc xảy ra ở nơi ấy, đơn vị nào giải quyết cũng tính; bảng xếp hạng đếm việc của từng đơn vị.")
    return _page(asked, [grids.tiles(asked.figure, places, rows, asked.shown)], title=_("Bản đồ ô"), lead=lead, of=CHOICES)


def _asked() -> Asked:
    """Read what the address asks for; what names nothing is left out, so that an old link still opens."""
    today, period = clock.today(), request.args.get("ky", "")
    read = cuts.cut_of({name: request.args[name] for name in CARRIED if name in request.args})
    return Asked(
        cut=replace(read, view="all", duty=read.duty or Duty.ANSWER),
        period=period if period in periods.CODES else periods.CODES[0],
        span=periods.span_of(period, today),
        today=today,
        figure=figure_words.name_of(request.args.get("so")),
        shown=Shown(whole=request.args.get("het") == "1", least=league_table.least()),
    )


def _page(asked: Asked, parts: list[Block], *, title: str, lead: str = "", of: Any = (), periodic: bool = True, met: Any = None) -> str:
    return render_template(
        "oversight/staff/figures.html",
        blocks=parts,
        met=met,
        title=title,
        lead=lead,
        asked=asked,
        periodic=periodic,
        doors=_doors(asked),
        groups=_groups(asked, periodic=periodic),
        said=figure_words.said,
        counted=_register,
        whole_url=_url(asked, het="1"),
        choices=[CHOICES[name] for name in CHOICES if name in of],
        chosen=CHOICES[asked.figure] if of else None,
        lists={
            "units": by_level_and_name(db.session.scalars(db.select(Unit).where(Unit.handles_feedback))),
            "places": communes(),
            "fields": fields(),
        },
    )


def _register(cut: Cut) -> str:
    """Return the address at which the register shows exactly the cases of *cut*."""
    arguments: dict[str, Any] = {**cuts.arguments(cut)}
    return url_for(".register", **arguments)


def _url(asked: Asked, endpoint: str = "", **over_: str) -> str:
    """Return the address of this page, or of *endpoint*, asking for the same but for *over_*; what is meant anyway is left out."""
    arguments: dict[str, Any] = {**cuts.arguments(replace(asked.cut, view="open"))}
    arguments |= {"ky": asked.period, "so": CHOICES[asked.figure].code, **over_}
    for name, meant in (("ky", periods.CODES[0]), ("viec", Duty.ANSWER), ("so", CHOICES["on_time_share"].code)):
        if arguments.get(name) == meant:
            arguments.pop(name)
    return url_for(endpoint or str(request.endpoint), **{name: value for name, value in arguments.items() if value})


def _doors(asked: Asked) -> list[dict[str, Any]]:
    pages = (("overview", _("Tổng quan")), ("by_month", _("Theo tháng")), ("league", _("Xếp hạng")), ("tile_map", _("Bản đồ ô")))
    choices = [
        {"label": word, "url": _url(asked, f"oversight.{page}"), "current": request.endpoint == f"oversight.{page}"} for page, word in pages
    ]
    return [{"label": _("Xem"), "choices": choices}]


def _groups(asked: Asked, *, periodic: bool) -> list[dict[str, Any]]:
    """Return the filters that are links: the duty, the period, the level."""
    named = {
        "12-thang": _("12 tháng qua"), "quy": _("quý này"), "nua-nam": _("nửa năm này"), "nam": _("năm nay"), "quy-truoc": _("quý trước"),
        "nam-truoc": _("năm trước"),
    }  # fmt: skip
    groups: list[tuple[str, str, str, list[tuple[str, Any]]]] = [
        (_("Việc phải"), "viec", asked.cut.duty, list(words.DUTIES.items())),
        (_("Cấp"), "cap", asked.cut.level, [("", _("mọi cấp")), *words.LEVELS.items()]),
    ]
    if periodic:
        groups.insert(1, (_("Kỳ"), "ky", asked.period, [(code, named[code]) for code in periods.CODES]))
    return [
        {
            "label": title,
            "choices": [{"label": word, "url": _url(asked, **{name: code}), "current": code == current} for code, word in choices],
        }
        for title, name, current, choices in groups
    ]

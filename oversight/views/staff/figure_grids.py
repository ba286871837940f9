"""The pictures of many squares, and the league: units by month, communes as tiles, units of a kind in their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup

from app.formats import format_number
from app.units.models import UnitKind
from app.units.words import LEVELS, UNIT_KINDS
from oversight.charts import bars, grids
from oversight.figures import COUNTS, SHARES, Figure, Row
from oversight.figures.words import CHOICES, NOTHING, PERCENT, said, said_shade, said_with_unit, shade
from oversight.rules.league import Entry, Group, Placed
from oversight.views.staff.figure_blocks import TOP, Block, Shown, label, picture_of, short
from oversight.views.staff.figure_blocks import heads as heads_of

TILES_NARROW, TILES_WIDE = 6, 12


def by_month(name: str, months: Sequence[tuple[dt.date, Sequence[Row]]], shown: Shown) -> Block:
    """Return a strip of months for each unit, the units with the most cases first."""
    of: dict[Any, tuple[Row, dict[str, Figure]]] = {}
    for first, rows in months:
        for row in rows:
            of.setdefault(row.key, (row, {}))[1][first.isoformat()] = row[name]
    units = [Row(row.key, row.label, row.thing, found) for row, found in of.values()]
    units = sorted((row for row in units if _cases(row)), key=lambda row: -_cases(row))
    called = CHOICES[name]
    title = _("%(figure)s, theo đơn vị và tháng", figure=called.label)
    says = _("%(units)s đơn vị, 13 tháng, tháng cuối chưa hết; đơn vị nhiều việc nhất lên trước.", units=format_number(len(units)))
    some, left = shown.cut(units)
    cuts = _cuts(name, [figure for _label, row in some for figure in row.figures.values()])
    heads = [(f"{first.month}", f"{first.year}" if not at or first.month == 1 else "") for at, (first, _rows) in enumerate(months)]
    strips = [grids.Strip(short(row), tuple(_cell(figure, cuts, shown.least) for figure in row.figures.values())) for _label, row in some]
    drawn = _scale(name, cuts, [each for _l, row in some for each in row.figures.values()]) + grids.heat(
        picture_of("nhiet", title, says), heads, strips
    )
    columns = [(first.isoformat(), f"{first.month}/{first.year}") for first, _rows in months]
    note = "" if name in COUNTS else few_said(shown.least)
    return Block("nhiet", title, says, drawn if units else Markup(""), _("Đơn vị"), columns, some, left, note=note, beside=False)


def _cases(row: Row) -> int:
    """Return of how many cases a row speaks, over all its months."""
    return sum(figure.denominator if figure.denominator is not None else figure.numerator or 0 for figure in row.figures.values())


def league(name: str, group: Group, at: int, shown: Shown) -> Block:
    """Return one table of units of the same kind and level, the ranked first, then those of few cases."""
    kind = UNIT_KINDS[UnitKind(group.kind)]
    title = _("%(kind)s, %(level)s", kind=kind, level=str(LEVELS.get(group.level, group.level)).lower())
    entries: list[tuple[str, Entry]] = [(_rank(placed), placed.entry) for placed in group.placed]
    entries += [(NOTHING, entry) for entry in group.few]
    says = _(
        "%(ranked)s đơn vị được xếp, %(few)s đơn vị có dưới %(least)s việc (dấu *) nên không xếp.",
        ranked=len(group.placed),
        few=len(group.few),
        least=shown.least,
    )
    if len(entries) == 1:
        entries, says = [(NOTHING, entries[0][1])], _("Chỉ có một đơn vị loại này, không so với đơn vị nào được.")
    some = entries if shown.whole else entries[:TOP]
    picture = picture_of(f"hang-{at}", title, says)
    if name in SHARES:
        dots = [bars.Dot(_ranked(*each), each[1].value, _starred(each[1], name, shown), few=each[1].cases < shown.least) for each in some]
        drawn = bars.dots(picture, dots, ((0, "0%"), (0.5, "50%"), (1, "100%")))
    else:
        drawn = bars.bars(picture, [bars.Bar(_ranked(*each), each[1].value, _starred(each[1], name, shown)) for each in some])
    table = [(label(entry.thing), entry.thing) for _rank_, entry in some]
    ranks, left = [rank for rank, _entry in some], len(entries) - len(some)
    return Block(f"hang-{at}", title, says, drawn, _("Đơn vị"), heads_of(name), table, left, ranks)


def _rank(placed: Placed) -> str:
    return f"{placed.rank}=" if placed.tied else str(placed.rank)


def _starred(entry: Entry, name: str, shown: Shown) -> str:
    return said_with_unit(entry.thing[name]) + ("*" if entry.cases < shown.least else "")


def _ranked(rank: str, entry: Entry) -> str:
    return short(entry.thing) if rank == NOTHING else f"{rank}. {short(entry.thing)}"


def tiles(name: str, places: Sequence[Any], rows: Sequence[Row], shown: Shown) -> Block:
    """Return a tile for each of *places*, shaded by the figure."""
    of = {row.key: row for row in rows}
    called = CHOICES[name]
    found = [of[place.id] for place in places if place.id in of]
    cuts = _cuts(name, [row[name] for row in found])
    drawn_tiles = [_tile(place, of.get(place.id), name, cuts, shown.least) for place in places]
    title = _("%(figure)s, theo xã, phường", figure=called.label)
    says = _("%(some)s trên %(all)s xã, phường có việc để tính; bảng xếp nơi cần xem trước.", some=len(found), all=len(places))
    drawings = [
        grids.tiles(picture_of(ident, title, says), drawn_tiles, columns, css)
        for ident, columns, css in (("ban-do-hep", TILES_NARROW, "fig-narrow"), ("ban-do", TILES_WIDE, "fig-wide"))
    ]
    drawn = _scale(name, cuts, [row[name] for row in found]) + Markup("").join(drawings)
    worst = sorted(found, key=lambda row: (shade(row[name]) or 0) * (-1 if called.high_is_bad else 1))
    table, left = shown.cut([row for row in worst if row[name].value is not None])
    note = _(
        "Mỗi xã, phường một ô bằng nhau, xếp theo mã đơn vị hành chính nên ô cạnh nhau thường là nơi gần nhau; không phải hình dạng thật."
    )
    if name not in COUNTS:
        note += " " + few_said(shown.least)
    return Block(
        "ban-do",
        title,
        says,
        drawn if places else Markup(""),
        _("Xã, phường"),
        heads_of(name),
        table,
        left,
        note=note,
        css="",
        beside=False,
    )


def _tile(place: Any, row: Row | None, name: str, cuts: Sequence[float], least: int) -> grids.Tile:
    if row is None and name in COUNTS:
        return grids.Tile(place.name, grids.Cell("0", grids.level(0, cuts)), f"{place.full_name}: 0")
    if row is None or row[name].value is None:
        return grids.Tile(place.name, grids.Cell(NOTHING, None), _("%(place)s: chưa có số", place=place.full_name))
    figure = row[name]
    cell = grids.Cell(said(figure) + _star(figure, least), grids.level(shade(figure), cuts, high_is_bad=CHOICES[name].high_is_bad))
    return grids.Tile(place.name, cell, f"{place.full_name}: {said_with_unit(figure)}")


def _cuts(name: str, figures: Sequence[Figure]) -> tuple[float, ...]:
    values = [value for figure in figures if (value := shade(figure)) is not None]
    return grids.bounds(values, high_is_bad=CHOICES[name].high_is_bad)


def few_said(least: int) -> str:
    """Return what the star beside a number says."""
    return _("Dấu * là dưới %(least)s việc, thêm một việc là số đổi hẳn.", least=least)


def _star(figure: Figure, least: int) -> str:
    """Return the star of a number that rests on few cases; a count rests on nothing but itself."""
    return "*" if figure.value is not None and figure.name not in COUNTS and (figure.denominator or 0) < least else ""


def _cell(figure: Figure, cuts: Sequence[float], least: int) -> grids.Cell:
    # A sign for percent has no room in a square of a phone; the title and the table say that they are.
    level = grids.level(shade(figure), cuts, high_is_bad=CHOICES[figure.name].high_is_bad)
    return grids.Cell(said(figure).removesuffix("%") + _star(figure, least), level)


def _scale(name: str, cuts: Sequence[float], figures: Sequence[Figure]) -> Markup:
    """Return the legend of the shades that are there."""
    bad = CHOICES[name].high_is_bad
    there = {grids.level(shade(figure), cuts, high_is_bad=bad) for figure in figures}
    there |= {0} if name in COUNTS else set()  # who has no case has none of them
    ends = [said_shade(name, cut) for cut in cuts]
    words: list[str] = []
    if ends:
        first, second, third = ends
        whole = name in SHARES and cuts[0] >= PERCENT
        words = [
            first if whole and not bad else _("không quá %(end)s", end=first) if bad else _("từ %(end)s trở lên", end=first),
            _("trên %(low)s đến %(high)s", low=first, high=second) if bad else _("dưới %(high)s đến %(low)s", high=first, low=second),
            _("trên %(low)s đến %(high)s", low=second, high=third) if bad else _("dưới %(high)s đến %(low)s", high=second, low=third),
            _("trên %(end)s", end=third) if bad else _("dưới %(end)s", end=third),
        ]
    return grids.scale([(at, word) for at, word in enumerate(words) if at in there], "" if name in COUNTS else _("chưa có số"))

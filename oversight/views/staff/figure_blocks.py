"""The parts of the pages of figures: each a picture, what it says in a sentence, and the same numbers in a table below it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from flask_babel import gettext as _
from markupsafe import Markup

from app.formats import format_number
from oversight.charts import bars, lines
from oversight.charts.marks import Picture, legend
from oversight.figures import Row
from oversight.figures.words import PERCENT, head, said
from oversight.register import ages

#: Units in a picture, and in a table until the whole is asked for.
TOP = 15
TENTH = 10
#: Equals that are named in a sentence.
TIED = 3
_DAYS = ("median_days", "p90_days")
OPEN_BY_AGE = tuple(f"open_{bucket.code}" for bucket in ages.AGES)


@dataclass(frozen=True)
class Block:
    """One part of a page."""

    ident: str
    title: str
    says: str
    drawing: Markup  # empty: there is nothing to draw
    first: str  # head of the first column
    heads: Sequence[tuple[str, str]]  # key in Row.figures, and the head of its column
    rows: Sequence[tuple[str, Row]]
    left: int = 0  # rows behind the link to the whole table
    ranks: Sequence[str] = ()
    note: str = ""
    css: str = "fig"
    beside: bool = True  # on a wide screen the table stands beside its picture; one of many columns has no room there

    @property
    def measured(self) -> bool:
        """Say whether a column tells of how many cases the days are."""
        return any(name == "closed" for name, _head in self.heads)


@dataclass(frozen=True)
class Shown:
    """How much of a table is wanted, and from how many cases on a number is more than chance."""

    whole: bool
    least: int

    def cut(self, rows: Sequence[Row]) -> tuple[list[tuple[str, Row]], int]:
        """Return the rows of the table, each with its label, and how many stand behind the link."""
        some = rows if self.whole else rows[:TOP]
        return [(label(row), row) for row in some], len(rows) - len(some)


def label(row: Row) -> str:
    """Return what a row is of: a unit's or a field's name, an area's with its kind."""
    return str(getattr(row.thing, "full_name", None) or row.label or _("không ghi"))


def short(row: Row) -> str:
    """Return what a row is of as a picture has room for it."""
    return str(getattr(row.thing, "short_name", None) or label(row))


def heads(*names: str) -> list[tuple[str, str]]:
    """Return the columns of a table of these figures."""
    return [(name, head(name)) for name in names]


def _by(rows: Sequence[Row], name: str) -> list[Row]:
    """Return the rows that have something of *name*, the most first; equals as they came, by name."""
    return sorted((row for row in rows if row[name].value), key=lambda row: -(row[name].value or 0))


def first_of(rows: Sequence[Row], name: str) -> str:
    """Return what stands first by *name*, with all that have the same number: who comes first by the alphabet is no worse."""
    same = [label(row) for row in rows if row[name].value == rows[0][name].value]
    some = ", ".join(same[:TIED])
    left = len(same) - TIED
    return _("%(some)s và %(left)s nơi nữa", some=some, left=format_number(left)) if left > 0 else some


def picture_of(ident: str, title: str, says: str) -> Picture:
    """Return the name and description of a picture; its id is its own, the part's title has the plain one."""
    return Picture(f"h-{ident}", title, _("%(says)s Số liệu của hình nằm trong bảng ngay bên dưới.", says=says))


def overdue(rows: Sequence[Row], shown: Shown) -> Block:
    """Return who is late: what is overdue by unit."""
    late = _by(rows, "overdue")
    title, table, total = _("Ai đang quá hạn"), *shown.cut(late)
    says = _("Không đơn vị nào có việc quá hạn.")
    if late:
        says = _(
            "%(units)s đơn vị có việc quá hạn, cộng lại %(all)s việc; nhiều nhất là %(unit)s, %(number)s việc.",
            units=format_number(len(late)), all=format_number(sum(row["overdue"].value or 0 for row in late)),
            unit=first_of(late, "overdue"), number=said(late[0]["overdue"]),
        )  # fmt: skip
    drawn = bars.bars(
        picture_of("qua-han", title, says), [bars.Bar(short(row), row["overdue"].value, said(row["overdue"])) for row in late[:TOP]]
    )
    return Block("qua-han", title, says, drawn if late else Markup(""), _("Đơn vị"), heads("overdue", "open"), table, total)


def by_age(rows: Sequence[Row], shown: Shown) -> Block:
    """Return how long what is open has been lying, by unit."""
    held = _by(rows, "open")
    title, (table, left) = _("Việc chưa xong đã để bao lâu"), shown.cut(held)
    oldest = sum(row[OPEN_BY_AGE[-1]].numerator or 0 for row in held)
    says = _(
        "%(all)s việc chưa xong, trong đó %(old)s việc đã giao %(days)s.",
        all=format_number(sum(row["open"].value or 0 for row in held)), old=format_number(oldest), days=head(OPEN_BY_AGE[-1]),
    )  # fmt: skip
    picture = picture_of("tuoi", title, says)
    stacks = [bars.Stack(short(row), tuple(row[name].numerator or 0 for name in OPEN_BY_AGE), said(row["open"])) for row in held[:TOP]]
    drawn = legend(picture, [head(name) for name in OPEN_BY_AGE]) + bars.stacks(picture, stacks) if held else Markup("")
    note = _("Tính theo ngày của lịch, từ ngày giao cho đơn vị. Càng để lâu, nét gạch càng dày.")
    return Block("tuoi", title, says, drawn, _("Đơn vị"), heads("open", *OPEN_BY_AGE), table, left, note=note, beside=False)


def _over(rows: Sequence[Row], today: dt.date) -> Sequence[Row]:
    """Return the months that are over, of which a sentence can speak; where none is, those there are."""
    return [row for row in rows if row.thing.last < today] or rows


def _table(rows: Sequence[Row], today: dt.date) -> list[tuple[str, Row]]:
    return [
        (
            _("tháng %(month)s", month=_month(row)) if row.thing.last < today else _("tháng %(month)s, chưa hết", month=_month(row)),
            row,
        )
        for row in rows
    ]


def on_time_by_month(rows: Sequence[Row], today: dt.date) -> Block:
    """Return whether it is improving: the share kept in time, month by month."""
    title = _("Có đúng hạn hơn trước không")
    known = _over([row for row in rows if row["on_time_share"].value is not None], today)
    says = _("Chưa có việc nào đến hạn từ đầu tháng %(first)s đến nay.", first=_month(rows[0]))
    if known:
        says = _(
            "Tháng %(last)s: %(now)s việc đến hạn xong đúng hạn; tháng %(first)s: %(then)s.",
            last=_month(known[-1]), now=said(known[-1]["on_time_share"]), first=_month(known[0]), then=said(known[0]["on_time_share"]),
        )  # fmt: skip
    line = lines.Line(title, tuple(row["on_time_share"].value for row in rows), tuple(said(row["on_time_share"]) for row in rows))
    drawn = lines.lines(picture_of("dung-han", title, says), [_month_short(row) for row in rows], [line], 1) if known else Markup("")
    note = _("Mẫu số là mọi việc đến hạn trong tháng, cả việc còn để đó: để quá hạn thì tỷ lệ giảm, không thể giấu đi.")
    table = _table(rows, today)
    return Block("dung-han", title, says, drawn, _("Tháng"), heads("on_time_share", "due", "met"), table, note=note)


def kept_by_month(rows: Sequence[Row], today: dt.date) -> Block:
    """Return what became of what was promised: of the promises made in each month, how many are kept by now."""
    title = _("Việc đã giao nay xong được bao nhiêu")
    known = [row for row in rows if row["kept_share"].value is not None]
    says = _("Chưa giao việc nào từ đầu tháng %(first)s đến nay.", first=_month(rows[0]))
    if known:
        made, kept = (sum(part or 0 for part in parts) for parts in zip(*((r["made"].value, r["kept"].value) for r in known), strict=True))
        says = _(
            "Từ đầu tháng %(first)s đến nay giao %(made)s việc, đã xong %(kept)s việc. Đếm trọn từng tháng, không theo kỳ đã chọn.",
            first=_month(rows[0]),
            made=format_number(made),
            kept=format_number(kept),
        )
    line = lines.Line(title, tuple(row["kept_share"].value for row in rows), tuple(said(row["kept_share"]) for row in rows))
    drawn = lines.lines(picture_of("da-xong", title, says), [_month_short(row) for row in rows], [line], 1) if known else Markup("")
    note = _("Xếp theo tháng giao việc. Việc mới giao phần nhiều chưa đến hạn, nên những tháng gần đây luôn thấp hơn.")
    table = _table(rows, today)
    return Block("da-xong", title, says, drawn, _("Tháng"), heads("kept_share", "made", "kept"), table, note=note)


def days_by_month(rows: Sequence[Row], today: dt.date) -> Block:
    """Return how long it takes, month by month: the usual case and the slow one."""
    title = _("Mất bao nhiêu ngày làm việc")
    known = _over([row for row in rows if row["median_days"].value is not None], today)
    says = _("Chưa có việc nào xong từ đầu tháng %(first)s đến nay.", first=_month(rows[0]))
    if known:
        says = _(
            "Việc xong trong tháng %(month)s: một nửa mất không quá %(half)s ngày làm việc, chín phần mười không quá %(most)s ngày.",
            month=_month(known[-1]), half=said(known[-1]["median_days"]), most=said(known[-1]["p90_days"]),
        )  # fmt: skip
    drawn = Markup("")
    if known:
        named = [lines.Line(head(name), tuple(row[name].value for row in rows), tuple(said(row[name]) for row in rows)) for name in _DAYS]
        drawn = lines.lines(picture_of("so-ngay", title, says), [_month_short(row) for row in rows], named)
    note = _("Nét liền, chấm tròn: thường mất, một nửa số việc xong trong chừng ấy ngày. Nét đứt, ô vuông: lâu thì mất, mười việc có chín.")
    if unknown := sum(row["median_days"].unknown for row in rows):
        note += " " + _("%(number)s việc chưa tính được vì chưa có lịch làm việc của năm đó.", number=format_number(unknown))
    table = _table(rows, today)
    return Block("so-ngay", title, says, drawn, _("Tháng"), heads(*_DAYS, "closed"), table, note=note)


def waiting(ident: str, title: str, first: str, rows: Sequence[Row], shown: Shown) -> Block:
    """Return where people wait: the usual and the slow case by unit or by field."""
    slow = _by(rows, "p90_days")
    some, left = shown.cut(slow)
    many = [row for row in slow if (row["p90_days"].denominator or 0) >= shown.least]
    says = _("Chưa nơi nào xong đủ %(least)s việc trong kỳ để so sánh.", least=shown.least)
    if many:
        says = _(
            "Lâu nhất, tính những nơi đã xong từ %(least)s việc: %(what)s, chín phần mười số việc xong trong %(days)s ngày làm việc.",
            least=shown.least,
            what=first_of(many, "p90_days"),
            days=said(many[0]["p90_days"]),
        )
    drawn = bars.spans(picture_of(ident, title, says), [_span(row, shown.least) for row in slow[:TOP]]) if slow else Markup("")
    note = _(
        "Chấm tròn: thường mất. Ô vuông: lâu thì mất, mười việc có chín việc xong trong chừng ấy ngày. "
        "Dấu * là dưới %(least)s việc, thêm một việc là số đổi hẳn.",
        least=shown.least,
    )
    if ident == "cho-linh-vuc":  # what is promised at a session has no field of its own
        note += " " + _("Việc hứa tại buổi đối thoại tính vào lĩnh vực của cả buổi.")
    return Block(ident, title, says, drawn, first, heads(*_DAYS, "closed"), some, left, note=note)


def _span(row: Row, least: int) -> bars.Span:
    few = "*" if (row["p90_days"].denominator or 0) < least else ""
    words = _("%(half)s – %(most)s ngày", half=said(row["median_days"]), most=said(row["p90_days"]))
    return bars.Span(short(row), row["median_days"].value, row["p90_days"].value, words + few)


def spread(rows: Sequence[Row], shown: Shown) -> Block:
    """Return whether it is fair: how many communes have which share kept in time."""
    title = _("Các xã, phường có được phục vụ như nhau không")
    known = sorted(
        (row for row in rows if row.key is not None and row["on_time_share"].value is not None),
        key=lambda row: row["on_time_share"].value or 0,
    )
    many = [row for row in known if (row["on_time_share"].denominator or 0) >= shown.least]
    says = _("Chưa xã, phường nào có đủ %(least)s việc đến hạn trong kỳ để so sánh.", least=shown.least)
    if many:
        says = _(
            "Trong %(number)s nơi có từ %(least)s việc đến hạn: thấp nhất %(low)s xong đúng hạn (%(where)s), nơi ở giữa %(middle)s, "
            "cao nhất %(high)s.",
            number=format_number(len(many)), least=shown.least, where=first_of(many, "on_time_share"),
            low=said(many[0]["on_time_share"]), high=said(many[-1]["on_time_share"]),
            middle=f"{round(PERCENT * median([row['on_time_share'].value or 0 for row in many]))}%",
        )  # fmt: skip
    tenths = [0] * TENTH
    for row in known:
        tenths[min(int((row["on_time_share"].value or 0) * TENTH), TENTH - 1)] += 1
    drawn = (
        lines.columns(picture_of("dong-deu", title, says), [str(step * TENTH) for step in range(TENTH)], tenths) if known else Markup("")
    )
    note = _(
        "Mỗi cột: số xã, phường có tỷ lệ đúng hạn từ số phần trăm ghi ở chân cột; cột cuối tính cả 100%. Bảng xếp nơi thấp nhất lên trước."
    )
    some, left = shown.cut(known)
    return Block("dong-deu", title, says, drawn, _("Xã, phường"), heads("on_time_share", "overdue"), some, left, note=note)


def _month(row: Row) -> str:
    first = row.thing.first
    return f"{first.month}/{first.year}"


def _month_short(row: Row) -> str:
    first = row.thing.first
    return f"{first.month}/{first.year % 100:02}"

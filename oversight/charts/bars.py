"""Bars lying down: one for each unit, its name above it. Whole ones, ones made of parts, and spans between two days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from markupsafe import Markup

from oversight.charts.marks import (
    LINE,
    ROOM,
    Picture,
    across,
    box,
    circle,
    framed,
    greatest,
    hatching,
    part_of,
    rule,
    shortened,
    square,
    text,
)

ROW = 42
NAME, BAR, THICK, LEADING = 14, 20, 14, 16
#: A round point stays inside the frame at both ends of its track.
INSET = 0.02


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, how long, and the number as it is written."""

    label: str
    value: float | None
    text: str


@dataclass(frozen=True)
class Stack:
    """One bar made of parts, in the order of the legend."""

    label: str
    parts: tuple[int, ...]
    text: str


@dataclass(frozen=True)
class Span:
    """From one value to a greater one on the same track: the median and the 90th percentile."""

    label: str
    near: float | None
    far: float | None
    text: str


@dataclass(frozen=True)
class Dot:
    """A share on a track; hollow where it rests on few cases."""

    label: str
    value: float | None
    text: str
    few: bool = False


def bars(picture: Picture, rows: Sequence[Bar]) -> Markup:
    """Draw one bar a row, all on one scale."""
    most = greatest(row.value for row in rows)
    parts: list[Markup] = []
    for at, row in enumerate(rows):
        parts += _named(row.label, row.text, at)
        if (length := part_of(row.value, most)) is not None:
            parts.append(box(0, at * ROW + BAR, length, THICK, "bar1"))
    return framed(picture, len(rows) * ROW, parts)


def stacks(picture: Picture, rows: Sequence[Stack]) -> Markup:
    """Draw one bar a row out of hatched parts, all on one scale; a part with room carries its number. A long name has two lines."""
    most = greatest(sum(row.parts) for row in rows)
    parts: list[Markup] = []
    y = 0
    for row in rows:
        first, *rest = wrap(row.label, LINE) or [""]
        parts += [text(first, "0", y + NAME), text(row.text, "100%", y + NAME, "h", "end")]
        if rest:
            y += LEADING
            parts.append(text(shortened(" ".join(rest), LINE), "0", y + NAME))
        top, x, numbers = y + BAR, 0.0, []
        y += ROW
        for step, count in enumerate(row.parts):
            width = min(part_of(count, most) or 0.0, 1 - x)
            if width <= 0:
                continue
            parts.append(box(x, top, width, THICK + 2, "edge", hatching(picture, step)))
            if width >= ROOM:
                numbers.append(text(str(count), across(x + width / 2), top + THICK - 1, "halo", "middle"))
            x += width
        parts += numbers
    return framed(picture, y, parts, hatched=True)


def spans(picture: Picture, rows: Sequence[Span]) -> Markup:
    """Draw the way from near (round) to far (square), all on one scale from nought."""
    most = greatest(value for row in rows for value in (row.near, row.far))
    parts: list[Markup] = []
    for at, row in enumerate(rows):
        parts += _named(row.label, row.text, at)
        y = at * ROW + BAR + THICK / 2
        parts.append(rule(0, 1, y, "track"))
        near, far = part_of(row.near, most), part_of(row.far, most)
        if near is not None and far is not None:
            parts.append(rule(inside(near), inside(far), y, "way"))
        if far is not None:
            parts.append(square(inside(far), y, "p2"))
        if near is not None:
            parts.append(circle(inside(near), y, "p1"))
    return framed(picture, len(rows) * ROW, parts)


def dots(picture: Picture, rows: Sequence[Dot], marks: Sequence[tuple[float, str]] = ()) -> Markup:
    """Draw one share (0 to 1) a row as a point on its track; *marks* are the ends of the scale, said once on top."""
    parts: list[Markup] = []
    head = 18 if marks else 0
    for value, words in marks:
        anchor = "start" if value <= 0 else "end" if value >= 1 else "middle"
        parts.append(text(words, across(value), 12, "d", anchor))
    for at, row in enumerate(rows):
        parts += _named(row.label, row.text, at, head)
        y = head + at * ROW + BAR + THICK / 2
        parts.append(rule(0, 1, y, "track"))
        if (value := part_of(row.value, 1)) is not None:
            parts.append(circle(inside(value), y, "p0" if row.few else "p1", 6))
    return framed(picture, head + len(rows) * ROW, parts)


def inside(part: float) -> float:
    """Return where on its track a point of that part stands, so that none is cut at an end."""
    return INSET + part * (1 - 2 * INSET)


def _named(label: str, number: str, at: int, head: int = 0) -> list[Markup]:
    y = head + at * ROW + NAME
    return [text(shortened(label, 46 - len(number)) if len(number) > 12 else shortened(label), "0", y), text(number, "100%", y, "h", "end")]  # noqa: PLR2004

"""Lines over months, and columns of how many have how much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from oversight.charts.marks import WHOLE, Picture, across, box, circle, framed, greatest, number, part_of, rule, square, text

TOP, PLOT, FOOT = 26, 150, 24
EDGE = 0.05  # left and right of the first and the last point: half a label
EVERY = 3  # months from one label to the next: each would not fit on a phone


@dataclass(frozen=True)
class Line:
    """One line: a value for each month (None where there is nothing to say) and each as it is written."""

    label: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]


def lines(picture: Picture, heads: Sequence[str], rows: Sequence[Line], most: float | None = None) -> Markup:
    """Draw up to two lines over *heads*: the first whole with round points, the second broken with square ones."""
    top = most if most is not None else greatest(value for row in rows for value in row.values)
    count = len(heads)
    labelled = {at for at in range(count) if (count - 1 - at) % EVERY == 0}
    parts = [rule(0, 1, TOP + PLOT * step, "grid") for step in (0, 0.5, 1)]
    points: list[Markup] = []
    for order, row in enumerate(rows):
        heights = [_height(value, top) for value in row.values]
        parts.append(_path(heights, count, "line2" if order else "line1"))
        for at, (height, words) in enumerate(zip(heights, row.texts, strict=True)):
            if height is None:
                continue
            x, y = _x(at, count), TOP + height * PLOT
            points.append(square(x, y, "p2") if order else circle(x, y, "p1", 4))
            if at in labelled:
                # Of two lines the lower one's numbers stand below it, so that they do not meet.
                below = len(rows) > 1 and order == 0 and height < 0.85  # noqa: PLR2004
                points.append(text(words, across(x), y + 19 if below else y - 9, "halo", "middle"))
    axis = [text(heads[at], across(_x(at, count)), TOP + PLOT + 18, "d", "middle") for at in sorted(labelled)]
    return framed(picture, TOP + PLOT + FOOT, [*parts, *points, *axis])


def columns(picture: Picture, heads: Sequence[str], values: Sequence[int]) -> Markup:
    """Draw one standing column for each of *heads*, its number on top."""
    most, count = greatest(values), max(len(heads), 1)
    parts = [rule(0, 1, TOP + PLOT, "grid")]
    for at, (head, value) in enumerate(zip(heads, values, strict=True)):
        height = (part_of(value, most) or 0.0) * PLOT
        left, width = at / count, 1 / count
        parts.append(box(left + width * 0.1, TOP + PLOT - height, width * 0.8, height, "bar1"))
        if value:
            parts.append(text(str(value), across(left + width / 2), TOP + PLOT - height - 6, "h", "middle"))
        parts.append(text(head, across(left + width / 2), TOP + PLOT + 18, "d", "middle"))
    return framed(picture, TOP + PLOT + FOOT, parts)


def _x(at: int, count: int) -> float:
    return 0.5 if count <= 1 else EDGE + (1 - 2 * EDGE) * at / (count - 1)


def _height(value: float | None, most: float) -> float | None:
    """Return how far below the top of the plot a value lies, as a part of the plot."""
    part = part_of(value, most)
    return None if part is None else 1 - part


# A line's corners cannot be given in hundredths of the width: it lies in a frame of its own, stretched, its stroke is not.
def _path(heights: Sequence[float | None], count: int, css: str) -> Markup:
    steps, pen = [], "M"
    for at, height in enumerate(heights):
        if height is None:
            pen = "M"
            continue
        steps.append(f"{pen}{number(_x(at, count) * WHOLE)} {number(height * WHOLE)}")
        pen = "L"
    if not steps:
        return Markup("")
    return Markup(
        '<svg x="0" y="{}" width="100%" height="{}" viewBox="0 0 100 100" preserveAspectRatio="none" overflow="visible">'
        '<path class="{}" vector-effect="non-scaling-stroke" d="{}"/></svg>'
    ).format(TOP, PLOT, css, "".join(steps))

"""What every picture is drawn with: the frame with its name and description, text, boxes, hatchings."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from markupsafe import Markup, escape

#: Letters that fit in a line of a phone, beside the number at its end.
LINE = 34
#: From this part of the width on a number has room inside its box, on a phone too.
ROOM = 0.12
WHOLE = 100
#: The hatchings, from empty to full: told apart in black and white, and on a copy of a copy.
HATCHINGS = 7


@dataclass(frozen=True)
class Picture:
    """What names a picture: its id in the page, its name, and what it shows in a sentence or two."""

    ident: str
    title: str
    desc: str


def number(value: float) -> str:
    """Return a coordinate as SVG wants it, short."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def across(part: float) -> str:
    """Return a part of the width (0 to 1) as SVG wants it."""
    return f"{number(part * WHOLE)}%"


def part_of(value: float | None, most: float | None) -> float | None:
    """Return *value* as a part of *most*, between 0 and 1 whatever comes in; None where there is no value to draw."""
    if value is None or not math.isfinite(value):
        return None
    if not most or not math.isfinite(most) or most < 0:
        return 0.0
    return min(max(value / most, 0.0), 1.0)


def greatest(values: Iterable[float | None]) -> float:
    """Return the greatest of *values* that can be drawn; 0 where there is none."""
    return max((value for value in values if value is not None and math.isfinite(value)), default=0)


def shortened(words: str, letters: int = LINE) -> str:
    """Return *words* in at most so many letters, cut at a space where there is one."""
    if len(words) <= letters:
        return words
    cut = words[: letters - 1]
    at = cut.rfind(" ")
    return f"{cut[:at] if at > letters // 2 else cut}…"


def text(words: str, x: str, y: float, css: str = "", anchor: str = "") -> Markup:
    """Return a line of text."""
    more = Markup(' class="{}"').format(css) if css else Markup("")
    more += Markup(' text-anchor="{}"').format(anchor) if anchor else Markup("")
    return Markup('<text x="{}" y="{}"{}>{}</text>').format(x, number(y), more, words)


def box(x: float, y: float, width: float, height: float, css: str, fill: str = "") -> Markup:
    """Return a box; *x* and *width* are parts of the width, *fill* the address of a hatching."""
    more = Markup(' fill="{}"').format(fill) if fill else Markup("")
    return Markup('<rect class="{}"{} x="{}" y="{}" width="{}" height="{}"/>').format(
        css, more, across(x), number(y), across(width), number(height)
    )


def rule(x1: float, x2: float, y: float, css: str) -> Markup:
    """Return a level line."""
    return Markup('<line class="{}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(css, across(x1), across(x2), number(y), number(y))


def circle(x: float, y: float, css: str, radius: float = 5) -> Markup:
    """Return a point that is round."""
    return Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(css, across(x), number(y), number(radius))


def square(x: float, y: float, css: str, half: float = 4.5) -> Markup:
    """Return a point that is square."""
    side = number(2 * half)
    # A box is placed by its corner, which no part of the width names: it is moved there.
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}" transform="translate(-{} 0)"/>').format(
        css, across(x), number(y - half), side, side, number(half)
    )


def hatching(picture: Picture, step: int) -> str:
    """Return the address of one of the HATCHINGS of *picture*."""
    return f"url(#{picture.ident}-v{min(max(step, 0), HATCHINGS - 1)})"


def hatchings(picture: Picture) -> Markup:
    """Return the HATCHINGS, each under an id of this picture."""
    shapes = (
        "",
        '<circle class="vd" cx="3.5" cy="3.5" r="1.2"/>',
        '<path class="vl" d="M-1 8L8 -1M-1 1L1 -1M6 8L8 6"/>',
        '<path class="vl" d="M0 2H7M0 5.5H7"/>',
        '<path class="vl" d="M-1 8L8 -1M-1 1L1 -1M6 8L8 6M-1 -1L8 8M6 -1L8 1M-1 6L1 8"/>',
        '<rect class="vd" width="7" height="7"/><circle class="v0" cx="3.5" cy="3.5" r="1.6"/>',
        '<rect class="vd" width="7" height="7"/>',
    )
    return Markup("").join(
        Markup(
            '<pattern id="{}-v{}" patternUnits="userSpaceOnUse" width="7" height="7"><rect class="v0" width="7" height="7"/>{}</pattern>'
        ).format(
            picture.ident,
            step,
            Markup(shape),  # noqa: S704 - the constants above
        )
        for step, shape in enumerate(shapes)
    )


def framed(picture: Picture, height: float, parts: Iterable[Markup], css: str = "", *, hatched: bool = False) -> Markup:
    """Return the whole picture, named and described for who does not see it."""
    return Markup(
        '<svg class="chart{}" role="img" aria-labelledby="{}-t {}-d" width="100%" height="{}"><title id="{}-t">{}</title>'
        '<desc id="{}-d">{}</desc>{}{}</svg>'
    ).format(
        f" {css}" if css else "",
        picture.ident,
        picture.ident,
        number(height),
        picture.ident,
        picture.title,
        picture.ident,
        picture.desc,
        Markup("<defs>{}</defs>").format(hatchings(picture)) if hatched else Markup(""),
        Markup("").join(parts),
    )


def legend(picture: Picture, names: Iterable[str]) -> Markup:
    """Return what each hatching means, in the order of *names*."""
    items = (
        Markup(
            '<li><svg aria-hidden="true" viewBox="0 0 18 18"><rect class="edge" fill="{}" x="1" y="1" width="16" height="16"/></svg>{}</li>'
        ).format(hatching(picture, step), escape(name))
        for step, name in enumerate(names)
    )
    return Markup('<ul class="legend">{}</ul>').format(Markup("").join(items))

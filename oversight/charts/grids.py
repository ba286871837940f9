"""Squares shaded by a figure: units × months, and the communes as tiles. Each carries its number; the darker, the more to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from oversight.charts.marks import Picture, across, box, framed, shortened, text

LEVELS = 4
HEAD, ROW, CELL = 34, 46, 24
TILE = 58
#: Letters after which a name goes on in a second line of a tile, and after which it is cut: what fits on a phone.
TILE_LINE, TILE_WORD = 6, 9


@dataclass(frozen=True)
class Cell:
    """One square: its number as it is written and its shade from 0 to LEVELS - 1; None where there is nothing to say."""

    text: str
    level: int | None


@dataclass(frozen=True)
class Strip:
    """A row of squares under a name."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Tile:
    """One place: its short name, its square, its whole name with the figure for who points at it."""

    label: str
    cell: Cell
    title: str


def bounds(values: Sequence[float], *, high_is_bad: bool = True) -> tuple[float, ...]:
    """Return the last value of each but the last of LEVELS groups of about the same size, the lightest shade first.

    Equal values are never in two groups; where there are few different ones, some shades stay unused.
    """
    ordered = sorted(values, reverse=not high_is_bad)
    return tuple(ordered[max(len(ordered) * step // LEVELS - 1, 0)] for step in range(1, LEVELS)) if ordered else ()


def level(value: float | None, cuts: Sequence[float], *, high_is_bad: bool = True) -> int | None:
    """Return the shade of *value* among *cuts*: one more for each cut that it passes."""
    if value is None:
        return None
    passed = [value > cut if high_is_bad else value < cut for cut in cuts]
    return sum(passed)


def heat(picture: Picture, heads: Sequence[tuple[str, str]], rows: Sequence[Strip]) -> Markup:
    """Draw a row of squares for each unit, a column for each of *heads* (two lines of words: month, and year where it begins)."""
    count = max(len(heads), 1)
    parts: list[Markup] = []
    for at, (first, second) in enumerate(heads):
        middle = across((at + 0.5) / count)
        parts += [text(first, middle, 12, "d", "middle"), text(second, middle, 27, "d", "middle")]
    for line, row in enumerate(rows):
        top = HEAD + line * ROW
        parts.append(text(shortened(row.label, 44), "0", top + 13))
        for at, cell in enumerate(row.cells):
            parts += _square(cell, (at / count, top + 18, 1 / count, CELL), top + 18 + 16)
    return framed(picture, HEAD + len(rows) * ROW, parts)


def tiles(picture: Picture, rows: Sequence[Tile], across_: int, css: str = "") -> Markup:
    """Draw one tile for each place, so many in a row."""
    parts: list[Markup] = []
    for at, tile in enumerate(rows):
        line, column = divmod(at, across_)
        top, middle = line * TILE, across((column + 0.5) / across_)
        shade = _css(tile.cell, "x")
        names = _two_lines(tile.label)
        first = top + 17 if len(names) > 1 else top + 24
        inner = [_shade(tile.cell, (column / across_, top, 1 / across_, TILE))]
        inner += [text(words, middle, first + 14 * step, shade, "middle") for step, words in enumerate(names)]
        inner.append(text(tile.cell.text, middle, top + 49, f"h {shade}".strip(), "middle"))
        parts.append(Markup("<g><title>{}</title>{}</g>").format(tile.title, Markup("").join(inner)))
    return framed(picture, -(-len(rows) // across_) * TILE, parts, css)


def scale(words: Sequence[tuple[int, str]], nothing: str) -> Markup:
    """Return what each shade means, and the empty square, where *nothing* says what that is."""
    items = [
        Markup(
            '<li><svg aria-hidden="true" viewBox="0 0 18 18"><rect class="q{} edge" x="1" y="1" width="16" height="16"/></svg>{}</li>'
        ).format(at, said)
        for at, said in words
    ]
    if nothing:
        empty = '<li><svg aria-hidden="true" viewBox="0 0 18 18"><rect class="none" x="1" y="1" width="16" height="16"/></svg>{}</li>'
        items.append(Markup(empty).format(nothing))  # noqa: S704 - the constant above
    return Markup('<ul class="legend">{}</ul>').format(Markup("").join(items))


def _css(cell: Cell, letter: str) -> str:
    return "" if cell.level is None else f"{letter}{min(max(cell.level, 0), LEVELS - 1)}"


def _shade(cell: Cell, place: tuple[float, float, float, float]) -> Markup:
    x, y, width, height = place
    if cell.level is None:
        return box(x, y, width, height, "none")
    return box(x, y, width, height, f"{_css(cell, 'q')} edge")


def _square(cell: Cell, place: tuple[float, float, float, float], baseline: float) -> list[Markup]:
    x, y, width, _height = place
    css = f"d {_css(cell, 'x')}".strip()
    parts = [_shade(cell, place), text(cell.text.removesuffix("*"), across(x + width / 2), baseline, css, "middle")]
    # Beside a number of three digits a star has no room on a phone: it stands above it, in the corner.
    return [*parts, text("*", across(x + width), y + 10, css, "end")] if cell.text.endswith("*") else parts


def _two_lines(words: str) -> list[str]:
    """Return a name in one line or two, each short enough for a tile: as many words in the first as fit."""
    first, *rest = words.split() or [""]
    while rest and len(first) + 1 + len(rest[0]) <= TILE_LINE:
        first += f" {rest.pop(0)}"
    return [shortened(line, TILE_WORD) for line in (first, " ".join(rest)) if line]

"""What is covered on a page, in thousandths of its width and height, by two corners that somebody pointed at. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

WHOLE = 1000
LEAST = 8  # a side; less hides nothing, and a corner pointed at twice must cover something


class Point(NamedTuple):
    """A place on a page."""

    x: int
    y: int


class Area(NamedTuple):
    """A rectangle of a page: its upper left corner and its lower right one."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Covers:
    """What covers a page."""

    areas: tuple[Area, ...] = ()
    corner: Point | None = None  # pointed at; the next one makes an area
    left_out: bool = False

    def pointed(self, point: Point) -> Covers:
        """Return these after somebody pointed at *point*: a first corner, or the one across."""
        if self.corner is None:
            return replace(self, corner=point)
        return replace(self, areas=(*self.areas, between(self.corner, point)), corner=None)

    def undone(self) -> Covers:
        """Return these without what was done last."""
        return replace(self, corner=None) if self.corner is not None else replace(self, areas=self.areas[:-1])


def at(x: int, y: int, width: int, height: int) -> Point:
    """Return where *x*, *y* of a picture shown *width* by *height* lies on the page."""
    return Point(_within(x * WHOLE // max(width, 1)), _within(y * WHOLE // max(height, 1)))


def between(one: Point, other: Point) -> Area:
    """Return the area between two corners, whichever they are, never thinner than :data:`LEAST`."""
    left, right = sorted((one.x, other.x))
    top, bottom = sorted((one.y, other.y))
    return Area(left, top, min(max(right, left + LEAST), WHOLE), min(max(bottom, top + LEAST), WHOLE))


def _within(value: int) -> int:
    return min(max(value, 0), WHOLE)

"""Pictures: well formed, named, readable without colour, nothing outside the frame, whatever the numbers and names are."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import pytest

from oversight.charts import bars, grids, lines, marks
from oversight.charts.marks import Picture

NASTY = "UBND xã <script>alert(\"1\")</script> & 'Đông'"
PICTURE = Picture("h-thu", f"Tên: {NASTY}", f"Mô tả: {NASTY}")
#: What can come in: nothing, nought, one, a lot, and what no figure should ever be.
VALUES = (None, 0, 1, 10**12, math.nan, math.inf, -math.inf, -5)
HEADS = [f"{month}/26" for month in range(1, len(VALUES) + 1)]

DRAWN = {
    "bars": bars.bars(PICTURE, [bars.Bar(NASTY, value, str(value)) for value in VALUES]),
    "stacks": bars.stacks(PICTURE, [bars.Stack(NASTY, parts, NASTY) for parts in ((0,) * 7, (1,), (1, 2, 3, 4, 5, 6, 7), (10**12, 1))]),
    "spans": bars.spans(PICTURE, [bars.Span(NASTY, near, far, "") for near in VALUES for far in VALUES]),
    "dots": bars.dots(PICTURE, [bars.Dot(NASTY, value, "", few=True) for value in VALUES], ((0, "0%"), (0.5, "50%"), (1, "100%"))),
    "lines": lines.lines(PICTURE, HEADS, [lines.Line(NASTY, VALUES, (NASTY,) * len(VALUES)) for _ in range(2)]),
    "one month": lines.lines(PICTURE, HEADS[:1], [lines.Line("", (1,), ("1",))]),
    "columns": lines.columns(PICTURE, [NASTY, "b"], [10**12, 0]),
    "heat": grids.heat(PICTURE, [(NASTY, "2026")] * 3, [grids.Strip(NASTY, tuple(grids.Cell(NASTY, each) for each in (None, 0, 99)))]),
    "tiles": grids.tiles(PICTURE, [grids.Tile(NASTY, grids.Cell("1", each), NASTY) for each in (None, -1, 3)] * 7, 6),
    "nothing": bars.bars(PICTURE, []),
    "no months": lines.lines(PICTURE, [], []),
    "no columns": lines.columns(PICTURE, [], []),
    "no tiles": grids.tiles(PICTURE, [], 6),
}
every = pytest.mark.parametrize("svg", DRAWN.values(), ids=DRAWN.keys())


def read(svg):
    return ET.fromstring(svg)  # noqa: S314 - our own


def percent(value):
    return float(value.removesuffix("%"))


@every
def test_a_picture_is_well_formed_and_its_name_and_description_are_said_to_who_does_not_see_it(svg):
    root = read(svg)

    named = [next(each for each in root if each.get("id") == id_) for id_ in root.get("aria-labelledby").split()]

    assert root.get("role") == "img"
    assert [each.tag for each in named] == ["title", "desc"]
    assert [each.text for each in named] == [PICTURE.title, PICTURE.desc]


@every
def test_names_are_text_and_no_markup_and_nothing_the_policy_of_the_site_forbids_is_in_it(svg):
    tags = {each.tag for each in read(svg).iter()}

    assert "script" not in tags
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:|xlink", svg)


@every
def test_whatever_the_numbers_are_nothing_is_no_number_and_nothing_leaves_the_frame(svg):
    root = read(svg)
    height = float(root.get("height"))

    for each in root.iter():
        assert not [value for value in each.attrib.values() if re.search(r"\b(nan|-?inf|None)\b", value)]
        for start, length in (("x", "width"), ("x1", None), ("x2", None), ("cx", None)):
            if (each.get(start) or "").endswith("%"):
                end = percent(each.get(start)) + (percent(each.get(length)) if (each.get(length) or "").endswith("%") else 0)
                assert 0 <= percent(each.get(start)) <= end <= 100.01
        for start, length in (("y", "height"), ("y1", None), ("cy", None)):
            if each.tag in {"rect", "line", "circle", "text"} and each.get(start) and "x" in "".join(each.attrib):
                assert 0 <= float(each.get(start)) <= float(each.get(start)) + float(each.get(length) or 0) <= max(height, 7)


def test_bars_are_as_long_as_their_numbers():
    root = read(bars.bars(PICTURE, [bars.Bar("a", value, str(value)) for value in (40, 10, 0, None)]))

    assert [each.get("width") for each in root.iter("rect")] == ["100%", "25%", "0%"]


def test_the_parts_of_a_bar_follow_each_other_each_in_its_hatching_and_with_its_number_where_there_is_room():
    root = read(bars.stacks(PICTURE, [bars.Stack("a", (6, 0, 3, 1), "10")]))
    boxes = [(each.get("x"), each.get("width"), each.get("fill")) for each in root.iter("rect") if each.get("class") == "edge"]

    assert boxes == [("0%", "60%", "url(#h-thu-v0)"), ("60%", "30%", "url(#h-thu-v2)"), ("90%", "10%", "url(#h-thu-v3)")]
    assert [each.text for each in root.iter("text") if each.get("class") == "halo"] == ["6", "3"]
    assert {each.get("id") for each in root.iter("pattern")} == {f"h-thu-v{step}" for step in range(marks.HATCHINGS)}


def test_a_line_stops_where_there_is_nothing_to_say_and_goes_on_behind_it():
    root = read(lines.lines(PICTURE, HEADS[:4], [lines.Line("a", (1, None, 0, 1), ("1", "–", "0", "1"))], 1))
    drawn = next(root.iter("path")).get("d")

    assert drawn.count("M") == 2
    assert len(list(root.iter("circle"))) == 3


def test_two_lines_differ_in_stroke_and_in_points():
    root = read(lines.lines(PICTURE, HEADS[:2], [lines.Line(name, (1, 2), ("1", "2")) for name in "ab"]))

    assert [each.get("class") for each in root.iter("path")] == ["line1", "line2"]
    assert {each.get("class") for tag in ("circle", "rect") for each in root.iter(tag)} == {"p1", "p2"}


def test_a_point_at_an_end_of_its_track_is_not_cut():
    assert 0 < bars.inside(0) < bars.inside(1) < 1


@pytest.mark.parametrize(
    ("values", "high_is_bad", "shades"),
    [
        ([1, 2, 3, 4], True, [0, 1, 2, 3]),
        ([1, 2, 3, 4], False, [3, 2, 1, 0]),
        ([5, 5, 5, 5], True, [0, 0, 0, 0]),
        ([0, 0, 0, 9], True, [0, 0, 0, 3]),
        ([9, 9, 2], False, [0, 0, 3]),
        ([7], False, [0]),
        ([], True, []),
    ],
)
def test_the_darkest_are_the_worst_and_equal_numbers_have_equal_shades(values, high_is_bad, shades):
    cuts = grids.bounds(values, high_is_bad=high_is_bad)

    found = [grids.level(value, cuts, high_is_bad=high_is_bad) for value in values]

    assert found == shades
    assert grids.level(None, cuts) is None


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Nếnh", ["Nếnh"]),
        ("Tự Lạn", ["Tự Lạn"]),
        ("Kinh Bắc", ["Kinh", "Bắc"]),
        ("Tây Yên Tử", ["Tây", "Yên Tử"]),
        ("", []),
        ("Nghiêngngangdài", ["Nghiêngn…"]),
    ],
)
def test_a_name_has_room_in_its_tile(name, written):
    assert grids._two_lines(name) == written


@pytest.mark.parametrize(
    ("words", "letters", "cut"),
    [("Sở Y tế", 34, "Sở Y tế"), ("Sở Nông nghiệp và Môi trường", 20, "Sở Nông nghiệp và…"), ("x" * 50, 10, "x" * 9 + "…")],
)
def test_long_names_are_cut_at_a_space(words, letters, cut):
    assert marks.shortened(words, letters) == cut
    assert len(cut) <= max(letters, len(words))

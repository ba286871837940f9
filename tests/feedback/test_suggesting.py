"""Which unit the desk is told to think of: what the routing rules say when the page is shown."""

from __future__ import annotations

import pytest

from app.database import db
from feedback.operations import desk, unit
from feedback.rules import Channel, Kind
from feedback.suggesting import suggestions
from tests.feedback import builders, pages
from tests.feedback.builders import at


def suggested(feedback):
    found = suggestions([feedback], on=at(0).date()).get(feedback.id)
    return found and (found.unit.name, found.rule)


def classified(province, **over):
    feedback = builders.received(**over)
    values = {"kind": Kind(feedback.kind), "field": province.lighting, "place": None, "complex_": False, "accused_unit": None}
    values |= {"accused_names": "", "accused_outside": False}
    desk.classify(feedback, title=feedback.title, **values, actor=province.clerk, now=at(0))
    return feedback


def returned(province):
    feedback = builders.received(field_id=province.lighting.id)
    unit.give_back(feedback, reason="Thuộc phường.", actor=province.officer, now=at(0))
    return feedback


def read_first(province, **over):
    """By a rule of its own the desk reads it first; another one knows the unit all the same."""
    builders.add_route(0, "Đơn giấy: đọc trước", channels=[Channel.PAPER], unit_id=province.desk.id)
    return builders.received(channel=Channel.PAPER, field_id=province.lighting.id, **over)


LIGHTING = ("Sở Xây dựng", "Chiếu sáng về Sở Xây dựng")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda _p: builders.received(), None),
        (classified, LIGHTING),
        (lambda p: builders.received(kind=Kind.COMPLAINT, field_id=p.lighting.id), LIGHTING),
        (read_first, LIGHTING),
        (lambda p: read_first(p, accused_unit_id=p.works.id), None),
        (returned, None),
    ],
    ids=["no rule", "classified", "a complaint", "read first", "the accused", "returned by that unit"],
)
def test_the_rules_suggest_a_unit_for_what_waits(province, make, says):
    assert suggested(make(province)) == says


def test_a_rule_made_later_and_one_that_only_suggests_count_too(province):
    feedback = builders.received(field_id=province.regulation.id)
    assert suggested(feedback) is None
    builders.add_route(0, "Y tế", field_ids=[province.regulation.id], unit_id=province.health.id, direct=False)
    assert suggested(feedback) == ("Sở Y tế", "Y tế")


def test_no_unit_is_suggested_that_takes_no_items_or_is_gone(province):
    feedback = classified(province)
    province.works.handles_feedback = False
    db.session.flush()
    assert suggested(feedback) is None


def test_two_statements_do_for_a_whole_page_of_items(province):
    items = [builders.received(field_id=province.lighting.id, kind=Kind.COMPLAINT) for _each in range(5)]
    for item in items:
        _ = (item.field, item.accused_unit, item.assignments, item.id)
    db.session.flush()
    with pages.statements() as seen:
        for item in items:
            _ = (item.field, item.accused_unit, item.assignments)
        loading = len(seen)
        suggestions(items, on=at(0).date())
    assert len(seen) - loading == 2

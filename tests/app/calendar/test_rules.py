"""Which rule holds for a matter, how long it gives, by how much it may be extended."""

import dataclasses
import datetime as dt
import json

import pytest

from app.calendar.days import Extension, TermUnit
from app.calendar.rules import Evidence, Facts, Rule, RuleInvalid, Stage, StartEvent, choose, extension_allowed, term_for
from tests.app.calendar.shipped import LAW, LOCAL

NOW = dt.date(2026, 11, 20)


def rule(code: str, on: dt.date = NOW, rules: list[Rule] = LAW + LOCAL) -> Rule:
    return next(each for each in rules if each.code == code and each.in_force(on))


def make_rule(**over) -> Rule:
    return Rule(
        **{
            "code": "R",
            "name": "Trả lời",
            "stage": Stage.REPLY,
            "start_event": StartEvent.RECEIVED,
            "amount": 10,
            "unit": TermUnit.WORKING,
            "source": "Quy chế",
            "article": "Điều 1",
            "evidence": Evidence.SEEN,
            "effective_from": dt.date(2024, 1, 1),
            **over,
        }
    )


@pytest.mark.parametrize(
    ("facts", "stage", "code", "amount", "unit"),
    [
        # kind and what else is known, stage, rule, its amount
        (Facts(kind="report"), "reply", "PAKN_REPLY_REPORT", 10, "working"),  # no law: the province's own promise
        (Facts(kind="recommendation"), "reply", "PAKN_REPLY", 15, "working"),
        (Facts(kind="suggestion"), "reply", "PAKN_REPLY", 15, "working"),
        (Facts(kind="question"), "reply", "HD_REPLY", 15, "working"),
        (Facts(kind="report", matter="regulation"), "reply", "PA_REPLY", 20, "calendar"),  # the law goes before the promise
        (Facts(kind="report", matter="legal_text"), "reply", "PA_VBPL", 15, "calendar"),
        (Facts(kind="recommendation", origin="voters"), "reply", "CU_TRI", 60, "calendar"),
        (Facts(kind="report", sender="anonymous"), "reply", None, None, None),  # kept ready, not in use: nothing promised
        (Facts(kind="complaint"), "reply", None, None, None),  # a complaint is settled, not replied to
        (Facts(kind="complaint"), "opening", "KN_ACCEPT_1", 10, "calendar"),
        (Facts(kind="complaint"), "settle", "KN_SETTLE_1", 30, "calendar"),
        (Facts(kind="complaint", instance="second"), "settle", "KN_SETTLE_2", 45, "calendar"),
        (Facts(kind="denunciation"), "initial", "TC_INITIAL", 7, "working"),
        (Facts(kind="denunciation"), "settle", "TC_SETTLE", 30, "calendar"),
        (Facts(kind="report"), "notice", "TD_NOTICE", 10, "working"),
        (Facts(kind="complaint"), "notice", "TD_NOTICE", 10, "working"),
        (Facts(kind="suggestion"), "notice", None, None, None),  # Điều 28 does not speak of góp ý
        (Facts(kind="report", sender="anonymous"), "notice", None, None, None),  # nobody to notify
        (Facts(kind="suggestion", recipient="party_head"), "notice", "QD11_NOTICE", 10, "working"),
        (Facts(kind="report", recipient="party_head"), "notice", "QD11_NOTICE", 10, "working"),  # says more about the matter
        (Facts(kind="report"), "triage", "TRIAGE", 1, "working"),
        (Facts(kind="complaint"), "take", "UNIT_TAKE", 1, "working"),  # whatever the matter
        (Facts(kind="report"), "reroute", "REROUTE", 1, "working"),
        (Facts(kind="dialogue"), "announce", "DT_ANNOUNCE", -7, "calendar"),
        (Facts(kind="dialogue"), "publish_result", "DT_RESULT", 10, "calendar"),
    ],
)
def test_the_rule_that_holds_in_the_demo_province(facts, stage, code, amount, unit):
    chosen = choose(LAW + LOCAL, facts, Stage(stage), NOW)

    assert (chosen and (chosen.code, chosen.amount, chosen.unit)) == (code and (code, amount, unit))


@pytest.mark.parametrize("kind", ["report", "recommendation", "suggestion", "question"])
def test_without_the_province_s_own_rules_no_reply_is_promised(kind):
    assert choose(LAW, Facts(kind=kind), Stage.REPLY, NOW) is None


@pytest.mark.parametrize(
    ("on", "evidence", "pauses"),
    [
        (dt.date(2012, 6, 30), None, None),  # the law of 2011 not yet in force
        (dt.date(2012, 7, 1), Evidence.SEEN, ()),
        (dt.date(2026, 6, 30), Evidence.SEEN, ()),  # the last day before Law 136/2025
        (dt.date(2026, 7, 1), Evidence.PARTLY, ("suspended",)),  # which brings grounds to suspend; its text was not seen
    ],
)
def test_the_version_of_the_day_holds(on, evidence, pauses):
    chosen = choose(LAW, Facts(kind="complaint"), Stage.SETTLE, on)

    assert (chosen and (chosen.evidence, chosen.pause_grounds)) == (evidence and (evidence, pauses))


def test_the_order_of_the_rules_never_matters():
    facts = Facts(kind="report", matter="regulation", origin="voters")

    assert choose(LAW + LOCAL, facts, Stage.REPLY, NOW) == choose(list(reversed(LAW + LOCAL)), facts, Stage.REPLY, NOW)


@pytest.mark.parametrize(
    ("winner", "loser"),
    [
        ({}, {"local": True, "applies_to": {"kind": ("report",)}}),  # a local promise never displaces the law
        ({"applies_to": {"kind": ("report",)}}, {"effective_from": dt.date(2026, 1, 1)}),  # says more about the matter
        ({"effective_from": dt.date(2026, 1, 1)}, {}),  # in force since latest
        ({"code": "A"}, {"code": "B"}),  # nothing else to tell them apart
        ({}, {"applies_to": {"kind": ("question",)}}),  # about another kind
        ({}, {"active": False, "effective_from": dt.date(2026, 1, 1)}),  # not in use
        ({}, {"effective_to": dt.date(2026, 11, 19), "applies_to": {"kind": ("report",)}}),  # ended yesterday
        ({"effective_to": NOW}, {"local": True}),  # the last day is still in force
    ],
)
def test_of_two_rules_one_goes_before_the_other(winner, loser):
    first, second = make_rule(name="first", **winner), make_rule(name="second", **loser)

    assert choose([second, first], Facts(kind="report"), Stage.REPLY, NOW) is first


@pytest.mark.parametrize(
    ("code", "traits", "amount"),
    [
        ("KN_SETTLE_1", [], 30),
        ("KN_SETTLE_1", ["complex"], 45),
        ("KN_SETTLE_1", ["remote"], 45),
        ("KN_SETTLE_1", ["remote", "complex"], 60),
        ("KN_SETTLE_2", [], 45),
        ("KN_SETTLE_2", ["complex", "remote"], 70),
        ("KN_SETTLE_1", ["many_places"], 30),  # says nothing to a complaint
        ("TC_INITIAL", ["many_places"], 10),
        ("PAKN_REPLY", ["complex", "remote"], 15),  # the province promises the same to everybody
    ],
)
def test_the_term_of_a_variant(code, traits, amount):
    assert term_for(rule(code), traits).amount == amount


def test_a_least_duration_does_not_roll():
    assert not term_for(rule("LYK_MIN")).roll_forward
    assert term_for(rule("KN_SETTLE_1")).roll_forward


@pytest.mark.parametrize(
    ("code", "granted", "ground", "traits", "days"),
    [
        ("KN_SETTLE_1", 0, "complex", [], 15),  # 30 → 45
        ("KN_SETTLE_1", 0, "complex", ["remote"], 15),  # 45 → 60
        ("KN_SETTLE_2", 0, "complex", ["remote"], 10),  # 60 → 70
        ("KN_SETTLE_1", 0, "complex", ["complex"], None),  # had the longer term from the start
        ("KN_SETTLE_1", 1, "complex", [], None),  # once
        ("KN_SETTLE_1", 0, "very_complex", [], None),  # no such ground for a complaint
        ("TC_SETTLE", 0, "complex", [], 30),
        ("TC_SETTLE", 1, "complex", [], None),  # complex: once
        ("TC_SETTLE", 0, "very_complex", [], 30),
        ("TC_SETTLE", 1, "very_complex", [], 30),  # turned out very complex after one extension: one more, 90 in all
        ("TC_SETTLE", 2, "very_complex", [], None),
        ("PAKN_REPLY", 0, "complex", [], 10),
        ("PAKN_REPLY", 1, "complex", [], None),
        ("TD_NOTICE", 0, "complex", [], None),  # the law gives none
    ],
)
def test_an_extension_is_allowed_on_a_ground_of_the_rule_and_no_more_often(code, granted, ground, traits, days):
    allowed = extension_allowed(rule(code), granted, ground, traits)

    assert (allowed and allowed.amount) == days


def test_an_extension_has_the_unit_of_its_step():
    assert extension_allowed(rule("PAKN_REPLY"), 0, "complex") == Extension(10, TermUnit.WORKING, "complex")
    assert extension_allowed(rule("KN_SETTLE_1"), 0, "complex") == Extension(15, TermUnit.CALENDAR, "complex")


@pytest.mark.parametrize("shipped", LAW + LOCAL, ids=lambda each: f"{each.code}-{each.effective_from}")
def test_a_snapshot_reads_back_as_the_same_rule(shipped):
    assert Rule.from_json(json.loads(json.dumps(shipped.to_json()))) == shipped


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": "mười"}, "amount"),
        ({"amount": -7, "pause_grounds": ["suspended"]}, "amount"),  # what is counted back cannot wait
        ({"unit": "hours"}, "unit"),
        ({"stage": "someday"}, "stage"),
        ({"start_event": "taken"}, "start_event"),  # a unit's taking an item starts no legal clock
        ({"evidence": "sure"}, "evidence"),
        ({"effective_from": "32/1/2026"}, "effective_from"),
        ({"effective_to": "2023-12-31"}, "effective_to"),  # ends before it begins
        ({"applies_to": {"colour": ["red"]}}, "applies_to"),  # no such fact
        ({"applies_to": {"kind": []}}, "applies_to"),  # would fit nothing
        ({"applies_to": ["report"]}, "applies_to"),
        ({"variants": {"urgent": 3}}, "variants"),
        ({"variants": {"complex": 0}}, "variants"),
        ({"variants": {"complex": "lâu"}}, "variants"),
        ({"extension_steps": [{"ground": "complex"}]}, "extension_steps"),  # by how much?
        ({"extension_steps": [{"ground": "complex", "amount": 5}]}, "extension_steps"),  # five what?
        ({"extension_steps": [{"ground": "busy", "amount": 5, "unit": "working"}]}, "extension_steps"),
        ({"extension_steps": [{"ground": "complex", "often": 5}]}, "extension_steps"),
        ({"pause_grounds": ["holiday"]}, "pause_grounds"),
        ({"progress_every": 0}, "progress_every"),
        ({"code": "KHIẾU_NẠI"}, "code"),
        ({"code": ""}, "code"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_the_name_of_its_fault(change, fault):
    with pytest.raises(RuleInvalid) as refused:
        Rule.from_json({**make_rule().to_json(), **change})

    assert refused.value.name == fault


def test_a_rule_without_a_source_is_refused():
    data = make_rule().to_json()
    del data["source"]

    with pytest.raises(RuleInvalid) as refused:
        Rule.from_json(data)

    assert refused.value.name == "source"


def test_a_rule_cannot_be_edited():
    with pytest.raises(dataclasses.FrozenInstanceError):
        make_rule().amount = 5


def test_every_shipped_rule_of_law_names_its_text_and_only_local_rules_wait_for_the_sender():
    assert all(each.source and not each.local for each in LAW)
    assert all(each.local for each in LOCAL)
    assert not any("waiting_for_sender" in each.pause_grounds for each in LAW)
    assert {each.code for each in LAW if "suspended" in each.pause_grounds} == {"KN_SETTLE_1", "KN_SETTLE_2", "TC_SETTLE"}


def test_the_versions_of_a_shipped_rule_never_overlap():
    for each in LAW + LOCAL:
        others = [other for other in LAW + LOCAL if other.code == each.code and other is not each]

        assert not any(other.effective_from <= each.effective_from and other.in_force(each.effective_from) for other in others), each.code

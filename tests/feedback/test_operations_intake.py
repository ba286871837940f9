"""Something is said: what it becomes, which clocks start, where it goes, and what a sealed case never leaves behind."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text

from app.access import SENDER
from app.audit import AuditEntry
from app.clock import LOCAL
from app.database import db
from app.fold import fold
from app.outbox import Notice
from app.permissions import Role
from feedback import codes, queries, rules
from feedback.models import Feedback, PersonRole
from feedback.operations import desk, intake, sender
from feedback.operations.intake import ContactMissing, KindNotAnonymous, MandateMissing, PersonData, TokenReused
from feedback.rules import Channel, Kind, SenderType, Status
from feedback.sealed.models import SealedCase
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import BODY, MONDAY, actions, at, told


def count(model) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(model))


# --- receipt -----------------------------------------------------------------------------------------------------------


def test_the_sender_gets_a_code_and_a_key_that_opens_the_item(province):
    receipt = builders.submit()
    assert codes.read_code(receipt.code) == receipt.code == receipt.feedback.code
    assert receipt.code.startswith("BN-26-")
    assert queries.key_of(receipt.feedback, codes.show_key(receipt.key).lower()) is not None
    assert queries.key_of(receipt.feedback, codes.make_key()) is None
    assert actions(receipt.feedback) == ["feedback.received"]
    assert told(receipt.feedback) == {("received", "sender"), ("at_desk", province.clerk.name)}


def test_the_same_token_shows_the_same_receipt_and_adds_nothing(province):
    first = builders.submit(token="one")
    again = builders.submit(at(0, 23), token="one")
    assert (again.code, again.key, again.fresh) == (first.code, first.key, False)
    assert (count(Feedback), len(actions(first.feedback))) == (1, 1)


def test_after_a_day_the_same_token_shows_the_code_and_no_key(province):
    first = builders.submit(token="one")
    again = builders.submit(at(1, 9), token="one")
    assert (again.code, again.key) == (first.code, None)


def test_somebody_elses_token_with_other_words_shows_no_receipt(province):
    builders.submit(token="one")
    with pytest.raises(TokenReused):
        builders.submit(token="one", body="Chuyện khác.")
    assert count(Feedback) == 1


@pytest.mark.parametrize(
    ("over", "refusal"),
    [
        ({"kind": Kind.COMPLAINT, "sender_type": SenderType.ANONYMOUS}, KindNotAnonymous),
        ({"kind": Kind.COMPLAINT, "people": ()}, ContactMissing),
        ({"kind": Kind.COMPLAINT, "people": (PersonData(phone="0912345678"),)}, ContactMissing),
        ({"kind": Kind.RECOMMENDATION, "people": (PersonData(name="Hoa"),)}, ContactMissing),
        ({"sender_type": SenderType.ENTERPRISE, "people": ()}, ContactMissing),
        ({"kind": Kind.COMPLAINT, "sender_type": SenderType.ON_BEHALF}, MandateMissing),
    ],
)
def test_what_the_law_asks_for_is_asked_for_by_name(province, over, refusal):
    with pytest.raises(refusal):
        builders.submit(**over)
    assert (count(Feedback), count(Notice)) == (0, 0)


def test_a_complaint_on_someones_behalf_goes_with_a_mandate(province):
    feedback = builders.received(kind=Kind.COMPLAINT, sender_type=SenderType.ON_BEHALF, mandate="Giấy ủy quyền 12 ngày 1/8/2026")
    assert feedback.status == Status.RECEIVED


def test_of_many_signers_the_representative_acts_and_the_others_follow(province):
    people = (
        PersonData(name="Trần Thị Hoa", email="hoa@example.com", role=PersonRole.REPRESENTATIVE),
        PersonData(name="Nguyễn Văn Tám", phone="0987654321", role=PersonRole.SIGNER),
    )
    receipt = builders.submit(sender_type=SenderType.GROUP, people=people)
    (hoa, hers), (tam, his) = receipt.signer_keys
    assert (hoa, tam) == ("Trần Thị Hoa", "Nguyễn Văn Tám")
    sender.add(receipt.feedback, queries.key_of(receipt.feedback, hers), "Thêm ảnh.", [], now=at(1))
    with pytest.raises(sender.KeyOnlyReads):
        sender.add(receipt.feedback, queries.key_of(receipt.feedback, his), "Tôi nữa.", [], now=at(1))
    again = intake.submit(builders.submission(sender_type=SenderType.GROUP, people=people, token="x"), actor=SENDER, now=MONDAY)
    assert builders.submit(sender_type=SenderType.GROUP, people=people, token="x").signer_keys == again.signer_keys


# --- clocks ------------------------------------------------------------------------------------------------------------

TRIAGE = ("triage", "TRIAGE", dt.date(2026, 8, 4))
WORKED_SATURDAY = dt.date(2026, 8, 22)  # swapped for the Monday before Quốc khánh
NOTICE = ("notice", "TD_NOTICE", dt.date(2026, 8, 17))


@pytest.mark.parametrize(
    ("over", "clocks"),
    [
        ({"kind": Kind.REPORT}, {NOTICE, ("reply", "PAKN_REPLY_REPORT", dt.date(2026, 8, 17))}),
        ({"kind": Kind.RECOMMENDATION}, {NOTICE, ("reply", "PAKN_REPLY", WORKED_SATURDAY)}),
        ({"kind": Kind.SUGGESTION}, {("reply", "PAKN_REPLY", WORKED_SATURDAY)}),
        ({"kind": Kind.QUESTION}, {("reply", "HD_REPLY", WORKED_SATURDAY)}),
        ({"kind": Kind.COMPLAINT}, {NOTICE, ("opening", "KN_ACCEPT_1", dt.date(2026, 8, 13))}),
        ({"channel": Channel.VOTER_MEETING}, {NOTICE, ("reply", "CU_TRI", dt.date(2026, 10, 2))}),
        ({"sender_type": SenderType.ANONYMOUS, "people": ()}, set()),
    ],
)
def test_each_kind_starts_the_clocks_that_its_rules_give(province, over, clocks):
    feedback = builders.received(**over)
    assert {(clock.stage, clock.rule_code, clock.due_on) for clock in feedback.clocks} == clocks | {TRIAGE}


def test_what_is_about_a_regulation_has_the_longer_term_of_the_law(province):
    feedback = builders.received(field_id=province.regulation.id)
    assert feedback.clock("reply").rule_code == "PA_REPLY"
    assert feedback.clock("reply").due_on == dt.date(2026, 8, 24)  # the twentieth day is a Sunday


def test_without_a_rule_of_law_or_of_the_province_no_answer_is_promised(province):
    builders.without_rule("PAKN_REPLY_REPORT")
    feedback = builders.received()
    assert feedback.clock("reply") is None
    assert feedback.clock("notice").due_on == dt.date(2026, 8, 17)


def test_paper_counts_from_the_day_it_came_in(province):
    receipt = intake.submit(builders.submission(channel=Channel.PAPER, received_at=at(-7)), actor=province.clerk, now=MONDAY)
    assert receipt.feedback.clock("reply").due_on == dt.date(2026, 8, 10)
    assert receipt.feedback.entered_by_id == province.clerk.id


def test_the_day_counts_as_it_is_in_viet_nam(province):
    late_evening = dt.datetime(2026, 8, 3, 23, 59, tzinfo=LOCAL).astimezone(dt.UTC)
    after_midnight = dt.datetime(2026, 8, 4, 0, 1, tzinfo=LOCAL).astimezone(dt.UTC)
    assert builders.received(late_evening).clock("reply").due_on == dt.date(2026, 8, 17)
    assert builders.received(after_midnight).clock("reply").due_on == dt.date(2026, 8, 18)


def test_beyond_the_loaded_calendar_a_date_stays_open_and_intake_goes_on(province):
    feedback = builders.received(dt.datetime(2028, 12, 29, 9, tzinfo=LOCAL))
    assert feedback.clock("reply").due_on is None
    assert feedback.clock("reply").is_running
    assert "clock.undetermined" in actions(feedback.clock("reply"))


# --- where it goes -----------------------------------------------------------------------------------------------------


def test_what_sounds_dangerous_is_looked_at_by_a_person_first(province):
    feedback = builders.received(field_id=province.lighting.id, body="Cột đèn rò điện, có người bị điện giật.")
    assert (feedback.danger, feedback.status) == (True, Status.RECEIVED)
    assert ("danger", province.clerk.name) in told(feedback)


def test_a_complaint_waits_for_a_clerk(province):
    feedback = builders.received(kind=Kind.COMPLAINT, field_id=province.lighting.id)
    assert feedback.status == Status.RECEIVED
    assert feedback.clock("triage").is_running


def test_where_people_are_named_and_no_unit_a_person_says_whose_they_are_before_any_rule_gives_it_away(province):
    named = {"field_id": province.lighting.id, "accused_names": "Khổng Văn Độ, đội trưởng"}
    feedback = builders.received(**named)
    assert (feedback.status, feedback.open_answer, feedback.accused_names) == (Status.RECEIVED, None, "Khổng Văn Độ, đội trưởng")
    assert builders.received(**named, accused_unit_id=province.ward.id).open_answer.unit == province.works


def test_who_is_named_may_lead_the_desk_of_the_place_so_the_desk_of_the_province_has_it_first(province):
    office = factories.make_unit(parent=province.ward, name="Văn phòng phường Đa Mai", is_reception=True)
    builders.add_route(0, "Phường", kinds=[Kind.REPORT], unit_id=province.ward.id)
    builders.add_route(1, "Văn phòng", kinds=[Kind.RECOMMENDATION], unit_id=office.id)
    named = {"accused_names": "Khổng Văn Độ, Chủ tịch phường"}
    for kind in (Kind.REPORT, Kind.RECOMMENDATION):
        assert builders.received(kind=kind).desk_unit == office
        feedback = builders.received(kind=kind, **named)
        assert (feedback.desk_unit, [each.unit_id for each in feedback.desk_holdings]) == (province.desk, [province.desk.id])


def test_a_rule_that_only_suggests_leaves_it_to_the_clerk(province):
    builders.add_route(0, "Gợi ý", field_ids=[province.lighting.id], unit_id=province.health.id, direct=False)
    assert builders.received(field_id=province.lighting.id).status == Status.RECEIVED


def test_a_unit_that_is_closed_is_passed_by(province):
    province.works.valid_to = at(-1).date()
    db.session.flush()
    assert builders.received(field_id=province.lighting.id).status == Status.RECEIVED


def test_what_is_about_a_commune_goes_to_its_committee_and_belongs_to_the_nearest_desk(province):
    ward_desk = factories.make_unit(parent=province.ward, is_reception=True)
    builders.add_route(0, "Về phường", place_ids=[province.place.id], to_place=True)
    feedback = builders.received(place_id=province.place.id)
    assert (feedback.open_answer.unit, feedback.desk_unit) == (province.ward, ward_desk)


def test_the_accused_is_not_in_the_route_and_its_desk_does_not_read_it(province):
    works_desk = factories.make_unit(parent=province.works, is_reception=True)
    assert builders.received(field_id=province.lighting.id).desk_unit == works_desk
    feedback = builders.received(field_id=province.lighting.id, accused_unit_id=province.works.id)
    assert (feedback.status, feedback.desk_unit) == (Status.RECEIVED, province.desk)


def test_what_complains_of_the_desk_lies_at_another_desk(province):
    other = factories.make_unit(parent=province.ward, is_reception=True)
    assert builders.received(accused_unit_id=province.desk.id).desk_unit == other


def test_what_complains_of_the_whole_authority_still_has_a_desk_that_may_pass_it_on(province):
    feedback = builders.received(field_id=province.lighting.id, accused_unit_id=province.root.id)
    assert (feedback.status, feedback.desk_unit) == (Status.RECEIVED, province.desk)
    assert rules.may_triage(province.clerk.reach, queries.standing_of(feedback))


def test_whoever_writes_it_down_for_somebody_need_not_sit_at_the_desk(province):
    union = factories.make_user(roles=[Role.TRADE_UNION])
    receipt = intake.submit(builders.submission(field_id=province.lighting.id, channel=Channel.TRADE_UNION), actor=union, now=MONDAY)
    assert receipt.feedback.open_answer.unit == province.works


# --- insiders ----------------------------------------------------------------------------------------------------------


def test_the_head_concerned_never_sees_which_insider_wrote(province):
    builders.add_route(0, "Dân chủ ở cơ sở", field_ids=[province.grassroots.id], unit_id=province.works.id)
    feedback = builders.received(field_id=province.grassroots.id)
    standing = queries.standing_of(feedback)
    assert feedback.sender_type == SenderType.INSIDER
    assert rules.may_read(province.head.reach, standing)
    assert not rules.may_see_identity(province.head.reach, standing)
    assert rules.may_see_identity(province.clerk.reach, standing)
    assert rules.may_read(province.steering_reader.reach, standing)


@pytest.mark.parametrize("sender", [SenderType.PERSON, SenderType.GROUP, SenderType.ON_BEHALF, SenderType.ANONYMOUS])
def test_an_insiders_name_stays_at_the_desk_though_a_clerk_finds_another_field(province, sender):
    feedback = builders.received(field_id=province.grassroots.id, sender_type=sender)
    feedback.field = province.lighting
    desk.route_to(feedback, province.works, actor=province.clerk, now=MONDAY)
    assert not rules.may_see_identity(province.head.reach, queries.standing_of(feedback))


def test_nobody_of_the_unit_an_item_speaks_of_hears_that_it_lies_at_a_desk_where_they_help(province):
    factories.make_user(unit=province.works, roles=[(Role.RECEPTION, province.desk)])
    feedback = builders.received(accused_unit_id=province.works.id)
    assert told(feedback) == {("received", "sender"), ("at_desk", province.clerk.name)}


def test_an_insider_without_a_name_stays_one_and_is_promised_nothing(province):
    feedback = builders.received(field_id=province.grassroots.id, sender_type=SenderType.ANONYMOUS, people=())
    assert feedback.is_anonymous
    assert feedback.is_insider
    assert feedback.clock("notice") is None


# --- sealed ------------------------------------------------------------------------------------------------------------

SECRET = "Ông Nguyễn Văn Kín nhận hối lộ hai trăm triệu đồng"


def sealed(**over):
    people = (PersonData(name="Lê Thị Giấu", phone="0900000001", email="giau@example.com", address="Thôn Khuất"),)
    values = {"kind": rules.DENUNCIATION, "body": SECRET, "title": "Tố giác", "people": people, "place_text": "Ngõ Lặng"}
    return builders.submit(**(values | over))


def everything_stored() -> str:
    """Return every value of every table as one text, with bytes as they would be read in the file."""
    db.session.flush()
    values = [
        value
        for table in db.metadata.sorted_tables
        for row in db.session.execute(text(f'SELECT * FROM "{table.name}"'))
        for value in row
    ]  # fmt: skip
    return "\n".join(bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value) for value in values)


def test_a_denunciation_leaves_nothing_in_plain_text_anywhere(province):
    before = {model: count(model) for model in (Feedback, AuditEntry, Notice)}
    receipt = sealed()
    stored = everything_stored()
    words = [SECRET, "hối lộ", "Nguyễn Văn Kín", "Lê Thị Giấu", "0900000001", "giau@example.com", "Thôn Khuất", "Ngõ Lặng", "Tố giác"]
    for word in [*words, receipt.code, receipt.key, fold(SECRET)]:
        assert word not in stored
        assert word.encode().decode("latin-1") not in stored
    assert {model: count(model) for model in before} == before
    assert count(SealedCase) == 1


def test_of_a_sealed_case_no_code_key_or_date_says_more_than_a_stranger_knows(province):
    receipt = sealed()
    assert (receipt.feedback, receipt.key is not None) == (None, True)
    assert queries.by_code(receipt.code) is None
    case = db.session.scalar(db.select(SealedCase))
    assert case.received_month == dt.date(2026, 8, 1)


def test_a_sealed_case_sent_twice_is_one_and_its_key_is_not_shown_again(province):
    first = sealed(token="s")
    again = sealed(token="s")
    assert (again.code, again.key, again.fresh) == (first.code, None, False)
    assert count(SealedCase) == 1


def test_with_other_words_the_token_of_a_sealed_case_says_nothing(province):
    sealed(token="s")
    with pytest.raises(TokenReused):
        sealed(token="s", body=BODY)

"""The routing table and the letters' words, as an administrator keeps them."""

from __future__ import annotations

import datetime as dt

import pytest

from app.access import NotAllowed
from app.audit import entries_about
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from feedback import queries, trial
from feedback.models import LetterTemplate
from feedback.operations import routing
from feedback.operations.routing import RuleFacts
from feedback.routes import RuleCannotCompile
from feedback.rules import Kind
from tests import factories
from tests.feedback import builders, pages
from tests.feedback.builders import MONDAY

TABLE = "/can-bo/quan-tri/dinh-tuyen"
TODAY = MONDAY.date()


@pytest.fixture
def admin(province):
    return factories.make_user(unit=province.root, roles=[(Role.ADMINISTRATOR, None)])


def names() -> list[str]:
    return [row.name for row in routing.all_rules()]


def facts(**over) -> RuleFacts:
    return RuleFacts(**({"name": "Y tế", "words": ["bệnh viện"]} | over))


def test_a_new_rule_stands_before_the_one_for_everything_that_is_left(province, admin):
    row = routing.create(facts(unit_id=province.health.id), actor=admin, today=TODAY, now=MONDAY)

    assert names() == ["Chiếu sáng về Sở Xây dựng", "Y tế", "Còn lại ở bộ phận tiếp nhận"]
    assert [(entry.action, entry.facts) for entry in entries_about(row)] == [("routing.changed", {"changed": ["created"]})]
    assert queries.routes()[1].words == ("benh vien",)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"unit_id": None}, RuleCannotCompile),  # nobody to go to
        ({"unit_id": 1, "to_place": True}, RuleCannotCompile),  # two to go to
        ({"unit_id": None, "to_place": True, "words": ["?!"]}, RuleCannotCompile),  # words that fold to nothing match everything
        ({"unit_id": 10**9}, routing.TargetGone),
    ],
)
def test_a_rule_that_cannot_work_is_not_saved(province, admin, said, refusal):
    before = names()
    with pytest.raises(refusal):
        routing.create(facts(**said), actor=admin, today=TODAY, now=MONDAY)
    assert names() == before


def test_a_rule_to_a_unit_that_ended_is_not_saved(province, admin):
    province.health.valid_to = TODAY - dt.timedelta(days=1)
    with pytest.raises(routing.TargetGone):
        routing.create(facts(unit_id=province.health.id), actor=admin, today=TODAY, now=MONDAY)


@pytest.mark.parametrize("who", ["clerk", "head", "front_reader"])
def test_nobody_else_changes_the_table(province, who):
    with pytest.raises(NotAllowed):
        routing.create(facts(to_place=True), actor=getattr(province, who), today=TODAY, now=MONDAY)


def test_an_administrator_of_a_commune_does_not_change_the_provinces_table(province):
    local = factories.make_user(unit=province.ward, roles=[Role.ADMINISTRATOR])
    with pytest.raises(NotAllowed):
        routing.create(facts(to_place=True), actor=local, today=TODAY, now=MONDAY)


def test_the_rule_for_everything_that_is_left_stays_last_in_use_and_without_conditions(province, admin):
    first, default = routing.all_rules()

    routing.move(first, up=False, actor=admin, now=MONDAY)
    routing.move(default, up=True, actor=admin, now=MONDAY)
    assert names() == [first.name, default.name]
    with pytest.raises(routing.DefaultNeeded):
        routing.switch(default, active=False, actor=admin, today=TODAY, now=MONDAY)
    with pytest.raises(routing.DefaultTwice):
        routing.create(facts(words=[], unit_id=province.health.id), actor=admin, today=TODAY, now=MONDAY)
    with pytest.raises(routing.DefaultNeeded):  # an item without a place would go to nobody
        routing.change(default, facts(words=[], to_place=True), actor=admin, today=TODAY, now=MONDAY)
    with pytest.raises(routing.DefaultNeeded):
        routing.change(default, facts(unit_id=province.desk.id), actor=admin, today=TODAY, now=MONDAY)


def test_the_committee_of_the_place_is_no_unit_for_everything_that_is_left(province, admin):
    _first, default = routing.all_rules()
    default.active = False
    routing.create(facts(words=[], to_place=True), actor=admin, today=TODAY, now=MONDAY)
    assert routing.default_rule() is None
    rest = routing.create(facts(name="Còn lại", words=[], unit_id=province.health.id), actor=admin, today=TODAY, now=MONDAY)
    assert routing.default_rule() == rest


def test_moving_a_rule_changes_which_one_wins(province, admin):
    second = routing.create(
        facts(field_ids=[province.lighting.id], words=[], unit_id=province.health.id), actor=admin, today=TODAY, now=MONDAY
    )
    assert builders.received(field_id=province.lighting.id).open_answer.unit == province.works

    routing.move(second, up=True, actor=admin, now=MONDAY)

    assert builders.received(field_id=province.lighting.id).open_answer.unit == province.health


def test_a_rule_switched_off_is_passed_over(province, admin):
    routing.switch(routing.all_rules()[0], active=False, actor=admin, today=TODAY, now=MONDAY)
    assert builders.received(field_id=province.lighting.id).open_answer is None


def test_trying_a_rule_shows_what_it_would_change_and_changes_nothing(province):
    moves = builders.received(body="Đèn hỏng trước bệnh viện", field_id=province.lighting.id)
    builders.received(field_id=province.lighting.id)
    before = queries.routes()
    facts = RuleFacts(name="Bệnh viện", words=["Bệnh viện"], unit_id=province.health.id)
    rule = queries.as_route(routing.check(facts, today=TODAY))

    result = trial.run(before, [rule, *before], about=rule.id, today=TODAY)

    assert (result.tried, result.taken) == (2, 1)
    assert [(each.item, each.before, each.after) for each in result.changes] == [(moves, province.works, province.health)]
    assert moves.open_answer.unit == province.works


def test_a_rule_that_an_earlier_one_hides_says_how_many_it_would_match_and_who_takes_them(client, province, admin):
    builders.received(body="Đèn hỏng trước bệnh viện", field_id=province.lighting.id)
    builders.received(body="Đèn tắt ở cổng bệnh viện", field_id=province.lighting.id)
    factories.sign_in(client, admin)
    typed = {"name": "Bệnh viện", "words": "bệnh viện", "target": "unit", "unit_id": str(province.health.id), "try": "1"}

    page = pages.post(client, f"{TABLE}/moi", typed).text

    assert "Quy tắc này nhận 0 ý kiến." in page
    assert "Xét riêng, quy tắc này khớp 2 ý kiến." in page
    assert "Chiếu sáng về Sở Xây dựng: 2 ý kiến" in page


def test_trying_costs_the_same_however_many_items_there_are(province):
    def cost() -> int:
        db.session.flush()
        db.session.expire_all()
        with pages.statements() as seen:
            trial.run(queries.routes(), queries.routes(), about=None, today=TODAY)
        return len(seen)

    builders.received(place_id=province.place.id)
    once = cost()
    for _ in range(5):
        builders.received(place_id=province.place.id, field_id=province.lighting.id, accused_unit_id=province.health.id)
    assert cost() == once


# --- pages ----------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_order_and_the_mandatory_last_line(client, province, admin):
    factories.sign_in(client, admin)
    page = client.get(TABLE).text
    assert page.index("Chiếu sáng về Sở Xây dựng") < page.index("Còn lại ở bộ phận tiếp nhận") < page.index("Không quy tắc nào khớp")
    assert "Ban Tiếp công dân tỉnh: hàng chờ có hạn riêng" in page
    assert "Thêm quy tắc cho mọi việc còn lại" not in page


def test_a_table_without_a_last_rule_says_so_and_offers_one(client, province, admin):
    _first, default = routing.all_rules()
    db.session.delete(default)
    factories.sign_in(client, admin)
    page = client.get(TABLE).text
    assert "Chưa có quy tắc nhận mọi việc còn lại." in page
    form = client.get(f"{TABLE}/moi?con-lai=1").text
    assert 'value="Mọi việc còn lại"' in form
    assert f'<option selected value="{province.desk.id}">' in form


def test_an_item_is_received_though_the_chosen_desk_no_longer_receives(province):
    province.desk.is_reception = False
    assert builders.received().desk_unit == province.desk


def test_a_rule_is_written_tried_and_saved_on_the_page(client, province, admin):
    builders.received(body="Khoa khám bệnh viện đa khoa quá tải")
    factories.sign_in(client, admin)
    typed = {
        "name": "Bệnh viện",
        "words": "bệnh viện\ntrạm y tế",
        "insider": "",
        "target": "unit",
        "unit_id": str(province.health.id),
        "direct": "y",
    }

    tried = pages.post(client, f"{TABLE}/moi", typed | {"try": "1"})
    assert tried.status_code == 200
    assert "Quy tắc này nhận 1 ý kiến." in tried.text
    assert "1 ý kiến đi nơi khác" in tried.text
    assert "Bệnh viện" not in names()

    assert pages.post(client, f"{TABLE}/moi", typed).status_code == 303
    row = next(row for row in routing.all_rules() if row.name == "Bệnh viện")
    assert (row.words, row.unit_id, row.direct) == (["bệnh viện", "trạm y tế"], province.health.id, True)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Ghi tên để nhận ra quy tắc này"),
        ({"unit_id": ""}, "Chọn đơn vị nhận"),
        ({"unit_id": "999999999"}, "Chọn trong danh sách"),
        ({"kinds": "denunciation"}, "Chọn trong danh sách"),
        ({"kinds": ""}, "Chọn trong danh sách"),
        ({"field_ids": ""}, "Chọn trong danh sách"),
        ({"place_ids": "x"}, "Chọn trong danh sách"),
        ({"target": "elsewhere"}, "Chọn trong danh sách"),
        ({"words": "!!!"}, "Mỗi dòng cần ít nhất một chữ cái hoặc chữ số"),
        ({"words": ""}, "Đã có một quy tắc nhận mọi việc còn lại"),
    ],
)
@pytest.mark.parametrize("button", [{}, {"try": "1"}])
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(client, province, admin, typed, sentence, button):
    factories.sign_in(client, admin)
    values = {"name": "Quy tắc thử", "words": "điện", "target": "unit", "unit_id": str(province.health.id)} | typed

    answer = pages.post(client, f"{TABLE}/moi", values | button)

    if "try" in button and sentence.startswith("Đã có"):  # trying it is harmless, and shows why
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert sentence in answer.text
    assert typed.get("name", "Quy tắc thử") in answer.text


@pytest.mark.parametrize("address", ["", "/moi", "/{rule}"])
def test_only_an_administrator_of_the_whole_install_opens_the_pages(client, province, address):
    rule = routing.all_rules()[0].id
    factories.sign_in(client, province.clerk)
    assert client.get(TABLE + address.format(rule=rule)).status_code == 403


def test_a_rule_is_moved_and_switched_by_its_buttons(client, province, admin):
    row = routing.create(facts(unit_id=province.health.id), actor=admin, today=TODAY, now=MONDAY)
    factories.sign_in(client, admin)

    assert pages.post(client, f"{TABLE}/{row.id}/len", page=TABLE).status_code == 303
    assert names()[0] == "Y tế"
    pages.post(client, f"{TABLE}/{row.id}/ngung", page=TABLE)
    assert not row.active
    pages.post(client, f"{TABLE}/{row.id}/dung", page=TABLE)
    assert row.active


def test_an_item_of_an_insider_shows_no_name_when_a_rule_is_tried(client, province, admin):
    builders.received(field_id=province.grassroots.id, body="Giám đốc không công khai quỹ lương")
    factories.sign_in(client, admin)
    typed = {"name": "Thử", "target": "unit", "unit_id": str(province.works.id), "field_ids": str(province.grassroots.id), "try": "1"}
    page = pages.post(client, f"{TABLE}/moi", typed).text
    assert "1 ý kiến đi nơi khác" in page
    assert "quỹ lương" not in page
    assert "Trần Thị Hoa" not in page


def test_letters_are_added_changed_and_put_away(client, province, admin):
    factories.sign_in(client, admin)
    address = "/can-bo/quan-tri/mau-van-ban"
    typed = {
        "name": "Hướng dẫn sang Tòa án",
        "paper_type": "guide",
        "field_id": "",
        "body": "Kính gửi [họ tên],\n\nViệc này do Tòa án xem xét.",
    }

    assert pages.post(client, f"{address}/moi", typed).status_code == 303
    row = db.session.scalar(db.select(LetterTemplate))
    assert (row.paper_type, row.field_id, row.body) == ("guide", None, typed["body"])
    pages.post(client, f"{address}/{row.id}", typed | {"field_id": str(province.lighting.id)})
    assert row.field_id == province.lighting.id
    pages.post(client, f"{address}/{row.id}/ngung", page=address)
    assert not row.active
    assert "Đã ngừng" in client.get(address).text
    assert [entry.facts["changed"] for entry in entries_about(row)] == [["created"], ["field_id"], ["active"]]


@pytest.mark.parametrize("missing", ["name", "body", "paper_type"])
def test_a_letter_without_words_or_type_is_not_saved(client, province, admin, missing):
    factories.sign_in(client, admin)
    typed = {"name": "Mẫu", "paper_type": "guide", "body": "Lời"} | {missing: ""}
    assert pages.post(client, "/can-bo/quan-tri/mau-van-ban/moi", typed).status_code == 422
    assert db.session.scalar(db.select(LetterTemplate)) is None


def test_a_complaint_waits_for_the_desk_whatever_the_table_says(province, admin):
    routing.create(
        RuleFacts(name="Khiếu nại", kinds=[Kind.COMPLAINT], unit_id=province.health.id),
        actor=admin,
        today=TODAY,
        now=dt.datetime(2026, 8, 3, tzinfo=LOCAL),
    )
    assert builders.received(kind=Kind.COMPLAINT).open_answer is None

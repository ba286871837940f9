"""Writing something down for somebody: by phone, on paper, in person, from a voters' meeting, by the trade union."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from app import clock
from app.clock import LOCAL
from app.database import db
from app.permissions import Role
from feedback import queries
from feedback.models import ExternalRef, Feedback, PersonRole
from feedback.rules import Channel, IdentityScope, SenderType, Status
from tests import factories
from tests.app.files import samples
from tests.feedback import builders, pages
from tests.feedback.builders import MONDAY

FORM, RECEIPT = "/can-bo/nhap", "/can-bo/nhap/phieu-nhan"
LAST_WEEK = {"received_on": ["29", "7", "2026"]}  # Wednesday before MONDAY


@pytest.fixture
def province(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    return builders.make_province()


@pytest.fixture
def clerk(province, client):
    factories.sign_in(client, province.clerk)
    return client


def typed(province, **over):
    return {
        "token": "phieu-1",
        "channel": "in_person",
        "kind": "report",
        "body": builders.BODY,
        "place_id": str(province.place.id),
        "happened": "unknown",
        "sender": "person",
        "identity_scope": "unit",
        "name": "Trần Thị Hoa",
        "phone": "0912 345 678",
    } | over


def enter(client, province, **over):
    return pages.post(client, FORM, typed(province, **over))


def items() -> list[Feedback]:
    return list(db.session.scalars(db.select(Feedback).order_by(Feedback.id)))


def test_what_somebody_comes_to_say_gets_a_receipt_to_hand_over(clerk, province):
    assert enter(clerk, province).status_code == 303

    receipt = clerk.get(RECEIPT)
    assert receipt.headers["Cache-Control"] == "no-store"
    page = receipt.text
    (item,) = items()
    assert (item.channel, item.entered_by, item.received_at) == (Channel.IN_PERSON, province.clerk, MONDAY)
    assert item.code in page
    key = builders.sender_key(item)
    shown = page.split('class="key">')[1].split("<")[0]
    assert queries.key_of(item, shown) == key
    assert "Trả lời chậm nhất" in page
    assert "0912 *** 678" in page


def test_a_letter_counts_from_the_day_it_came_in(clerk, province):
    enter(clerk, province, channel="paper", **LAST_WEEK)
    (item,) = items()
    assert item.received_at == dt.datetime(2026, 7, 29, tzinfo=LOCAL)
    assert {each.stage: each.due_on for each in item.clocks} == {
        "notice": dt.date(2026, 8, 12),
        "reply": dt.date(2026, 8, 12),
        "triage": dt.date(2026, 8, 4),
    }  # fmt: skip  the desk's own clock runs from when it was written down


def test_a_letter_of_many_signers_gives_each_a_key_and_representatives_one_that_acts(clerk, province):
    signers = {
        "signers-0-name": "Nguyễn Văn Bảy", "signers-0-address": "Xóm 3", "signers-0-representative": "y",
        "signers-1-name": "Lê Thị Tám", "signers-1-address": "Xóm 4", "signers-2-name": "", "signers-2-address": "",
    }  # fmt: skip
    enter(clerk, province, channel="paper", sender="group", **LAST_WEEK, **signers)

    (item,) = items()
    assert item.sender_type == SenderType.GROUP
    roles = {person.name: person.role for person in item.people}
    assert roles == {
        "Trần Thị Hoa": PersonRole.SENDER, "Nguyễn Văn Bảy": PersonRole.REPRESENTATIVE, "Lê Thị Tám": PersonRole.SIGNER,
    }  # fmt: skip
    page = clerk.get(RECEIPT).text
    assert page.count('class="key"') == 3
    keys = dict(zip(["Trần Thị Hoa", "Nguyễn Văn Bảy", "Lê Thị Tám"], page.split('class="key">')[1:], strict=True))
    assert {name: queries.key_of(item, text.split("<")[0]).may_act for name, text in keys.items()} == {
        "Trần Thị Hoa": True, "Nguyễn Văn Bảy": True, "Lê Thị Tám": False,
    }  # fmt: skip


def test_more_rows_for_signers_keep_what_was_typed(clerk, province):
    answer = enter(clerk, province, sender="group", rows="1", **{"signers-0-name": "Nguyễn Văn Bảy"})
    assert answer.status_code == 200
    assert "Nguyễn Văn Bảy" in answer.text
    assert 'name="signers-5-name"' in answer.text
    assert not items()


def test_what_is_spoken_keeps_language_interpreter_and_confirmation(clerk, province):
    enter(clerk, province, spoken="y", language="Tày", interpreter="Hoàng Thị Mai", read_back="y", confirmed="y")
    (item,) = items()
    assert item.spoken == {"language": "Tày", "interpreter": "Hoàng Thị Mai", "read_back": True, "confirmed": True}
    assert "Phiên dịch: Hoàng Thị Mai." in clerk.get(RECEIPT).text


def test_a_complaint_for_somebody_else_keeps_whose_it_is_and_the_mandate(clerk, province):
    enter(
        clerk, province, kind="complaint", sender="on_behalf", address="12 Nguyễn Trãi", principal_name="Bà Tư", principal_agrees="y",
        mandate="Số 5 ngày 1/8/2026, UBND phường Kinh Bắc",
    )  # fmt: skip
    (item,) = items()
    assert (item.sender_type, item.mandate) == (SenderType.ON_BEHALF, "Số 5 ngày 1/8/2026, UBND phường Kinh Bắc")
    assert {person.name: person.role for person in item.people}["Bà Tư"] == PersonRole.PRINCIPAL


def test_numbers_of_other_registers_are_kept_and_used_once(clerk, province):
    reference = {"reference_source": "CSDL quốc gia", "reference_number": "KN-2026-778"}
    enter(clerk, province, **reference)
    assert [(each.source, each.number) for each in items()[0].external_refs] == [("CSDL quốc gia", "KN-2026-778")]

    again = enter(clerk, province, token="phieu-2", **reference)

    assert again.status_code == 422
    assert f"Số này đã ghi cho ý kiến {items()[0].code}" in again.text
    assert len(items()) == 1


def test_who_may_not_read_the_other_item_is_not_told_which_it_is(client, province):
    other = builders.received(identity_scope=IdentityScope.RECEPTION)
    db.session.add(ExternalRef(feedback_id=other.id, source="công văn đến", number="12"))
    factories.sign_in(client, province.health_officer)
    answer = enter(client, province, reference_source="công văn đến", reference_number="12")
    assert "Số này đã ghi cho ý kiến khác" in answer.text
    assert other.code not in answer.text


def test_pressing_twice_makes_one_item(clerk, province):
    values = {"csrf_token": pages.token(clerk, FORM)} | typed(province, reference_source="sổ", reference_number="1")
    assert [clerk.post(FORM, data=values).status_code for _ in range(2)] == [303, 303]
    assert len(items()) == 1


def test_a_scan_of_the_letter_is_kept_with_the_item(clerk, province):
    files = {"files": (io.BytesIO(samples.picture()), "don.jpg")}
    enter(clerk, province, channel="paper", **LAST_WEEK, **files)
    assert [each.file.name for each in items()[0].attachments] == ["don.jpg"]


@pytest.mark.parametrize(
    ("over", "sentence"),
    [
        ({"channel": ""}, "Chọn ý kiến đến bằng cách nào"),
        ({"channel": "web"}, "Chọn ý kiến đến bằng cách nào"),
        ({"channel": "trade_union"}, "Chọn ý kiến đến bằng cách nào"),
        ({"kind": ""}, "Chọn loại theo nội dung"),
        ({"kind": "denunciation"}, "Chọn loại theo nội dung"),
        ({"channel": "paper"}, "Ghi ngày đến: hạn trả lời đếm từ ngày này"),
        ({"channel": "voter_meeting"}, "Ghi ngày đến: hạn trả lời đếm từ ngày này"),
        ({"channel": "paper", "received_on": ["4", "8", "2026"]}, "Ngày này chưa tới"),
        ({"channel": "paper", "received_on": ["1", "8", "2024"]}, "Đã quá một năm"),
        ({"channel": "paper", "received_on": ["31", "6", "2026"]}, "Ngày 31/6/2026 không có trong lịch"),
        ({"body": "  "}, "Viết chuyện đã xảy ra"),
        ({"spoken": "y", "confirmed": "y"}, "Đọc lại cho người nói nghe"),
        ({"spoken": "y", "read_back": "y"}, "Người nói xác nhận đúng"),
        ({"spoken": "y", "read_back": "y", "confirmed": "y", "language": "Tày"}, "ghi tên người phiên dịch"),
        ({"reference_number": "12"}, "Ghi cả tên hệ thống"),
        ({"reference_source": "công văn"}, "Ghi cả tên hệ thống"),
        ({"kind": "complaint", "name": "", "phone": ""}, "Khiếu nại phải ghi họ tên"),
        ({"csrf_token": ""}, "bấm nút một lần nữa"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(clerk, province, over, sentence):
    answer = enter(clerk, province, place_text="Cạnh trạm biến áp", **over)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Cạnh trạm biến áp" in answer.text
    assert items() == []


def test_somebody_without_a_name_gets_no_promise_of_a_day(clerk, province):
    enter(clerk, province, channel="phone", kind="suggestion", name="", phone="")
    (item,) = items()
    assert item.is_anonymous
    assert item.clock("reply") is None
    assert "Luật không đặt hạn trả lời" in clerk.get(RECEIPT).text


def test_a_voters_petition_has_a_source_of_its_own(clerk, province):
    enter(clerk, province, channel="voter_meeting", kind="recommendation", name="Tổ đại biểu số 3", address="HĐND tỉnh", **LAST_WEEK)
    assert items()[0].channel == Channel.VOTER_MEETING


# --- who may --------------------------------------------------------------------------------------------------------------


def test_the_union_enters_for_a_worker_whose_name_stays_at_reception(client, province):
    union = factories.make_user(unit=province.works, roles=[Role.TRADE_UNION])
    factories.sign_in(client, union)
    page = client.get(FORM).text
    assert 'value="trade_union"' in page
    assert 'value="paper"' not in page

    assert enter(client, province, channel="trade_union", field_id=str(province.grassroots.id)).status_code == 303

    (item,) = items()
    assert (item.channel, item.sender_type, item.identity_scope) == (Channel.TRADE_UNION, SenderType.INSIDER, IdentityScope.RECEPTION)
    assert client.get(RECEIPT).status_code == 200
    assert client.get(f"/can-bo/y-kien/{item.code}").status_code in {403, 404}


def test_the_union_is_led_to_the_form(client, province):
    factories.sign_in(client, factories.make_user(unit=province.works, roles=[Role.TRADE_UNION]))
    assert client.get("/can-bo").location == FORM


@pytest.mark.parametrize(("who", "status"), [("clerk", 200), ("officer", 200), ("records", 403), ("front_reader", 403), ("head", 403)])
def test_who_may_enter(client, province, who, status):
    factories.sign_in(client, getattr(province, who))
    assert client.get(FORM).status_code == status


def test_nobody_else_sees_the_receipt(client, province):
    factories.sign_in(client, province.clerk)
    enter(client, province)
    assert client.get(RECEIPT).status_code == 200
    factories.sign_in(client, province.officer)  # the same browser, another person
    answer = client.get(RECEIPT)
    assert (answer.status_code, answer.location) == (302, FORM)


def test_an_officer_may_enter_for_another_desk_and_the_item_goes_its_way(client, province):
    factories.sign_in(client, province.officer)
    enter(client, province, channel="phone", field_id=str(province.lighting.id))
    assert items()[0].status == Status.IN_HAND
    assert items()[0].open_answer.unit == province.works

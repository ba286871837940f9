"""What everyone may read: the masked copies, the promises made in them, and the front page."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from bs4 import BeautifulSoup

from app import clock
from app.assignments.rules import State
from app.database import db
from feedback.operations import publishing
from tests.feedback import builders
from tests.feedback.builders import at
from tests.feedback.test_citizen_tracking import answered as answered
from tests.feedback.test_citizen_tracking import province as province
from tests.feedback.test_citizen_tracking import receipt as receipt


@pytest.fixture
def published(province, answered):
    item = answered.feedback
    item.publish_consent = True
    publishing.publish(
        item,
        title="Đèn đường phố Nguyễn Trãi tắt",
        text="Đèn tắt ba tuần.",
        reply="Sẽ thay trong tháng 9.",
        actor=province.clerk,
        now=at(2),
    )
    db.session.commit()
    return item


def test_the_public_list_is_searched_with_or_without_diacritics_and_shows_only_the_masked_copy(client, published):
    for q in ("", "đèn đường", "den duong", "DEN DUONG"):
        page = client.get("/da-tra-loi", query_string={"q": q})
        assert "Đèn đường phố Nguyễn Trãi tắt" in page.text
    assert "Không có ý kiến nào như vậy" in client.get("/da-tra-loi", query_string={"q": "bệnh viện"}).text
    page = client.get(f"/da-tra-loi/{published.code}")
    assert "Sẽ thay trong tháng 9." in page.text
    assert "trước số 12" not in page.text
    assert "Trần Thị Hoa" not in page.text


ODD = (
    {"sau": "tampered"}, {"sau": "W10.x"}, {"loai": "gossip"}, {"noi": "không có"}, {"don-vi": "' OR 1=1"},
    {"q": '\x00*"('}, {"q": "a" * 5000},
)  # fmt: skip


def test_odd_filters_and_cursors_never_break_the_list(client, published):
    assert [client.get("/da-tra-loi", query_string=query).status_code for query in ODD] == [200] * len(ODD)


FILTERS = (
    ({"loai": "report"}, True), ({"loai": "question"}, False), ({"tinh-trang": "answered"}, True), ({"tinh-trang": "closed"}, False),
    ({"don-vi": "works"}, True), ({"don-vi": "health"}, False), ({"noi": "place"}, True),
)  # fmt: skip


def test_every_filter_of_the_public_list_is_a_link_that_filters(client, province, published):
    codes = {"works": province.works.code, "health": province.health.code, "place": province.place.code}
    for query, found in FILTERS:
        page = client.get("/da-tra-loi", query_string={name: codes.get(value, value) for name, value in query.items()})

        assert ("Đèn đường phố Nguyễn Trãi tắt" in page.text) is found, query


def test_a_tampered_cursor_begins_at_the_first_page(client, published):
    assert "Đèn đường phố Nguyễn Trãi tắt" in client.get("/da-tra-loi", query_string={"sau": "x.y"}).text


def test_pages_follow_each_other_without_gap_or_repeat(client, province):
    for number in range(45):
        item = builders.received(publish_consent=True)
        publishing.publish(
            item, title=f"Việc {number:02}.", text="x", reply="", actor=province.clerk, now=at(0) + dt.timedelta(minutes=number)
        )
    db.session.commit()

    seen, address = [], "/da-tra-loi"
    while address:
        page = client.get(address).text
        seen += re.findall(r"Việc (\d\d)\.", page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = following[1].replace("&amp;", "&") if following else None

    assert seen == [f"{number:02}" for number in reversed(range(45))]


def test_odd_page_numbers_never_break_the_promises(client, published):
    for page in ("1000000000000", "-1", "0", "x", "²", "9" * 400):
        assert client.get("/viec-da-hua", query_string={"trang": page}).status_code == 200, page


def test_promises_of_published_answers_are_listed_with_their_state(client, published, monkeypatch):
    page = client.get("/viec-da-hua")
    assert "Thay đèn" in page.text
    assert "Sở Xây dựng" in page.text
    monkeypatch.setattr(clock, "now", lambda: at(70))
    assert "Quá hạn" in client.get("/viec-da-hua", query_string={"tinh-trang": "qua-han"}).text
    assert "Không có việc nào" in client.get("/viec-da-hua", query_string={"tinh-trang": "da-xong"}).text


@pytest.mark.parametrize(("days", "state"), [(0, "dung-han"), (1, "tre-han")])
def test_each_number_of_the_promises_opens_its_own_list(client, published, days, state):
    duty = next(each for each in published.assignments if each.duty == "act")
    duty.state, duty.closed_at = State.DONE, dt.datetime.combine(duty.due_on + dt.timedelta(days=days), dt.time(23, 50), clock.LOCAL)
    db.session.commit()

    for each in ("dung-han", "tre-han", "da-xong"):
        page = client.get("/viec-da-hua", query_string={"tinh-trang": each}).text
        assert ("Thay đèn" in page) == (each in {state, "da-xong"}), each


def test_the_numbers_above_the_promises_of_a_unit_are_those_of_its_list(client, province, published):
    for unit, number in ((province.works, 1), (province.health, 0)):
        page = BeautifulSoup(client.get("/viec-da-hua", query_string={"don-vi": unit.code}).text, "html.parser")
        links = page.select(".sums a")
        assert sum(int(link.b.text) for link in links) == number == len(page.select(".list h2"))
        assert all(f"don-vi={unit.code}" in link["href"] for link in links)
        assert [client.get(link["href"]).status_code for link in links] == [200] * 4


@pytest.mark.parametrize("words", ["Đèn đường trước số 12 tắt", "Ông Giáp Văn Tài để đèn tắt"])
def test_a_promise_that_kept_the_title_of_its_item_is_shown_under_the_masked_one(client, published, words):
    duty = next(each for each in published.assignments if each.duty == "act")
    published.title = duty.title = words
    db.session.commit()
    for address in ("/viec-da-hua", f"/da-tra-loi/{published.code}", "/"):
        page = client.get(address).text
        assert words not in page
        assert "Đèn đường phố Nguyễn Trãi tắt" in page


def test_what_is_not_published_is_on_no_public_page(client, answered):
    assert client.get(f"/da-tra-loi/{answered.code}").status_code == 404
    for address in ("/da-tra-loi", "/viec-da-hua", "/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "Thay đèn" not in page.text


def test_the_front_page_counts_promises_and_shows_the_latest_answers(client, published):
    page = client.get("/")

    assert "Đèn đường phố Nguyễn Trãi tắt" in page.text
    assert "1 việc" in page.text
    assert "đang làm, còn trong hạn" in page.text


def test_similar_public_items_are_offered_while_typing_and_on_the_review_page(client, published):
    answer = client.post("/gui-y-kien/tuong-tu", data={"q": "Phố Nguyễn Trãi đèn đường tắt mấy hôm nay"})
    assert f"/da-tra-loi/{published.code}" in answer.text
    assert not client.post("/gui-y-kien/tuong-tu", data={"q": "bò nhà hàng xóm ăn lúa ngoài đồng"}).text.strip()

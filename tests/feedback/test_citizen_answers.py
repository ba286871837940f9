"""What was signed, numbered and issued stays to be read, whatever happens to the item afterwards."""

from __future__ import annotations

import dataclasses

import pytest

from app import clock
from app.database import db
from feedback import codes, queries
from feedback.operations import desk, merging, publishing, sender, unit
from feedback.public import answer_clock
from feedback.rules import Status
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at

FIRST, SECOND = "Sẽ có đèn mới trong đợt này.", "Đã thay cả hộp điều khiển."


@pytest.fixture
def province(app, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: at(6))
    return builders.make_province()


def reopen(province, receipt):
    """Answer the item of *receipt*, and let its sender open it again."""
    desk.route_to(receipt.feedback, province.works, actor=province.clerk, now=MONDAY)
    unit.take(receipt.feedback, actor=province.officer, now=MONDAY)
    builders.answer(province, receipt.feedback, at(1), [builders.explained(FIRST)])
    sender.reopen(receipt.feedback, builders.key_of(receipt), "Đèn lại tắt.", now=at(2))


def answer_again(province, receipt):
    unit.take(receipt.feedback, actor=province.colleague, now=at(3))
    builders.answer(province, receipt.feedback, at(4), [builders.explained(SECOND)])


def withdraw(province, receipt):
    sender.withdraw(receipt.feedback, builders.key_of(receipt), now=at(3))


def merge(province, receipt):
    other = builders.received()
    merging.propose_merge(receipt.feedback, other, actor=province.clerk, now=at(3))
    merging.merge(receipt.feedback, other, actor=province.clerk, now=at(3))


@pytest.mark.parametrize(
    ("then", "status", "answers"),
    [
        (lambda _province, _receipt: None, Status.IN_HAND, [FIRST]),
        (answer_again, Status.ANSWERED, [FIRST, SECOND]),
        (withdraw, Status.WITHDRAWN, [FIRST]),
        (merge, Status.MERGED, [FIRST]),
    ],
    ids=["in hand again", "answered again", "withdrawn", "merged"],
)
def test_every_issued_answer_is_read_on_the_page_as_a_paper_and_through_the_api(client, province, then, status, answers):
    receipt = builders.submit(place_id=province.place.id)
    reopen(province, receipt)
    then(province, receipt)
    db.session.commit()
    client.get(f"/t/{receipt.code}/{receipt.key}")

    page = client.get(f"/tra-cuu/{receipt.code}").text
    api = client.get(f"/api/v1/feedback/{receipt.code}", headers={"X-Feedback-Key": codes.show_key(receipt.key)}).json

    assert queries.by_code(receipt.code).status == status
    assert [[point["text"] for point in each["points"]] for each in api["answers"]] == [[text] for text in answers]
    assert api["answer"] == api["answers"][-1]
    for number, text in enumerate(answers, 1):
        address = f"/tra-cuu/{receipt.code}/tra-loi-{number}.pdf"
        assert text in page
        assert f"Trả lời lần {number} của Sở Xây dựng" in page
        assert f"số {receipt.feedback.papers[number - 1].number}" in page
        assert address in page
        assert client.get(address).content_type == "application/pdf"
    assert client.get(f"/tra-cuu/{receipt.code}/tra-loi-{len(answers) + 1}.pdf").status_code == 404


def test_who_was_merged_reads_what_was_answered_since_and_nobody_elses_name(client, province):
    receipt, other = builders.submit(place_id=province.place.id), builders.submit(place_id=province.place.id)
    reopen(province, other)
    merging.propose_merge(receipt.feedback, other.feedback, actor=province.clerk, now=at(3))
    merging.merge(receipt.feedback, other.feedback, actor=province.clerk, now=at(3))
    unit.take(other.feedback, actor=province.colleague, now=at(3))
    theirs = "Nhà bà Lý Thị Khác ngập"
    points = [builders.explained(SECOND), builders.promised(at(20).date())]
    builders.answer(province, other.feedback, at(4), [dataclasses.replace(point, title=theirs) for point in points])
    other.feedback.title = theirs
    for paper in other.feedback.papers:
        paper.body = "Kính gửi bà Lý Thị Khác.\n\nSở trả lời."
    db.session.commit()
    client.get(f"/t/{receipt.code}/{receipt.key}")

    page = client.get(f"/tra-cuu/{receipt.code}").text
    api = client.get(f"/api/v1/feedback/{receipt.code}", headers={"X-Feedback-Key": codes.show_key(receipt.key)}).json

    assert "Lý Thị Khác" not in page
    assert [SECOND in page, FIRST in page] == [True, False]
    assert [(each["body"], each["points"][0]["text"]) for each in api["answers"]] == [("Sở trả lời.", SECOND)]
    assert {point["title"] for each in api["answers"] for point in each["points"]} == {"Việc đã nêu"}
    assert page.count("Việc đã nêu") == len(points) + 1, "over the points, and in the list of what was promised"
    assert [client.get(f"/tra-cuu/{receipt.code}/tra-loi-{number}.pdf").status_code for number in (1, 2)] == [200, 404]


@pytest.mark.parametrize(
    ("again", "republish", "says"),
    [
        (False, False, "Đơn vị đang xem xét lại"),
        (True, False, "Câu trả lời mới chưa đăng"),
        (True, True, None),
    ],
)
def test_the_public_page_says_which_answer_it_shows_and_that_it_was_reopened(client, province, again, republish, says):
    receipt = builders.submit(place_id=province.place.id, publish_consent=True)

    def publish(reply, now):
        publishing.publish(receipt.feedback, title="Đèn tắt", text="Đèn tắt.", reply=reply, actor=province.clerk, now=now)

    reopen(province, receipt)
    publish("Sẽ thay đèn.", at(2))
    if again:
        answer_again(province, receipt)
    if republish:
        publish("Đã thay đèn.", at(5))
    db.session.commit()

    page = client.get(f"/da-tra-loi/{receipt.code}").text

    assert f"số {receipt.feedback.papers[1 if republish else 0].number}" in page
    assert (says or "Sẽ thay đèn.") in page if not republish else "Đã thay đèn." in page
    assert ("đã được mở lại" in page) is (says is not None)


@pytest.mark.parametrize(("language", "marked"), [("vi", False), ("en", True)])
def test_what_is_vietnamese_on_an_english_page_says_so(client, province, language, marked):
    receipt = builders.submit(place_id=province.place.id, field_id=province.regulation.id)
    reopen(province, receipt)
    db.session.commit()
    client.get(f"/t/{receipt.code}/{receipt.key}")

    page = client.get(f"/tra-cuu/{receipt.code}?lang={language}").text

    for text in (builders.BODY, FIRST, "Đèn lại tắt.", province.regulation.name, answer_clock(receipt.feedback).rule["name"]):
        assert text in page
        assert (f'<span lang="vi">{text}' in page) is marked, text

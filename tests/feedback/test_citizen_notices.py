"""What the sender is told by e-mail and SMS: a code, a day, a link, and never what the matter is about; and what the receipt says of it."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from app.database import db
from app.letters import letter
from app.outbox import Channel, Notice, notify
from tests.feedback import builders
from tests.feedback.builders import MONDAY
from tests.feedback.test_citizen_sending import province as province
from tests.feedback.test_citizen_sending import send

FACTS = {
    "received": {},
    "split": {"parts": ["BN-26-7K3FQ2-9.1", "BN-26-7K3FQ2-9.2"]},
    "merge_proposed": {},
    "merged": {},
    "taken": {"unit": "Sở Xây dựng", "due_on": dt.date(2026, 8, 17)},
    "asked": {},
    "told": {},
    "extended": {"due_on": dt.date(2026, 8, 31), "ground": "complex"},
    "answered": {"unit": "Sở Xây dựng"},
    "paper_guide": {"unit": "Sở Xây dựng"},
    "paper_forward": {"unit": "Sở Xây dựng"},
    "paper_refuse": {"unit": "Sở Xây dựng"},
    "paper_open_case": {"unit": "Sở Xây dựng"},
    "promise_kept": {"unit": "Sở Xây dựng"},
}
SMS_LONGEST = 200  # characters: three parts at most in Vietnamese


def written(name, channel, address, **facts):
    builders.make_province()
    item = builders.received()
    notice = notify(
        channel=channel,
        template=f"feedback/notices/{name}",
        about=item,
        now=MONDAY,
        occasion="x",
        address=address,
        locale="vi",
        code=item.code,
        **facts,
    )
    db.session.flush()
    return item, letter(notice)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("name", FACTS)
def test_each_letter_has_a_subject_a_twin_and_a_link_and_no_content(name):
    item, sent = written(name, Channel.EMAIL, "hoa@example.com", **FACTS[name])

    assert item.code in sent.subject
    link = f"http://localhost/tra-cuu/{item.code}"
    assert link in sent.text
    assert f'href="{link}"' in sent.html
    for words in (sent.subject, sent.text, sent.html):
        assert item.body not in words
        assert "Trần Thị Hoa" not in words
        assert not re.search(r"vui lòng|bạn\b|quý khách|!(?!doctype)|None", words, re.IGNORECASE)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("name", FACTS)
def test_each_message_is_short_and_holds_code_and_link(name):
    item, sent = written(name, Channel.SMS, "0912345678", **FACTS[name])

    assert item.code in sent.text
    assert f"http://localhost/tra-cuu/{item.code}" in sent.text
    assert "\n" not in sent.text
    assert len(sent.text) <= SMS_LONGEST, sent.text


@pytest.mark.usefixtures("app")
def test_where_nothing_is_promised_the_notice_of_handling_says_so():
    _item, sent = written("taken", Channel.EMAIL, "hoa@example.com", unit="Sở Xây dựng", due_on=None)

    assert "Luật không đặt hạn trả lời" in sent.text


@pytest.mark.usefixtures("app")
def test_every_notice_that_the_operations_send_to_senders_can_be_written():
    province = builders.make_province()
    item = builders.answered(province)

    notices = db.session.scalars(db.select(Notice).where(Notice.subject_id == item.id, Notice.user_id.is_(None))).all()

    assert {notice.template.rpartition("/")[2] for notice in notices} >= {"received", "taken", "answered"}
    for notice in notices:
        assert item.code in letter(notice).text


@pytest.mark.parametrize(
    ("over", "says", "says_not"),
    [
        ({}, ["tìm ý kiến theo số điện thoại đã ghi", "Vài hôm mở trang tra cứu"], ["báo qua e-mail", "thì nhắn tin"]),
        ({"phone": "", "email": "hop@example.com"}, ["báo qua e-mail"], ["số điện thoại đã ghi", "nhắn tin"]),
        ({"phone": "", "name": ""}, ["Vài hôm mở trang tra cứu", "không cấp lại được"], ["số điện thoại đã ghi", "e-mail"]),
    ],
)
def test_the_receipt_promises_only_news_that_can_arrive(client, province, over, says, says_not):
    page = send(client, province, **over).text.partition("<main")[2].partition("</main")[0]

    assert [words for words in says if words not in page] == []
    assert [words for words in says_not if words in page] == []

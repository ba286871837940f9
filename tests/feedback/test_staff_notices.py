"""Every notice to staff has its words, a link to the item, and nothing of what the sender wrote."""

from __future__ import annotations

import pytest

from app import clock, letters
from app.database import db
from app.outbox import Channel, Notice, notify_users
from tests.feedback import builders

FACTS: dict[str, dict] = {
    "danger": {}, "at_desk": {}, "offered": {}, "going_round": {"hops": 3}, "handed": {}, "returned": {"unit": "Sở Xây dựng"},
    "sender_wrote": {}, "withdrawn": {}, "extension_asked": {}, "extension_decided": {"granted": True},
    "paper_waits": {"type": "reply", "hand": "signer"},
    "paper_sent_back": {"type": "refuse"}, "rated_low": {"score": 1}, "reopened": {}, "taken_back": {},
}  # fmt: skip


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_notice_tells_a_colleague_what_and_where_and_no_more(app, name, locale):
    province = builders.make_province()
    item = builders.received(clock.now())
    province.officer.locale = locale
    notify_users([province.officer], f"feedback/notices/{name}", item, "now", now=clock.now(), code=item.code, **FACTS[name])
    db.session.flush()
    notices = {row.channel: row for row in db.session.query(Notice).filter_by(user_id=province.officer.id)}

    letter = letters.letter(notices[Channel.EMAIL])
    with app.test_request_context():
        sentence = letters.sentence(notices[Channel.SITE])

    for told in (letter.subject, letter.text, letter.html, sentence):
        assert item.code in told
        assert builders.BODY not in told
        assert "Hoa" not in told
    assert f"/can-bo/y-kien/{item.code}" in sentence
    assert f"http://localhost/can-bo/y-kien/{item.code}" in letter.text
    assert f"http://localhost/can-bo/y-kien/{item.code}" in letter.html


@pytest.mark.parametrize(("hand", "waits"), [("office", "chờ xem lại"), ("signer", "chờ ký"), ("records", "chờ ghi số")])
def test_a_paper_that_waits_says_for_what(app, hand, waits):
    province = builders.make_province()
    item = builders.received(clock.now())
    facts = {"code": item.code, "type": "reply", "hand": hand}
    notify_users([province.officer], "feedback/notices/paper_waits", item, "now", now=clock.now(), **facts)
    db.session.flush()
    notices = {row.channel: row for row in db.session.query(Notice).filter_by(user_id=province.officer.id)}

    with app.test_request_context():
        sentence = letters.sentence(notices[Channel.SITE])
    subject = f"Văn bản trả lời của ý kiến {item.code} {waits}"

    assert letters.letter(notices[Channel.EMAIL]).subject.endswith(subject)
    assert f">{subject}</a>" in sentence

"""What a sender agreed to is written down with its words, shown to them, and taken back with effect."""

from __future__ import annotations

import hashlib

import pytest

from app import clock, consents
from app.audit import entries_about
from app.citizens.models import CitizenAccount, CitizenSignIn
from app.consents import Consent, Purpose
from app.database import db
from app.outbox import Notice
from feedback.models import Message, MessageKind
from feedback.operations import consenting, publishing, telling
from feedback.operations.intake import PersonData
from feedback.personal import exporting, queries
from feedback.personal.models import DataRequest
from feedback.rules import Channel, Kind, SenderType, Status
from feedback.sealed.operations import sealing
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province, at
from tests.feedback.pages import post
from tests.feedback.test_citizen_account import OWN, come_in

#: Version → digest of its words. Words that somebody agreed to are never changed: add a version.
SAID = {
    "before": "a808aebab13b",
    "account-1": "6647adf270ce",
    "publish-web-1": "aa0a2d3bb40a",
    "publish-clerk-1": "86ea67b1bb3d",
    "publish-question-1": "948dad1942ef",
    "publish-asked-1": "b7f56de8ad9d",
    "publish-api-1": "4c1c9d98927a",
    "notices-web-1": "45af749a0450",
    "notices-left-1": "e9e727d8aa28",
    "notices-seat-1": "f29da1851eaa",
    "notices-seat-left-1": "760aed8cf90f",
    "notices-reception-1": "31a8ba2f92f2",
    "notices-guest-1": "fe3c864420af",
    "notices-follow-1": "1b91b862ad56",
}


@pytest.fixture
def province(app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    return builders.make_province()


def test_words_that_somebody_agreed_to_are_never_changed(app):
    said = {version: hashlib.sha256(str(words).encode()).hexdigest()[:12] for version, words in consents.WORDINGS.items()}
    assert said == SAID


@pytest.mark.parametrize(
    ("over", "given"),
    [
        ({"publish_consent": True}, ["publish-web-1", "notices-web-1"]),
        ({"publish_consent": False}, ["notices-web-1"]),
        ({"publish_consent": True, "channel": Channel.PAPER}, ["publish-clerk-1", "notices-left-1"]),
        ({"publish_consent": True, "channel": Channel.API}, ["publish-api-1", "notices-left-1"]),
        ({"publish_consent": True, "channel": Channel.FLOOR}, ["notices-left-1"]),
        ({"people": (PersonData(name="Lý Văn Ba"),)}, []),
    ],
)
def test_what_was_agreed_to_is_written_down_with_its_words_and_its_form(province, over, given):
    item = builders.received(kind=Kind.REPORT, **over)
    rows = queries.consents_of(item, builders.sender_key(item))
    assert [row.wording for row in rows] == given
    assert {(row.form, row.given_at, row.withdrawn_at) for row in rows} <= {(item.channel, MONDAY, None)}


def test_who_takes_it_back_is_written_to_no_more_and_what_waited_is_not_sent(province):
    item = builders.received()
    [person] = item.people
    assert "feedback/notices/received" in mailed()
    consenting.end_notices(item, [person], now=at(1))
    assert mailed() == set()
    telling.told(item, said(item), now=at(1))
    assert mailed() == set()
    [row] = consents.of([person])
    assert row.withdrawn_at == at(1)
    consenting.end_notices(item, [person], now=at(2))
    assert row.withdrawn_at == at(1), "twice is once"
    assert [entry.facts for entry in entries_about(person) if entry.action == "consent.withdrawn"] == [{"purpose": "notices"}]


def said(item):
    message = Message(kind=MessageKind.TOLD, body="Đang làm.", at=at(1))
    item.messages.append(message)
    db.session.flush()
    return message


def mailed() -> set[str]:
    return {notice.template for notice in db.session.scalars(db.select(Notice).where(Notice.user_id.is_(None)))}


def test_who_takes_back_the_public_copy_is_on_no_page_and_nobody_publishes_it_again(client, province):
    receipt = builders.submit(publish_consent=True)
    publishing.publish(receipt.feedback, title="Đèn", text="Đèn tắt.", reply="", actor=province.clerk, now=at(1))
    db.session.commit()
    own = f"/tra-cuu/{receipt.code}/thong-tin-ca-nhan"
    client.get(f"/t/{receipt.code}/{receipt.key}")
    page = client.get(own).text
    assert str(consents.WORDINGS["publish-web-1"]) in page
    assert "không cần hỏi đồng ý" in page
    assert post(client, f"{own}/thoi-dong-y", {"purpose": "x"}, page=own).status_code == 422
    for purpose in ("publish", "notices"):
        assert post(client, f"{own}/thoi-dong-y", {"purpose": purpose}, page=own).status_code == 303
    page = client.get(own).text
    assert page.count("Thôi đồng ý 9:00") == 2
    assert f'action="{own}/thoi-dong-y"' not in page
    assert client.get(f"/da-tra-loi/{receipt.code}").status_code == 404
    db.session.refresh(receipt.feedback)
    with pytest.raises(publishing.ConsentMissing):
        publishing.publish(receipt.feedback, title="Đèn", text="Đèn tắt.", reply="", actor=province.clerk, now=at(2))
    with client.application.test_request_context():
        facts = exporting.facts_of(receipt.feedback, builders.sender_key(receipt.feedback))
    assert [(each["phien_ban"], bool(each["thoi_luc"])) for each in facts["dong_y"]] == [("publish-web-1", True), ("notices-web-1", True)]


def test_one_of_many_signers_decides_for_themselves_only(client, province):
    people = (PersonData(name="Trần Thị Hoa", phone="0912345678", role="representative"), PersonData(name="Lý Văn Ba", role="signer"))
    receipt = builders.submit(kind=Kind.RECOMMENDATION, sender_type=SenderType.GROUP, people=people, publish_consent=True)
    db.session.commit()
    (_name, key) = receipt.signer_keys[1]
    own = f"/tra-cuu/{receipt.code}/thong-tin-ca-nhan"
    client.get(f"/t/{receipt.code}/{key}")
    post(client, f"{own}/thoi-dong-y", {"purpose": "publish"}, page=own)
    assert "Chỉ người gửi rút được" in client.get(own).text
    db.session.refresh(receipt.feedback)
    assert receipt.feedback.publish_consent is True


def test_an_account_is_agreed_to_and_ends_at_once_with_its_address(client, province):
    receipt = builders.submit()
    db.session.commit()
    assert "Xóa tài khoản" in come_in(client).text
    [account] = db.session.scalars(db.select(CitizenAccount)).all()
    assert [row.wording for row in consents.of([account])] == ["account-1"]
    assert post(client, f"{OWN}/xoa", page=OWN).location == OWN
    assert "Gửi mã cho tôi" in client.get(OWN).text
    for table in (CitizenAccount, CitizenSignIn):
        assert db.session.scalars(db.select(table)).all() == []
    assert db.session.scalar(db.select(Consent).where(Consent.purpose == Purpose.ACCOUNT)) is None
    assert receipt.feedback.people[0].email == "hoa@example.com", "what was sent is asked for by itself"


def test_one_press_asks_for_the_end_of_everything_that_is_over(client, province):
    for status in (Status.CLOSED, Status.FILED, Status.RECEIVED):
        builders.submit().feedback.status = status
    db.session.commit()
    come_in(client)
    page = [post(client, f"{OWN}/xin-xoa", page=OWN) and client.get(OWN).text for _ in range(2)]
    assert "Đã xin xóa trong 2 ý kiến." in page[0]
    assert "1 ý kiến còn đang giải quyết" in page[0]
    assert "Đã xin xóa trong 0 ý kiến." in page[1]
    assert {row.kind for row in db.session.scalars(db.select(DataRequest))} == {"erasure"}
    assert db.session.scalar(db.select(db.func.count()).select_from(DataRequest)) == 2


def test_a_sealed_item_leaves_no_row_of_what_was_agreed_to(province):
    item = builders.received(publish_consent=True)
    assert len(consents.of([item])) + len(consents.of(item.people)) == 2
    sealing.seal(item, reason="Nội dung tố cáo", actor=province.clerk, now=at(1))
    assert db.session.scalars(db.select(Consent)).all() == []

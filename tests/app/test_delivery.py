"""Notices on their way out, to a real mail server and a real gateway."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask

from app import clock, delivery
from app.carriers import NotTaken, Refused, Unavailable
from app.database import db
from app.letters import NobodyToTell
from app.outbox import Channel, Notice, notify, notify_users
from tests.factories import make_unit, make_user
from tests.services import MailServer, free_port

DAY = dt.date(2026, 12, 31)
HOURS_72 = dt.timedelta(hours=72)


def promise(number: int = 1, **over: Any) -> Notice:
    """Commit one notice by e-mail, due now."""
    values: dict[str, Any] = {
        "channel": Channel.EMAIL,
        "template": "thu/answered",
        "about": make_unit(),
        "now": clock.now(),
        "occasion": str(number),
        "address": f"hop{number}@example.org",
        "code": "BN-26-7K3FQ2-9",
        "answered_on": DAY,
    } | over
    notice = notify(**values)
    db.session.commit()
    return notice


def again(notice: Notice) -> Notice:
    db.session.expire_all()
    return db.session.get_one(Notice, notice.id)


# --- the letter --------------------------------------------------------------------------------------------------------


def test_a_letter_says_who_sends_it_and_asks_no_robot_to_answer(post_app: Flask, mail_server: MailServer):
    notice = promise()
    delivery.drain()
    (message,) = mail_server.messages

    assert message["From"] == "Ý kiến và Đối thoại <khong-tra-loi@bacninh.example>"
    assert message["To"] == message["X-Envelope-To"] == "hop1@example.org"
    assert message["Subject"] == "Ý kiến BN-26-7K3FQ2-9 đã có trả lời"
    assert message["Message-ID"] == f"<{notice.uid}@doi-thoai.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]


def test_a_letter_is_plain_text_with_an_html_twin_and_its_links_are_whole(post_app: Flask, mail_server: MailServer):
    promise()
    delivery.drain()
    (message,) = mail_server.letters
    text = message.get_body(["plain"]).get_content().replace("\r\n", "\n")
    html = message.get_body(["html"]).get_content()

    assert text.startswith("Trả lời ngày thứ\u00a0Năm, 31/12/2026.\nXem: https://doi-thoai.example/healthz\n\n-- \n")
    assert '<html lang="vi">' in html
    assert "<title>Ý kiến BN-26-7K3FQ2-9 đã có trả lời</title>" in html
    assert "<p>Trả lời ngày thứ\u00a0Năm, 31/12/2026, mã BN-26-7K3FQ2-9.</p>" in html


def test_a_letter_is_in_the_language_of_its_receiver(post_app: Flask, mail_server: MailServer):
    user = make_user(locale="en")
    notify_users([user], "thu/answered", user.unit, "1", clock.now(), code="BN", answered_on=DAY)
    db.session.commit()
    delivery.drain()
    (message,) = mail_server.letters

    assert message["To"] == user.email
    assert "Thursday, 31 December 2026" in message.get_body(["plain"]).get_content()


def test_what_was_sent_keeps_no_address(post_app: Flask):
    notice = promise()
    delivery.drain()
    sent = again(notice)

    assert (sent.done_at is not None, sent.due_at, sent.address) == (True, None, None)


# --- what a server may say ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "answer", "error", "dead"),
    [
        # step   what the server says                        what is written down  given up
        ("DATA", "451 4.3.0 later", "SMTP 451", False),
        ("DATA", "452 4.2.2 mailbox full", "SMTP 452", False),
        ("DATA", "554 5.6.0 looks like spam", "SMTP 554", False),
        ("RCPT", "450 4.2.0 greylisted", "SMTP 450", False),
        ("RCPT", "550 5.1.1 no such user", "SMTP 550", True),
        ("RCPT", "551 5.1.6 moved", "SMTP 551", True),
        ("RCPT", "553 5.1.3 bad name", "SMTP 553", True),
        ("RCPT", "550 5.7.1 relaying denied", "SMTP 550", False),  # our own setting is wrong, not the address
        ("MAIL", "530 5.7.0 sign in first", "SMTP 530", False),
        ("MAIL", "421 4.3.2 shutting down", "SMTP 421", False),
    ],
)
def test_a_refusal_is_tried_again_unless_the_address_is_wrong(
    post_app: Flask, mail_server: MailServer, step: str, answer: str, error: str, dead
):
    async def refuse(*_args: Any) -> str:
        return answer

    setattr(mail_server, f"handle_{step}", refuse)
    notice = promise()
    delivery.drain()
    tried = again(notice)

    assert mail_server.messages == []
    assert tried.last_error == error
    assert (tried.dead_at is not None) == dead
    assert (tried.due_at is None) == dead
    assert dead or tried.due_at > clock.now()


def test_a_refused_letter_does_not_keep_the_others_waiting(post_app: Flask, mail_server: MailServer):
    async def know_only_even(_server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if int(address[3]) % 2:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    mail_server.handle_RCPT = know_only_even
    for number in range(6):
        promise(number)
    delivery.drain()

    assert {message["To"][3] for message in mail_server.messages} == {"0", "2", "4"}


def test_a_server_that_does_not_answer_is_asked_once_a_round(post_app: Flask, monkeypatch: pytest.MonkeyPatch):
    asked = []
    real = delivery._send
    monkeypatch.setattr(delivery, "_send", lambda content, way: asked.append(content) or real(content, way))
    post_app.config["SMTP_PORT"] = free_port()
    notices = [promise(number) for number in range(5)]
    delivery.drain()

    assert len(asked) == 1
    assert [(again(notice).last_error, again(notice).attempts) for notice in notices] == [("ConnectionRefusedError", 1)] * 5


def test_a_template_that_cannot_be_filled_does_not_keep_the_others_waiting(post_app: Flask, mail_server: MailServer):
    broken = promise(1, template="thu/broken")
    missing = promise(2, template="thu/of-nowhere")
    promise(3)
    delivery.drain()

    assert [message["To"] for message in mail_server.messages] == ["hop3@example.org"]
    assert [again(notice).last_error for notice in (broken, missing)] == ["UndefinedError", "TemplateNotFound"]


def test_an_address_with_a_line_break_smuggles_no_header(post_app: Flask, mail_server: MailServer):
    notice = promise(address="hop@example.org\r\nBcc: all@example.org")
    delivery.drain()

    assert mail_server.messages == []
    assert again(notice).last_error == "ValueError"


def test_a_closed_account_is_told_nothing_more(post_app: Flask, mail_server: MailServer):
    user = make_user()
    notify_users([user], "thu/answered", user.unit, "1", clock.now())
    user.active = False
    db.session.commit()
    delivery.drain()
    (notice,) = db.session.scalars(db.select(Notice).where(Notice.channel == Channel.EMAIL))

    assert mail_server.messages == []
    assert (notice.last_error, notice.dead_at is not None) == ("NobodyToTell", True)


# --- leases, pauses, the end -------------------------------------------------------------------------------------------


def test_a_killed_drainers_notice_is_sent_after_its_lease_with_the_same_message_id(
    post_app: Flask, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
):
    """The first drainer is killed between the server's OK and the commit."""
    promise()
    with monkeypatch.context() as killed:
        killed.setattr(delivery, "settle", lambda *_args, **_more: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            delivery.drain()
    db.session.rollback()
    delivery.drain()

    assert len(mail_server.messages) == 1  # the lease holds

    later = clock.now() + delivery.LEASE
    monkeypatch.setattr(clock, "now", lambda: later)
    delivery.drain()

    assert len({message["Message-ID"] for message in mail_server.messages}) == 1
    assert len(mail_server.messages) == 2


def test_four_drainers_send_three_hundred_notices_once_each(post_app: Flask, mail_server: MailServer):
    unit = make_unit()
    for number in range(300):
        notify(
            channel=Channel.EMAIL, template="thu/answered", about=unit, now=clock.now(), occasion=str(number),
            address=f"hop{number}@example.org", code=str(number), answered_on=DAY,
        )  # fmt: skip
    db.session.commit()
    failures = []

    def work() -> None:
        with post_app.app_context():
            try:
                delivery.drain()
            except Exception as error:  # noqa: BLE001 - shown below
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = Counter(message["Message-ID"] for message in mail_server.messages)

    assert failures == []
    assert (len(sent), max(sent.values())) == (300, 1)
    assert db.session.scalar(db.select(db.func.count()).where(Notice.done_at.is_(None))) == 0


@pytest.mark.parametrize(
    ("attempt", "shortest", "longest"),
    [(1, 5, 10), (2, 10, 20), (3, 20, 40), (7, 320, 640), (8, 450, 900), (20, 450, 900), (10_000, 450, 900)],
)
def test_pauses_double_up_to_a_quarter_of_an_hour(attempt: int, shortest: int, longest: int):
    assert delivery.pause(attempt, chance=0) == dt.timedelta(seconds=shortest)
    assert delivery.pause(attempt, chance=1) == dt.timedelta(seconds=longest)


@pytest.mark.parametrize(
    ("error", "since_first_try", "dead"),
    [
        (None, dt.timedelta(hours=100), False),
        (NotTaken("SMTP 451"), dt.timedelta(hours=71), False),
        (NotTaken("SMTP 451"), dt.timedelta(hours=72), True),
        (Unavailable("TimeoutError"), dt.timedelta(hours=73), True),
        (ValueError(), dt.timedelta(hours=73), True),
        (Refused("SMTP 550"), dt.timedelta(0), True),
        (NobodyToTell(), dt.timedelta(0), True),
    ],
)
def test_a_notice_dies_after_its_hours_or_at_once_where_nobody_is(
    post_app: Flask, error: Exception | None, since_first_try: dt.timedelta, dead
):
    notice = promise()
    now = clock.now()
    (claimed,) = delivery.claim([Channel.EMAIL], now=now)
    late = delivery.Claim(claimed.id, claimed.channel, claimed.attempt, now - since_first_try, claimed.until)
    delivery.settle(late, error, now=now, give_up_after=HOURS_72)
    db.session.commit()

    assert (again(notice).dead_at is not None) == dead


def test_the_hours_do_not_count_while_no_server_is_set_up(post_app: Flask, mail_server: MailServer):
    host, post_app.config["SMTP_HOST"] = post_app.config["SMTP_HOST"], ""
    notice = promise(now=clock.now() - dt.timedelta(days=30))
    delivery.drain()

    assert (again(notice).attempts, again(notice).dead_at) == (0, None)

    mail_server.refuses = "451 later"
    post_app.config["SMTP_HOST"] = host
    delivery.drain()

    assert (again(notice).attempts, again(notice).dead_at) == (1, None)


def test_a_failure_told_late_does_not_undo_what_a_later_attempt_did(post_app: Flask):
    notice = promise()
    now = clock.now()
    (first,) = delivery.claim([Channel.EMAIL], now=now)
    (second,) = delivery.claim([Channel.EMAIL], now=now + delivery.LEASE)
    delivery.settle(first, NotTaken("SMTP 451"), now=now, give_up_after=HOURS_72)
    db.session.commit()

    assert again(notice).due_at == second.until

    delivery.settle(second, None, now=now, give_up_after=HOURS_72)
    delivery.settle(second, NotTaken("SMTP 451"), now=now, give_up_after=HOURS_72)
    db.session.commit()

    assert (again(notice).done_at, again(notice).last_error) == (now, None)


def test_notices_on_the_site_are_never_claimed(post_app: Flask):
    promise(channel=Channel.SITE, user=make_user(), address=None)

    assert delivery.claim(list(Channel), now=clock.now() + dt.timedelta(days=1)) == []


def test_a_notice_erased_between_claim_and_letter_is_left_out(post_app: Flask):
    notice = promise()
    claims = delivery.claim([Channel.EMAIL], now=clock.now())
    db.session.delete(notice)
    db.session.commit()

    assert delivery.write(claims) == []


# --- SMS ---------------------------------------------------------------------------------------------------------------


@dataclass
class Gateway:
    """An SMS gateway on loopback: what it answers, and what it got."""

    status: int = 200
    got: list[tuple[str | None, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def gateway(post_app: Flask) -> Iterator[Gateway]:
    gateway = Gateway()

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            gateway.got.append((self.headers["Authorization"], json.loads(body)))
            self.send_response(gateway.status)
            self.send_header("Content-Length", "0")
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:
            gateway.got.append((self.headers["Authorization"], {"followed": self.path}))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
            """Keep the test's output to itself."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        post_app.config.update(SMS_GATEWAY_URL=f"http://127.0.0.1:{server.server_port}/send", SMS_GATEWAY_TOKEN="token-of-the-test")
        yield gateway
        server.shutdown()
        thread.join()


def test_a_text_message_goes_to_the_gateway_with_its_token_and_an_id(post_app: Flask, gateway: Gateway):
    notice = promise(channel=Channel.SMS, address="+84912345678")
    delivery.drain()

    assert gateway.got == [
        (
            f"Bearer {post_app.config['SMS_GATEWAY_TOKEN']}",
            {
                "to": "+84912345678",
                "text": "Ý kiến BN-26-7K3FQ2-9 đã có trả lời: https://doi-thoai.example/healthz",
                "id": str(notice.uid),
            },
        )
    ]
    assert again(notice).done_at


@pytest.mark.parametrize(
    ("status", "dead", "asked"),
    [(400, True, 3), (422, True, 3), (302, False, 1), (401, False, 1), (404, False, 1), (429, False, 1), (500, False, 1), (503, False, 1)],
)
def test_a_wrong_number_is_given_up_and_a_closed_gateway_asked_again_later(
    post_app: Flask, gateway: Gateway, status: int, dead, asked: int
):
    gateway.status = status
    notices = [promise(number, channel=Channel.SMS, address=f"+8491234567{number}") for number in range(3)]
    delivery.drain()

    assert len(gateway.got) == asked
    assert [(again(notice).last_error, again(notice).dead_at is not None) for notice in notices] == [(f"HTTP {status}", dead)] * 3

"""A clock that jumps: an hour back, a day ahead, and back again."""

from __future__ import annotations

import datetime as dt
import io
import re
import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from itsdangerous import TimestampSigner
from rq import SimpleWorker

from app import clock, delivery, heartbeat, jobs
from app.access import SYSTEM
from app.audit import record
from app.chain import jobs as chain
from app.chain import verifying
from app.chain.models import AuditLink
from app.database import db
from app.files import StoredFile
from app.files.links import link_is_good, link_token
from app.jobs import __main__ as ticking
from app.jobs.schedule import Tick, queue_due
from app.limits import Tally
from app.outbox import Notice
from app.permissions import Role
from feedback.models import Feedback
from tests.app.files.samples import picture
from tests.app.test_accounts import GOOD, sign_in
from tests.app.test_factors import CODE, give_app
from tests.conftest import Backend, build, opened
from tests.factories import make_unit, make_user
from tests.factories import sign_in as signed_in_as
from tests.feedback import builders
from tests.feedback.page_forms import form_of, press
from tests.feedback.test_citizen_sending import FORM, RECEIPT, REVIEW, SEND, good
from tests.services import MailServer
from tests.tried import Tried

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
#: What the clock does between two requests: where it goes, one after the other, from the hour that is right.
JUMPS = {
    "an hour back": [-HOUR],
    "a day ahead": [DAY],
    "an hour back and right again": [-HOUR, dt.timedelta()],
    "a day ahead and right again": [DAY, dt.timedelta()],
}
NOW = dt.datetime(2026, 11, 23, 3, 0, 10, tzinfo=dt.UTC)

Jump = Callable[[dt.timedelta], None]


@pytest.fixture
def shared_app(backend: Backend) -> Flask:
    return backend.with_province


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Jump:
    """Let the clock be so far from right; it stands otherwise."""

    def to(off: dt.timedelta) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOW + off)
        monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _self: int((NOW + off).timestamp()))

    to(dt.timedelta())
    return to


@pytest.fixture
def province(app: Flask, jump: Jump) -> builders.Province:
    found = builders.make_province()
    db.session.commit()
    return found


pytestmark = pytest.mark.strictest_database
all_jumps = pytest.mark.parametrize("off", JUMPS.values(), ids=JUMPS)


@all_jumps
def test_a_letter_begun_before_is_sent_after_with_its_file(client, province, jump, off, tried: Tried):
    typed = form_of(client.get(FORM), REVIEW).values.to_dict() | good(province, phone="091")
    values = typed | {"files": (io.BytesIO(picture()), "anh.jpg")}
    refused = client.post(REVIEW, data=values, content_type="multipart/form-data")
    assert refused.status_code == 422
    for each in off:
        jump(each)
        shown = press(client, form_of(refused, REVIEW), phone="0912345678")
        assert "anh.jpg" in shown.text, shown.text
    assert press(client, form_of(shown, SEND)).location == RECEIPT
    (item,) = db.session.scalars(db.select(Feedback)).all()
    assert [each.file.name for each in item.attachments] == ["anh.jpg"]
    tried("a letter begun before the clock jumped, sent after", len(off))


@all_jumps
def test_who_is_signed_in_stays_or_signs_in_again_and_nobody_is_kept_out(client, province, jump, off, tried: Tried):
    user = make_user(password=GOOD, roles=[Role.OFFICER])
    db.session.commit()
    sign_in(client, user)
    for each in off:
        jump(each)
        there = client.get("/tai-khoan").status_code
        assert there in {200, 302}
        if there == 302:
            assert each == DAY
            assert sign_in(client, user).status_code == 302
        assert client.get("/tai-khoan").status_code == 200
    tried("a session across a jump of the clock", len(off))


@all_jumps
def test_a_code_of_an_app_that_is_right_counts_when_the_clock_is(client, province, jump, off, tried: Tried):
    user = give_app(make_user(password=GOOD, roles=[Role.OFFICER]))
    for each in off:  # the telephone's clock is right all the while
        jump(each)
        page = sign_in(client, user)
        page = client.get(page.location)
        refused = press(client, form_of(page, "/dang-nhap/xac-nhan"), code=CODE.at(NOW))
        assert refused.status_code == (422 if each else 302)
    jump(dt.timedelta())
    if off[-1]:
        press(client, form_of(client.get(sign_in(client, user).location), "/dang-nhap/xac-nhan"), code=CODE.at(NOW))
    assert client.get("/tai-khoan").status_code == 200
    tried("a code of an app while the clock is wrong", len(off))


@all_jumps
def test_a_link_that_ends_opens_no_longer_than_it_may(app, jump, off, tried: Tried):
    file = StoredFile(uid=uuid.uuid4())
    with app.test_request_context("/"):
        token = link_token(file, "user:1")
        for each in off:
            jump(each)
            assert link_is_good(token, file, "user:1") is (not each)
    tried("a link that ends across a jump of the clock", len(off))


def test_every_page_of_an_item_from_the_future_shows_and_counts_nothing_below_zero(client, province, jump, tried: Tried):
    """Written while the clock was a day ahead, read when it is right again, and an hour before that."""
    jump(DAY)
    item = builders.taken(province, now=clock.now())
    db.session.commit()
    pages = 0
    for each in (dt.timedelta(), -HOUR):
        jump(each)
        for user in (province.officer, province.head, province.clerk, province.front_reader):
            signed_in_as(client, user)
            for address in ("/", "/can-bo/viec", "/can-bo/tiep-nhan", f"/can-bo/y-kien/{item.code}", "/tai-khoan/thiet-bi", "/thong-bao"):
                page = client.get(address)
                pages += page.status_code == 200
                assert page.status_code in {200, 403, 404}, address
                assert not re.search(r"[-−–]\d+ (ngày|giờ|phút|giây)", page.text), address
    assert pages >= 30
    tried("a page about what was written while the clock was ahead", pages)


def test_the_record_is_whole_whatever_the_clock_said_when_it_was_written_and_sealed(app, jump, tried: Tried):
    unit = make_unit()
    for off in (dt.timedelta(), -HOUR, DAY, dt.timedelta()):
        jump(off)
        record(SYSTEM, "unit.closed", unit, at=clock.now(), on="2026-11-23")
        db.session.commit()
        jump(-off)  # it jumps between the writing and the sealing too
        chain.seal()
    report = verifying.verify(today=clock.today())
    told = [fault for fault in report.faults if fault.kind != "grant_untold"]  # the roles of people whom no administrator made
    assert told == []
    assert db.session.scalar(db.select(db.func.max(AuditLink.seq))) >= 4
    tried("the record written and sealed by a clock that jumps", 8)


@pytest.fixture
def mailing(app: Flask, province: builders.Province, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setitem(app.config, "SMTP_HOST", mail_server.host)
    monkeypatch.setitem(app.config, "SMTP_PORT", mail_server.port)
    return app


def sent(mail_server: MailServer) -> int:
    """Return how many letters came, none of them twice."""
    ids = [message["Message-ID"] for message in mail_server.messages]
    assert len(set(ids)) == len(ids)
    return len(ids)


@pytest.mark.usefixtures("mailing")
def test_a_letter_put_off_while_the_clock_was_ahead_goes_out_when_it_is_right(jump, mail_server, tried: Tried):
    jump(DAY)
    builders.submit(clock.now())
    db.session.commit()
    mail_server.refuses = "451 later"
    delivery.drain()
    mail_server.refuses = ""
    jump(dt.timedelta())
    delivery.drain()
    assert sent(mail_server) == db.session.scalar(db.select(db.func.count()).where(Notice.channel == "email"))
    tried("a letter put off while the clock was ahead", 1)


def test_a_lease_taken_before_the_clock_was_set_back_holds_nobody_up(mailing, jump, mail_server, tried: Tried):
    """In the middle of a job: it had claimed the letter and was killed; then the clock went back."""
    builders.submit(clock.now())
    db.session.commit()
    delivery.claim(delivery.carriers(mailing.config), now=clock.now())
    db.session.commit()
    jump(-2 * HOUR)
    delivery.drain()
    assert sent(mail_server) == db.session.scalar(db.select(db.func.count()).where(Notice.channel == "email"))
    tried("a lease taken before the clock was set back", 1)


def test_what_is_due_regularly_goes_on_at_once_when_the_clock_is_right_again(post_app, monkeypatch, tried: Tried):
    """And what is due once a day is done on the day that it had taken for today, too."""
    post_app.extensions["schedules"] = {}
    jobs.every(post_app, "often", "app.delivery.drain", seconds=10)
    jobs.daily(post_app, "nightly", "app.delivery.drain", at=dt.time(2, 40))
    seen: dict[str, int] = {}

    def queued(at: dt.datetime) -> set[str]:
        before = set(jobs.queue().job_ids)
        queue_due(at, seen=seen)
        return {each.partition("-")[0] for each in set(jobs.queue().job_ids) - before}

    assert queued(NOW) == set()  # they meet
    assert queued(NOW + DAY) == {"often", "nightly"}
    SimpleWorker([jobs.queue()], connection=jobs.queue().connection, serializer="json").work(burst=True, logging_level="WARNING")
    assert queued(NOW + dt.timedelta(seconds=10)) == {"often", "nightly"}  # right again: at once
    assert queued(NOW + dt.timedelta(seconds=20)) == {"often"}
    assert queued(NOW + DAY) == {"often", "nightly"}  # the day comes
    assert queued(NOW + DAY - HOUR) == {"often"}  # an hour back
    tried("a look at what is due by a clock that jumps", 6)
    assert len(db.session.scalars(db.select(Tick)).all()) == 2


@pytest.fixture
def counting(backend: Backend, valkey: str) -> Iterator[Flask]:
    """The site with its limits, counted on a real Valkey."""
    with opened(build(backend.copy(), backend.folder, RATE_LIMIT_ENABLED=True, REDIS_URL=valkey)) as app:
        yield app


@pytest.mark.usefixtures("counting")
def test_nobody_waits_for_the_hour_at_which_a_clock_that_was_ahead_had_counted_them(monkeypatch, tried: Tried):
    tries = Tally("3 per minute")
    for _ in range(3):
        tries.add("hop")
    assert tries.full("hop")
    ahead = ticking.settled(None)
    monkeypatch.setattr(clock, "now", lambda: NOW - DAY)
    assert ticking.settled(ahead) < ahead
    assert not tries.full("hop")
    tried("tries counted while the clock was ahead", 3)


def test_a_silence_that_was_none_is_taken_back(app, province, jump, tried: Tried):
    """Ahead, the jobs seem to have been silent for a day; right again, they are heard, and who was told hears that too."""
    chain.seal()
    jump(DAY)
    silent = {beat.name for beat in heartbeat.alarm(clock.now())}
    assert chain.SEALER in silent
    jump(dt.timedelta())
    chain.seal()
    assert chain.SEALER not in {beat.name for beat in heartbeat.alarm(clock.now())}
    tried("a watched job across a jump of the clock", 2)

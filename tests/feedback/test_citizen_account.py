"""The account of a citizen: an e-mail address, the code that goes there, and what was sent with it."""

from __future__ import annotations

import datetime as dt
import re
import threading
import uuid

import pytest
from sqlalchemy import text

from app import clock, crypto
from app.accounts.models import User
from app.chain import queries as chain
from app.citizens import operations, queries, rules
from app.citizens.jobs import sweep
from app.citizens.models import CitizenAccount, CitizenCode, CitizenSignIn
from app.database import db
from app.letters import letter
from app.outbox import Notice
from feedback import mine
from feedback.operations.intake import PersonData
from feedback.rules import DENUNCIATION, IdentityScope, Kind, SenderType
from tests.factories import make_user, sign_in
from tests.feedback import builders
from tests.feedback.builders import MONDAY, Province
from tests.feedback.pages import post, token

OWN = "/tai-khoan-cua-toi"
HOA = "hoa@example.com"


@pytest.fixture
def province(app, monkeypatch) -> Province:
    monkeypatch.setattr(clock, "now", lambda: MONDAY)
    return builders.make_province()


def ask(client, email=HOA):
    return post(client, OWN, {"email": email})


def last_code() -> CitizenCode:
    return db.session.scalars(db.select(CitizenCode).order_by(CitizenCode.id.desc())).first()


def digits() -> str:
    return queries.digits_of(last_code())


def come_in(client, email=HOA):
    ask(client, email)
    answer = post(client, f"{OWN}/ma", {"code": digits()})
    assert (answer.status_code, answer.location) == (303, OWN)
    return client.get(OWN)


# --- by hand in the database ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", ["citizen_account", "citizen_sign_in"])
def test_an_account_that_was_led_to_another_by_hand_sees_nothing_of_it_and_is_found(app, client, province, table, tried):
    code = builders.submit(people=(PersonData(name="Bà Lành", email="lanh@example.com"),), token="hers").code
    assert code in come_in(app.test_client(), "lanh@example.com").text
    assert code not in come_in(client).text
    mine_, hers = db.session.scalars(db.select(CitizenAccount.id).order_by(CitizenAccount.id.desc())).all()
    index = crypto.blind_index("lanh@example.com")
    db.session.commit()
    assert list(chain.keys_foreign()) == []
    if table == "citizen_account":
        db.session.execute(text(f"UPDATE citizen_account SET email_index = 'x' WHERE id = {hers}"))
        db.session.execute(text(f"UPDATE citizen_account SET email_index = '{index}' WHERE id = {mine_}"))
    else:
        db.session.execute(text(f"UPDATE citizen_sign_in SET account_id = {hers} WHERE account_id = {mine_}"))
    db.session.commit()
    assert code not in client.get(OWN).text
    db.session.commit()
    assert {found for found, _id in chain.keys_foreign()} == {table}
    tried("an account of one's own led to somebody else's address by hand", 1)


# --- the code ---------------------------------------------------------------------------------------------------------------


def test_a_code_has_six_digits_whatever_it_is_made_from():
    codes = {rules.code_of(f"{number:064x}") for number in (0, 7, 10**6, 16**64 - 1)}
    assert codes == {"000000", "000007", f"{(16**64 - 1) % 10**6:06}"}


@pytest.mark.parametrize(
    ("minutes", "tries", "used", "opens"),
    [(0, 0, False, True), (9, 4, False, True), (10, 0, False, False), (0, 5, False, False), (0, 0, True, False)],
)
def test_a_code_opens_for_ten_minutes_five_tries_and_once(minutes, tries, used, opens):
    now = MONDAY + dt.timedelta(minutes=minutes)
    assert rules.may_try(asked_at=MONDAY, tries=tries, used=used, now=now) is opens


def test_the_code_goes_by_mail_and_stands_nowhere_in_the_database(client, province):
    ask(client)
    notice = db.session.scalars(db.select(Notice)).one()
    written = letter(notice)
    assert written.to == HOA
    assert digits() in written.text
    assert digits() in written.html
    assert digits() not in f"{notice.facts} {notice.dedup} {written.subject}"
    assert HOA.encode() not in last_code().email_sealed


def test_known_or_not_the_answer_is_the_same_and_a_letter_goes(client, province):
    come_in(client)
    pages = []
    for email in (HOA, "khong.ai@example.com"):
        stranger = client.application.test_client()
        answer = ask(stranger, email)
        pages.append((answer.status_code, answer.location, re.sub(r'value="[^"]*"', "", stranger.get(answer.location).text)))
    assert pages[0] == pages[1]
    assert db.session.scalar(db.select(db.func.count()).select_from(Notice)) == 3


def test_a_wrong_code_uses_up_a_try_and_after_five_the_right_one_opens_nothing(client, province):
    ask(client)
    right = digits()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        page = post(client, f"{OWN}/ma", {"code": wrong})
        assert page.status_code == 422
        assert "Mã không đúng" in page.text
    assert post(client, f"{OWN}/ma", {"code": right}).status_code == 422
    assert db.session.scalars(db.select(CitizenAccount)).all() == []


def test_a_code_is_read_as_telephones_write_it_and_one_too_short_costs_no_try(client, province):
    ask(client)
    for typed in ("12345", "١٢٣٤٥٦", "²²²²²²", "x" * 500):
        assert post(client, f"{OWN}/ma", {"code": typed}).status_code == 422
    assert last_code().tries == 0
    spaced = f" {digits()[:3]} {digits()[3:]} "
    assert post(client, f"{OWN}/ma", {"code": spaced}).location == OWN


def test_a_code_opens_in_the_browser_that_asked_for_it_only_and_once(client, province):
    ask(client)
    right = digits()
    stranger = client.application.test_client()
    assert stranger.get(f"{OWN}/ma").location == OWN
    ask(stranger, "ke.la@example.com")  # has a code of their own, and somebody told them this one
    assert post(stranger, f"{OWN}/ma", {"code": right}).status_code == 422 or right == digits()
    asked = db.session.scalars(db.select(CitizenCode).order_by(CitizenCode.id)).first()
    assert operations.come_in(asked.uid, right, browser="", now=MONDAY)
    assert operations.come_in(asked.uid, right, browser="", now=MONDAY) is None
    assert operations.come_in(uuid.uuid4(), right, browser="", now=MONDAY) is None


def test_two_presses_at_once_come_in_once(fresh_app):
    row = operations.ask(HOA, locale="vi", now=MONDAY)
    db.session.commit()
    uid, right, keys, together = row.uid, queries.digits_of(row), [], threading.Barrier(2)
    db.session.remove()

    def press():
        with fresh_app.app_context():
            together.wait()
            keys.append(operations.come_in(uid, right, browser="", now=MONDAY))
            db.session.commit()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(key is not None for key in keys) == [False, True]


@pytest.mark.parametrize("email", ["", "x", "a@b", "a@b.example,c@d.example", "a@b.example\r\nBcc: c@d.example", "@" * 300])
def test_what_is_no_address_gets_no_letter(client, province, email):
    assert ask(client, email).status_code == 422
    assert db.session.scalars(db.select(Notice)).all() == []


# --- who is in --------------------------------------------------------------------------------------------------------------


def test_who_is_in_sees_what_they_sent_and_goes_out(client, province):
    item = builders.received(body="Đèn đường trước số 12 tắt ba tuần nay.")
    other = builders.received(people=(PersonData(name="Lý Văn Ba", email="ba@example.com"),))
    db.session.commit()
    page = come_in(client)
    assert page.headers["Cache-Control"] == "no-store"
    assert item.code in page.text
    assert other.code not in page.text
    post(client, f"{OWN}/thoat", page=OWN)
    assert item.code not in client.get(OWN).text
    assert db.session.scalars(db.select(CitizenSignIn)).all() == []


def test_the_cookie_goes_to_these_pages_only_and_no_other_browser_can_use_it(client, province):
    come_in(client)
    cookie = client.get_cookie("citizen", path=OWN)
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert client.get_cookie("citizen", path="/") is None
    assert crypto.key_digest(cookie.value) == db.session.scalars(db.select(CitizenSignIn)).one().digest
    assert 'name="email"' in client.get(OWN, headers={"User-Agent": "Firefox/150 Linux"}).text
    assert 'name="email"' not in client.get(OWN).text


def test_it_ends_by_itself(client, province, monkeypatch):
    come_in(client)
    monkeypatch.setattr(clock, "now", lambda: MONDAY + rules.STAYS)
    assert 'name="email"' in client.get(OWN).text
    sweep()
    sweep()
    assert [db.session.scalar(db.select(db.func.count()).select_from(table)) for table in (CitizenCode, CitizenSignIn, Notice)] == [0, 0, 0]


def test_no_page_of_the_staff_takes_it_for_one_of_them(client, province):
    make_user(email=HOA)  # the same address has an account there
    db.session.commit()
    come_in(client)
    assert client.get("/tai-khoan").location.startswith("/dang-nhap")
    assert db.session.scalar(db.select(User).where(User.last_sign_in_at.is_not(None))) is None
    sign_in(officer := client.application.test_client(), province.officer)
    assert 'name="email"' in officer.get(OWN).text


# --- opening ------------------------------------------------------------------------------------------------------------------


def test_the_thread_opens_without_code_and_key_and_only_that_of_the_address(client, province):
    item = builders.received()
    other = builders.received(body="Chợ tạm lấn hết vỉa hè.", people=(PersonData(name="Lý Văn Ba", email="ba@example.com"),))
    db.session.commit()
    come_in(client)
    data = {"csrf_token": token(client, OWN)}
    assert client.post(f"{OWN}/y-kien/{other.code}", data=data).status_code == 404
    answer = client.post(f"{OWN}/y-kien/{item.code}", data=data)
    assert answer.location == f"/tra-cuu/{item.code}"
    assert builders.BODY in client.get(answer.location).text
    assert "Chợ tạm" not in client.get(f"/tra-cuu/{other.code}").text


def test_nothing_opens_without_having_come_in(client, province):
    item = builders.received()
    db.session.commit()
    answer = client.post(f"{OWN}/y-kien/{item.code}", data={"csrf_token": token(client, OWN)})
    assert answer.location == OWN
    assert client.get_cookie("thread", path="/tra-cuu") is None


@pytest.mark.parametrize("case", ["denunciation", "confidential", "own workplace", "erased"])
def test_what_was_not_sent_openly_is_in_no_list(province, case):
    if case == "denunciation":
        builders.submit(kind=DENUNCIATION)
    elif case == "confidential":
        builders.received(identity_scope=IdentityScope.RECEPTION)
    elif case == "own workplace":
        builders.received(field_id=province.grassroots.id)
    else:
        builders.received().people[0].erased_at = MONDAY
    db.session.flush()
    assert list(mine.sent(crypto.blind_index(HOA))) == []


def test_a_signer_opens_with_their_own_key_which_only_reads(province):
    ba = "ba@example.com"
    people = (PersonData(name="Trần Thị Hoa", email=HOA, role="signer"), PersonData(name="Lý Văn Ba", email=ba, role="representative"))
    item = builders.received(kind=Kind.RECOMMENDATION, sender_type=SenderType.GROUP, people=people)
    of_hoa, of_ba = (mine.key_to(item.code, crypto.blind_index(email)) for email in (HOA, ba))
    assert (of_hoa[1].may_act, of_ba[1].may_act) == (False, True)
    assert mine.key_to(item.code, crypto.blind_index("la@example.com")) is None

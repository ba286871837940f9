"""Watching a promise, notes, subscriptions, and the news of each week."""

from __future__ import annotations

import datetime as dt
from email.policy import SMTP

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select

from app import clock
from app.access import NotAllowed
from app.accounts.models import Grant
from app.accounts.queries import reach_of
from app.assignments import operations as promises
from app.carriers import Mail
from app.database import db
from app.letters import letter
from app.outbox import Channel, Notice
from app.permissions import Permission, Role
from dialogues.duties import Span
from oversight import jobs, register
from oversight.board import watched, weekly
from oversight.models import Subscription, Watch, WatchNote, WeeklyNews
from oversight.operations import watching
from oversight.operations import weekly as sending
from oversight.register import cuts
from oversight.rules import watching as rules
from tests.factories import make_unit, make_user, sign_in
from tests.feedback import builders, pages
from tests.feedback.builders import at
from tests.feedback.test_races import DONE, Hand, at_once

#: The week of builders.MONDAY, 3/8/2026, and the morning after it.
DAYS = Span(dt.date(2026, 8, 3), dt.date(2026, 8, 9))
NEXT_MONDAY = at(7, 7)
LONG_BEFORE = at(-10)
ALL, NEWS = "/can-bo/viec-da-cam-ket", "/can-bo/dang-theo-doi/ban-tin"


@pytest.fixture
def reader(province):
    return province.front_reader


@pytest.fixture
def row(province):
    """One duty to answer of Sở Xây dựng, offered on the Monday."""
    return builders.taken(province).assignments[0]


def subscribe(user, address, *, now=LONG_BEFORE):
    return watching.subscribe(weekly.spelled(cuts.cut_of(address)), actor=user, now=now)


def watch(row, user, *, now=LONG_BEFORE):
    return watching.watch(row, actor=user, today=now.date(), now=now)


def send(user, now=NEXT_MONDAY):
    return sending.send(user, today=clock.local_date(now), now=now)


def notices(user):
    return list(
        db.session.scalars(select(Notice).where(Notice.user_id == user.id, Notice.template == sending.TEMPLATE).order_by(Notice.id))
    )


# --- the rules ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader_id", "unit_id", "shared", "reads"),
    [(1, 10, False, True), (1, 99, False, True), (2, 10, True, True), (2, 10, False, False), (2, 11, True, False)],
)
def test_a_note_is_read_by_its_writer_and_when_shared_by_their_unit(reader_id, unit_id, shared, reads):
    assert rules.may_read_note(reader_id, unit_id, writer_id=1, unit_id=10, shared=shared) is reads


@pytest.mark.parametrize(
    ("today", "told_to", "days"),
    [
        (dt.date(2026, 8, 10), None, (dt.date(2026, 8, 3), dt.date(2026, 8, 9))),
        (dt.date(2026, 8, 10), dt.date(2026, 8, 2), (dt.date(2026, 8, 3), dt.date(2026, 8, 9))),
        (dt.date(2026, 8, 12), dt.date(2026, 8, 2), (dt.date(2026, 8, 3), dt.date(2026, 8, 9))),  # the site stood still on Monday
        (dt.date(2026, 8, 17), dt.date(2026, 8, 2), (dt.date(2026, 8, 3), dt.date(2026, 8, 16))),  # and one whole week
    ],
)
def test_the_news_goes_on_where_the_last_ended_up_to_sunday(today, told_to, days):
    assert rules.news_days(today, told_to) == days


def test_the_week_is_the_iso_week():
    assert [rules.week_of(day) for day in (dt.date(2026, 8, 3), dt.date(2027, 1, 1))] == ["2026-W32", "2026-W53"]


# --- the list ----------------------------------------------------------------------------------------------------------


def test_watching_twice_is_watching_once(row, reader):
    assert watch(row, reader) is watch(row, reader, now=at(0))
    assert db.session.scalar(select(func.count()).select_from(Watch)) == 1
    assert builders.actions(row).count("watch.begun") == 1


def test_what_one_may_not_see_one_does_not_watch(row, province):
    stranger = make_user(unit=make_unit(), roles=[Role.FRONT])
    with pytest.raises(NotAllowed):
        watch(row, stranger)


def test_a_list_ends_somewhere(row, reader, monkeypatch):
    monkeypatch.setattr(rules, "MOST_WATCHED", 0)
    with pytest.raises(watching.TooManyWatched):
        watch(row, reader)


def test_the_list_says_what_is_new_since_the_last_look(client, row, reader):
    watch(row, reader)
    sign_in(client, reader)

    before = client.get("/can-bo/dang-theo-doi").text
    page = client.get(f"{ALL}/{row.id}")
    after = client.get("/can-bo/dang-theo-doi").text

    assert page.status_code == 200
    assert "nhận xử lý" in before
    assert "nhận xử lý" not in after
    assert "Chưa có gì mới" in after


def test_what_one_may_see_no_more_is_not_on_the_list_and_it_is_said(client, row, reader):
    watch(row, reader)
    row.feedback.accused_unit_id = reader.unit_id  # now it is about the reader's own body
    db.session.flush()
    sign_in(client, reader)

    page = client.get("/can-bo/dang-theo-doi").text

    assert row.reference not in page
    assert "1 việc khác đã theo dõi nay không còn được xem" in page


def test_the_buttons_watch_and_let_go(client, row, reader):
    sign_in(client, reader)
    address = f"{ALL}/{row.id}"

    assert pages.post(client, f"{address}/theo-doi", page=NEWS).status_code == 303
    assert "Thôi theo dõi" in client.get(address).text
    assert pages.post(client, f"{address}/thoi-theo-doi", page=NEWS).status_code == 303
    assert "Theo dõi việc này" in client.get(address).text


def test_who_may_not_see_it_gets_404_for_every_button(client, row):
    sign_in(client, make_user(unit=make_unit(), roles=[Role.FRONT]))
    for verb in ("theo-doi", "thoi-theo-doi", "ghi-chu"):
        assert pages.post(client, f"{ALL}/{row.id}/{verb}", page=NEWS).status_code == 404, verb


@pytest.mark.parametrize("page", ["0", "-3", "999999999999", "x", "%00"])
def test_odd_pages_open(client, reader, page):
    sign_in(client, reader)
    assert client.get(f"/can-bo/dang-theo-doi?trang={page}").status_code == 200


# --- notes -------------------------------------------------------------------------------------------------------------


def note(row, user, body="Hỏi lại sau Tết", *, shared=False):
    return watching.note(row, body=body, shared=shared, actor=user, today=at(1).date(), now=at(1))


def test_a_note_puts_the_promise_on_the_list_and_twice_the_same_is_one(row, reader):
    assert note(row, reader) is note(row, reader)
    assert watching.watch_of(row, reader) is not None


def test_a_shared_note_is_read_in_the_unit_and_nowhere_else(row, reader, province):
    colleague = make_user(unit=reader.unit, roles=[(Role.FRONT, None)])
    note(row, reader, "Riêng tôi")
    note(row, reader, "Cho cả đơn vị", shared=True)

    assert [each.body for each in watched.notes_on(row, colleague)] == ["Cho cả đơn vị"]
    assert [each.body for each in watched.notes_on(row, reader)] == ["Cho cả đơn vị", "Riêng tôi"]
    assert watched.notes_on(row, province.steering_reader) == []


def test_a_note_is_taken_back_only_by_its_writer(client, row, reader, province):
    written = note(row, reader, shared=True)
    colleague = make_user(unit=reader.unit, roles=[(Role.FRONT, None)])
    with pytest.raises(NotAllowed):
        watching.drop_note(written, actor=colleague, now=at(2))

    sign_in(client, colleague)
    assert pages.post(client, f"{ALL}/{row.id}/ghi-chu/{written.id}/bo", page=NEWS).status_code == 404
    assert "Bỏ ghi chú này" not in client.get(f"{ALL}/{row.id}").text
    sign_in(client, reader)
    assert pages.post(client, f"{ALL}/{row.id}/ghi-chu/{written.id}/bo", page=NEWS).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(WatchNote)) == 0


def test_an_empty_or_endless_note_is_refused_and_kept(client, row, reader):
    sign_in(client, reader)
    long = "a" * 2001

    empty, endless = (pages.post(client, f"{ALL}/{row.id}/ghi-chu", {"note-body": body}, page=NEWS) for body in ("", long))

    assert (empty.status_code, endless.status_code) == (422, 422)
    assert "Viết điều cần ghi nhớ" in empty.text
    assert long in endless.text


# --- subscriptions -----------------------------------------------------------------------------------------------------


def test_one_part_has_one_spelling_however_it_was_written(reader, province):
    first = subscribe(reader, {"don-vi": province.works.code, "linh-vuc": province.lighting.code, "xem": "late", "tuoi": "0-5"})
    again = subscribe(reader, {"linh-vuc": province.lighting.code, "don-vi": province.works.code})
    assert first is again
    assert first.address == f"don-vi={province.works.code}&linh-vuc={province.lighting.code}"


def test_a_part_that_is_no_more_widens_to_nothing(reader, province):
    kept = subscribe(reader, {"don-vi": province.works.code})
    province.works.code = "da-doi-ma"
    db.session.flush()

    assert weekly.cut_of(kept) is None
    assert weekly.news(reader, reader.reach, DAYS, NEXT_MONDAY.date()).parts == []


def test_the_form_takes_a_choice_or_a_pasted_address_and_says_when_there_is_neither(client, reader, province):
    sign_in(client, reader)
    address = "/can-bo/dang-theo-doi/ban-tin"

    chosen = pages.post(client, address, {"unit": province.works.code}, page=NEWS)
    pasted = pages.post(client, address, data={"address": f"https://x.example{ALL}?noi={province.place.code}&xem=late"})
    nothing = pages.post(client, address, {"address": ""}, page=NEWS)

    assert (chosen.status_code, pasted.status_code, nothing.status_code) == (303, 303, 422)
    assert "Chọn ít nhất một" in nothing.text
    found = db.session.scalars(select(Subscription.address).order_by(Subscription.id)).all()
    assert found == [f"don-vi={province.works.code}", f"noi={province.place.code}"]
    page = client.get(address).text
    assert "Sở Xây dựng" in page
    assert f'href="{ALL}?noi={province.place.code}"' in page


@pytest.mark.parametrize("typed", ["http://[", "?" + "a=" * 400, "\x00", "?don-vi=%FF%00"])
def test_an_odd_address_is_no_error_of_ours(client, reader, typed):
    sign_in(client, reader)
    assert pages.post(client, "/can-bo/dang-theo-doi/ban-tin", {"address": typed}, page=NEWS).status_code in {303, 422}


def test_coming_from_the_filtered_register_its_address_is_filled_in(client, reader, province):
    sign_in(client, reader)
    page = BeautifulSoup(client.get(f"/can-bo/dang-theo-doi/ban-tin?don-vi={province.works.code}").text, "html.parser")
    assert page.select_one("input[name=address]")["value"] == f"?don-vi={province.works.code}"


def test_nobody_ends_the_subscription_of_another(client, reader, province):
    kept = subscribe(province.steering_reader, {"don-vi": province.works.code})
    sign_in(client, reader)
    assert pages.post(client, f"/can-bo/dang-theo-doi/ban-tin/{kept.id}/bo", page=NEWS).status_code == 404


# --- the news of a week --------------------------------------------------------------------------------------------------


def test_the_news_counts_what_is_new_late_and_done_each_duty_apart_and_every_number_opens_its_cases(reader, province):
    builders.taken(province)
    builders.answered(province, now=at(0))
    late = builders.taken(province, now=at(-30)).assignments[0]
    promises.set_due(late, dt.date(2026, 8, 6))
    db.session.flush()
    subscribe(reader, {"don-vi": province.works.code})

    (part,) = weekly.news(reader, reader.reach, DAYS, NEXT_MONDAY.date()).parts

    assert {(each.name, each.duty): each.count for each in part.numbers} == {
        ("made", "answer"): 2,
        ("missed", "answer"): 1,
        ("closed", "answer"): 1,
    }
    for number in part.numbers:
        cut = cuts.cut_of(number.arguments)
        listed = register.page(cut, reader.reach, NEXT_MONDAY.date(), after=None, limit=100)
        assert len(listed) == number.count, number.name


def test_it_is_sent_once_a_week_on_the_site_and_by_mail_however_often_the_job_runs(row, reader, province):
    subscribe(reader, {"don-vi": province.works.code})

    assert [send(reader), send(reader), send(reader, at(9, 7))] == [True, False, False]

    assert [each.channel for each in notices(reader)] == [Channel.SITE, Channel.EMAIL]


def test_what_was_told_is_not_told_again_the_next_week(row, reader, province):
    subscribe(reader, {"don-vi": province.works.code})
    send(reader)

    assert send(reader, at(14, 7)) is False
    kept = db.session.scalars(select(WeeklyNews).order_by(WeeklyNews.id)).all()
    assert [(each.week, each.first_on) for each in kept] == [("2026-W33", dt.date(2026, 8, 3)), ("2026-W34", dt.date(2026, 8, 10))]


def test_who_subscribed_in_this_week_hears_on_the_next_monday(row, reader, province):
    subscribe(reader, {"don-vi": province.works.code}, now=at(8))
    assert send(reader, at(9, 7)) is False
    assert db.session.scalar(select(func.count()).select_from(WeeklyNews)) == 0


def test_who_lost_the_right_to_read_hears_nothing(client, row, reader, province):
    subscribe(reader, {"don-vi": province.works.code})
    watch(row, reader)
    send(reader)
    (site, mail) = notices(reader)
    db.session.execute(db.delete(Grant).where(Grant.user_id == reader.id))
    db.session.flush()

    text = letter(mail).text

    assert row.reference not in text
    assert "Sở Xây dựng" not in text
    assert send(reader, at(14, 7)) is False
    assert not reach_of(reader, on=at(7).date()).may_anywhere(Permission.REGISTER_READ)
    assert site.facts["news_id"]


def test_the_letter_is_in_the_language_of_the_person_with_links_and_a_way_to_stop_it(app, row, reader, province):
    subscribe(reader, {"don-vi": province.works.code})
    watch(row, reader)
    send(reader)
    (_site, mail) = notices(reader)

    sent = letter(mail)
    message = Mail(app.config)._message(sent)

    assert sent.subject == "Bản tin tuần từ 3/8/2026 đến 9/8/2026"
    assert "1 việc mới phải trả lời" in sent.text
    assert f"{app.config['SITE_URL']}{ALL}/{row.id}" in sent.text
    assert row.feedback.title not in sent.text + sent.html, "a letter holds no content"
    stop = f"<{app.config['SITE_URL']}/can-bo/dang-theo-doi/ban-tin>"
    assert stop in message.as_bytes(policy=SMTP.clone(max_line_length=None)).decode()
    assert mail.locale == reader.locale


def test_the_page_of_a_week_tells_the_same_and_only_to_its_reader(client, row, reader, province):
    subscribe(reader, {"don-vi": province.works.code})
    send(reader)
    kept = db.session.scalar(select(WeeklyNews))
    address = f"/can-bo/dang-theo-doi/ban-tin/{kept.id}"
    sign_in(client, reader)

    page = client.get(address).text
    inbox = client.get("/thong-bao").text

    assert "1 việc mới phải trả lời" in page
    assert row.reference in page
    assert address in inbox
    sign_in(client, province.steering_reader)
    assert client.get(address).status_code == 404


def test_watched_promises_are_in_the_news_without_any_subscription(row, reader):
    watch(row, reader)

    assert send(reader) is True


def test_the_job_tells_everybody_who_subscribed_and_may_run_twice(row, reader, province, monkeypatch):
    subscribe(reader, {"don-vi": province.works.code})
    other = make_user(unit=make_unit(), roles=[(Role.OVERSEER, None)])
    subscribe(other, {"cap": "province"})
    monkeypatch.setattr(clock, "now", lambda: NEXT_MONDAY)

    jobs.send_weekly_news()
    jobs.send_weekly_news()

    assert [len(notices(user)) for user in (reader, other)] == [2, 2]


def test_two_at_once_make_one_row_and_one_letter(fresh_app):
    province = builders.make_province()
    row = builders.taken(province).assignments[0]
    subscribe(province.front_reader, {"don-vi": province.works.code})
    hand = Hand(row=row, reader=province.front_reader)

    def again():
        reader = hand.reader
        watch(hand.row, reader)
        subscribe(reader, {"linh-vuc": "khong"})
        note(hand.row, reader)

    assert at_once(fresh_app, again, again) == [DONE] * 2
    with fresh_app.test_request_context():
        assert at_once(fresh_app, *[lambda: send(hand.reader)] * 2) == [DONE] * 2

    for model, rows in ((Watch, 1), (WatchNote, 1), (Subscription, 2), (WeeklyNews, 1), (Notice, 2)):
        wanted = select(func.count()).select_from(model)
        assert db.session.scalar(wanted if model is not Notice else wanted.where(Notice.template == sending.TEMPLATE)) == rows, model

"""Notices as they are promised and read."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask

from app import letters, outbox
from app.database import db
from app.outbox import Channel, Notice, notify, notify_users
from tests.factories import make_unit, make_user

NOW = dt.datetime(2026, 12, 21, 1, 5, tzinfo=dt.UTC)


def all_notices() -> list[Notice]:
    return list(db.session.scalars(db.select(Notice).order_by(Notice.id)))


def test_the_same_occasion_is_told_once(app: Flask):
    unit = make_unit()
    for _ in range(2):
        notify(channel=Channel.EMAIL, template="thu/answered", about=unit, now=NOW, occasion="round 1", address="hop@example.org")
        db.session.flush()

    assert len(all_notices()) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"occasion": "round 2"},
        {"address": "khac@example.org"},
        {"channel": Channel.SMS},
        {"template": "thu/asked"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_occasion_person_channel_or_template_is_told_too(app: Flask, other: dict[str, Any]):
    unit = make_unit()
    first: dict[str, Any] = {"channel": Channel.EMAIL, "template": "thu/answered", "occasion": "round 1", "address": "hop@example.org"}
    notify(about=unit, now=NOW, **first)
    notify(about=unit, now=NOW, **first | other)

    assert len(all_notices()) == 2


def test_an_address_is_never_stored_as_plain_text(app: Flask):
    notice = notify(channel=Channel.EMAIL, template="thu/answered", about=make_unit(), now=NOW, occasion="1", address="hop@example.org")
    db.session.flush()
    row = db.session.execute(db.select(Notice.__table__)).mappings().one()

    assert notice.address == "hop@example.org"
    assert "hop@example.org" not in str(dict(row))


@pytest.mark.parametrize(
    ("person", "channels"),
    [
        ({}, ["site", "email"]),
        ({"preferences": {"email": True}}, ["site", "email"]),
        ({"preferences": {"email": False}}, ["site"]),
        ({"active": False}, []),
    ],
)
def test_staff_are_told_on_the_site_and_by_mail_unless_they_turned_it_off(app: Flask, person: dict, channels: list[str]):
    user = make_user(**person)
    notify_users([user], "thu/answered", user.unit, "1", NOW, code="BN-26-7K3FQ2-9")

    assert [notice.channel for notice in all_notices()] == channels


def test_the_inbox_shows_ones_own_newest_first_and_goes_on_where_the_page_ended(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outbox, "INBOX_PAGE", 2)
    user, other = make_user(), make_user()
    for person in (user, other):
        for number in range(3):
            notify_users([person], "thu/answered", person.unit, str(number), NOW, code=f"{person.id}-{number}")
    db.session.flush()
    page = outbox.inbox(user)
    rest = outbox.inbox(user, before_id=page[-1].id)

    assert [notice.facts["code"] for notice in [*page, *rest]] == [f"{user.id}-2", f"{user.id}-1", f"{user.id}-0"]


def test_the_inbox_goes_by_when_a_notice_was_made_not_by_when_it_was_stored(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outbox, "INBOX_PAGE", 2)
    user = make_user()
    for number in (1, 2, 0):
        notify_users([user], "thu/answered", user.unit, str(number), NOW + dt.timedelta(hours=number), code=str(number))
    db.session.flush()
    page = outbox.inbox(user)
    rest = outbox.inbox(user, before_id=page[-1].id)

    assert [notice.facts["code"] for notice in [*page, *rest]] == ["2", "1", "0"]


@pytest.mark.parametrize(("which", "left"), [(None, 0), ([0], 2), ([0, 2], 1), ([], 3)])
def test_reading_marks_ones_own_notices_only(app: Flask, which: list[int] | None, left: int):
    user, other = make_user(), make_user()
    for person in (user, other):
        for number in range(3):
            notify_users([person], "thu/answered", person.unit, str(number), NOW)
    db.session.flush()
    theirs = [notice.id for notice in outbox.inbox(other)]
    ids = None if which is None else [outbox.inbox(user)[index].id for index in which] + theirs
    outbox.mark_read(user, ids, NOW)

    assert [sum(each.done_at is None for each in outbox.inbox(person)) for person in (user, other)] == [left, 3]


def test_what_was_sealed_takes_its_notices_along(app: Flask):
    unit, other = make_unit(), make_unit()
    for about in (unit, other):
        notify(channel=Channel.EMAIL, template="thu/answered", about=about, now=NOW, occasion="1", address="hop@example.org")
    db.session.flush()
    outbox.forget(unit)

    assert [notice.subject_id for notice in all_notices()] == [other.id]


def test_the_dead_list_goes_on_where_its_page_ended_and_empties_when_tried_again(app: Flask):
    unit = make_unit()
    for number in range(4):
        notice = notify(
            channel=Channel.EMAIL, template="thu/answered", about=unit, now=NOW, occasion=str(number), address="hop@example.org"
        )
        notice.dead_at, notice.due_at = NOW + dt.timedelta(hours=number // 2), None
    db.session.flush()
    page = outbox.dead_notices(limit=3)
    assert page[-1].dead_at is not None
    rest = outbox.dead_notices((page[-1].dead_at, page[-1].id), limit=3)

    assert [notice.dedup.split(":")[3] for notice in [*page, *rest]] == ["3", "2", "1", "0"]

    outbox.try_again(page[0], NOW)

    assert outbox.dead_count() == 3
    assert outbox.waiting_by_channel() == {"email": 1}


def test_dates_among_the_facts_come_back_as_dates(post_app: Flask):
    day, instant = dt.date(2026, 12, 31), NOW
    notice = notify(
        channel=Channel.SITE,
        template="thu/answered",
        about=make_unit(),
        now=NOW,
        occasion="1",
        answered_on=day,
        seen_at=instant,
        none_on=None,
    )
    db.session.commit()

    assert {name: letters._fact(name, value) for name, value in notice.facts.items()} == {
        "answered_on": day, "seen_at": instant, "none_on": None,
    }  # fmt: skip


def test_a_notice_on_the_site_is_a_sentence_with_its_link(post_app: Flask):
    user = make_user()
    notify_users([user], "thu/answered", user.unit, "1", NOW, code="<b>")
    db.session.commit()
    with post_app.test_request_context():
        told = letters.sentence(outbox.inbox(user)[0])

    assert told == '<a href="/healthz">&lt;b&gt;</a> đã có trả lời.'

"""Notices: written in the transaction of what they tell of, delivered after it.

On the site exactly once: the row *is* the notice. By e-mail and SMS at least once: a repeat after a lost OK, an expired
lease or a crash carries the same Message-ID. A notice names a template and ids, never content.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any

from flask import Flask
from sqlalchemy import ForeignKey, Index, ScalarSelect, bindparam, literal_column, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import jobs
from app.accounts.models import User
from app.accounts.queries import Hearer
from app.counting import up_to_most
from app.crypto import Encrypted, blind_index
from app.database import Base, db
from app.permissions import Reach
from app.storing import store_unless_there

#: By name: app.delivery imports this module.
DRAIN = "app.delivery:drain"
SWEEP_SECONDS = 10  # what a lost wake-up or a failed try left behind waits no longer
INBOX_PAGE = 50


class Channel(StrEnum):
    """How a notice reaches someone."""

    SITE = "site"
    EMAIL = "email"
    SMS = "sms"


def _only(condition: str) -> dict[str, Any]:
    """Return the arguments that keep an index to the rows where *condition* holds."""
    return {"postgresql_where": db.text(condition), "sqlite_where": db.text(condition)}


class Notice(Base):
    """One message to one person by one channel."""

    __tablename__ = "notice"
    __table_args__ = (
        # What the drainer asks. Notices on the site, and those sent or given up, have no due_at and are not in it.
        Index("ix_notice_to_send", "channel", "due_at", "id", **_only("due_at IS NOT NULL")),
        Index("ix_notice_dead", "dead_at", "id", **_only("dead_at IS NOT NULL")),
        Index("ix_notice_inbox", "user_id", "channel", "id"),
        Index("ix_notice_unread", "user_id", **_only("channel = 'site' AND done_at IS NULL")),
        Index("ix_notice_subject", "subject_type", "subject_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4, insert_sentinel=True, comment="the Message-ID: the same at every try")
    dedup: Mapped[str] = mapped_column(unique=True, comment="what it tells, to whom, by what: told once")
    channel: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    address_sealed: Mapped[bytes | None] = mapped_column(comment="e-mail or phone of someone without an account; emptied once it is sent")
    locale: Mapped[str] = mapped_column(default="vi")
    template: Mapped[str] = mapped_column(comment="feedback/notices/answered, without ending")
    facts: Mapped[dict[str, Any]] = mapped_column(comment="ids, codes and dates for the template, never content")
    subject_type: Mapped[str | None] = mapped_column(comment="table of what it is about, to purge with it")
    subject_id: Mapped[int | None]
    created_at: Mapped[dt.datetime]
    due_at: Mapped[dt.datetime | None] = mapped_column(comment="next try; a drainer that claims it moves this to its lease's end")
    attempts: Mapped[int] = mapped_column(default=0)
    tried_since: Mapped[dt.datetime | None] = mapped_column(
        comment="first try: NOTICE_RETRY_HOURS count from here, not while no server is set up"
    )
    done_at: Mapped[dt.datetime | None] = mapped_column(comment="sent; on the site: read")
    dead_at: Mapped[dt.datetime | None] = mapped_column(comment="given up; on the visible dead list")
    last_error: Mapped[str | None] = mapped_column(comment="a code or the name of an error, never an address")

    user: Mapped[User | None] = relationship()

    address = Encrypted("address_sealed")


def init_app(app: Flask) -> None:
    """Have the outbox looked at regularly."""
    jobs.every(app, "outbox", DRAIN, seconds=SWEEP_SECONDS)


def notify(*, about: Any, now: dt.datetime, **what: Any) -> Notice:
    """Promise one notice in the running transaction; it is delivered after the commit. *what* is what :func:`notice` takes."""
    fresh = notice(about=about, now=now, **what)
    told = db.session.scalar(_TOLD, {"dedup": fresh.dedup})
    if told is None:
        db.session.add(fresh)
        _wake([fresh])
    return told or fresh


def notify_users(users: Iterable[User], template: str, about: Any, occasion: str, now: dt.datetime, **facts: Any) -> None:
    """Tell people with accounts: on the site, and by e-mail unless they turned that off. Nobody tells a closed account."""
    promise(to_users(users, template, about, occasion, now, **facts))


def to_users(users: Iterable[User | Hearer], template: str, about: Any, occasion: str, now: dt.datetime, **facts: Any) -> list[Notice]:
    """Return the notices of :func:`notify_users`, for :func:`promise`."""
    return [
        notice(channel=channel, template=template, about=about, now=now, occasion=occasion, user=user, locale=user.locale, **facts)
        for user in users
        if user.active
        for channel in ([Channel.SITE, Channel.EMAIL] if user.preferences.get("email", True) else [Channel.SITE])
    ]


def promise(notices: Collection[Notice]) -> None:
    """Store those of *notices* that were not told before, all at once and without asking."""
    store_unless_there(Notice, [{name: getattr(each, name) for name in _SAYS} for each in notices])
    _wake(notices)


def notice(
    *,
    channel: Channel,
    template: str,
    about: Any,
    now: dt.datetime,
    occasion: str,
    user: User | Hearer | None = None,
    address: str | None = None,
    locale: str = "vi",
    **facts: Any,
) -> Notice:
    """Return a notice that nobody has promised yet: what :func:`promise` takes.

    *occasion* (with the template, what it is about and whom it goes to) makes it unique: the same occasion is told once.
    Facts are ids, codes and dates; a date's name ends in _on, an instant's in _at, and templates get them back as such.
    """
    if about.id is None:
        db.session.flush()
    whom = f"u{user.id}" if user is not None else blind_index(address or "")[:16]
    fresh = Notice(
        uid=uuid.uuid4(),
        dedup=f"{template}:{about.__tablename__}:{about.id}:{occasion}:{channel}:{whom}",
        channel=channel,
        user_id=None if user is None else user.id,
        locale=locale,
        template=template,
        facts={name: value.isoformat() if isinstance(value, dt.date) else value for name, value in facts.items()},
        subject_type=about.__tablename__,
        subject_id=about.id,
        created_at=now,
        due_at=None if channel == Channel.SITE else now,
    )
    if address:
        fresh.address = address
    return fresh


_TOLD = db.select(Notice).where(Notice.dedup == bindparam("dedup"))
#: What is said of a notice when it is promised.
_SAYS = (
    "uid", "dedup", "channel", "user_id", "address_sealed", "locale", "template", "facts", "subject_type", "subject_id", "created_at",
    "due_at",
)  # fmt: skip


def _wake(promised: Iterable[Notice]) -> None:
    if any(each.channel != Channel.SITE for each in promised):
        jobs.enqueue(DRAIN)


def forget(about: Any) -> None:
    """Delete every notice about *about*, sent or not: it was sealed or erased."""
    db.session.execute(db.delete(Notice).where(Notice.subject_type == about.__tablename__, Notice.subject_id == about.id))


def forget_unsent(address: str, about: Iterable[Any]) -> None:
    """Delete what is to go to *address* about these rows of one table and has not gone: they want to hear no more."""
    rows = list(about)
    which = Notice.subject_type == rows[0].__tablename__, Notice.subject_id.in_([row.id for row in rows])
    db.session.execute(db.delete(Notice).where(*which, Notice.due_at.is_not(None), Notice.dedup.endswith(blind_index(address)[:16])))


def forget_to(address: str, about: Any) -> None:
    """Delete what went or is to go to *address* about *about*: whose it is is forgotten."""
    which = Notice.subject_type == about.__tablename__, Notice.subject_id == about.id
    db.session.execute(db.delete(Notice).where(*which, Notice.dedup.endswith(blind_index(address)[:16])))


# --- on the site -------------------------------------------------------------------------------------------------------


def inbox(user: User, before_id: int | None = None) -> list[Notice]:
    """Return the newest INBOX_PAGE notices of *user*, or those before *before_id*; `done_at` is when one was read."""
    query = db.select(Notice).where(Notice.user_id == user.id, Notice.channel == Channel.SITE)
    if before_id is not None and (last := db.session.get(Notice, before_id)) is not None:
        query = query.where(or_(Notice.created_at < last.created_at, (Notice.created_at == last.created_at) & (Notice.id < last.id)))
    return list(db.session.scalars(query.order_by(Notice.created_at.desc(), Notice.id.desc()).limit(INBOX_PAGE)))


def how_many_unread(_reach: Reach | None = None) -> ScalarSelect[int]:
    """Return the question how many notices the person `:user` has not read, for the menu."""
    return up_to_most(db.select(Notice.id).where(Notice.user_id == bindparam("user"), *_UNREAD))


_UNREAD = (Notice.channel == literal_column("'site'"), Notice.done_at.is_(None))  # in the words of the index


def mark_read(user: User, ids: Collection[int] | None, now: dt.datetime) -> None:
    """Note that *user* read these notices, or all of them when *ids* is None; those of others are left alone."""
    which = [] if ids is None else [Notice.id.in_(ids)]
    db.session.execute(db.update(Notice).where(Notice.user_id == user.id, *_UNREAD, *which).values(done_at=now))


# --- what did not arrive -----------------------------------------------------------------------------------------------


def dead_notices(after: tuple[dt.datetime, int] | None = None, *, limit: int = INBOX_PAGE) -> list[Notice]:
    """Return notices that were given up, the latest first; *after* is (dead_at, id) of the last one already shown."""
    query = db.select(Notice).where(Notice.dead_at.is_not(None))
    if after is not None:
        query = query.where(or_(Notice.dead_at < after[0], (Notice.dead_at == after[0]) & (Notice.id < after[1])))
    return list(db.session.scalars(query.order_by(Notice.dead_at.desc(), Notice.id.desc()).limit(limit)))


def try_again(notice: Notice, now: dt.datetime) -> None:
    """Put a dead notice back, with its whole time before it: the address or the server was mended."""
    if notice.dead_at is None:
        return
    notice.dead_at, notice.tried_since, notice.due_at = None, None, now
    notice.attempts = 0
    jobs.enqueue(DRAIN)


def waiting_by_channel() -> dict[str, int]:
    """Return how many notices wait to be sent, by channel."""
    query = db.select(Notice.channel, db.func.count()).where(Notice.due_at.is_not(None)).group_by(Notice.channel)
    return dict(db.session.execute(query).all())


def dead_count() -> int:
    """Return how many notices were given up and not tried again."""
    return db.session.scalar(db.select(db.func.count()).select_from(Notice).where(Notice.dead_at.is_not(None))) or 0

"""Who did what to which thing, when: append-only.

The vocabulary is closed: each action names the facts it must carry, and a missing or extra fact is an error. Facts are
ids, codes, dates and names of reasons, never free text, so that erasing a person's data leaves the record true.
Entries are written in the transaction of the change they tell of, all those of a flush in one statement. Triggers in the database refuse
UPDATE and DELETE.
Each is sealed as it is written, by a key outside the database: one that somebody wrote there by hand is found (app.chain).
Domains add their actions with :func:`register`.
"""

from __future__ import annotations

import datetime as dt
import hmac
import secrets
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

from sqlalchemy import Index, event, insert, text
from sqlalchemy.orm import Mapped, mapped_column

from app import crypto
from app.database import Base, Session, db
from app.entries import canonical

ACTIONS: dict[str, frozenset[str]] = {}

#: What of an entry is sealed when it is recorded: all but its id, which the database gives it later.
SEALED = ("at", "action", "actor_kind", "actor_id", "actor_unit_id", "subject_type", "subject_id", "facts")
_NONCE = 16  # letters: no two seals are the same, so that a copy of an entry is found


class AuditFactsWrong(TypeError):
    """An entry lacks a fact its action must carry, or carries one it must not."""


class ActionUnknown(KeyError):
    """An action that no vocabulary names."""


class HasId(Protocol):
    """A row of any table."""

    __tablename__: Any

    @property
    def id(self) -> Any: ...


_BY_SOMEBODY = text("actor_id IS NOT NULL")


class AuditEntry(Base):
    """One thing that happened."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        Index("ix_audit_entry_subject", "subject_type", "subject_id", "id"),
        Index("ix_audit_entry_actor", "actor_id", "id", sqlite_where=_BY_SOMEBODY, postgresql_where=_BY_SOMEBODY),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    action: Mapped[str]
    actor_kind: Mapped[str] = mapped_column(comment="user, sender (a citizen with a key), system")
    actor_id: Mapped[int | None] = mapped_column(comment="app_user.id when actor_kind is user")
    actor_unit_id: Mapped[int | None]
    subject_type: Mapped[str] = mapped_column(comment="name of the subject's table")
    subject_id: Mapped[int]
    facts: Mapped[dict[str, Any]]
    seal: Mapped[str | None] = mapped_column(comment="peppered, over the others but the id: only this site can have recorded it")

    subject: ClassVar[Any] = None  # the row it is about, while that has no id

    @property
    def is_ours(self) -> bool:
        """Whether this site recorded it."""
        return is_ours([getattr(self, name) for name in SEALED], self.seal)


def seal_of(said: Sequence[Any]) -> str:
    """Return the seal of an entry of which *said* are the columns of :data:`SEALED`."""
    nonce = secrets.token_hex(_NONCE // 2)
    return nonce + crypto.mac("audit-entry", canonical((nonce, *said)))


def is_ours(said: Sequence[Any], seal: Any) -> bool:
    """Say whether this site made *seal* when it recorded *said*, read or raw: whoever has only the database cannot make one."""
    try:
        return hmac.compare_digest(crypto.mac("audit-entry", canonical((seal[:_NONCE], *said))), seal[_NONCE:])
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return False


@event.listens_for(AuditEntry, "before_insert")
def _seal(_mapper: Any, _connection: Any, entry: AuditEntry) -> None:
    entry.seal = seal_of([getattr(entry, name) for name in SEALED])


def register(actions: dict[str, set[str]]) -> None:
    """Add *actions* (name → names of the facts each must carry) to the vocabulary."""
    for name, facts in actions.items():
        ACTIONS[name] = frozenset(facts)


def record(actor: Any, action: str, subject: Any, *, at: dt.datetime, **facts: Any) -> AuditEntry:
    """Write that *actor* did *action* to *subject*.

    *actor* is a signed-in user, :data:`app.access.SENDER` or :data:`app.access.SYSTEM`.
    :raise ActionUnknown: for a name outside the vocabulary. :raise AuditFactsWrong: for wrong facts.
    """
    if action not in ACTIONS:
        raise ActionUnknown(action)
    if set(facts) != ACTIONS[action]:
        raise AuditFactsWrong(f"{action}: cần {sorted(ACTIONS[action])}, có {sorted(facts)}")
    if subject.id is None and db.session.autoflush:  # else it is stored with the entry
        db.session.flush()
    entry = AuditEntry(
        at=at,
        action=action,
        actor_kind=actor.kind,
        actor_id=getattr(actor, "id", None),
        actor_unit_id=getattr(actor, "unit_id", None),
        subject_type=subject.__tablename__,
        subject_id=subject.id,
        facts=facts,
    )
    if entry.subject_id is None:
        entry.subject = subject
    db.session.add(entry)
    return entry


_INSERT = insert(AuditEntry)


@event.listens_for(Session, "before_flush")
def _set_aside(session: Any, _context: Any, _objects: Any) -> None:
    """Take new entries out of the flush: written one by one as objects they would cost as much as what they tell of."""
    entries = [row for row in session.new if isinstance(row, AuditEntry) and row.id is None]
    for entry in entries:
        session.expunge(entry)
        _number(entry)
    session.info["entries"] = entries
    if all(entry.subject_id is not None for entry in entries):  # there may be nothing else to write
        _write(session)


@event.listens_for(Session, "after_flush")
def _write_told_of(session: Any, _context: Any) -> None:
    _write(session)


def _write(session: Any) -> None:
    entries = session.info.pop("entries", ())
    for entry in entries:
        _number(entry)
        entry.seal = seal_of([getattr(entry, name) for name in SEALED])
    if entries:
        session.connection().execute(_INSERT, [{name: getattr(entry, name) for name in (*SEALED, "seal")} for entry in entries])


def _number(entry: AuditEntry) -> None:
    if entry.subject_id is None:
        entry.subject_id = entry.subject.id


def entries_about(subject: Any) -> list[AuditEntry]:
    """Return what happened to *subject*, oldest first."""
    return list(
        db.session.scalars(
            db.select(AuditEntry)
            .where(AuditEntry.subject_type == subject.__tablename__, AuditEntry.subject_id == subject.id)
            .order_by(AuditEntry.id)
        )
    )


register(
    {
        "personal_data.seen": {"reason"},
        "user.signed_in": set(),
        "user.sign_in_failed": set(),
        "user.signed_out": set(),
        "user.created": {"unit_id"},
        "user.changed": {"changed"},
        "user.deactivated": {"handed_to"},
        "user.password_changed": set(),
        "grant.given": {"role", "scope", "unit_id", "place_id"},
        "grant.ended": {"role"},
        "delegation.given": {"to_id", "unit_id", "starts_on", "ends_on"},
        "delegation.ended": set(),
        "unit.created": {"parent_id"},
        "unit.changed": {"changed"},
        "unit.closed": {"on"},
        "unit.succeeded": {"to_id", "place_id", "field_id", "on"},
        "units.imported": {"rows"},
        "field.created": set(),
        "field.changed": {"changed"},
        "calendar.day_added": {"day", "kind"},
        "calendar.day_removed": {"day", "kind"},
        "calendar.year_loaded": {"year", "confirmed"},
        "deadline_rule.added": {"code", "effective_from"},
        "deadline_rule.ended": {"code", "effective_to"},
        "setting.changed": {"name"},
        "clock.started": {"stage", "rule", "due_on"},
        "clock.stopped": {"stage", "due_on", "on"},
        "clock.cancelled": {"stage"},
        "clock.paused": {"stage", "ground"},
        "clock.resumed": {"stage", "due_on"},
        "clock.extended": {"stage", "ground", "days", "due_on"},
        "clock.recomputed": {"stage", "was", "due_on", "why"},
        "clock.undetermined": {"stage", "year"},
        "assignment.made": {"unit_id", "duty", "due_on"},
        "assignment.taken": {"officer_id"},
        "assignment.given": {"officer_id"},
        "assignment.freed": {"officer_id"},
        "assignment.returned": {"reason", "unit_id"},
        "assignment.transferred": {"from_id", "to_id", "reason", "hops"},
        "assignment.done": {"on"},
        "assignment.reopened": {"round", "was_closed_on", "was_due_on", "due_on"},
        "assignment.verified": {"right"},
        "assignment.cancelled": {"why"},
    }
)

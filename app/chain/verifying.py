"""Holding the whole record against its chain, its anchors, its triggers, and the rows it must tell of. Reads only; needs no request."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.exc import DBAPIError

from app import audit, triggers
from app.chain import operations, queries
from app.chain.rules import BEGINNING, Anchor, Fault, Link, Reached, examine, forged, instant, readable
from app.database import db, reading

MOST = 20  # faults told one by one; the rest is counted


@dataclass
class Report:
    """What came of it: how many links and anchors there are, how many entries wait to be sealed, what is wrong."""

    links: int = 0
    anchors: int = 0
    waiting: int = 0
    reached: Reached = BEGINNING
    found: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not self.found

    def add(self, fault: Fault) -> None:
        """Take *fault* in."""
        self.found += 1
        if len(self.faults) < MOST:
            self.faults.append(fault)


def verify(given: Sequence[Anchor] = (), *, today: dt.date) -> Report:
    """Check everything against the anchors *given* and those kept here. Ends the caller's transaction; memory stays flat."""
    return look(given, today=today)


def look(
    given: Sequence[Anchor] = (), *, today: dt.date, after: Reached = BEGINNING, looked_at: int = 0, upto: int | None = None
) -> Report:
    """Check the links behind *looked_at*, of which *after* was the last, up to the number *upto*; without one, all that is left.

    With the last of them comes what is no link: the anchors behind it, rows that no entry tells of, the triggers.
    """
    report = Report(reached=after)
    db.session.rollback()
    with reading():
        try:
            kept = list(_kept(report)) if upto is None else [anchor for anchor in _kept(Report()) if anchor.seq <= upto]
            anchors = [anchor for anchor in (*given, *kept) if anchor.seq > looked_at]
            report.anchors = len(anchors)
            for fault in examine(_counted(queries.links(after=looked_at or None, upto=upto), report), anchors, after=after, ours=_is_ours):
                report.add(fault)
            if upto is None:
                report.waiting = queries.count_waiting()
                for fault in (*map(forged, queries.entries_foreign()), *_untold(today), *_unguarded()):
                    report.add(fault)
        except DBAPIError as error:
            report.add(Fault("unreadable", {"seq": report.links + 1, "error": str(error.orig)}))
        finally:
            db.session.rollback()
    return report


def _kept(report: Report) -> Iterator[Anchor]:
    """Yield the anchors kept here; one that this site did not set is a fault."""
    for row in queries.anchors():
        at = instant(row.at)
        if operations.is_ours(row):
            yield Anchor(row.seq, row.hash, at)
        else:
            report.add(Fault("anchor_forged", {"seq": row.seq, "at": at}))


def _counted(links: Iterable[Link], report: Report) -> Iterator[Link]:
    for link in links:
        report.links += 1
        report.reached = Reached(link.seq, link.hash, readable(link.sealed_at))
        yield link


def _is_ours(link: Link) -> bool:
    return link.entry is not None and audit.is_ours(link.entry[1:], link.seal)


def _untold(today: dt.date) -> Iterator[Fault]:
    """Yield what gives people reach and stands in no entry, or is not sealed as ours: somebody wrote it into the database."""
    for grant in queries.grants_untold(today):
        yield Fault("grant_untold", {"id": grant.id, "who": grant.user.name, "role": grant.role})
    for user in queries.passwords_foreign():
        yield Fault("password_foreign", {"who": user.name})
    for row in queries.delegations_untold():
        yield Fault("delegation_untold", {"id": row.id, "who": row.deputy.name, "whose": row.giver.name})
    for table, id_ in queries.keys_foreign():
        yield Fault("key_foreign", {"table": table, "id": id_})


def _unguarded() -> Iterator[Fault]:
    yield from (Fault("unguarded", {"table": table}) for table in triggers.missing(db.session.connection()))

"""Every minute what was committed is sealed; every night the whole record is checked, piece by piece, and an anchor set and sent."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import structlog
from flask import current_app

from app import clock, heartbeat, settings
from app.accounts.models import User
from app.accounts.queries import granted
from app.chain import operations, queries, verifying
from app.chain.models import AuditAnchor
from app.chain.operations import CHECKER, SEALER
from app.chain.rules import Reached
from app.chain.words import anchor_text
from app.database import db, reading
from app.jobs import enqueue
from app.outbox import Channel, notify, notify_users
from app.permissions import Permission
from app.units.queries import root_units

log = structlog.get_logger()

NIGHT = dt.time(2, 40)
SEAL_SECONDS = 60
#: What was written since the last anchor can be cut off unseen.
ANCHOR_SECONDS = 3600
#: Sealing a large record for the first time goes on in the next minute.
RUN = dt.timedelta(seconds=120)
#: An entry that nobody seals for so long is an alarm.
SEAL_TERM, CHECK_TERM = dt.timedelta(minutes=30), dt.timedelta(hours=26)
#: Links looked at in one job: a job has 300 seconds, and this takes a tenth of them (tests/app/measure_record.py).
LINKS = 500_000
KEPT = 400  # anchors looked for in the folder elsewhere


def seal() -> None:
    """Seal what waits (job)."""
    _seal(everything=False)


def _seal(*, everything: bool) -> None:
    stop_at = clock.now() + RUN
    while True:
        sealed = operations.seal(now=clock.now(), everything=everything)
        heartbeat.beat(SEALER, now=clock.now())
        db.session.commit()
        if sealed < operations.BATCH or clock.now() > stop_at:
            return


def anchor() -> None:
    """Set an anchor where something was sealed since the last, and carry it elsewhere; the mail waits for the night (job).

    Whatever the night found: who changes one old entry would else have all that comes after it without an anchor, to be cut off unseen.
    An anchor hides no fault. It says what stands there now, and the earlier ones are held against the record as before.
    """
    operations.anchor(now=clock.now())
    db.session.commit()
    carry()


def check() -> None:
    """Seal what is left, and begin the check of the whole record, or go on with the one on its way (job)."""
    _seal(everything=True)
    check_id, upto = operations.place(operations.go_on(now=clock.now()))
    db.session.commit()
    look_on(check_id, upto)


def look_on(check_id: int, looked_at: int) -> None:
    """Look at the next piece of the record, where nobody has yet; the last one tells what came of all of them (job)."""
    row, was = queries.check_on_its_way(), (check_id, looked_at)
    if row is None or operations.place(row) != was:
        db.session.rollback()
        return
    after, found = Reached(row.seq, row.hash, row.sealed_at), row.found
    last, upto = queries.last_link(), looked_at + LINKS
    is_last = last is None or last.seq <= upto
    report = verifying.look(today=clock.today(), after=after, looked_at=looked_at, upto=None if is_last else upto)
    if is_last:
        _tell(was, found + report.found)
    elif operations.remember(was, upto=upto, reached=report.reached, found=report.found, now=clock.now()):
        enqueue(look_on, check_id, upto)
        db.session.commit()


def _tell(was: tuple[int, int], found: int) -> None:
    """Set an anchor where the record is whole, and tell who must know where it is not."""
    now = clock.now()
    if not operations.conclude(was, now=now):
        return  # another job looked at the same piece, and told
    faults = found
    if not found:
        row = operations.anchor(now=now)
        if row is not None:
            mail(row, now=now)
        db.session.commit()
        faults += not carry()
    heartbeat.beat(CHECKER, now=now, faults=faults)
    if found:
        log.error("record_not_whole", faults=found)
        beat = heartbeat.last(CHECKER)
        notify_users(who_hears(clock.local_date(now)), "chain/notices/broken", beat, now.isoformat(), now=now, found=found)
    db.session.commit()


def mail(row: AuditAnchor, *, now: dt.datetime) -> None:
    """Promise the anchor to the address that an administrator named, once."""
    if address := settings.get("anchor_address"):
        notify(
            channel=Channel.EMAIL, template="chain/notices/anchor", about=row, occasion="", now=now, address=address,
            seq=row.seq, hash=row.hash, set_at=row.at,
        )  # fmt: skip


def carry() -> bool:
    """Write the anchors that ANCHOR_DIR lacks, each a file of its own; say whether all are there. Opens no transaction while it writes."""
    if not current_app.config["ANCHOR_DIR"]:
        return True
    with reading():
        wanted = {f"{clock.local_date(row.at).isoformat()}-{row.seq}.txt": anchor_text(row) for row in queries.anchors(limit=KEPT)}
        db.session.rollback()
    folder = Path(current_app.config["ANCHOR_DIR"])
    try:
        for name, text in wanted.items():
            if not (folder / name).exists():
                part = folder / f".{name}.part"
                part.write_text(text, encoding="utf-8")
                part.rename(folder / name)
    except OSError as error:
        log.warning("anchor_not_carried", error=error.strerror)
        return False
    return True


def who_hears(on: dt.date) -> list[User]:
    """Return who is told that the record is not whole, or is not sealed: administrators of the whole install, and who reads all of it."""
    roots = root_units()
    over = roots[0] if roots else None
    found = [user for each in (Permission.SETTINGS_MANAGE, Permission.AUDIT_READ) for user in granted(each, on=on, over=over)]
    return list({user.id: user for user in found}.values())

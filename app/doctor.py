"""What an operator should know of the install, asked when somebody asks: `run.py doctor`. The sentences are in running/doctor.py.

A domain adds a question of its own with :func:`question`.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import clock, health, heartbeat, outbox, schema
from app.audit import AuditEntry
from app.backup import BEAT, RESTORED
from app.chain import verifying
from app.crypto import keyring, ring, rotation
from app.database import db, is_postgresql, reading
from app.files import StoredFile, operations, scanning, store
from app.files.models import Scan

DISK_WARN, DISK_BAD = 2 * 1024**3, 200 * 1024**2  # bytes left
BACKUP_WARN, BACKUP_BAD = dt.timedelta(days=2), dt.timedelta(days=8)
SKEW = dt.timedelta(minutes=2)
SAMPLE = 50  # values of each sealed column that are tried
NAMED = 5  # things named at most
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Level(StrEnum):
    """How it is."""

    OK = "ok"
    UNSET = "unset"  # a choice of the operator's, with its consequence
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """The answer to one question: its name, how it is, and what exactly."""

    name: str
    level: Level
    what: str = ""


Question = Callable[[dt.datetime], Finding]


def question(app: Flask, ask: Question) -> None:
    """Have the doctor ask *ask*, too; it is given the time."""
    app.extensions.setdefault("doctor", []).append(ask)


def examine(now: dt.datetime) -> list[Finding]:
    """Return the answer to every question; without a database those that need none."""
    with reading():  # nobody waits for it
        try:
            return list(_answers(now))
        finally:
            db.session.rollback()


def _answers(now: dt.datetime) -> Iterator[Finding]:
    yield from (_keys_apart(), _keys_own(), _escrow(), _rotation(), _disk(), _https())
    parts = health.parts(now)
    for name in ("database", "queue", "worker", "ticker", "escalation", "mail"):
        yield _part(name, parts[name])
    if parts["database"] != "ok":
        return
    own = (_migrated, _clock, _dead_letters, _backup, _opens, _files, _scanner, _record, _anchors)
    for ask in (*own, *current_app.extensions.get("doctor", ())):
        try:
            yield ask(now)
        except SQLAlchemyError as error:
            db.session.rollback()
            yield Finding(ask.__name__.lstrip("_"), Level.BAD, type(error).__name__)


def _finding(name: str, *, bad: bool = False, warn: bool = False, what: object = "") -> Finding:
    return Finding(name, Level.BAD if bad else Level.WARN if warn else Level.OK, str(what))


def _secrets() -> Path:
    return Path(current_app.config["SECRETS_DIR"]).resolve()


def _keys_apart() -> Finding:
    data = Path(current_app.config["DATA_DIR"]).resolve()
    return _finding("keys_apart", bad=_secrets().is_relative_to(data) or data.is_relative_to(_secrets()), what=_secrets())


def _keys_own() -> Finding:
    paths = [_secrets(), *_secrets().glob("*")]
    open_ = [path for path in paths if path.stat().st_mode & _OTHERS or path.stat().st_uid != os.getuid()]
    return _finding("keys_own", bad=bool(open_), what=", ".join(map(str, open_[:NAMED])))


def _escrow() -> Finding:
    return _finding("escrow", bad=ring().current not in ring().escrowed, what=ring().current.hex())


def _rotation() -> Finding:
    if len(ring().masters) > 1:
        return _finding("rotation", bad=True)
    aside = [path.name for path in _secrets().glob(f"{keyring.FILE}.before-*")]
    return _finding("keys_aside", warn=True, what=", ".join(aside)) if aside else _finding("rotation")


def _disk() -> Finding:
    left = shutil.disk_usage(current_app.config["DATA_DIR"]).free
    return _finding("disk", bad=left < DISK_BAD, warn=left < DISK_WARN, what=f"{left // 1024**2} MB")


def _https() -> Finding:
    address = urlsplit(current_app.config["SITE_URL"])
    if address.hostname in {"localhost", "127.0.0.1"}:
        return _finding("https", warn=True, what=current_app.config["SITE_URL"])
    return _finding("https", bad=not current_app.config["HTTPS"] or address.scheme != "https", what=current_app.config["SITE_URL"])


def _part(name: str, how: str) -> Finding:
    return _finding(name, bad=how not in {"ok", "not configured", "retrying"}, warn=how != "ok", what="" if how == "ok" else how)


def _migrated(_now: dt.datetime) -> Finding:
    return _finding("migrated", bad=schema.present() != schema.newest(), what=f"{schema.present()} / {schema.newest()}")


def _clock(now: dt.datetime) -> Finding:
    """Ask the database's clock, and whether the record is ahead of ours: then ours went back."""
    theirs = [db.session.scalar(db.select(db.func.max(AuditEntry.at)))]
    off = max((at - now for at in theirs if at is not None), default=dt.timedelta())
    if is_postgresql():
        off = max(off, abs(db.session.scalar(text("SELECT clock_timestamp()")) - now))
    return _finding("clock", bad=off > SKEW, what=f"{off.total_seconds():.0f} s" if off > SKEW else "")


def _dead_letters(_now: dt.datetime) -> Finding:
    dead = outbox.dead_count()
    return _finding("dead_letters", warn=dead > 0, what=dead or "")


def _backup(now: dt.datetime) -> Finding:
    """Ask when the last backup was made. What was restored does not know of the one it came from: of that nothing is old yet."""
    made, restored = (None if row is None else row.at for row in map(heartbeat.last, (BEAT, RESTORED)))
    if restored is not None and (made is None or made < restored):
        return _finding("backup_restored", bad=now - restored > BACKUP_BAD, warn=True, what=_day(restored))
    if made is None:
        return _finding("backup_never", bad=True)
    return _finding("backup", bad=now - made > BACKUP_BAD, warn=now - made > BACKUP_WARN, what=_day(made))


def _day(at: dt.datetime) -> str:
    return f"{at.astimezone(clock.LOCAL):%d/%m/%Y %H:%M}"


def _opens(_now: dt.datetime) -> Finding:
    _opened, closed = rotation.opened(sample=SAMPLE)
    return _finding("opens", bad=bool(closed), what="; ".join(closed[:NAMED]))


def _files(_now: dt.datetime) -> Finding:
    stored = {key for page in store.keys("") for key, _written in page}
    missing, known = [], set()
    for uid, original in db.session.execute(db.select(StoredFile.uid, StoredFile.original_size)):
        known.add(str(uid))
        named = [operations.CLEANED] if original is None else [operations.CLEANED, operations.ORIGINAL]
        missing += [key for key in (f"{prefix}/{uid}" for prefix in named) if key not in stored]
    unnamed = sum(key.rpartition("/")[2] not in known for key in stored)
    what = ", ".join(missing[:NAMED]) if missing else unnamed
    return _finding("files_missing" if missing else "files", bad=bool(missing), what=what)


def _scanner(_now: dt.datetime) -> Finding:
    url = current_app.config["CLAMAV_URL"]
    waiting = db.session.scalar(db.select(db.func.count()).where(StoredFile.scan == Scan.WAITING))
    if not url and not waiting:
        return Finding("scanner_unset", Level.UNSET)
    return _finding("scanner", bad=bool(url) and not scanning.is_there(url), warn=bool(waiting), what=waiting or "")


def _record(now: dt.datetime) -> Finding:
    report = verifying.verify(today=clock.local_date(now))
    return _finding("record", bad=not report.whole, what=report.found or "")


def _anchors(_now: dt.datetime) -> Finding:
    folder = current_app.config["ANCHOR_DIR"]
    if not folder:
        return Finding("anchors_unset", Level.UNSET)
    return _finding("anchors", bad=not (Path(folder).is_dir() and os.access(folder, os.W_OK)), what=folder)

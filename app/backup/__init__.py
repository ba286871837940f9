"""Everything the site keeps, as one sealed file: the database as it stood at one moment, and the stored files.

Made while the site runs and is written to. Opened only by the keyring of the install, which is never in it: a backup without the keys,
or the keys' copy on paper, is noise. No keys, no queue: what the queue held only wakes work that stands in the database.
"""

from __future__ import annotations

import datetime as dt
import os
from contextlib import suppress
from pathlib import Path

from flask import current_app

from app import clock, heartbeat
from app.backup import archive, database
from app.backup.archive import Seen
from app.crypto import ring
from app.database import db

#: The beat that a backup leaves, for the doctor to find.
BEAT = "backup"
#: The beat that a restore leaves: the backup it came from is not in it, for that was made after what it holds.
RESTORED = "restored"
_STAMP = "%Y%m%d-%H%M%S"


def name_at(now: dt.datetime) -> str:
    """Return what a backup made at *now* is called in a folder of them."""
    return f"y-kien-{now.astimezone(clock.LOCAL):{_STAMP}}.backup"


def outdated(folder: Path, *, days: int, now: dt.datetime) -> list[Path]:
    """Return the backups in *folder* that are older than so many *days*, by their names; nothing else that lies there."""
    oldest = now.astimezone(clock.LOCAL) - dt.timedelta(days=days)
    found = []
    for path in sorted(folder.glob("y-kien-*.backup")):
        with suppress(ValueError):  # somebody's own, called otherwise
            made = dt.datetime.strptime(path.name, f"y-kien-{_STAMP}.backup").replace(tzinfo=clock.LOCAL)
            found += [path] if made < oldest else []
    return found


def write_file(target: Path, *, now: dt.datetime) -> Seen:
    """Write a backup to *target* and read it through, under another name until it is seen to be whole. Commits that there is one.

    :raise BackupDamaged: when what lies there is not what was written.
    """
    part = target.with_name(f"{target.name}.part")
    try:
        with open(part, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as into:
            seen = archive.write(into, ring(), now=now, work=Path(current_app.config["DATA_DIR"]))
            into.flush()
            os.fsync(into.fileno())
        with part.open("rb") as written:
            archive.read(written, ring())
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    heartbeat.beat(BEAT, now=now)
    db.session.commit()
    return seen


__all__ = ["BEAT", "RESTORED", "archive", "database", "name_at", "outdated", "write_file"]

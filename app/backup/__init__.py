"""Everything the site keeps, as one sealed file: the database as it stood at one moment, and the stored files.

Made while the site runs and is written to. Opened only by the keyring of the install, which is never in it: a backup without the keys,
or the keys' copy on paper, is noise. No keys, no queue: what the queue held only wakes work that stands in the database.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

from flask import current_app

from app import heartbeat
from app.backup import archive, database
from app.backup.archive import Seen
from app.crypto import ring
from app.database import db

#: The beat that a backup leaves, for the doctor to find.
BEAT = "backup"


def write_file(target: Path, *, now: dt.datetime) -> Seen:
    """Write a backup to *target*, under another name until it is whole. Commits that there is one."""
    part = target.with_name(f"{target.name}.part")
    try:
        with open(part, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as into:
            seen = archive.write(into, ring(), now=now, work=Path(current_app.config["DATA_DIR"]))
            into.flush()
            os.fsync(into.fileno())
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    heartbeat.beat(BEAT, now=now)
    db.session.commit()
    return seen


__all__ = ["BEAT", "archive", "database", "write_file"]

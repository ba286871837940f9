"""What happens by itself: files of forms never sent and bytes that no row names go; what the scanner missed is shown to it again."""

from __future__ import annotations

import datetime as dt

from flask import current_app

from app import clock
from app.database import db, reading
from app.files import operations
from app.files.scanning import NotScanned, is_there
from app.files.store import BlobDamaged, BlobMissing

#: A day more than the page's reference to the file is good for (`forms.KEPT_FOR`).
UNSENT = dt.timedelta(days=8)
#: Far longer than any request between writing the bytes and committing their row, and than a clock goes ahead meanwhile.
UNNAMED = dt.timedelta(days=3)
#: Longer than a scanner is away; what it cannot take at all (too large for it) stays marked.
SCANNED_WITHIN = dt.timedelta(days=7)


def sweep() -> None:
    """Delete what nobody will ask for again."""
    now = clock.now()
    operations.sweep_drafts(now - UNSENT)
    db.session.commit()
    with reading():  # deleting bytes takes its time, and must not keep others from writing
        operations.sweep_orphans(now - UNNAMED)
        db.session.rollback()


def scan() -> None:
    """Show the scanner the files that came while it was away, when it is back."""
    url = current_app.config["CLAMAV_URL"]
    if not url or not is_there(url):
        return
    with reading():
        waiting = operations.waiting_for_scan(clock.now() - SCANNED_WITHIN)
        db.session.rollback()  # no transaction waits for the scanner
    for uid, original in waiting:
        try:
            signature = operations.scan_again(uid, original=original)
        except (NotScanned, BlobMissing, BlobDamaged):
            continue
        operations.note_scan(uid, signature, clock.now())
        db.session.commit()

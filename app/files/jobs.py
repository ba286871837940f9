"""What goes away by itself: files of forms that were never sent, and bytes that no row names."""

from __future__ import annotations

import datetime as dt

from app import clock
from app.database import db, reading
from app.files import operations

#: A day more than the page's reference to the file is good for (`forms.KEPT_FOR`).
UNSENT = dt.timedelta(days=8)
#: Far longer than any request between writing the bytes and committing their row.
UNNAMED = dt.timedelta(days=1)


def sweep() -> None:
    """Delete what nobody will ask for again."""
    now = clock.now()
    operations.sweep_drafts(now - UNSENT)
    db.session.commit()
    with reading():  # deleting bytes takes its time, and must not keep others from writing
        operations.sweep_orphans(now - UNNAMED)
        db.session.rollback()

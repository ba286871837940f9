"""What the disk says of a file's time tells nobody when it came."""

from __future__ import annotations

import io
import os
from pathlib import Path

from flask import Flask

from app import files
from app.database import db
from app.files import store
from tests.app.files.samples import LATER, NOW, picture


def times(app: Flask) -> set[float]:
    """Return the times of all files in the folder, as everybody reads them."""
    return {path.stat().st_mtime for path in Path(str(app.extensions["store"].prefix)).rglob("*") if path.is_file()}


def test_all_files_have_one_time_however_and_whenever_they_were_written(app: Flask, tried):
    store.put("cleaned/a", io.BytesIO(b"a"))
    (first,) = times(app)
    assert first < 2**24, "of no year in which anybody wrote"
    size, sealed = store.sealed("cleaned/a")
    store.put_sealed("cleaned/b", iter([sealed.read(size)]))  # as a restore writes
    store.wrap_anew("cleaned/a")
    files.store_upload(io.BytesIO(picture()), "a", NOW)
    db.session.commit()
    folder = Path(str(app.extensions["store"].prefix))
    old = next((folder / "cleaned").glob("*-*"))
    os.utime(old, (NOW.timestamp(), NOW.timestamp()))  # as an earlier release left it
    assert len(times(app)) == 2
    files.sweep_orphans(LATER)
    assert times(app) == {first}
    tried("a file whose time on the disk would tell when it came", 4)

"""Who has the file of the database writes into it with a program of their own; `run.py audit verify` is typed before and after."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from app import clock
from app.chain import operations
from app.database import db, is_postgresql
from tests.conftest import SHARED
from tests.started import ROOT, environment


@pytest.fixture
def file(fresh_app: Flask) -> Path:
    """The database of a site of its own, its record sealed and anchored."""
    if is_postgresql():
        pytest.skip("it lies in no file that a person writes into")
    operations.seal(now=clock.now())
    operations.anchor(now=clock.now())
    db.session.commit()
    db.session.remove()
    db.engine.dispose()
    return Path(fresh_app.config["SQLALCHEMY_DATABASE_URI"].removeprefix("sqlite:///"))


def verified(file: Path, folder: Path) -> tuple[int, list[str]]:
    """Type the command at a terminal; return its exit status and what it says."""
    settings = environment(folder, SECRETS_DIR=str(SHARED.secrets), DATABASE_URL=f"sqlite:///{file}")
    command = [sys.executable, ROOT / "run.py", "audit", "verify"]
    done = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout.splitlines()


def by_hand(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as opened, opened:
        for statement in statements:
            opened.execute(statement)


def sealed_at(file: Path) -> dict[int, int]:
    with closing(sqlite3.connect(file)) as opened:
        return dict(opened.execute("SELECT seq, entry_id FROM audit_link").fetchall())


def triggers(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(file)) as opened:
        return dict(opened.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'").fetchall())


def test_what_was_changed_and_deleted_in_the_file_itself_is_said_by_the_command_the_first_place_first(file: Path, tmp_path: Path) -> None:
    assert verified(file, tmp_path)[0] == 0
    entries, guards = sealed_at(file), triggers(file)
    last = max(entries)
    for refused in (f"DELETE FROM audit_entry WHERE id = {entries[9]}", f"UPDATE audit_entry SET action = 'x' WHERE id = {entries[7]}"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            by_hand(file, refused)

    by_hand(
        file,
        *(f"DROP TRIGGER {name}" for name in guards),
        f"DELETE FROM audit_link WHERE seq = {last}",  # the end, line and link: what is before it still fits together
        f"DELETE FROM audit_entry WHERE id IN ({entries[9]}, {entries[last]})",
        f"UPDATE audit_entry SET at = '2020-01-01 00:00:00' WHERE id = {entries[7]}",
        *guards.values(),
    )

    status, (_count, verdict, *said) = verified(file, tmp_path)
    assert (status, verdict) == (1, "Nhật ký KHÔNG nguyên vẹn: 3 chỗ sai, chỗ đầu tiên trước.")
    assert re.match(rf"Dòng nhật ký số {entries[7]} bị sửa sau khi khóa \(số khóa 7, .* Nay ghi: 2020-01-01", said[0]), said
    assert said[1].startswith(f"Mất dòng nhật ký số {entries[9]}, số khóa 9,")
    assert re.search(rf"có {last} dòng, nay chỉ còn {last - 1}: .* bị cắt mất", said[2])
    assert said[3] == "The record is NOT whole; 3 faults, the first one first."

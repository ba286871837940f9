"""A backup made while people write, everything destroyed, and all of it back; and what is not taken for a backup."""

from __future__ import annotations

import datetime as dt
import importlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import tracemalloc
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import backup, clock, crypto, doctor, files
from app.backup import archive, refusals, restoring, stream
from app.backup.archive import BackupNewer, BackupOfOther, MasterMissing
from app.backup.restoring import NotEmpty
from app.backup.stream import BackupDamaged, BackupKeyMissing, NotABackup, Opener, Sealer
from app.chain import operations as chain
from app.chain import verifying
from app.crypto import keyring
from app.database import Base, db
from app.files import StoredFile, content, store
from app.heartbeat import Beat
from feedback.models import Person
from feedback.sealed.models import SealedCase
from running import keeping
from tests.app.test_rotation import sealed_case
from tests.conftest import Backend, on_a_copy
from tests.feedback import builders
from tests.started import ROOT

NOW = clock.now()


@pytest.fixture
def site(backend: Backend, tmp_path: Path) -> Iterator[Flask]:
    """The site with database, files and keys of the test's own."""
    over = {"SECRETS_DIR": str(tmp_path / "secrets"), "STORAGE_URL": f"file://{tmp_path}/files", "DATA_DIR": str(tmp_path)}
    with on_a_copy(backend.committing_app, backend, **over) as app:
        before = app.extensions["keyring"], app.extensions["store"]
        crypto.init_app(app)
        store.init_app(app)
        yield app
        app.extensions["keyring"], app.extensions["store"] = before


def rows() -> dict[str, list[tuple[Any, ...]]]:
    with db.engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table)).all()), key=repr) for table in Base.metadata.tables.values()
        }


def blobs(site: Flask) -> dict[str, bytes]:
    folder = Path(site.config["STORAGE_URL"].removeprefix("file://"))
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def destroy(site: Flask, backend: Backend) -> None:
    """Throw database and files away; what is left is an empty database, or a place for one."""
    db.session.remove()
    db.engine.dispose()
    shutil.rmtree(site.config["STORAGE_URL"].removeprefix("file://"))
    store.init_app(site)
    if backend.server is None:
        for path in backend.folder.glob(f"{backup.database.sqlite_path().name}*"):
            path.unlink()
    else:
        site.config["SQLALCHEMY_DATABASE_URI"] = backend.server.create_database(f"restored-{uuid.uuid4()}")


def restore(path: Path, site: Flask) -> archive.Seen:
    with path.open("rb") as source:
        return restoring.restore(source, site.extensions["keyring"])


def kept(data: bytes) -> StoredFile:
    file = files.store_ours(data, "a.txt", content.PDF, NOW)
    db.session.add(file)
    return file


def test_what_was_destroyed_comes_back_row_by_row_and_byte_by_byte(site: Flask, backend: Backend, tmp_path: Path):
    builders.make_province()
    person = builders.received().people[0].id
    case = sealed_case("Ông A nhận tiền").id
    kept(b"x" * 600_000)
    chain.seal(now=NOW)
    chain.anchor(now=NOW)
    db.session.commit()
    backup.write_file(tmp_path / "b", now=NOW)
    before, files_before = rows(), blobs(site)
    assert before["audit_anchor"]
    record = verifying.verify(today=clock.today())
    destroy(site, backend)

    seen = restore(tmp_path / "b", site)

    beat = before.pop("beat")
    after = rows()
    assert [row for row in beat if backup.BEAT not in row] == after.pop("beat")  # it was written after the backup
    assert after == before
    assert blobs(site) == files_before
    assert seen.files == len(files_before)
    assert db.session.get_one(Person, person).name == "Trần Thị Hoa"
    assert db.session.get_one(SealedCase, case).body == "Ông A nhận tiền"
    assert verifying.verify(today=clock.today()) == record
    builders.received(body="Một ý kiến sau khi khôi phục")  # numbers run on where they were
    db.session.commit()


def test_a_backup_made_while_people_write_is_of_one_moment(site: Flask, backend: Backend, tmp_path: Path):
    """Each writer stores a file and two rows in one transaction: the backup has all three or none."""
    site.test_client().get("/")  # a page that only reads, in this thread: what it does next may write
    db.session.remove()
    stop, wrote = threading.Event(), []

    def write(worker: int) -> None:
        with site.app_context():
            while not stop.is_set():
                file = kept(f"{worker} {len(wrote)}".encode() * 100)
                db.session.add(Beat(name=f"pair {file.uid}", at=NOW))
                uid = file.uid
                db.session.commit()
                wrote.append(uid)
            db.session.remove()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    try:
        while len(wrote) < 10:
            stop.wait(0.01)
        sure = set(wrote)
        backup.write_file(tmp_path / "b", now=NOW)
        during = len(wrote)
    finally:  # or they would write into the databases of the tests to come
        stop.set()
        for thread in threads:
            thread.join(60)
    assert during > len(sure)  # they did write meanwhile
    destroy(site, backend)

    restore(tmp_path / "b", site)

    found = db.session.scalars(select(StoredFile)).all()
    assert sure <= {file.uid for file in found}
    assert {f"pair {file.uid}" for file in found} == set(db.session.scalars(select(Beat.name).where(Beat.name.startswith("pair "))))
    assert all(len(b"".join(files.open_stored(file))) == file.size for file in found)


def made(site: Flask, tmp_path: Path) -> Path:
    kept(b"x")
    db.session.commit()
    backup.write_file(tmp_path / "b", now=NOW)
    return tmp_path / "b"


def test_a_backup_holds_neither_the_keys_nor_a_name_in_the_clear(site: Flask, tmp_path: Path):
    builders.make_province()
    builders.received()
    sealed = made(site, tmp_path).read_bytes()
    ring = site.extensions["keyring"]
    opened = Opener(io.BytesIO(sealed), ring)
    plain = opened.read(len(sealed))
    for secret in (ring.root, *ring.masters.values()):
        assert secret not in plain
        assert keyring._text(secret).encode() not in plain
    assert "Trần Thị Hoa".encode() not in plain  # not even where somebody has the key of the backup
    assert b"feedback" not in sealed


def test_nothing_is_left_of_a_backup_that_could_not_be_written(site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "sealed", full)
    kept(b"x")
    db.session.commit()
    with pytest.raises(OSError, match="No space"):
        backup.write_file(tmp_path / "b", now=NOW)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(("b", "backup"))] == []
    assert db.session.scalar(select(Beat).where(Beat.name == backup.BEAT)) is None


def test_a_backup_goes_into_an_empty_place_only(site: Flask, tmp_path: Path):
    path = made(site, tmp_path)
    before = rows()
    with pytest.raises(NotEmpty):
        restore(path, site)
    assert rows() == before


SPOILED = {
    "cut in the middle": (lambda sealed: sealed[: len(sealed) // 2], BackupDamaged),
    "its last byte gone": (lambda sealed: sealed[:-1], BackupDamaged),
    "a byte changed": (lambda sealed: sealed[:9000] + bytes([sealed[9000] ^ 1]) + sealed[9001:], BackupDamaged),
    "something after its end": (lambda sealed: sealed + b"x", BackupDamaged),
    "its head changed": (lambda sealed: sealed[:30] + bytes([sealed[30] ^ 1]) + sealed[31:], BackupDamaged),
    "cut to its head": (lambda sealed: sealed[: stream.HEAD], BackupDamaged),
    "empty": (lambda sealed: b"", NotABackup),
    "another file": (lambda sealed: b"PK" + sealed, NotABackup),
}


@pytest.mark.parametrize(("spoil", "refusal"), SPOILED.values(), ids=SPOILED)
def test_of_what_is_not_whole_nothing_is_restored(site: Flask, backend: Backend, tmp_path: Path, spoil: Any, refusal: type[Exception]):
    path = made(site, tmp_path)
    path.write_bytes(spoil(path.read_bytes()))
    destroy(site, backend)
    with pytest.raises(refusal):
        restore(path, site)
    assert backup.database.is_empty()
    assert blobs(site) == {}


def test_a_restore_that_cannot_go_on_leaves_the_place_as_empty_as_it_was(
    site: Flask, backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = made(site, tmp_path)
    destroy(site, backend)

    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(restoring, "_finish", full)
        with pytest.raises(OSError, match="No space"):
            restore(path, site)
    assert backup.database.is_empty()
    assert blobs(site) == {}
    restore(path, site)


#: Killed for good in the middle: with some files written; on the other database when all is written but not looked at.
KILLED_AT = {"sqlite": "store.put_sealed = until(2, store.put_sealed)", "postgresql": "restoring.schema.upgrade = until(0, None)"}
KILLED = """
import os, signal, sys
from pathlib import Path
from app.backup import restoring
from app.files import store
from wsgi import app

def until(times, act):
    left = [times]
    def counted(*args):
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return act(*args)
    return counted

{killed}
with app.app_context(), Path(sys.argv[1]).open("rb") as source:
    restoring.restore(source, app.extensions["keyring"])
"""


def test_a_restore_that_was_killed_is_said_at_the_next_start_and_begins_anew(
    site: Flask, backend: Backend, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    for number in range(4):
        kept(b"x" * number)
    path = made(site, tmp_path)
    before, files_before = rows(), blobs(site)
    destroy(site, backend)
    env = {name: site.config[name] for name in ("DATA_DIR", "SECRETS_DIR", "STORAGE_URL")}
    env |= {"DATABASE_URL": site.config["SQLALCHEMY_DATABASE_URI"], "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", KILLED.replace("{killed}", KILLED_AT[backend.name]), str(path)]
    done = subprocess.run(command, env=env, cwd=ROOT, stderr=subprocess.PIPE, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()[-2000:]
    for name in ("DATA_DIR", "SECRETS_DIR"):
        monkeypatch.setenv(name, env[name])
    monkeypatch.setattr(keeping, "_site", lambda: site)
    monkeypatch.setitem(sys.modules, "wsgi", SimpleNamespace(app=site))
    start = importlib.import_module("running.processes")
    del sys.modules["running.processes"]  # it holds this test's site
    assert start.make_ready(with_demo=False)["problem"] == "restore_unfinished"
    for command in ("doctor", "backup"):
        assert keeping.main([command, *[str(tmp_path / "other")] * (command == "backup")]) == 1
        assert "Lần khôi phục trước bị ngắt giữa chừng" in capsys.readouterr().err

    monkeypatch.setattr(keeping, "HELD", [])
    assert keeping.main(["restore", str(path)]) == 0
    keeping.HELD[0].close()
    assert not restoring.is_unfinished()
    assert doctor._backup(clock.now()).name == "backup_restored"  # the one it came from is not in it
    db.session.rollback()
    after = rows()
    assert {name: held for name, held in after.items() if name != "beat"} == {name: held for name, held in before.items() if name != "beat"}
    assert blobs(site) == files_before


def test_old_backups_go_and_nothing_else(tmp_path: Path):
    now = dt.datetime(2026, 11, 23, 20, 0, tzinfo=dt.UTC)  # in Hà Nội it is the 24th
    names = ["y-kien-20261123-020000.backup", "y-kien-20261124-025959.backup", "y-kien-20261110-013000.backup", "y-kien-cu.backup", "x"]
    for name in names:
        (tmp_path / name).touch()
    assert backup.name_at(now) == "y-kien-20261124-030000.backup"
    assert [path.name for path in backup.outdated(tmp_path, days=1, now=now)] == ["y-kien-20261110-013000.backup", names[0]]


def test_a_backup_that_does_not_read_as_it_was_written_is_none(site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    flipped = stream.Sealer._put

    def put(sealer: Any, piece: bytes, place: bytes) -> None:
        flipped(sealer, piece, place)
        sealer._into.seek(-1, 2)
        sealer._into.write(b"?")  # a disk that forgets

    monkeypatch.setattr(stream.Sealer, "_put", put)
    with pytest.raises(BackupDamaged):
        backup.write_file(tmp_path / "b", now=NOW)
    assert not list(tmp_path.glob("b*"))
    assert db.session.scalar(select(Beat).where(Beat.name == backup.BEAT)) is None


def test_without_its_key_it_is_noise(site: Flask, backend: Backend, tmp_path: Path):
    path = made(site, tmp_path)
    destroy(site, backend)
    site.extensions["keyring"] = keyring.load(tmp_path / "other")
    with pytest.raises(BackupKeyMissing):
        restore(path, site)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"revision": "9999"}, BackupNewer),
        ({"format": 2}, BackupNewer),
        ({"kind": "oracle"}, BackupOfOther),
        ({"keys": ["00"]}, MasterMissing),
    ],
)
def test_what_does_not_fit_here_is_refused_by_name(site: Flask, said: dict[str, Any], refusal: type[Exception]):
    about = {"made_at": "", "kind": backup.database.kind(), "revision": "0001", "keys": [], "tables": {}, "format": 1}
    file = archive._Digested(io.BytesIO(json.dumps(about | said).encode()))
    with pytest.raises(refusal):
        archive._about(file, site.extensions["keyring"])


def test_every_refusal_has_its_two_sentences():
    for vietnamese, english in refusals.SENTENCES.values():
        assert vietnamese.format("x")
        assert english.format("x") != vietnamese.format("x")


@pytest.mark.parametrize("size", [0, 1, stream.PIECE - 1, stream.PIECE, stream.PIECE + 1, 3 * stream.PIECE])
def test_what_is_sealed_as_a_stream_comes_back(tmp_path: Path, size: int):
    ring, data, file = keyring.load(tmp_path), bytes(size), io.BytesIO()
    sealer = Sealer(file, ring)
    for at in range(0, size, 700_000):
        sealer.write(data[at : at + 700_000])
    sealer.finish()
    opener = Opener(io.BytesIO(file.getvalue()), ring)
    assert opener.read(size) == data
    opener.drain()


def test_memory_stays_flat(site: Flask, tmp_path: Path):
    for number in range(3):
        kept(bytes([number]) * 8_000_000)
    db.session.commit()
    tracemalloc.start()
    backup.write_file(tmp_path / "b", now=NOW)
    with (tmp_path / "b").open("rb") as source:
        assert archive.read(source, site.extensions["keyring"]).bytes > 24_000_000
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000  # a file of gigabytes takes no more

"""A disk that takes no more: a sentence, nothing half-written, what was typed kept; and on it goes when there is room."""

from __future__ import annotations

import errno
import io
import os
import resource
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app import backup, clock, delivery
from app.access import SYSTEM
from app.audit import AuditEntry, record
from app.chain import jobs as chain
from app.chain import verifying
from app.database import db, reading
from app.files import StoredFile, store
from app.outbox import Notice
from feedback.models import Feedback
from running.lines import IN_MEMORY, Line
from tests.app.files.samples import picture
from tests.conftest import Backend, on_a_copy
from tests.factories import make_unit
from tests.feedback import builders
from tests.feedback.page_forms import form_of, press
from tests.feedback.test_citizen_sending import BODY, FORM, RECEIPT, REVIEW, SEND, good
from tests.services import MailServer
from tests.tried import Tried
from tests.waiting import eventually

MEGABYTES = 24
TIMES = 5
NO_ROOM = "No space left on device|File too large"


@dataclass
class Disk:
    """A folder on a file system that can be filled to the last byte, or of files that can be kept from growing."""

    folder: Path
    small: bool

    def fill(self) -> None:
        if not self.small:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
            return
        with (self.folder / "filler").open("wb", buffering=0) as filler:
            for size in (1024 * 1024, 4096, 1):
                while True:
                    try:
                        filler.write(bytes(size))
                    except OSError:
                        break

    def empty(self) -> None:
        if not self.small:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        (self.folder / "filler").unlink(missing_ok=True)


@pytest.fixture(params=["a small disk", "files that may not grow"])
def disk(request: pytest.FixtureRequest, backend: Backend, tmp_path: Path) -> Iterator[Disk]:
    """A real file system of some megabytes where root may mount one; everybody else has the second way only."""
    if backend.server is not None:
        pytest.skip("PostgreSQL lies on a disk of its own")
    folder = tmp_path / "disk"
    folder.mkdir()
    found = Disk(folder, small=request.param == "a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder]
    if found.small and (os.getuid() != 0 or subprocess.run(mount, check=False).returncode):
        pytest.skip("only who may mount a file system has a small one")
    try:
        yield found
    finally:
        found.empty()
        if found.small:
            subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def site(backend: Backend, disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The site with all that it keeps on that disk: its database, its files, and those on their way."""
    monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    over: dict[str, Any] = {"DATA_DIR": str(disk.folder), "STORAGE_URL": f"file://{disk.folder}/files", "KEEP_FREE_BYTES": 0}
    with on_a_copy(backend.committing_app, backend, **over) as app:
        shutil.copy(make_url(app.config["SQLALCHEMY_DATABASE_URI"]).database or "", disk.folder / "site.sqlite3")
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{disk.folder}/site.sqlite3"
        before = app.extensions["store"]
        store.init_app(app)
        yield app
        app.extensions["store"] = before


@pytest.fixture
def province(site: Flask) -> builders.Province:
    found = builders.make_province()
    db.session.commit()
    return found


def count(kind: Any) -> int:
    with reading():
        found = db.session.scalar(db.select(db.func.count()).select_from(kind))
        db.session.rollback()
    return found


def keys() -> list[str]:
    return sorted(key for page in store.keys("") for key, _written in page)


def is_sound() -> bool:
    """Say whether the database finds no fault in itself."""
    return db.session.execute(db.text("PRAGMA integrity_check")).scalars().all() == ["ok"]


def test_a_letter_that_finds_no_room_is_kept_in_the_page_and_sent_from_there_when_there_is(site, province, disk, tried: Tried):
    client = site.test_client()
    for number in range(1, TIMES + 1):
        form = form_of(press(client, form_of(client.get(FORM), REVIEW), **good(province)), SEND)
        disk.fill()
        refused = press(client, form)
        assert refused.status_code == 503
        assert "còn giữ trong trang này" in refused.text
        assert refused.headers["Cache-Control"] == "no-store"
        assert client.get("/").status_code == 200
        disk.empty()
        assert count(Feedback) == number - 1

        again = form_of(refused, SEND)
        assert again.values["body"].replace("\r\n", "\n") == BODY
        assert press(client, again).location == RECEIPT
        assert count(Feedback) == number
    assert is_sound()
    tried("a letter sent while the disk is full", TIMES)


@pytest.mark.parametrize("side", [100, 700])  # points: one that fits into memory on its way, one that does not
def test_a_photo_that_finds_no_room_is_a_sentence_and_costs_no_word(site, province, disk, side, tried: Tried):
    client = site.test_client()
    typed = form_of(client.get(FORM), REVIEW).values.to_dict() | good(province)
    photo = picture("PNG", (side, side), compress_level=0)
    boundary, sent = encode_multipart(typed | {"files": FileStorage(io.BytesIO(photo), "anh.png")})  # the client itself needs no disk
    kind = f"multipart/form-data; boundary={boundary}"
    before = keys()
    for _ in range(TIMES):
        disk.fill()
        refused = client.post(REVIEW, data=sent, content_type=kind)
        disk.empty()
        assert refused.status_code == 422, refused.text
        assert "máy chủ chưa cất được tệp lúc này" in refused.text
        assert form_of(refused, REVIEW).values["body"].replace("\r\n", "\n") == BODY
        assert (keys(), count(StoredFile)) == (before, 0)

    taken = client.post(REVIEW, data=sent, content_type=kind)
    assert press(client, form_of(taken, SEND)).location == RECEIPT
    assert count(StoredFile) == 1
    tried("a photo sent while the disk is full", TIMES)


def test_letters_that_found_no_room_to_be_claimed_are_sent_once_when_there_is(site, province, disk, mail_server: MailServer, tried: Tried):
    site.config.update(SMTP_HOST=mail_server.host, SMTP_PORT=mail_server.port)
    for _ in range(TIMES):
        builders.submit(clock.now())
    db.session.commit()
    disk.fill()
    with pytest.raises(OperationalError):
        delivery.drain()
    db.session.rollback()
    disk.empty()
    eventually(lambda: delivery.drain() or not db.session.scalar(db.select(db.func.count()).where(Notice.due_at.is_not(None))), within=5)
    ids = [message["Message-ID"] for message in mail_server.messages]
    assert len(ids) == len(set(ids)) == count(db.select(Notice).where(Notice.channel == "email").subquery())
    assert is_sound()
    tried("a letter of the site sent while the disk is full", len(ids))


def test_the_record_is_whole_when_nothing_could_be_written_or_sealed_for_a_while(site, disk, tried: Tried):
    unit = make_unit()
    db.session.commit()
    before = count(AuditEntry)
    for number in range(1, TIMES + 1):
        record(SYSTEM, "unit.closed", unit, at=clock.now(), on="2026-11-23")
        db.session.commit()
        disk.fill()
        with pytest.raises(OperationalError):
            chain.seal()
        db.session.rollback()
        record(SYSTEM, "unit.closed", unit, at=clock.now(), on="2026-11-23")
        with pytest.raises(OperationalError):
            db.session.commit()
        db.session.rollback()
        disk.empty()
        chain.seal()
        assert verifying.verify(today=clock.today()).whole
        assert count(AuditEntry) == before + number
    tried("the record written and sealed while the disk is full", 2 * TIMES)


def test_a_backup_that_finds_no_room_leaves_nothing_and_the_last_one_as_it_was(site, province, disk, tried: Tried):
    target = disk.folder / "y-kien.backup"
    backup.write_file(target, now=clock.now())
    last = target.read_bytes()
    for _ in range(TIMES):
        disk.fill()
        with pytest.raises((OSError, OperationalError)):
            backup.write_file(target, now=clock.now())
        db.session.rollback()
        disk.empty()
        assert target.read_bytes() == last
        assert [path.name for path in disk.folder.glob("*.backup*")] == [target.name]
    backup.write_file(target, now=clock.now())
    tried("a backup written while the disk is full", TIMES)


@pytest.fixture
def line(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Line, socket.socket]]:
    """A connection as the web server has it, and its other end."""
    monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    ours, theirs = socket.socketpair()
    with closing(Line(ours, most=10_000_000)) as found, theirs:
        yield found, theirs


def test_a_request_that_finds_no_room_is_handed_over_with_the_reason_and_ends_no_server(line, disk):
    ours, theirs = line
    theirs.sendall(b"POST / HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n")
    assert not ours.hear()
    disk.fill()
    for _ in range(10 * IN_MEMORY // 65536):
        theirs.sendall(bytes(65536))
        if ours.hear():
            break
    ours.hand_over()
    assert ours.recv(8192).startswith(b"POST / HTTP/1.1")
    with pytest.raises(OSError, match=NO_ROOM):
        ours.recv(8192)


def test_an_answer_that_finds_no_room_is_cut_off_and_a_short_one_needs_none(line, disk):
    ours, _theirs = line
    disk.fill()
    ours.sendall(bytes(IN_MEMORY))

    def answer() -> None:
        for _ in range(10):
            ours.sendall(bytes(IN_MEMORY))
            ours.answered(keep=True)

    with pytest.raises(OSError, match=NO_ROOM):
        answer()


def test_a_form_that_could_not_be_read_for_want_of_room_is_a_plain_page(site, province):
    class Full(io.BytesIO):
        """What the web server hands over when it could not keep what came."""

        def read(self, _size: int | None = -1) -> bytes:
            raise OSError(errno.ENOSPC, "No space left on device")

        def readinto(self, _into: Any) -> int:
            return len(self.read())

    for address, kind in ((SEND, "multipart/form-data; boundary=x"), ("/api/v1/feedback", "application/json")):
        answer = site.test_client().post(address, input_stream=Full(bytes(1000)), content_type=kind)
        assert answer.status_code == 503, address

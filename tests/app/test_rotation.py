"""A new master key takes the old one's place, and nothing is lost on the way."""

from __future__ import annotations

import base64
import io
import os
import secrets
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask
from obstore.store import MemoryStore

from app import clock, crypto
from app.backup import database
from app.crypto import CannotDecrypt, KeyMissing, keyring, known, rotation
from app.database import db
from app.files import store
from app.fold import fold
from app.outbox import Channel, Notice, notify
from feedback.models import Person
from feedback.rules import Channel as Came
from feedback.sealed.models import Heading, SealedCase, SealedCaseStep
from tests import factories
from tests.conftest import Backend, on_a_copy
from tests.feedback import builders
from tests.started import ROOT
from tests.waiting import eventually

NOW = clock.now()


@pytest.fixture
def site(backend: Backend, tmp_path: Path) -> Iterator[Flask]:
    """The site with data and keys of the test's own."""
    with on_a_copy(backend.committing_app, backend, SECRETS_DIR=str(tmp_path), STORAGE_URL=f"file://{tmp_path}/files") as app:
        before = app.extensions["keyring"], app.extensions["store"]
        crypto.init_app(app)
        store.init_app(app)
        yield app
        app.extensions["keyring"], app.extensions["store"] = before


def sealed_case(words: str) -> SealedCase:
    case = SealedCase(uid=uuid.uuid4(), code_index=crypto.blind_index(words), key_digest="k", received_month=clock.today())
    case.heading = Heading("TC-1", NOW, Came.WEB, None)
    case.body = words
    db.session.add(case)
    db.session.flush()
    return case


def fill() -> dict[str, Any]:
    """Seal something of every kind, and return how to ask for each."""
    builders.make_province()
    notify(channel=Channel.EMAIL, template="t", about=factories.make_unit(), now=NOW, occasion="1", address="hoa@example.org")
    person = builders.received().people[0]
    case = sealed_case("Ông A nhận tiền")
    step = SealedCaseStep(uid=uuid.uuid4(), case=case, user_id=factories.make_user().id, at=NOW, kind="opened")
    step.said = "Để phân loại"
    db.session.add(step)
    store.put("cleaned/x", io.BytesIO(b"a" * 300_000))
    db.session.commit()
    case_id, step_id, person_id = case.id, step.id, person.id
    db.session.rollback()  # another process may write now
    return {
        "a person": lambda: db.session.get_one(Person, person_id).name == "Trần Thị Hoa",
        "a case": lambda: db.session.get_one(SealedCase, case_id).body == "Ông A nhận tiền",
        "a step": lambda: db.session.get_one(SealedCaseStep, step_id).said == "Để phân loại",
        "a file": lambda: b"".join(store.get("cleaned/x")) == b"a" * 300_000,
    }


def all_open(asked: dict[str, Any]) -> bool:
    db.session.expire_all()
    opened = all(ask() for ask in asked.values())
    db.session.rollback()
    return opened


def test_whoever_has_the_disk_reads_no_name_and_nothing_of_a_case(site: Flask, tmp_path: Path):
    fill()
    (tmp_path / "copy").mkdir()
    taken = database.take(tmp_path / "copy").files  # the database's file; on PostgreSQL every column of every table
    read = b"".join(path.read_bytes() for path in [*taken, *tmp_path.joinpath("files").rglob("*")] if path.is_file())
    assert builders.BODY.encode() in read  # what was said is there to be searched, who said it is not
    for secret in ("Trần Thị Hoa", "0912345678", "hoa@example", "Nguyễn Trãi", "Ông A nhận tiền", "Để phân loại", "a" * 50):
        assert secret.encode() not in read
        assert fold(secret).encode() not in read


def test_everything_opens_by_the_new_key_and_nothing_by_the_old(site: Flask):
    asked, old = fill(), site.extensions["keyring"]
    digest, notice_count = crypto.key_digest("A"), db.session.query(Notice).count()

    done = rotation.rotate(now=NOW)

    assert done.dropped
    assert not rotation.left()
    assert all_open(asked)
    assert crypto.key_digest("A") == digest  # the peppers stay: nobody kept the plain text of what they made
    assert len(keyring.load(Path(site.config["SECRETS_DIR"])).masters) == 1
    assert db.session.query(Notice).count() == notice_count
    site.extensions["keyring"] = old
    db.session.expire_all()
    for ask in asked.values():
        with pytest.raises((CannotDecrypt, store.BlobDamaged)):
            ask()


def test_a_second_rotation_has_all_to_do_again(site: Flask):
    asked = fill()
    first, second = rotation.rotate(now=NOW), rotation.rotate(now=NOW)
    assert (second.values, second.files) == (first.values, first.files)
    assert second.files == 1
    assert all_open(asked)


def test_what_was_sealed_before_there_were_key_ids_is_sealed_anew_with_keys_of_its_own(site: Flask, tmp_path: Path):
    (tmp_path / keyring.FILE).unlink()
    master = secrets.token_bytes(32)
    (tmp_path / keyring.LEGACY_FILE).write_bytes(base64.b64encode(master))
    crypto.init_app(site)
    asked = fill()
    row = db.session.scalars(db.select(SealedCase)).one()
    place = f"sealed_case:body_sealed:{row.uid}".encode()
    nonce = secrets.token_bytes(12)
    row.heading_sealed = nonce + AESGCM(keyring.derive(master, "sealed-case")).encrypt(
        nonce, row._heading.encode(), place.replace(b"body", b"heading")
    )
    row.body_sealed = nonce + AESGCM(keyring.derive(master, "sealed-case")).encrypt(nonce, "Ông A nhận tiền".encode(), place)
    step = db.session.scalars(db.select(SealedCaseStep)).one()
    step.said_sealed = nonce + AESGCM(keyring.derive(master, "sealed-case")).encrypt(
        nonce, "Để phân loại".encode(), f"sealed_case_step:said_sealed:{step.uid}".encode()
    )
    row.key_wrapped = None
    sealed = nonce + AESGCM(keyring.derive(master, "stored-file")).encrypt(nonce, b"a" * store.PIECE, b"cleaned/x:0:more")
    rest = nonce + AESGCM(keyring.derive(master, "stored-file")).encrypt(nonce, b"a" * (300_000 - store.PIECE), b"cleaned/x:1:last")
    (tmp_path / "files" / "cleaned" / "x").write_bytes(sealed + rest)
    db.session.commit()
    assert all_open(asked)

    assert rotation.rotate(now=NOW).dropped

    assert all_open(asked)
    assert db.session.scalars(db.select(SealedCase)).one().key_wrapped is not None
    assert site.extensions["keyring"].legacy is None


def test_what_no_key_opens_keeps_the_old_key_there_and_is_named(site: Flask):
    asked = fill()
    broken = sealed_case("hỏng")
    broken.key_wrapped = broken.key_wrapped[:-1] + bytes([broken.key_wrapped[-1] ^ 1])
    broken_id = broken.id
    db.session.commit()

    done = rotation.rotate(now=NOW)

    assert done.closed == [f"sealed_case.key_wrapped, id {broken_id}"]
    assert not done.dropped
    assert len(site.extensions["keyring"].masters) == 2
    assert all_open(asked)


def test_a_store_elsewhere_gets_the_new_key_too(site: Flask):
    site.extensions["store"] = MemoryStore()
    store.put("cleaned/x", io.BytesIO(b"a" * (2 * store.PIECE + 1)))
    old = site.extensions["keyring"]
    assert rotation.rotate(now=NOW).files == 1
    assert b"".join(store.get("cleaned/x")) == b"a" * (2 * store.PIECE + 1)
    site.extensions["keyring"] = old
    with pytest.raises(store.BlobDamaged):
        b"".join(store.get("cleaned/x"))


def test_every_sealed_column_of_the_database_is_one_that_rotation_finds():
    found = {(model.__tablename__, sealed.column) for model, _, sealed in rotation.places()}
    columns = {
        (table.name, column.name)
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.name.endswith(("_sealed", "_wrapped"))
    }
    assert columns - found == set()
    assert {("session_paper", "facts"), ("oversight_paper", "facts")} <= found


def test_a_database_sealed_by_another_key_is_recognised(site: Flask, tmp_path: Path):
    known.recognise(NOW)
    db.session.commit()
    (tmp_path / keyring.FILE).unlink()
    crypto.init_app(site)
    with pytest.raises(KeyMissing):
        known.recognise(NOW)
    with pytest.raises(KeyMissing):
        rotation.rotate(now=NOW)


def test_a_database_of_before_keys_had_names_is_tried_the_first_time(site: Flask, tmp_path: Path):
    fill()
    rotation.settle(NOW)
    db.session.execute(db.delete(known.KeyVersion))
    db.session.commit()
    (tmp_path / keyring.FILE).unlink()
    crypto.init_app(site)
    with pytest.raises(KeyMissing):
        rotation.settle(NOW)


def test_a_rotation_that_was_killed_goes_on_where_it_was(site: Flask, tmp_path: Path):
    asked = fill()
    for number in range(400):
        store.put(f"cleaned/{number}", io.BytesIO(b"a"))
    env = os.environ | {
        "DATA_DIR": str(tmp_path / "data"), "SECRETS_DIR": str(tmp_path), "DATABASE_URL": site.config["SQLALCHEMY_DATABASE_URI"],
        "STORAGE_URL": site.config["STORAGE_URL"], "REDIS_URL": "unix:///nowhere",
    }  # fmt: skip
    command = [sys.executable, "-m", "running.keeping", "keys", "rotate"]
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
    eventually(lambda: len(keyring.load(tmp_path).masters) == 2 or process.poll() is not None)
    site.extensions["keyring"] = keyring.load(tmp_path)
    first = next(iter(store.keys("")))[0][0]
    while not store.is_current(first) and process.poll() is None:
        pass  # every pause is time for it to come to its end
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL

    assert len(keyring.load(tmp_path).masters) == 2  # it was not done
    assert all_open(asked)  # at every moment
    db.session.rollback()

    assert rotation.rotate(now=NOW).dropped

    assert not rotation.left()
    assert len(keyring.load(tmp_path).masters) == 1
    assert all_open(asked)

"""What the doctor finds, and what it says."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app import audit, backup, clock, crypto, doctor, files, heartbeat, jobs
from app.access import SYSTEM
from app.accounts.models import Grant
from app.crypto import keyring
from app.database import db, is_postgresql
from app.doctor import Level
from app.files import content, store
from app.outbox import Channel, notify
from app.permissions import Role
from running.doctor import SENTENCES, line
from tests import factories
from tests.app.files.samples import picture
from tests.conftest import Backend, on_a_copy
from tests.services import free_port

NOW = clock.now()


@pytest.fixture
def site(backend: Backend, tmp_path: Path, valkey: str) -> Iterator[Flask]:
    """The site with database, files and keys of the test's own, in good health."""
    over = {
        "SECRETS_DIR": str(tmp_path / "secrets"), "STORAGE_URL": f"file://{tmp_path}/data/files", "DATA_DIR": str(tmp_path / "data"),
        "SITE_URL": "https://y-kien.example", "HTTPS": True, "SMTP_HOST": "127.0.0.1", "REDIS_URL": valkey,
        "CLAMAV_URL": "", "ANCHOR_DIR": "",
    }  # fmt: skip
    (tmp_path / "data").mkdir()
    shutil.copytree(backend.secrets, tmp_path / "secrets")
    with on_a_copy(backend.committing_app, backend, **over) as app:
        before = {name: app.extensions[name] for name in ("keyring", "store", "queue")}
        crypto.init_app(app)
        store.init_app(app)
        jobs.init_app(app)
        ring = app.extensions["keyring"]
        app.extensions["keyring"] = replace(ring, escrowed=(ring.current,))
        heartbeat.beat(backup.BEAT, now=NOW)
        db.session.commit()
        yield app
        app.extensions["queue"].connection.close()
        app.extensions.update(before)


def found(name: str) -> doctor.Finding:
    return next(finding for finding in doctor.examine(clock.now()) if finding.name == name)


def open_secrets(site: Flask) -> None:
    (Path(site.config["SECRETS_DIR"]) / keyring.FILE).chmod(0o644)


def secrets_among_data(site: Flask) -> None:
    site.config["SECRETS_DIR"] = f"{site.config['DATA_DIR']}/secrets"
    Path(site.config["SECRETS_DIR"]).mkdir(mode=0o700)


def never_copied(site: Flask) -> None:
    site.extensions["keyring"] = replace(site.extensions["keyring"], escrowed=())


def half_rotated(site: Flask) -> None:
    site.extensions["keyring"] = site.extensions["keyring"].with_new_master()


def no_https(site: Flask) -> None:
    site.config["HTTPS"] = False


def disk_full(_site: Flask) -> None:
    doctor.DISK_BAD = 2**60


def no_queue(site: Flask) -> None:
    site.config["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}"
    site.extensions["queue"].connection.close()
    jobs.init_app(site)


def old_revision(_site: Flask) -> None:
    db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))


def clock_went_back(_site: Flask) -> None:
    audit.record(SYSTEM, "user.signed_out", factories.make_user(), at=NOW + dt.timedelta(hours=1))


def never_backed_up(_site: Flask) -> None:
    db.session.execute(db.delete(heartbeat.Beat))


def backed_up_long_ago(_site: Flask) -> None:
    heartbeat.beat(backup.BEAT, now=NOW - dt.timedelta(days=9))


def restored_since(_site: Flask) -> None:
    heartbeat.beat(backup.BEAT, now=NOW - dt.timedelta(days=90))  # as it stood in the backup
    heartbeat.beat(backup.RESTORED, now=NOW)


def no_place_for_anchors(site: Flask) -> None:
    site.config["ANCHOR_DIR"] = f"{site.config['DATA_DIR']}/unplugged"


def a_dead_letter(_site: Flask) -> None:
    notice = notify(channel=Channel.EMAIL, template="t", about=factories.make_unit(), now=NOW, occasion="1", address="a@example.org")
    notice.dead_at, notice.due_at = NOW, None


def a_file_lost(_site: Flask) -> None:
    file = files.store_ours(b"x", "a.pdf", content.PDF, NOW)
    db.session.add(file)
    db.session.flush()
    store.delete(f"cleaned/{file.uid}")


def an_original_lost(_site: Flask) -> None:
    file = files.store_upload(io.BytesIO(picture()), "a.jpg", NOW)
    store.delete(f"original/{file.uid}")


def scanner_away(site: Flask) -> None:
    site.config["CLAMAV_URL"] = "tcp://127.0.0.1:1"


def no_address_of_a_scanner(site: Flask) -> None:
    site.config["CLAMAV_URL"] = "tcp://scanner:port"


def another_key(site: Flask) -> None:
    a_dead_letter(site)
    site.extensions["keyring"] = keyring.load(Path(site.config["DATA_DIR"]) / "other")


def trigger_gone(_site: Flask) -> None:
    on = " ON audit_entry" if is_postgresql() else ""
    db.session.execute(text(f"DROP TRIGGER audit_entry_no_delete{on}"))


def grant_by_hand(_site: Flask) -> None:
    user = factories.make_user()
    db.session.execute(db.insert(Grant).values(user_id=user.id, role=Role.ADMINISTRATOR, everywhere=True, starts_on=NOW.date()))


@pytest.mark.parametrize(
    ("spoil", "name", "level"),
    [
        (open_secrets, "keys_own", Level.BAD),
        (secrets_among_data, "keys_apart", Level.BAD),
        (never_copied, "escrow", Level.BAD),
        (half_rotated, "rotation", Level.BAD),
        (no_https, "https", Level.BAD),
        (disk_full, "disk", Level.BAD),
        (no_queue, "queue", Level.BAD),
        (no_queue, "worker", Level.BAD),
        (old_revision, "migrated", Level.BAD),
        (clock_went_back, "clock", Level.BAD),
        (never_backed_up, "backup_never", Level.BAD),
        (restored_since, "backup_restored", Level.WARN),
        (no_place_for_anchors, "anchors", Level.BAD),
        (backed_up_long_ago, "backup", Level.BAD),
        (a_dead_letter, "dead_letters", Level.WARN),
        (a_file_lost, "files_missing", Level.BAD),
        (an_original_lost, "files_missing", Level.BAD),
        (scanner_away, "scanner", Level.BAD),
        (no_address_of_a_scanner, "scanner", Level.BAD),
        (another_key, "opens", Level.BAD),
        (trigger_gone, "record", Level.BAD),
        (grant_by_hand, "record", Level.BAD),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_is_not_well_is_found(site: Flask, spoil: Callable[[Flask], None], name: str, level: Level, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doctor, "DISK_BAD", doctor.DISK_BAD)
    well = {finding.name: finding.level for finding in doctor.examine(clock.now())}
    assert well.get(name, Level.OK) == (Level.BAD if name == "worker" else Level.OK)  # no worker runs in a test

    spoil(site)
    db.session.commit()

    assert found(name).level == level


def test_what_is_not_set_is_neither_well_nor_ill_but_a_choice_with_its_consequence(site: Flask):
    findings = {finding.name: finding for finding in doctor.examine(clock.now())}
    for name, words in (("scanner_unset", "chưa đặt CLAMAV_URL"), ("anchors_unset", "chưa đặt ANCHOR_DIR")):
        assert findings[name].level == Level.UNSET
        assert words in line(findings[name]).splitlines()[0]
        assert "→" in line(findings[name]).splitlines()[1]
    assert not {"scanner", "anchors"} & set(findings)  # nobody reads that something answers which is not there


def test_what_a_domain_asks_is_asked_too(site: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(site.extensions, "doctor", [])
    doctor.question(site, lambda _now: doctor.Finding("its_own", Level.BAD, "7 bills"))
    assert "7 bills" in line(found("its_own"))


def test_without_a_database_the_rest_is_still_said(site: Flask):
    db.session.remove()
    db.engine.dispose()
    site.config["SQLALCHEMY_DATABASE_URI"] = (
        "sqlite:////nowhere/x" if not is_postgresql() else "postgresql+psycopg://app@/nothing?host=/nowhere"
    )
    findings = {finding.name: finding.level for finding in doctor.examine(clock.now())}
    assert findings["database"] == Level.BAD
    assert findings["escrow"] == Level.OK
    assert "opens" not in findings


def test_every_finding_has_words_and_what_to_do_when_it_is_not_well(site: Flask):
    findings = list(doctor.examine(clock.now()))
    assert {finding.name for finding in findings} <= set(SENTENCES)
    for finding in findings:
        assert finding.level == Level.OK or "→" in line(finding)

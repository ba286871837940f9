"""The commands that keep the data safe, as a person types them."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import clock, crypto
from app.crypto import keyring, known, paper
from app.database import db, is_postgresql
from app.files import store
from running import holder, keeping, serving
from tests.conftest import Backend, on_a_copy
from tests.started import ROOT


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[str]]:
    """What the person types, on an install of the test's own."""
    lines: list[str] = []
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.setattr("builtins.input", lambda _asked="": lines.pop(0))
    monkeypatch.setattr(keeping, "HELD", [])
    yield lines
    for claim in keeping.HELD:
        claim.close()


@pytest.fixture
def site(backend: Backend, tmp_path: Path, typed: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The site with keys of the test's own, known to its database."""
    over = {"SECRETS_DIR": str(tmp_path / "secrets"), "STORAGE_URL": f"file://{tmp_path}/files", "DATA_DIR": str(tmp_path / "data")}
    with on_a_copy(backend.committing_app, backend, **over) as app:
        before = app.extensions["keyring"], app.extensions["store"]
        crypto.init_app(app)
        store.init_app(app)
        known.recognise(clock.now())
        db.session.commit()
        monkeypatch.setattr(keeping, "_site", lambda: app)
        yield app
        app.extensions["keyring"], app.extensions["store"] = before


@pytest.mark.parametrize(
    "words",
    [
        ["restore", "x"],
        ["backup", "x"],
        ["backup", "--keep", "30"],
        ["backup", "--keep", "x", "."],
        ["doctor"],
        ["audit", "verify"],
        ["keys", "escrow"],
        ["keys", "rot"],
        ["restore"],
        [],
    ],
)
def test_what_cannot_be_is_two_sentences_and_makes_no_keys(
    typed: list[str], words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert keeping.main(words) != 0
    assert len(capsys.readouterr().err.splitlines()) == 2  # Vietnamese, English
    assert not keyring.there(tmp_path / "secrets")


def test_a_copy_on_paper_brings_the_keys_back_where_there_are_none(typed: list[str], tmp_path: Path):
    ring = keyring.load(tmp_path / "elsewhere")
    typed += paper.written(ring)
    assert keeping.main(["keys", "restore"]) == 0
    assert keyring.load(tmp_path / "secrets").masters == ring.masters


@pytest.mark.parametrize("terminal", [True, False])
def test_a_set_up_at_the_terminal_prints_the_copy_for_paper_and_no_log_ever_holds_it(
    typed: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, terminal: bool
):
    ring = keyring.load(tmp_path / "secrets")
    monkeypatch.setattr(serving.supervisor, "ask", lambda _site: {"has_administrator": False})
    monkeypatch.setattr(serving, "create_administrator", lambda: None)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: terminal)
    serving.make_ready(dict)
    assert (paper.written(ring)[8] in capsys.readouterr().out) is terminal


def test_a_line_typed_wrong_is_named_at_once_and_typed_again(typed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    ring = keyring.load(tmp_path / "elsewhere")
    lines = paper.written(ring)
    typed += [*lines[:3], lines[3][::-1], lines[4], *lines[3:]]  # the fourth wrong, then the fifth in its place
    assert keeping.main(["keys", "restore"]) == 0
    assert capsys.readouterr().out.count("Dòng 4 sai") == 2
    assert keyring.load(tmp_path / "secrets").masters == ring.masters


def test_right_lines_of_two_papers_bring_no_keys_back(typed: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    ring = keyring.load(tmp_path / "elsewhere")
    typed += [*paper.written(ring)[:8], paper.written(ring.with_new_master().with_current_only())[8]]
    assert keeping.main(["keys", "restore"]) == 1
    assert "không phải của cùng một bản chép" in capsys.readouterr().err
    assert not keyring.there(tmp_path / "secrets")


def test_a_database_that_does_not_answer_is_two_sentences_and_the_doctor_says_the_rest(
    site: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    if not is_postgresql():
        pytest.skip("a file answers, or is not there")
    db.session.remove()
    db.engine.dispose()
    site.config["SQLALCHEMY_DATABASE_URI"] = "postgresql+psycopg://app@/nothing?host=/nowhere"
    for words in (["backup", str(tmp_path / "b")], ["audit", "verify"]):
        assert keeping.main(words) == 1
        assert len(capsys.readouterr().err.splitlines()) == 2
    assert keeping.main(["doctor"]) == 1
    assert " HỎNG   Cơ sở dữ liệu trả lời" in capsys.readouterr().out


def test_the_copy_of_the_keys_in_use_is_tried_by_typing_it(typed: list[str], site: Flask, tmp_path: Path):
    assert keyring.load(tmp_path / "secrets").escrowed == ()
    typed += paper.written(site.extensions["keyring"])
    assert keeping.main(["keys", "restore"]) == 0
    held = keyring.load(tmp_path / "secrets")
    assert held.escrowed == (held.current,)


def test_keys_that_sealed_the_data_here_are_not_replaced(typed: list[str], site: Flask, tmp_path: Path):
    typed += paper.written(keyring.load(tmp_path / "elsewhere"))
    assert keeping.main(["keys", "restore"]) == 1
    assert keyring.load(tmp_path / "secrets") == site.extensions["keyring"]


def test_keys_made_by_a_start_without_the_right_ones_are_set_aside(typed: list[str], site: Flask, tmp_path: Path):
    """The keys were lost, the site was started all the same and said so: by then it had made new ones."""
    right = site.extensions["keyring"]
    (tmp_path / "secrets" / keyring.FILE).unlink()
    crypto.init_app(site)
    typed += paper.written(right)
    assert keeping.main(["keys", "restore"]) == 0
    assert keyring.load(tmp_path / "secrets").masters == right.masters


def test_the_copy_of_before_is_not_enough_while_a_rotation_is_not_finished(typed: list[str], site: Flask, tmp_path: Path):
    before = keyring.load(tmp_path / "secrets")
    keyring.save(tmp_path / "secrets", before.with_new_master())
    typed += paper.written(before)
    assert keeping.main(["keys", "restore"]) == 1
    assert keyring.load(tmp_path / "secrets").escrowed == ()


def test_a_backup_makes_the_folder_that_is_named_and_takes_the_place_of_no_file(
    site: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "disk" / "safe"
    assert keeping.main(["backup", str(folder), "--keep", "30"]) == 0
    [file] = folder.iterdir()
    kept = file.read_bytes()
    for words in ([str(file)], [str(file), "--keep", "30"]):
        capsys.readouterr()
        assert keeping.main(["backup", *words]) == 1
        assert len(capsys.readouterr().err.splitlines()) == 2
    (tmp_path / "old").write_bytes(b"an older backup")
    assert keeping.main(["backup", str(tmp_path / "old")]) == 1
    assert file.read_bytes() == kept
    assert (tmp_path / "old").read_bytes() == b"an older backup"


def test_no_key_is_changed_while_the_site_runs(site: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with keeping.serving.take(tmp_path / "data", tmp_path / "secrets"):
        assert keeping.main(["keys", "rotate"]) == 1
        assert "Trang đang chạy" in capsys.readouterr().err
    assert len(site.extensions["keyring"].masters) == 1


def test_backup_check_and_rotation_say_what_they_did(site: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    store.put("cleaned/x", io.BytesIO(b"a"))
    (tmp_path / "safe").mkdir()
    (tmp_path / "safe" / "y-kien-20200101-000000.backup").touch()
    with keeping.serving.take(tmp_path / "data", tmp_path / "secrets"):  # the site runs meanwhile
        assert keeping.main(["backup", "--keep", "30", str(tmp_path / "safe")]) == 0
        assert "chưa chép ra giấy" in capsys.readouterr().err  # whoever loses this machine opens no backup
        [file] = (tmp_path / "safe").iterdir()
        assert keeping.main(["restore", "--check", str(file)]) == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert keeping.main(["restore", "--check", str(file)]) == 0
    assert "nguyên vẹn" in capsys.readouterr().out
    for claim in keeping.HELD:
        claim.close()
    assert keeping.main(["keys", "rotate"]) == 0
    assert "Khóa mới" in capsys.readouterr().out
    for claim in keeping.HELD:
        claim.close()
    assert keeping.main(["restore", "--check", str(file)]) == 1  # of before: it needs the paper of before
    assert "keys restore" in capsys.readouterr().err


def test_the_doctor_says_whether_the_site_that_runs_has_the_settings_it_asks_about(
    typed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A command typed beside a service reads the environment of its own window."""
    given = os.environ | {"PYTHONPATH": str(ROOT), "DATA_DIR": "x", "SMTP_HOST": "mail", "PORT": "81"}
    for name, value in serving.environment(serving.settings()).items():  # as run.py hands it to each command
        monkeypatch.setenv(name, value)
    assert holder.asked().name == "site_none"
    script = (
        "import pathlib, sys; from running import serving; c = serving.take(*map(pathlib.Path, sys.argv[1:])); print(flush=True); input()"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "data"), str(tmp_path / "secrets")]
    with subprocess.Popen(command, env=given, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as site:
        assert site.stdout is not None
        site.stdout.readline()
        asked = holder.asked()
        site.communicate(b"\n")
    assert (asked.name, asked.what) == ("settings_differ", "SMTP_HOST")

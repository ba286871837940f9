"""The scanner: what it finds is refused, and what becomes of a file when it is away."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app import files
from app.audit import entries_about
from app.database import db
from app.files import StoredFile, jobs, refusals, scanning, store
from app.files.models import Scan
from app.files.scanning import NotScanned, pieces_of, scan
from tests.app.files.clamd import EICAR, Clamd, clamd
from tests.app.files.samples import NOW, pdf_with, picture


@pytest.fixture(scope="module")
def listening() -> Iterator[Clamd]:
    with clamd() as standing_in:
        yield standing_in


@pytest.fixture
def scanner(listening: Clamd) -> Clamd:
    listening.manner, listening.most, listening.heard = "well", 25_000_000, []
    return listening


@pytest.fixture
def app(app: Flask, scanner: Clamd, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setitem(app.config, "CLAMAV_URL", scanner.url)
    return app


INFECTED = pdf_with(EICAR)


def test_the_scanner_hears_the_whole_file_piece_by_piece(scanner: Clamd):
    data = b"a" * (3 * scanning.PIECE + 1)

    assert scan(pieces_of(io.BytesIO(data)), scanner.url) is None
    assert scanner.heard == [data]


def test_the_scanner_may_listen_at_a_socket_of_the_machine(tmp_path: Path):
    with clamd(tmp_path) as standing_in:
        assert scan([EICAR[:30], EICAR[30:]], standing_in.url) == "Eicar-Test-Signature"


@pytest.mark.parametrize("manner", ["dies", "says nothing", "sleeps", "babbles"])
def test_a_scanner_that_does_not_answer_has_not_scanned(scanner: Clamd, monkeypatch: pytest.MonkeyPatch, manner: str):
    scanner.manner = manner
    monkeypatch.setattr(scanning, "WAIT_SECONDS", 0.1)

    with pytest.raises(NotScanned):
        scan([b"a" * 100_000] * 20, scanner.url)


def test_a_file_larger_than_the_scanner_takes_was_not_scanned(scanner: Clamd):
    scanner.most = 1000
    with pytest.raises(NotScanned):
        scan([b"a" * 100_000] * 50, scanner.url)


def test_an_infected_file_is_refused_by_name_and_leaves_nothing(app: Flask):
    with pytest.raises(refusals.FileInfected):
        files.store_upload(io.BytesIO(INFECTED), "giay.pdf", NOW)

    assert list(store.keys("")) == []


def test_a_clean_file_says_that_it_was_scanned(app: Flask):
    file = files.store_upload(io.BytesIO(picture()), "a", NOW)

    assert (file.scan, file.flags) == (Scan.CLEAN, [])


def test_without_a_scanner_nothing_is_said(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "CLAMAV_URL", "")

    assert files.store_upload(io.BytesIO(picture()), "a", NOW).scan is None


def away(app: Flask, monkeypatch: pytest.MonkeyPatch) -> StoredFile:
    """Take in an infected file while the scanner is away."""
    with monkeypatch.context() as while_:
        while_.setitem(app.config, "CLAMAV_URL", "tcp://127.0.0.1:1")
        file = files.store_upload(io.BytesIO(INFECTED), "giay.pdf", NOW)
    db.session.commit()
    return file


def test_while_the_scanner_is_away_a_file_is_taken_and_marked(app: Flask, monkeypatch: pytest.MonkeyPatch):
    assert away(app, monkeypatch).flags == ["waiting"]


def test_while_the_scanner_is_away_a_careful_site_takes_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "CLAMAV_REQUIRED", True)

    with pytest.raises(refusals.FileNotKept):
        away(app, monkeypatch)


def test_what_waited_is_scanned_later_and_what_is_found_is_handed_out_no_more(app: Flask, monkeypatch: pytest.MonkeyPatch):
    bad = away(app, monkeypatch)
    monkeypatch.setattr(jobs.clock, "now", lambda: NOW)
    for _twice in range(2):
        jobs.scan()

    db.session.refresh(bad)
    assert bad.flags == ["infected"]
    with pytest.raises(store.BlobMissing):
        files.open_stored(bad)
    assert [(entry.action, entry.facts) for entry in entries_about(bad)] == [("file.infected", {"signature": "Eicar-Test-Signature"})]


def test_a_clean_file_that_waited_says_so_no_more(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(app.config, "CLAMAV_URL", "tcp://127.0.0.1:1")
    file = files.store_upload(io.BytesIO(picture()), "a", NOW)
    db.session.commit()
    monkeypatch.setattr(jobs.clock, "now", lambda: NOW)
    jobs.scan()  # still away
    db.session.refresh(file)
    assert file.scan == Scan.WAITING

    monkeypatch.undo()
    with pytest.MonkeyPatch.context() as back, clamd() as again:
        back.setitem(app.config, "CLAMAV_URL", again.url)
        back.setattr(jobs.clock, "now", lambda: NOW)
        jobs.scan()
    db.session.refresh(file)
    assert file.scan == Scan.CLEAN

"""How the bytes lie, how they leave, and when they go."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import obstore
import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from app import files
from app.database import db
from app.files import StoredFile, jobs, operations, store
from app.files.models import Scan
from tests.app.files.samples import LATER, NOW, pdf, picture
from tests.started import ROOT

#: What reads the bytes of a file that was sent here.
OPENS = re.compile(r"\bopen_(stored|original|bytes)\b")


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest) -> str:
    """Every test of this module runs on both."""
    return request.param


def blobs(app: Flask) -> dict[str, bytes]:
    """Return what lies in the store, as it lies there."""
    held = app.extensions["store"]
    return {each["path"]: bytes(obstore.get(held, each["path"]).bytes()) for page in obstore.list(held) for each in page}


@pytest.mark.parametrize("size", [1, store.PIECE - 1, store.PIECE, store.PIECE + 1, 3 * store.PIECE])
def test_bytes_come_back_as_they_were_and_lie_as_ciphertext(app: Flask, size: int):
    data = (b"to cao ong A " * (size // 13 + 1))[:size]
    store.put("cleaned/x", io.BytesIO(data))

    assert b"".join(store.get("cleaned/x")) == data
    assert all(b"to cao" not in sealed for sealed in blobs(app).values())


@pytest.mark.parametrize("start", [0, 1, store.PIECE - 1, store.PIECE, store.PIECE + 1, 2 * store.PIECE + 9])
def test_bytes_come_from_any_place_on(app: Flask, start: int):
    data = bytes(range(256)) * (2 * store.PIECE // 256) + b"the end..!"
    store.put("cleaned/x", io.BytesIO(data))

    assert b"".join(store.get("cleaned/x", start)) == data[start:]


PIECE = store.PIECE + 28
SPOILED = {
    "cut off between pieces": lambda sealed: sealed[:PIECE],
    "cut off within a piece": lambda sealed: sealed[:-5],
    "emptied": lambda sealed: b"",
    "pieces swapped": lambda sealed: sealed[PIECE : 2 * PIECE] + sealed[:PIECE] + sealed[2 * PIECE :],
    "one bit turned": lambda sealed: sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:],
    "its key changed": lambda sealed: sealed[:40] + bytes([sealed[40] ^ 1]) + sealed[41:],
    "its key taken off": lambda sealed: sealed[store._HEAD :],
    "only its key left": lambda sealed: sealed[: store._HEAD],
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_bytes_that_were_changed_in_the_store_do_not_open(app: Flask, spoil: Any):
    store.put("cleaned/x", io.BytesIO(b"a" * (2 * store.PIECE + 10)))
    [(key, sealed)] = blobs(app).items()
    obstore.put(app.extensions["store"], key, spoil(sealed))

    with pytest.raises(store.BlobDamaged):
        b"".join(store.get("cleaned/x"))


def test_one_files_bytes_do_not_open_as_anothers(app: Flask):
    store.put("cleaned/x", io.BytesIO(b"a"))
    obstore.rename(app.extensions["store"], "cleaned/x", "cleaned/y")

    with pytest.raises(store.BlobDamaged):
        b"".join(store.get("cleaned/y"))
    with pytest.raises(store.BlobMissing):
        store.get("cleaned/x")


def test_bytes_whose_row_was_rolled_back_are_swept_and_others_stay(app: Flask):
    kept = files.store_upload(io.BytesIO(picture()), "a", NOW)
    db.session.commit()
    lost = files.store_upload(io.BytesIO(picture()), "b", NOW)
    lost_uid = lost.uid
    db.session.rollback()

    assert files.sweep_orphans(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)) == 0  # too young to be called lost
    assert files.sweep_orphans(LATER) == 2  # the copy and the original
    assert b"".join(files.open_stored(kept))
    assert b"".join(files.open_original(kept))
    with pytest.raises(store.BlobMissing):
        store.get(f"cleaned/{lost_uid}")


def test_a_discarded_file_is_gone_after_the_commit_only(app: Flask):
    file = files.store_upload(io.BytesIO(picture()), "a", NOW)
    db.session.commit()
    uid = file.uid
    files.discard(file)
    db.session.rollback()
    assert b"".join(files.open_stored(file))

    files.discard(file)
    db.session.commit()
    files.discard_bytes(uid)
    files.discard_bytes(uid)  # twice is as good as once

    assert blobs(app) == {}


def sent(app: Flask, file: StoredFile, **request: Any) -> Any:
    with app.test_request_context("/tep/x", **request):
        return files.send(file)


def test_a_photo_is_shown_and_a_document_is_saved_under_its_name(app: Flask):
    photo = files.store_upload(io.BytesIO(picture()), "ảnh “1”.jpg", NOW)
    paper = files.store_upload(io.BytesIO(pdf()), "Đơn.pdf", NOW)

    assert sent(app, photo).headers["Content-Disposition"].startswith("inline; ")
    answer = sent(app, paper)
    assert answer.headers["Content-Disposition"] == "attachment; filename=\"tep.pdf\"; filename*=UTF-8''%C4%90%C6%A1n.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.content_type == "application/pdf"
    assert (answer.content_length, answer.data) == (paper.size, b"".join(files.open_stored(paper)))


def test_whatever_was_sent_here_leaves_as_a_file_in_which_nothing_runs_and_no_page_hands_it_out_by_itself(app: Flask):
    photo = files.store_upload(io.BytesIO(picture()), "a.jpg", NOW)
    with app.test_request_context("/tep/x"):
        answers = files.send(photo), files.send_small(photo, 40), files.send_original(photo, name="ban-goc")
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Content-Security-Policy"].endswith("sandbox")
    views = [path for package in ("app", "feedback", "dialogues", "oversight") for path in (ROOT / package).rglob("*views*")]
    sources = [each for path in views for each in ([path] if path.suffix == ".py" else path.rglob("*.py"))]
    assert len(sources) > 100
    assert [path for path in sources if OPENS.search(path.read_text("utf-8"))] == [ROOT / "app" / "files" / "views.py"]


def test_a_browser_that_has_it_gets_no_bytes_again(app: Flask):
    file = files.store_upload(io.BytesIO(picture()), "a", NOW)
    etag = sent(app, file).headers["ETag"]

    answer = sent(app, file, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")


ASKED: dict[str, tuple[dict[str, str], int, slice]] = {
    "a part": ({"Range": "bytes=10-19"}, 206, slice(10, 20)),
    "from a byte on": ({"Range": "bytes=10-"}, 206, slice(10, None)),
    "the end": ({"Range": "bytes=-5"}, 206, slice(-5, None)),
    "more than there is": ({"Range": "bytes=10-999999"}, 206, slice(10, None)),
    "beyond its end": ({"Range": "bytes=999999-"}, 416, slice(0)),
    "two parts": ({"Range": "bytes=0-1,5-6"}, 200, slice(None)),
    "another unit": ({"Range": "lines=0-1"}, 200, slice(None)),
    "garbage": ({"Range": "bytes=a-b"}, 200, slice(None)),
    "of an older one": ({"Range": "bytes=10-19", "If-Range": '"older"'}, 200, slice(None)),
}


@pytest.mark.parametrize(("headers", "status", "part"), ASKED.values(), ids=ASKED)
def test_a_player_gets_the_part_it_asks_for(app: Flask, headers: dict[str, str], status: int, part: slice):
    file = files.store_upload(io.BytesIO(picture(size=(100, 100))), "a", NOW)
    whole = b"".join(files.open_stored(file))

    answer = sent(app, file, headers=headers)
    assert (answer.status_code, answer.data) == (status, whole[part])
    assert (answer.content_length, answer.headers["Accept-Ranges"]) == (len(whole[part]), "bytes")
    if status == 206:
        start, stop, _ = part.indices(len(whole))
        assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"


def test_an_infected_file_is_as_if_it_were_not_there(app: Flask):
    file = files.store_upload(io.BytesIO(picture()), "a", NOW)
    file.scan = Scan.INFECTED

    for send in (lambda: files.send(file), lambda: files.send_small(file, 10), lambda: files.send_original(file, name="a")):
        with app.test_request_context("/"), pytest.raises(NotFound):
            send()


def test_head_tells_the_size_without_the_bytes(app: Flask):
    file = files.store_upload(io.BytesIO(picture()), "a", NOW)

    answer = sent(app, file, method="HEAD")
    assert (answer.content_length, answer.response) == (file.size, [])


def test_a_small_picture_is_made_once_and_not_at_all_for_who_has_it(app: Flask, monkeypatch):
    file, opened = files.store_upload(io.BytesIO(picture(size=(400, 200))), "a", NOW), []
    monkeypatch.setattr(operations.store, "get", lambda key, *start, get=store.get: opened.append(key) or get(key, *start))

    def asked(**request: Any) -> tuple[int, int, int]:
        with app.test_request_context("/", **request):
            answer = files.send_small(file, 100)
        return answer.status_code, len(b"".join(answer.response)), len(opened)

    assert asked(headers={"If-None-Match": f'"{file.sha256}-100"'}) == (304, 0, 0)
    assert asked(method="HEAD") == (200, 0, 0)
    status, size, _opened = asked(headers={"If-None-Match": f'"{file.sha256}"'})
    assert (status, 0 < size < file.size) == (200, True)
    assert asked() == (200, size, 1)


def test_the_night_sweeps_what_was_never_sent(app: Flask, monkeypatch):
    files.store_upload(io.BytesIO(picture()), "a", NOW)
    db.session.commit()

    monkeypatch.setattr(jobs.clock, "now", lambda: NOW + dt.timedelta(days=7))
    jobs.sweep()
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 1
    db.session.rollback()

    monkeypatch.setattr(jobs.clock, "now", lambda: LATER)
    jobs.sweep()
    assert db.session.scalar(select(func.count()).select_from(StoredFile)) == 0
    assert blobs(app) == {}

"""How much may come: in a day, and onto a disk that fills; and that much is never whole in memory."""

from __future__ import annotations

import datetime as dt
import io
import shutil
from collections import namedtuple
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.formparser import parse_form_data

from app import files, jobs
from app.database import is_postgresql
from app.files import quotas, refusals, store
from tests.app.files.films import film
from tests.app.files.samples import NOW, pdf, picture
from tests.app.files.test_forms import held, kept, letter, upload

MEGABYTE = 1024 * 1024
TOMORROW = NOW + dt.timedelta(days=1)


@pytest.fixture
def counting(app: Flask, valkey: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The site where what comes is counted; everybody is one."""
    monkeypatch.setitem(app.config, "RATE_LIMIT_ENABLED", True)
    monkeypatch.setitem(app.config, "MAX_DAY_BYTES", 1000)
    monkeypatch.setitem(app.config, "REDIS_URL", valkey)
    monkeypatch.setattr(quotas, "_who", lambda: "one")
    jobs.init_app(app)
    jobs.queue().connection.flushall()
    with app.test_request_context("/", method="POST"):
        yield app


def test_who_sent_enough_today_may_send_again_tomorrow(counting: Flask):
    quotas.spend(600, NOW)
    with pytest.raises(refusals.TooMuchToday):
        quotas.spend(500, NOW)
    quotas.spend(400, NOW)  # what was refused was not counted

    quotas.spend(600, TOMORROW)


def test_one_does_not_use_up_what_another_may_send(counting: Flask, monkeypatch: pytest.MonkeyPatch):
    quotas.spend(900, NOW)
    monkeypatch.setattr(quotas, "_who", lambda: "another")

    quotas.spend(900, NOW)


def test_while_valkey_is_gone_everybody_may_send(counting: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(counting.config, "REDIS_URL", "unix:///nowhere/valkey.sock")
    jobs.init_app(counting)

    quotas.spend(2000, NOW)


def test_too_much_in_a_day_is_a_sentence_and_costs_nothing_that_was_typed_or_taken(counting: Flask):
    first, second = picture(), pdf()
    counting.config["MAX_DAY_BYTES"] = len(first) + 10
    form = letter(upload(first, "a.jpg"), upload(second, "b.pdf"), body="Cống tắc")

    assert not form.validate()
    assert (form.body.data, held(form), len(kept(form))) == ("Cống tắc", ["a.jpg"], 1)
    assert form.photos.errors[0].startswith("“b.pdf”: hôm nay từ mạng này đã gửi quá nhiều tệp.")


def test_a_disk_that_fills_takes_no_file(app: Flask, monkeypatch: pytest.MonkeyPatch):
    usage = namedtuple("usage", "free")  # noqa: PYI024 - as shutil's
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(app.config["KEEP_FREE_BYTES"] + 100))

    with pytest.raises(refusals.FileNotKept):
        files.store_upload(io.BytesIO(picture()), "a.jpg", NOW)
    assert list(store.keys("")) == []


class Posted(io.RawIOBase):
    """The body of a form with a recording of *size* bytes, made while it is read."""

    def __init__(self, size: int) -> None:
        sound = film("wav", "", "pcm_s16le")
        head = b'--x\r\nContent-Disposition: form-data; name="photos"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n'
        self.parts = [head + sound[: sound.index(b"data") + 4] + (size).to_bytes(4, "little"), *[bytes(MEGABYTE)] * (size // MEGABYTE)]
        self.parts.append(b"\r\n--x--\r\n")
        self.length = sum(map(len, self.parts))
        self.rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        self.rest = self.rest or (self.parts.pop(0) if self.parts else b"")
        size = min(len(into), len(self.rest))
        into[:size], self.rest = self.rest[:size], self.rest[size:]
        return size


@contextmanager
def grown() -> Iterator[list[int]]:
    """Yield a list that holds, at the end, by how many bytes this process was larger meanwhile, at most."""
    most: list[int] = []
    Path("/proc/self/clear_refs").write_text("5")  # forget the largest size so far
    before = _memory("VmRSS")
    yield most
    most.append(_memory("VmHWM") - before)


def _memory(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


def test_a_hundred_megabytes_come_and_go_and_never_lie_in_memory(app: Flask, monkeypatch: pytest.MonkeyPatch):
    if is_postgresql():
        pytest.skip("the database holds no bytes; once is enough")
    monkeypatch.setitem(app.config, "MAX_MEDIA_SECONDS", 3600)
    body = Posted(99 * MEGABYTE)
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "CONTENT_LENGTH": str(body.length),
        "wsgi.input": body,
    }
    with grown() as coming:
        _, _, sent = parse_form_data(environ)
        file = files.store_upload(sent["photos"].stream, "a.wav", NOW)
        sent["photos"].close()
    with grown() as going, app.test_request_context("/"):
        size = sum(len(piece) for piece in files.send(file).response)

    assert file.size > 99 * MEGABYTE
    assert size == file.size
    assert coming[0] < 50 * MEGABYTE
    assert going[0] < 20 * MEGABYTE

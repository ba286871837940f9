"""How a form takes files and keeps them."""

from __future__ import annotations

import datetime as dt
import errno
import io
import re
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_wtf import FlaskForm
from obstore.exceptions import BaseError as StoreError
from sqlalchemy import select
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import Form, StringField
from wtforms.validators import DataRequired, Optional

from app import files
from app.database import db
from app.files import StoredFile, UploadsField, operations, store
from feedback.models import Attachment
from tests.app.files.samples import NOW, pdf, picture, signed


class Letter(Form):
    body = StringField(validators=[DataRequired("cần nội dung")])
    photos = UploadsField("Ảnh và giấy tờ")


def upload(data: bytes, name: str) -> FileStorage:
    return FileStorage(io.BytesIO(data), name)


def letter(*photos: FileStorage, **typed: Any) -> Letter:
    return Letter(MultiDict([("body", typed.pop("body", "")), *[("photos", photo) for photo in photos], *typed.pop("more", [])]))


@pytest.fixture
def in_request(app: Flask):
    with app.test_request_context("/", method="POST"):
        yield app


def held(form: Any) -> list[str]:
    return [file.name for file in form.photos.data]


def kept(form: Letter) -> list[tuple[str, str]]:
    """Return what the page sends back for the files it shows."""
    page = render_template_string('{% from "components/uploads.html" import uploads %}{{ uploads(form.photos) }}', form=form)
    return re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', page)


def test_a_file_survives_an_error_elsewhere_in_the_form(in_request):
    first = letter(upload(picture(), "a.jpg"), upload(pdf(), "b.pdf"))
    assert not first.validate()
    db.session.rollback()  # as at the end of a request that was refused

    second = letter(upload(picture("PNG"), "c.png"), body="Cống tắc", more=kept(first))
    assert second.validate()
    assert held(second) == ["a.jpg", "b.pdf", "c.png"]


def test_nobody_waits_for_the_database_while_a_file_is_checked(in_request, monkeypatch):
    busy = []
    keep = operations.keep

    def looking(*args: Any, **more: Any) -> StoredFile:
        busy.append(db.session().in_transaction())
        return keep(*args, **more)

    monkeypatch.setattr(operations, "keep", looking)
    db.session.execute(select(StoredFile))  # as signing in does, before the form is read
    letter(upload(picture(), "a.jpg"), upload(picture(), "b.jpg"))

    assert busy == [False, False]


def test_a_file_comes_through_a_real_request(app: Flask):
    class Posted(FlaskForm):
        class Meta:
            csrf = False

        photos = UploadsField("Ảnh")

    typed = {"photos": [(io.BytesIO(picture()), "ảnh.jpg"), (io.BytesIO(pdf()), "b.pdf")]}
    with app.test_request_context("/", method="POST", data=typed):
        form = Posted()
        assert (form.validate_on_submit(), held(form)) == (True, ["ảnh.jpg", "b.pdf"])


@pytest.mark.parametrize("fails", [OSError(errno.ENOSPC, "No space left on device"), StoreError("the bucket is away")])
def test_a_file_that_we_cannot_keep_is_our_fault_and_costs_nothing_that_was_typed(in_request, monkeypatch, fails):
    def put(*_: Any) -> None:
        raise fails

    monkeypatch.setattr(store, "put", put)
    form = letter(upload(picture(), "a.jpg"), body="Cống tắc")

    assert not form.validate()
    assert (form.body.data, held(form)) == ("Cống tắc", [])
    assert "máy chủ chưa cất được tệp" in form.photos.errors[0]


def test_a_kept_file_can_be_left_out(in_request):
    tokens = kept(letter(upload(picture(), "a.jpg"), upload(pdf(), "b.pdf")))

    form = letter(body="x", more=[*tokens, ("photos-drop", tokens[0][1])])
    assert held(form) == ["b.pdf"]


def test_one_bad_file_does_not_cost_the_good_ones(in_request):
    form = letter(upload(picture(), "a.jpg"), upload(b"", "rong.jpg"), upload(b"<svg/>", "b\u202e.svg"), body="x")

    assert not form.validate()
    assert held(form) == ["a.jpg"]
    assert form.photos.errors == [
        "“rong.jpg”: tệp rỗng, không có gì bên trong. Chọn lại tệp này rồi gửi",
        "“b.svg”: không phải loại tệp nhận được. Gửi ảnh, phim ngắn, ghi âm, hoặc tệp PDF, DOCX, XLSX",
    ]


def test_too_many_files_are_named_and_the_first_ones_kept(in_request):
    tokens = kept(letter(upload(picture(), "1.jpg"), upload(picture(), "2.jpg")))
    form = letter(*[upload(picture(), f"{n}.jpg") for n in (3, 4, 5)], body="x", more=tokens)

    assert not form.validate()
    assert held(form) == ["1.jpg", "2.jpg", "3.jpg"]
    assert form.photos.errors == ["Nhiều nhất 3 tệp một lần gửi. Chưa nhận: “4.jpg”, “5.jpg”"]


class Hidden(Form):
    photos = UploadsField("Ảnh và giấy tờ", [Optional()], nameless=True)


def test_where_the_sender_is_kept_unknown_nothing_is_taken_that_says_who_made_it(in_request):
    given = [upload(picture(), "a.jpg"), upload(pdf(signed), "ký.pdf"), upload(pdf(password="x"), "khóa.pdf")]
    form = Hidden(MultiDict([("photos", each) for each in given]))

    assert not form.validate()
    assert held(form) == ["a.jpg"]
    assert [error.partition(":")[0] for error in form.photos.errors] == ["“ký.pdf”", "“khóa.pdf”"]
    assert len([key for page in store.keys("") for key, _ in page if key.startswith("cleaned/")]) == 1


def test_nor_what_was_chosen_in_a_form_that_takes_it(in_request):
    tokens = kept(letter(upload(picture(), "a.jpg"), upload(pdf(signed), "ký.pdf")))
    form = Hidden(MultiDict(tokens))

    assert not form.validate()
    assert held(form) == ["a.jpg"]
    assert form.photos.errors[0].startswith("“ký.pdf”: tệp có chữ ký số")


def test_no_file_chosen_is_no_file(in_request):
    form = letter(upload(b"", ""), body="x")

    assert form.validate()
    assert held(form) == []


@pytest.mark.parametrize("forged", ["", "x", "0" * 31 + "1", "\udc80", "IjEyMyI.abc.def", "a" * 100_000])
def test_a_forged_reference_to_a_file_is_as_good_as_none(in_request, forged: str):
    form = letter(body="x", more=[("photos-kept", forged)])

    assert (form.validate(), held(form)) == (True, [])


def test_a_real_reference_with_one_letter_changed_is_as_good_as_none(in_request):
    [(name, token)] = kept(letter(upload(picture(), "a.jpg")))
    form = letter(body="x", more=[(name, ("A" if token[0] != "A" else "B") + token[1:])])

    assert (form.validate(), held(form)) == (True, [])


def test_a_file_that_was_sent_in_cannot_be_sent_in_again(in_request, monkeypatch):
    tokens = kept(letter(upload(picture(), "a.jpg")))
    attach(letter(more=tokens).photos.data[0])

    assert held(letter(body="x", more=tokens)) == []


def attach(file: StoredFile) -> None:
    """Let some attachment point at *file*; what the attachment belongs to does not matter here."""
    with relaxed():
        db.session.add(Attachment(feedback_id=1, file_id=file.id))
        db.session.flush()


class relaxed:  # noqa: N801 - reads as a verb
    """Foreign keys unchecked in this transaction, so that a row may point at what is not there."""

    def __enter__(self) -> None:
        if db.engine.dialect.name == "sqlite":
            db.session.commit()
            db.session.execute(db.text("PRAGMA defer_foreign_keys=ON"))
        else:
            db.session.execute(db.text("SET LOCAL session_replication_role = replica"))

    def __exit__(self, *_: object) -> None:
        return


def test_files_never_sent_in_are_swept_and_those_sent_stay(app: Flask):
    old = NOW - dt.timedelta(days=8)
    sent_in = files.store_upload(io.BytesIO(picture()), "a", old)
    files.store_upload(io.BytesIO(picture()), "b", old)
    young = files.store_upload(io.BytesIO(picture()), "c", NOW)
    db.session.commit()
    attach(sent_in)

    assert files.sweep_drafts(NOW - dt.timedelta(days=7)) == 1
    assert set(db.session.scalars(select(StoredFile.id))) == {sent_in.id, young.id}


def test_the_page_names_each_kept_file_and_says_what_may_come(in_request):
    form = letter(upload(picture(), 'a"<b>.jpg'))
    form.validate()
    page = render_template_string('{% from "components/uploads.html" import uploads %}{{ uploads(form.photos) }}', form=form)

    assert "a--b-.jpg" in page
    assert 'accept="image/jpeg,.jpg,image/png,' in page
    assert "mỗi tệp không quá 2,9\u00a0MB" in page
    assert "Phim, ghi âm: không quá 100\u00a0MB, 5 phút" in page

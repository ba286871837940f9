from __future__ import annotations

import unicodedata

import pytest
from flask import Flask
from flask_babel import Babel
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField, TextAreaField
from wtforms.validators import DataRequired

from app.text import TextTooLong, clean_line, clean_typed, line, spreadsheet_safe, typed

TYPED = {
    "a decomposed word is composed": (unicodedata.normalize("NFD", "đường Nguyễn Huệ"), "đường Nguyễn Huệ"),
    "only spaces are nothing": (" \t\n \u00a0 ", ""),
    "NUL and controls go, tab stays": ("a\x00b\x1b[31m\tc\x7f", "ab[31m\tc"),
    "every kind of newline becomes one": ("a\r\nb\rc\vd\u2028e\x85f", "a\nb\nc\nd\ne\nf"),
    "two blank lines stay": ("a\n\n\nb", "a\n\n\nb"),
    "more blank lines, even of spaces, become two": ("a\n \n\t\n\n\n\nb", "a\n\n\nb"),
    "spaces at the end of a line go": ("a  \nb\t\n", "a\nb"),
    "a lone surrogate goes": ("a\ud83db", "ab"),
    "an emoji stays": ("tốt 👍", "tốt 👍"),
    "zero-width characters go": ("ma\u200btu\u200cý\u200d\u2060\ufeff", "matuý"),
    "a mark held apart by a joiner meets its letter": ("e\u200d\u0302", "ê"),
    "turned direction is straightened": ("don\u202egpj.exe\u2066x\u2069\u200f\u061c", "dongpj.exex"),
    "hidden tag letters go": ("a\U000e0041\U000e0042b", "ab"),
    "what no document can hold goes": ("a\uffff\ufdd0b", "ab"),
    "HTML is text like any other": ("<script>alert(1)</script> & <b>", "<script>alert(1)</script> & <b>"),
}


@pytest.mark.parametrize(("raw", "clean"), TYPED.values(), ids=TYPED)
def test_what_is_typed_is_cleaned(raw: str, clean: str):
    assert clean_typed(raw, 1000) == clean


@pytest.mark.parametrize("raw", [raw for raw, _ in TYPED.values()], ids=TYPED)
def test_cleaning_twice_changes_nothing_more_and_fits_utf8(raw: str):
    once = clean_typed(raw, 1000)

    assert clean_typed(once, 1000) == once
    once.encode()


def test_a_line_is_one_line_with_single_spaces():
    assert clean_line("  Nguyễn\n Thị \t Hợp\u00a0 \u200b", 100) == "Nguyễn Thị Hợp"


@pytest.mark.parametrize("clean", [clean_typed, clean_line])
def test_the_limit_counts_characters_after_cleaning(clean):
    assert clean(unicodedata.normalize("NFD", "ộ" * 10) + " \u200b", 10) == "ộ" * 10
    with pytest.raises(TextTooLong) as refusal:
        clean("ộ" * 11, 10)
    assert (refusal.value.limit, refusal.value.length) == (10, 11)


@pytest.mark.parametrize("raw", ["a" + " " * 1_000_000 + "b", "\n" * 1_000_000 + "b", "\r" * 1_000_000, "\u202e" * 1_000_000])
def test_a_megabyte_of_nothing_is_cleaned_like_anything_else(raw: str):
    assert len(clean_line(raw, 10)) <= 3


class Letter(Form):
    subject = StringField(filters=line(20), validators=[DataRequired("cần tiêu đề")])
    body = TextAreaField(filters=typed(1000), validators=[DataRequired("cần nội dung")])


@pytest.fixture
def request_context():
    app = Flask("app")
    Babel(app, default_locale="vi")
    with app.test_request_context():
        yield


def test_a_form_gets_clean_text(request_context):
    form = Letter(MultiDict({"subject": " Cống \n tắc ", "body": "a\x00\r\nb "}))

    assert form.validate()
    assert form.data == {"subject": "Cống tắc", "body": "a\nb"}


def test_a_form_takes_invisible_text_for_no_text(request_context):
    form = Letter(MultiDict({"subject": "\u200b\u2060", "body": "\x00 \u202e"}))

    assert not form.validate()
    assert form.errors == {"subject": ["cần tiêu đề"], "body": ["cần nội dung"]}


def test_a_form_says_how_much_is_too_much_and_keeps_it_all(request_context):
    form = Letter(MultiDict({"subject": "x", "body": "y\x00" * 1234}))

    assert not form.validate()
    assert form.body.errors == ["Dài 1.234 ký tự, nhiều nhất là 1.000: bớt 234 ký tự"]
    assert form.body.data == "y" * 1234


def test_a_form_not_sent_has_no_text_to_clean(request_context):
    assert Letter().body.data is None


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+84912345678", "'+84912345678"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"),
        ("1=1", "1=1"),
        ("", ""),
        ("đường 3-2", "đường 3-2"),
        (-2, -2),
        (None, None),
    ],
)
def test_a_cell_is_shown_and_never_run(value: object, cell: object):
    assert spreadsheet_safe(value) == cell

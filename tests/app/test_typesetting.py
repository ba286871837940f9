"""A paper comes out whatever is in it, and may be kept for good."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from app import typesetting


@pytest.fixture
def template(tmp_path):
    """A template of one line; a file, for typst reads files."""
    path = tmp_path / "one.typ"
    path.write_text('#let data = json(bytes(sys.inputs.data))\n#set document(title: "x")\n#set text(font: "Liberation Serif")\n#data.at(0)')
    return path


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Nguyễn Đặng Quỳnh Hương Ữ Ỹ Ẵ", "Nguyễn Đặng Quỳnh Hương Ữ Ỹ Ẵ"),
        ('Bùi & <b>Con</b> "Mưa" #panic() $x$ [y]', 'Bùi & <b>Con</b> "Mưa" #panic() $x$ [y]'),
        ("Đạt 😀 👨‍👩‍👧 ✌🏽", "Đạt □ □□□ □"),
        ("Lý 李", "Lý □"),
    ],
)
def test_every_sign_comes_out_or_a_box_in_its_place(template, typed, printed):
    made = typesetting.pdf(template, [typed])
    assert PdfReader(io.BytesIO(made)).pages[0].extract_text() == printed


def test_a_paper_says_that_it_is_made_to_be_kept(template):
    made = typesetting.pdf(template, ["Biên bản"])
    assert b"<pdfaid:part>2</pdfaid:part>" in made
    assert b"<pdfuaid:part>1</pdfuaid:part>" in made

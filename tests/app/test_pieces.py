"""Pieces of pages that are kept by what they are made of."""

from __future__ import annotations

from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from app.pieces import piece, render


def test_a_piece_is_made_once_for_the_same_values_and_anew_for_others(app):
    made = []

    @piece
    def shout(text: str, *, loud: bool = False) -> Markup:
        made.append(text)
        return Markup("<b>{}</b>").format(text.upper() if loud else text)

    assert [shout("a"), shout("a"), shout("b"), shout("a", loud=True), shout("a")] == [f"<b>{letter}</b>" for letter in "aabAa"]
    assert made == ["a", "b", "a"]


def test_a_piece_is_made_for_each_language(app):
    named = piece(lambda: escape(_("Trang đầu")))

    for language, words in (("vi", "Trang đầu"), ("en", "Home"), ("vi", "Trang đầu")):
        with force_locale(language):
            assert named() == words


def test_a_piece_escapes_what_it_is_given(app):
    with app.test_request_context():
        nothing = dict.fromkeys(("groups", "items"), ()) | dict.fromkeys(("place", "unit", "next_url", "first_url"))
        found = render("feedback/citizen/_published.html", kept={"q": '"><b>'}, **nothing)

    assert "&lt;b&gt;" in found
    assert "<b>" not in found.partition("</form>")[0]

"""Text on its way in and out: what people type stays plain text, exports stay cells."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from flask_babel import gettext as _

from app.fold import compose
from app.formats import format_number

T = TypeVar("T")

Filter = Callable[[str | None], str | None]


class TextTooLong(ValueError):
    """More characters than a field holds."""

    def __init__(self, limit: int, length: int) -> None:
        super().__init__(limit, length)
        self.limit = limit
        self.length = length


# What ends a line in one system or another, also Word's soft break (VT) and Unicode's own separators.
_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")

# What cannot be seen, and so only deceives: it hides words from a reader or from the search, or turns their direction around.
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # controls; tab and newline stay
    "\xad"  # soft hyphen
    "\u034f"  # combining grapheme joiner
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings, overrides and isolates of direction
    "\u115f\u1160\u3164\uffa0"  # fillers
    "\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff"  # zero width: space, joiners, invisible operators, BOM
    "\ufff9-\ufffb"  # annotations
    "\ufdd0-\ufdef\ufffe\uffff"  # no characters at all; a DOCX with one does not open
    "\U000e0000-\U000e007f"  # tags: a whole hidden alphabet
    "\ud800-\udfff"  # half a character: cannot be stored nor sent
    "]"
)
_MANY_BLANK_LINES = re.compile("\n{4,}")


def clean_typed(text: str, max_length: int) -> str:
    """Return what a person typed as plain text: composed (NFC), without unseen characters, at most two blank lines in a row.

    Nothing in it is read as HTML. :raise TextTooLong: for more than *max_length* characters after cleaning.
    """
    return _within(_plain(text), max_length)


def clean_line(text: str, max_length: int) -> str:
    """Return *text* as one line, one space between words; :raise TextTooLong:."""
    return _within(_one_line(text), max_length)


def beginning(text: str, max_length: int) -> str:
    """Return the first *max_length* characters of *text* as one line, where nobody needs to be told that there was more: a search."""
    return _one_line(text[:max_length])[:max_length]  # cut again: composing can make some signs longer


def _plain(text: str) -> str:
    seen = _UNSEEN.sub("", _NEWLINES.sub("\n", text))
    lines = "\n".join(line.rstrip() for line in compose(seen).split("\n"))
    return _MANY_BLANK_LINES.sub("\n\n\n", lines).strip()


def _one_line(text: str) -> str:
    return " ".join(_plain(text).split())


def _within(text: str, max_length: int) -> str:
    if len(text) > max_length:
        raise TextTooLong(max_length, len(text))
    return text


def typed(max_length: int) -> list[Filter]:
    """Return the WTForms filters of a text area: `TextAreaField(…, filters=typed(5000))`.

    Filters and not validators, so that DataRequired sees what is left of a text of zero-width spaces: nothing.
    The first cleans and the second complains, so a text that is too long comes back to the page whole.
    """
    return [_unless_none(_plain), _unless_none(partial(_short_enough, max_length=max_length))]


def line(max_length: int) -> list[Filter]:
    """Return the WTForms filters of a field of one line: `StringField(…, filters=line(200))`."""
    return [_unless_none(_one_line), _unless_none(partial(_short_enough, max_length=max_length))]


def _unless_none(change: Callable[[str], str]) -> Filter:
    return lambda text: None if text is None else change(text)


def _short_enough(text: str, *, max_length: int) -> str:
    try:
        return _within(text, max_length)
    except TextTooLong as error:
        raise ValueError(
            _(
                "Dài %(length)s ký tự, nhiều nhất là %(limit)s: bớt %(over)s ký tự",
                length=format_number(error.length),
                limit=format_number(error.limit),
                over=format_number(error.length - error.limit),
            )
        ) from error


# A spreadsheet takes a cell that begins so for a formula (and full-width twins of these in East Asian Excel).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def spreadsheet_safe(value: T) -> T | str:
    """Return *value* so that a spreadsheet shows it and does not run it: text that looks like a formula gets an apostrophe.

    For CSV, and for XLSX beside strings_to_formulas=False. Numbers and dates come back as they are.
    """
    if isinstance(value, str) and value.lstrip(" ").startswith(_FORMULA):
        return f"'{value}"
    return value

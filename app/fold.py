"""Vietnamese letters: comparing without diacritics, sorting people by given name."""

from __future__ import annotations

import re
import unicodedata

_D = str.maketrans({"đ": "d", "Đ": "d"})
_NOT_WORD = re.compile(r"[^0-9a-z]+")

MOST_MARKS = 8  # on one letter; Vietnamese needs two

# Every sign that stands on the letter before it, and three Tibetan ones that come apart into such. Putting a long run of them
# into order takes the square of its length: 100,000 of them keep a processor busy for half a minute.
_MARKS = "\u0f73\u0f75\u0f81" + "".join(sign for sign in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(sign))
_PILE = re.compile(f"([{_MARKS}]{{{MOST_MARKS}}})[{_MARKS}]+")


def compose(text: str) -> str:
    """Return *text* in Unicode's composed form (NFC), in which two spellings of a Vietnamese word are equal; piles of marks are cut."""
    if unicodedata.is_normalized("NFC", text):  # nearly always, and told in no time
        return text
    return unicodedata.normalize("NFC", _PILE.sub(r"\1", text))


def fold(text: str) -> str:
    """Return *text* as lower-case words without diacritics, one space between: the form both sides are compared in.

    All but letters and digits become spaces, because SQLite and PostgreSQL split "24/7" and "bacninh.gov.vn" differently.
    """
    plain = unicodedata.normalize("NFD", _PILE.sub(r"\1", text).translate(_D).casefold())
    return _NOT_WORD.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


_LETTERS = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệfghiìỉĩíịjklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvwxyỳỷỹýỵz"
_RANK = {letter: f"{position:02x}" for position, letter in enumerate(_LETTERS, start=16)}


def sort_key(text: str) -> str:
    """Return what orders *text* by the Vietnamese alphabet (a ă â … d đ … e ê), stored where names are sorted."""
    return "".join(_RANK.get(letter, "0" + letter if letter.isdigit() else "00") for letter in compose(text).casefold())


def name_sort_key(name: str) -> str:
    """Return what orders people as a Vietnamese list does: by given name, then family name, then the middle."""
    words = name.split()
    return sort_key(" ".join(words[-1:] + words[:-1]))

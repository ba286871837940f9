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
#: Letters as Vietnamese is written, and the signs of books: no mark stands among them by itself. Told faster than a pile is sought.
_NO_MARK = re.compile("[\x00-\u02ff\u1e00-\u206f]*")
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
    bounded = text if _NO_MARK.fullmatch(text) else _PILE.sub(r"\1", text)
    plain = unicodedata.normalize("NFD", bounded.translate(_D).casefold())
    return _NOT_WORD.sub(" ", "".join([c for c in plain if not unicodedata.combining(c)])).strip()


_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng; none before them all
_RANK = {letter: f"{position:02x}" for position, letter in enumerate(_ALPHABET, start=16)}
_RANK |= {str(digit): f"{digit + 1:02x}" for digit in range(10)}
_TONE = str.maketrans(dict.fromkeys(_TONES))


def sort_key(text: str) -> str:
    """Return what orders *text* as a Vietnamese dictionary does, stored where names are sorted.

    Syllable by syllable: by the alphabet (a ă â … d đ … e ê), and where two have the same letters by tone: Cà Mau, Cao Bằng.
    """
    return "".join(_syllable(each) for each in compose(text).casefold().split())


def _syllable(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    letters = unicodedata.normalize("NFC", apart.translate(_TONE))
    tones = "".join(str(_TONES.index(sign) + 1) for sign in apart if sign in _TONES)
    # What ends a syllable sorts before any letter: "Ba" before "Bac".
    return "".join(_RANK.get(letter, "") for letter in letters) + "00" + (tones or "0")


def name_sort_key(name: str) -> str:
    """Return what orders people as a Vietnamese list does: by given name, then family name, then the middle."""
    words = name.split()
    return sort_key(" ".join(words[-1:] + words[:-1]))

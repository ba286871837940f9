"""Where a text repeats what an item says: its own words in a row, its code, a number or a name in it. Pure.

Nobody can find every way to say a thing again, so what was found is listed to whoever seals, and they read on from there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.fold import fold
from feedback import masking

#: What stands in the place of a sentence that was taken out of what somebody else wrote, as masking.MASK does of a name.
MARK = "[đã niêm phong]"

#: Words in a row. Near the item, in what is known to tell of it, few are a quote. In what may tell of anything, so many that no name of
#: an office ("Ủy ban nhân dân tỉnh Bắc Ninh") and no courtesy makes one.
NEAR, FAR = 5, 8
_LEAST = 3  # words of a text shorter than that, and of an address

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"[^\s](?:[^\n]*?[.!?;](?=\s|$)|[^\n]*)", re.MULTILINE)

Phrases = set[tuple[str, ...]]


@dataclass(frozen=True)
class Said:
    """What an item says, and who says it."""

    codes: tuple[str, ...]
    own: tuple[str, ...]  # words of whoever sent it
    about: tuple[str, ...]  # what others wrote of it
    names: tuple[str, ...]
    contacts: tuple[str, ...]  # telephones, e-mails, addresses


class Quotes:
    """Finds in any text what is *said*."""

    def __init__(self, said: Said) -> None:
        found = [each for text in said.own for each in masking.find(text)]
        people = {each.text for each in found if each.kind == "person"}
        self._numbers = {_digits(text) for text in (*said.contacts, *(each.text for each in found if each.kind in {"phone", "number"}))}
        self._numbers = {number for number in self._numbers if len(number) > FAR}
        mails = (text for text in said.contacts if "@" in text)
        self._far: Phrases = {_folded(text) for text in (*said.codes, *mails)}
        for text in said.own:
            self._far |= set(_runs(_folded(text), FAR))
        self._near: Phrases = {phrase for text in (*said.names, *people) for phrase in _ways_to_name(text)}
        self._near |= {phrase for text in said.contacts if len(phrase := _folded(text)) >= _LEAST}
        for text in (*said.own, *said.about):
            words = _folded(text)
            self._near |= set(_runs(words, NEAR)) if len(words) >= NEAR else {words} if len(words) >= _LEAST else set()

    def without(self, value: Any, *, near: bool) -> Any:
        """Return *value*, a text or what JSON holds, with :data:`MARK` in the place of each sentence that repeats what was said."""
        if isinstance(value, str):
            return self._text(value, near=near)
        if isinstance(value, list):
            return [self.without(each, near=near) for each in value]
        if isinstance(value, dict):
            return {name: self.without(each, near=near) for name, each in value.items()}
        return value

    def _text(self, text: str, *, near: bool) -> str:
        hits = list(self._hits(text, self._far | self._near if near else self._far))
        if not hits:
            return text
        parts, at = list[str](), 0
        for sentence in _SENTENCE.finditer(text):
            if any(start < sentence.end() and sentence.start() < end for start, end in hits):
                between = text[at : sentence.start()]
                if not (parts and parts[-1] == MARK and not between.strip() and "\n" not in between):
                    parts += [between, MARK]
                at = sentence.end()
        return "".join([*parts, text[at:]])

    def _hits(self, text: str, phrases: Phrases) -> Iterator[tuple[int, int]]:
        places = [(word, match.start(), match.end()) for match in _WORD.finditer(text) if (word := _fold_word(match.group()))]
        plain = tuple(word for word, _start, _end in places)
        for length in {len(phrase) for phrase in phrases} - {0}:
            for first in range(len(plain) - length + 1):
                if plain[first : first + length] in phrases:
                    yield places[first][1], places[first + length - 1][2]
        for kind in ("phone", "number"):
            for match in masking.PATTERNS[kind].finditer(text):
                if _digits(match.group()) in self._numbers:
                    yield match.span()


def _ways_to_name(name: str) -> Phrases:
    """Return how somebody is named: in full, and as people say it, by what they are called and the given name: ông Đọn."""
    bare, whole = _folded(masking.bare(name)), _folded(name)
    ways = {bare} if len(bare) > 1 else set()
    return ways | ({(whole[0], bare[-1])} if whole != bare and bare else set())


def _folded(text: str) -> tuple[str, ...]:
    return tuple(word for match in _WORD.finditer(text) if (word := _fold_word(match.group())))


def _fold_word(word: str) -> str:
    return fold(word) or word.casefold()


def _runs(words: tuple[str, ...], length: int) -> Iterable[tuple[str, ...]]:
    return (words[first : first + length] for first in range(len(words) - length + 1))


def _digits(text: str) -> str:
    """Return the digits of a number, a telephone as it is dialled at home."""
    digits = re.sub(r"\D", "", text)
    return f"0{digits[2:]}" if digits.startswith("84") and len(digits) > len("84") + FAR else digits


def texts(*values: Collection[str] | str | None) -> tuple[str, ...]:
    """Return those of *values* that say something."""
    return tuple(each for value in values for each in ([value] if isinstance(value, str) else value or ()) if each)

"""Words that may mean somebody is in danger now. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from app.fold import fold

#: Words that may mean somebody is in danger now. They flag, they never refuse.
DANGER_WORDS: tuple[str, ...] = (
    "cháy nhà", "đang cháy", "hỏa hoạn", "bị đánh", "đánh đập", "hành hung", "dọa giết", "giết người", "bạo hành", "bạo lực gia đình",
    "xâm hại", "hiếp dâm", "bắt cóc", "buôn người", "tự tử", "không muốn sống", "cấp cứu", "tai nạn", "ngạt khí", "điện giật",
    "sập nhà", "lũ cuốn", "đuối nước", "ngộ độc", "nổ mìn", "nổ bom", "đe dọa tính mạng",
)  # fmt: skip


def sounds_dangerous(text: str) -> bool:
    """Say whether *text* holds words of danger: the page then shows 113, 114, 115 and reception is flagged.

    Typed without diacritics a word is taken for the dangerous one; with them it must be it: "từ từ" is not "tự tử".
    """
    words = [_spelling(word) for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold())]
    return any(
        len(words) - start >= len(phrase)
        and all(typed in (meant, (meant[0], "")) for typed, meant in zip(words[start:], phrase, strict=False))
        for start, (letters, _marks) in enumerate(words)
        for phrase in _DANGER.get(letters, ())
    )


@lru_cache(maxsize=10_000)  # the language has about seven thousand syllables
def _spelling(word: str) -> tuple[str, str]:
    """Return the letters of a word and its marks, wherever they stand: hoả is hỏa."""
    return fold(word), "".join(sorted(c for c in unicodedata.normalize("NFD", word) if c == "đ" or unicodedata.combining(c)))


_WORD = re.compile(r"[^\W_]+")
_DANGER: dict[str, list[tuple[tuple[str, str], ...]]] = {}  # the phrases, by the letters of their first word
for _phrase in DANGER_WORDS:
    _words = tuple(_spelling(word) for word in _phrase.split())
    _DANGER.setdefault(_words[0][0], []).append(_words)

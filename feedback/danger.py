"""Words that may mean somebody is in danger now, or denounces somebody. Pure."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from app.fold import fold

#: Phrases, each word as letters and marks, by the letters of their first word.
Phrases = dict[str, list[tuple[tuple[str, str], ...]]]

#: Words that may mean somebody is in danger now. They flag, they never refuse.
DANGER_WORDS: tuple[str, ...] = (
    "cháy nhà", "đang cháy", "hỏa hoạn", "bị đánh", "đánh đập", "hành hung", "dọa giết", "giết người", "bạo hành", "bạo lực gia đình",
    "xâm hại", "hiếp dâm", "bắt cóc", "buôn người", "tự tử", "không muốn sống", "cấp cứu", "tai nạn", "ngạt khí", "điện giật",
    "sập nhà", "lũ cuốn", "đuối nước", "ngộ độc", "nổ mìn", "nổ bom", "đe dọa tính mạng",
)  # fmt: skip


#: Words in which people say that an official breaks the law for gain: what holds one may be a denunciation (tố cáo).
DENOUNCING_WORDS: tuple[str, ...] = (
    "tố cáo", "hối lộ", "tham ô", "tham nhũng", "nhũng nhiễu", "nhận tiền", "đòi tiền", "vòi tiền", "phong bì", "lót tay", "chung chi",
    "bảo kê", "biển thủ", "rút ruột", "ăn chặn", "khai khống", "lập khống", "lợi dụng chức vụ", "trù dập", "bao che",
)  # fmt: skip


def sounds_dangerous(text: str) -> bool:
    """Say whether *text* holds words of danger: the page then shows 113, 114, 115 and reception is flagged."""
    return _holds(text, _DANGER)


def sounds_denouncing(text: str) -> bool:
    """Say whether *text* holds words of a denunciation: its desk is then asked to look before it passes it on."""
    return _holds(text, _DENOUNCING)


def _holds(text: str, phrases: Phrases) -> bool:
    """Typed without diacritics a word is taken for the one that is meant; with them it must be it: "từ từ" is not "tự tử"."""
    words = [_spelling(word) for word in _WORD.findall(unicodedata.normalize("NFC", text).casefold())]
    return any(
        len(words) - start >= len(phrase)
        and all(typed in (meant, (meant[0], "")) for typed, meant in zip(words[start:], phrase, strict=False))
        for start, (letters, _marks) in enumerate(words)
        for phrase in phrases.get(letters, ())
    )


@lru_cache(maxsize=10_000)  # the language has about seven thousand syllables
def _spelling(word: str) -> tuple[str, str]:
    """Return the letters of a word and its marks, wherever they stand: hoả is hỏa."""
    return fold(word), "".join(sorted(c for c in unicodedata.normalize("NFD", word) if c == "đ" or unicodedata.combining(c)))


_WORD = re.compile(r"[^\W_]+")


def _by_first_word(phrases: tuple[str, ...]) -> Phrases:
    found: Phrases = {}
    for phrase in phrases:
        words = tuple(_spelling(word) for word in phrase.split())
        found.setdefault(words[0][0], []).append(words)
    return found


_DANGER = _by_first_word(DANGER_WORDS)
_DENOUNCING = _by_first_word(DENOUNCING_WORDS)

"""What in a text names a person: found so that whoever writes the public copy sees it, and masked in the first suggestion. Pure.

Suggestions only. A person reads the copy before it is published, because no pattern knows every name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MASK = "[…]"

_NAME = r"(?:[A-ZĐÀ-ỸẠ-Ỵ][a-zà-ỹđạ-ỵ]+)"
#: Kind of what is found → how it looks. The first that matches takes the text.
PATTERNS: dict[str, re.Pattern[str]] = {
    "email": re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"),
    "phone": re.compile(r"(?<![\d/])(?:\+?84|0)(?:[ .-]?\d){8,10}(?![\d/])"),
    "number": re.compile(r"(?<![\d/.,])\d{9}(?:\d{3})?(?![\d/.,])"),  # identity card
    "plate": re.compile(r"(?<!\w)\d{2}[A-Z]{1,2}\d?[- ]\d{3}[. ]?\d{2}(?!\d)"),  # of a vehicle
    "house": re.compile(r"(?i:(?:số nhà|nhà số|số|ngõ|ngách|hẻm|thửa đất số|thửa số))\s+\d+[\w/-]*"),
    # A name after how somebody is called, or three capitalised words that begin with a frequent family name.
    "person": re.compile(
        rf"(?i:\b(?:ông|bà|anh|chị|cô|chú|bác|cháu|em|cụ))\s+{_NAME}(?:\s+{_NAME}){{0,4}}"
        rf"|(?:Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Thân|Giáp|Đoàn|Trịnh|Đinh|Lương|Mai|Tạ|Hà)(?:\s+{_NAME}){{1,4}}"
    ),
}


@dataclass(frozen=True)
class Found:
    """Something that may name a person, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def find(text: str) -> list[Found]:
    """Return what may name a person in *text*, in order, none over another."""
    found: list[Found] = []
    for kind, pattern in PATTERNS.items():
        for match in pattern.finditer(text):
            if not any(match.start() < each.end and each.start < match.end() for each in found):
                found.append(Found(kind, match.group(), match.start(), match.end()))
    return sorted(found, key=lambda each: each.start)


def masked(text: str) -> str:
    """Return *text* with everything found masked; how somebody is called stays before the mask."""
    parts, at = [], 0
    for each in find(text):
        called = each.text.split()[0] + " " if each.kind == "person" and each.text[0].islower() else ""
        parts += [text[at : each.start], called, MASK]
        at = each.end
    return "".join([*parts, text[at:]])

"""What in a text names a person: found so that whoever writes the public copy sees it, and masked in the first suggestion. Pure.

Suggestions only. A person reads the copy before it is published, because no pattern knows every name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from app.fold import fold

MASK = "[…]"
SHORTEST = 5  # letters of what is known: a given name alone is a word of every other text

_SURNAMES = (
    "Nguyễn|Trần|Lê|Phạm|Hoàng|Huỳnh|Phan|Vũ|Võ|Đặng|Bùi|Đỗ|Hồ|Ngô|Dương|Lý|Thân|Giáp|Đoàn|Trịnh|Đinh|Lương|Mai|Tạ|Hà"
)  # fmt: skip
_NAME = r"(?:[A-ZĐÀ-ỸẠ-Ỵ][a-zà-ỹđạ-ỵ]+\b)"
_CALLED = r"(?i:\b(?:ông|bà|anh|chị|cô|chú|bác|cháu|em|cụ))\s+"
#: What begins a title that follows a name without a comma: ông Nguyễn Văn An Phó Chủ tịch.
_TITLE = r"(?: (?:Bí|Chánh|Chủ|Cục|Giám|Phó|Tổng|Trưởng).*)?"
#: In capitals only, or in none, a family name is mostly another word, too: vi phạm, xử lý, đỗ xe, hồ nước. So what follows it must be
#: what stands second in a name and in nothing else (thị xã, văn phòng), unless it is Nguyễn; and a street is named after somebody.
_NOT_BEFORE = "".join(f"(?<!{word} )" for word in ("vi", "sai", "quản", "xử", "pháp", "ngày", "đường", "phố", "trường"))
_WORD = r"[^\W\d_]+"
_FURTHER = (
    r"(?!(?:tổ|thôn|xóm|khu|phố|phường|xã|ấp|bản|làng|đội|số|ngõ|nhà|đường|ở|tại|trú|sinh|là|có|bị|và|với|của|từ|đã|đang|sẽ|không|cho"
    rf"|nói|hỏi|xin|gửi|đề|thì|mà|được|phải)\b){_WORD}"
)
_GIVEN = rf"(?!(?:hóa|hoá|phòng|bản|kiện|xã|trấn|trường|sát)\b){_WORD}(?:\s+{_FURTHER})?"
_ANY_CASE = (
    rf"\b(?=[bBdDđĐgGhHlLmMnNpPtTvV])(?i:{_NOT_BEFORE}(?:(?:{_SURNAMES})\s+(?:văn|thị)\s+{_GIVEN}"
    rf"|(?:trần|lê|hoàng|huỳnh|phan|vũ|đặng|bùi|trịnh)\s+(?:hữu|đức|đình|xuân|ngọc|quang|trọng|bá|duy|kim|hồng|mạnh|viết|khắc)\s+{_GIVEN}"
    rf"|nguyễn(?:\s+{_FURTHER}){{1,3}}))"
)
#: Typed without diacritics, a family name in small letters is another word still more often: tràn vẫn chưa, xử lý vấn đề, đang thi công.
#: So there only Nguyễn, Trần, Phạm, Hoàng and Huỳnh count, with Văn or Thị, and before what is a name: not before vẫn's and văn's company.
_BARE_SURNAMES = "Nguyen|Tran|Pham|Hoang|Huynh|Phan|Vu|Vo|Dang|Bui|Do|Ngo|Duong|Trinh|Dinh|Le"
_BARE_GIVEN = (
    r"(?!(?:de|la|co|con|chua|khong|bi|chay|bay|dang|nhu|duoc|phai|do|tiep|rat|hay|thay|ngap|nam|on|vay|o|ra|thu|dong|chuyen|tai"
    r"|phong|ban|minh|xa|tran|truong|cong|sat|kien|hanh|thuc|vat|gay|lam|di|qua|tot|xay|cu|to|khu|thon|voi|cua|va|den|dam)\b)[a-z]{2,}"
)
_BARE_MIDDLE = r"(?:van(?! hoa\b)|thi)"
_BARE = (
    rf"\b(?:(?<!Duong )(?<!duong )(?<!Pho )(?<!pho )(?:{_BARE_SURNAMES})"
    rf" (?:(?:Van|Thi|Duc|Huu|Dinh|Xuan|Ngoc|Quang|Minh|Thanh|Kim|Hong|Thu)(?: [A-Z][a-z]+){{1,3}}|{_BARE_MIDDLE} {_BARE_GIVEN}\b)"
    rf"|(?:nguyen|tran|pham|hoang|huynh) {_BARE_MIDDLE} {_BARE_GIVEN}\b"
    rf"|NGUYEN(?: [A-Z]+){{1,3}}\b|(?:ong|ba|chi|Ong|Ba|Chi) [A-Z][a-z]+(?: [A-Z][a-z]+){{1,3}}\b)"
)
#: A name in its own letters is whole, unless it goes on in small ones: Trần Thị hoa.
_WHOLE = r"(?!(?<=Văn|Thị)\s+[^\W\d_])(?!\s+(?i:văn|thị)\b)"
#: Kind of what is found → how it looks. The first that matches takes the text.
PATTERNS: dict[str, re.Pattern[str]] = {
    "email": re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64})+"),
    "phone": re.compile(r"(?<![\d/])(?:\+?84|0)(?:[ .-]?\d){8,10}(?![\d/])"),
    "number": re.compile(r"(?<![\d/.,])\d{9}(?:\d{3})?(?![\d/.,])"),  # identity card
    "plate": re.compile(r"(?<!\w)\d{2}[A-Z]{1,2}\d?[- ]\d{3}[. ]?\d{2}(?!\d)"),  # of a vehicle
    "house": re.compile(r"(?i:(?:số nhà|nhà số|số|ngõ|ngách|hẻm|thửa đất số|thửa số))\s+\d+[\w/-]*"),
    # A name after how somebody is called, or three capitalised words that begin with a frequent family name.
    "person": re.compile(
        rf"{_CALLED}{_NAME}(?:\s+{_NAME}){{0,4}}{_WHOLE}"
        rf"|(?:{_SURNAMES})(?:\s+{_NAME}){{1,4}}{_WHOLE}"
        rf"|{_NAME} Thị {_NAME}(?: {_NAME})?{_WHOLE}"  # of any family: nothing else has Thị in its middle
        rf"|{_ANY_CASE}"
        rf"|{_BARE}"
    ),
}


@dataclass(frozen=True)
class Found:
    """Something that may name a person, and where it stands."""

    kind: str
    text: str
    start: int
    end: int


def bare(name: str) -> str:
    """Return *name* without how somebody is called before it: "ông  Nguyễn Văn An" → "Nguyễn Văn An"."""
    return " ".join(re.sub(_CALLED, "", name.strip(), count=1).split())


def named_in(lines: str) -> set[str]:
    """Return the names in *lines* that each name somebody, their post behind a comma or a dash: "ông Nguyễn Văn An, Chủ tịch xã"."""
    lines = re.sub(r"(?m)^[\s\d.)*•–—-]+", "", lines)  # numbered, or behind a dash
    heads = (re.split(r"[,;:(/]|\s[-–—]\s", line, maxsplit=1)[0] for line in lines.splitlines())
    return {name for head in heads for each in re.split(r"\s+(?:và|VÀ)\s+", head) if (name := bare(each))}


def find(text: str, keep: Collection[str] = (), known: Collection[str] = ()) -> list[Found]:
    """Return what may name a person in *text*, in order, none over another.

    *keep*: whole names of those who speak for the authorities, as :func:`bare` returns them; they may be read.
    *known*: names and numbers of those whom the text is from: found however rare they are.
    """
    found = list[Found]()
    for those in _those(known):
        for match in those.finditer(text):
            if not any(match.start() < each.end and each.start < match.end() for each in found):
                found.append(Found(_kind_of(match.group()), match.group(), match.start(), match.end()))
    spoken = re.compile(f"(?:{'|'.join(map(re.escape, keep))}){_TITLE}") if keep else None
    for kind, pattern in PATTERNS.items():
        before = list(found)  # what one pattern finds never lies over itself
        for match in pattern.finditer(text):
            if kind == "person" and spoken is not None and spoken.fullmatch(bare(match.group())):
                continue
            if not any(match.start() < each.end and each.start < match.end() for each in before):
                found.append(Found(kind, match.group(), match.start(), match.end()))
    return sorted(found, key=lambda each: each.start)


def _kind_of(known: str) -> str:
    """Return which kind somebody would take it for: that it is whose the text is, is said to nobody."""
    if "@" in known:
        return "email"
    if re.fullmatch(r"[\d .-]+", known):
        return "phone"
    return "house" if re.search(r"\d", known) else "person"


def _those(known: Collection[str]) -> Iterator[re.Pattern[str]]:
    """Yield what finds each of *known*, the longest first: in any letters, with diacritics or without, however it is grouped."""
    for each in sorted(set(known), key=lambda word: (-len(word), word)):
        parts = [f"(?:{re.escape(part)}|{re.escape(fold(part))})" for part in each.split()]
        number = re.sub(r"\s", "", each)
        together = r"[ .-]?".join(number) if number.isdecimal() else r"\s+".join(parts)
        if len(number) >= SHORTEST:
            yield re.compile(rf"(?<!\w)(?i:{together})(?!\w)")


def without_names(text: str, keep: Collection[str] = ()) -> str:
    """Return *text* without what names a person, but for those of *keep*; where something is stays, or nobody knows which lamp is out."""
    for found in reversed(find(text, keep)):
        if found.kind != "house":
            text = text[: found.start] + MASK + text[found.end :]
    return text


def masked(text: str, keep: Collection[str] = (), left: Collection[str] = (), known: Collection[str] = ()) -> str:
    """Return *text* with everything found masked, but for the names in *keep*; how somebody is called stays before the mask.

    *left*: what was found and is to stand as it is, in the letters of the text. *known*: as :func:`find` takes them.
    """
    parts, at = [], 0
    for each in find(text, keep, known):
        if each.text in left:
            continue
        called = each.text.split()[0] + " " if each.kind == "person" and each.text[0].islower() and bare(each.text) != each.text else ""
        parts += [text[at : each.start], called, MASK]
        at = each.end
    return "".join([*parts, text[at:]])


def without_these(text: str, known: Collection[str]) -> str:
    """Return *text* without *known*, and nothing else masked."""
    for each in _those(known):
        text = each.sub(MASK, text)
    return text

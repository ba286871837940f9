"""From where somebody comes, as the wall of a hall may say it: what reads as a place and as nothing else, never who they are. Pure.

People write who they are beside where they live. Nobody looks at it before it stands on the wall, so what is not known to be a place
is masked, and not the other way round.
"""

from __future__ import annotations

import re

from app.fold import fold
from feedback import masking

_APART = re.compile(r"[,;/()\n]|\s[-–]\s")
#: How somebody is called, where no capital letter makes it part of a name: khu phố Cô Mễ is a place.
_CALLED = re.compile(r"\b(?:ông|bà|anh|chị|cô|chú|bác|cháu|em|cụ|ong|ba|chi|co|chu|bac|chau|cu)\b")
_BEFORE = r"(?:(?:o|tro|tai|thuoc|dan|cu dan|nguoi dan|ho dan|cac|hai|ba|bon) ){0,3}"
_NUMBER = r"(?:so )?\d{1,3}(?: ?[a-h])?"
_NAME = r"[a-z]+(?: [a-z]+){0,2}(?: \d{1,2})?"
_ONE = (
    rf"(?:to|doi|cum|hoi truong) {_NUMBER}"
    r"|(?:to dan pho|tdp|khu dan cu|khu pho|khu cong nghiep|khu|thon|xom|lang|ap|ban|buon|pho|duong|cho|phuong|xa|thi tran|thi xa"
    rf"|thanh pho|tp|huyen|tinh|diem cau) (?:{_NUMBER}|{_NAME})"
    r"|(?:pho|duong) [a-z]+(?: [a-z]+){3}"
)
_PLACES = re.compile(rf"{_BEFORE}(?:{_ONE})(?: (?:{_ONE})){{0,2}}")
_BODIES = re.compile(
    r"(?:cong ty|doanh nghiep|hop tac xa|htx|xi nghiep|nha may|truong|benh vien|tram|hoi|chi hoi|giao xu|ho dao)(?: \w+){0,8}"
)


def is_place(text: str) -> bool:
    """Say whether *text* reads as a place, or a body, and as nothing else."""
    folded = fold(text)
    if _CALLED.search(text):
        return False
    return bool(_PLACES.fullmatch(folded) or (_BODIES.fullmatch(folded) and not masking.find(text)))


def place_of(comes_from: str) -> str:
    """Return *comes_from* with all that is no place masked."""
    parts = [part.strip() for part in _APART.split(comes_from)]
    return ", ".join(part if is_place(part) else masking.MASK for part in parts if part)


def shown(comes_from: str) -> str:
    """Return what the wall says of *comes_from*, empty where no place is in it."""
    place = place_of(comes_from)
    return place if place.replace(masking.MASK, "").strip(" ,") else ""

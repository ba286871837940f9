"""Thể thức: the parts of a paper around what it says, as NĐ 30/2020/NĐ-CP, Phụ lục I asks (wording from memory).

Vietnamese whatever the page speaks: a paper is a paper of the state.
"""

from __future__ import annotations

import datetime as dt
import re

from app.units.models import Unit, UnitKind

#: "Tên cơ quan, tổ chức chủ quản trực tiếp (nếu có)": a People's Committee or Council is under nobody's head; everybody else is.
OWN_HEAD = {UnitKind.GOVERNMENT, UnitKind.COUNCIL}
#: Who signs "TM." (thay mặt): bodies that decide together.
COLLECTIVE = {
    UnitKind.GOVERNMENT: "TM. ỦY BAN NHÂN DÂN",
    UnitKind.COUNCIL: "TM. HỘI ĐỒNG NHÂN DÂN",
    UnitKind.FRONT: "TM. BAN THƯỜNG TRỰC",
    UnitKind.STEERING: "TM. BAN CHỈ ĐẠO",
}
#: Units whose name in the head does without the area: the line above says it.
AREA_SAID_ABOVE = {UnitKind.DEPARTMENT, UnitKind.OFFICE, UnitKind.SERVICE}
#: "Tên của cơ quan, tổ chức chủ quản trực tiếp được viết tắt những cụm từ thông dụng"; the issuing body's own name is not.
USUAL = {"Ủy ban nhân dân": "UBND", "Hội đồng nhân dân": "HĐND"}

_AREA = re.compile(r" (?:tỉnh|thành phố|xã|phường|đặc khu) .+$")
_BODIES = r"(?:HĐND|UBND|Ủy ban|MTTQ|Sở|Ban|Công ty|Liên đoàn|LĐLĐ)\b"
_BODY_OF_TITLE = re.compile(rf"(?:, (?:{_BODIES}|Văn phòng)|(?<!rưởng) {_BODIES}| (?:tỉnh|thành phố|xã|phường|đặc khu)\b).*$")
_ROOM_OF_TITLE = re.compile(r"(?<=rưởng )([Bb]an|phòng)\b.*$")

PADDED_MONTHS = 2  # "tháng 01", "tháng 02", but "tháng 3"
PADDED_DAYS = 9


def head(unit: Unit) -> tuple[str, list[str]]:
    """Return the line of the body above *unit* (empty where there is none) and the lines of its own name, as they stand top left."""
    kind, name = UnitKind(unit.kind), unit.name
    if unit.parent is None or kind in OWN_HEAD:
        committee = next((usual for usual in USUAL if name.startswith(f"{usual} ")), None)
        return "", [committee.upper(), name.removeprefix(committee).strip().upper()] if committee else [name.upper()]
    above = unit.parent.name
    if kind == UnitKind.POLICE and unit.parent.kind != UnitKind.POLICE:
        above = "Bộ Công an"
    elif name.endswith(f" {above}"):
        name = name.removesuffix(f" {above}")
    elif kind in AREA_SAID_ABOVE and (area := _AREA.search(above)):
        name = name.removesuffix(area[0])
    for words, usual in USUAL.items():
        above = above.replace(words, usual)
    return above.upper(), [name.upper()]


def seat(unit: Unit | None, province: str) -> str:
    """Return where *unit* has its seat, as the place before a date: its commune, else *province*."""
    while unit is not None:
        if unit.place is not None:
            return unit.place.name
        unit = unit.parent
    return re.sub(r"^(?:tỉnh|thành phố) ", "", province, flags=re.IGNORECASE)


def date_line(place: str, on: dt.date, *, known: bool = True) -> str:
    """Return place and date: a nought before small numbers, so that nothing is added by hand; not *known* yet, the year alone."""
    if not known:
        return f"{place + ', ' if place else ''}ngày … tháng … năm {on.year}"
    day = f"{on.day:02}" if on.day <= PADDED_DAYS else f"{on.day}"
    month = f"{on.month:02}" if on.month <= PADDED_MONTHS else f"{on.month}"
    return f"{place + ', ' if place else ''}ngày {day} tháng {month} năm {on.year}"


def signature(kind: str, title: str, *, form: str = "", giver: str = "") -> list[str]:
    """Return the lines above a name: whoever signs with *title* for a unit of *kind*, by a delegation of *form* from *giver*'s title.

    Điều 13: a deputy signs KT. the head, whether asked each time or in charge; whoever signs TL. or TUQ. signs for the head
    alone and not TM. the committee.
    """
    alone = form in {"TL.", "TUQ."}
    own, collective = _office(title, whole=alone), COLLECTIVE.get(UnitKind(kind))
    lines = [f"{form} {_office(giver)}".strip()] if alone else [collective] if collective else []
    if own.startswith("PHÓ "):
        chief = own.removeprefix("PHÓ ")
        lines.append(f"KT. {_office(giver) if form == 'KT.' and giver else chief}")
    elif form == "KT.":
        lines.append(f"KT. {_office(giver)}".strip())
    return [*lines, own] if own else lines


def _office(title: str, *, whole: bool = False) -> str:
    """Return a title without the body, which the head of the paper says; *whole*: with the room, which then no line says."""
    office = _BODY_OF_TITLE.sub("", title)
    return (office if whole else _ROOM_OF_TITLE.sub(r"\1", office)).upper()


def address(body: str) -> tuple[str, str]:
    """Split what was drafted into whom it addresses, if it begins with that ("Kính gửi bà …."), and the rest."""
    first, _, rest = body.lstrip().partition("\n")
    found = re.fullmatch(r"Kính gửi:?\s+(\S.{0,120}?)\s*[.,:;]*\s*", first)
    return (found[1], rest.lstrip()) if found else ("", body)


def person(name: str) -> str:
    """Return how somebody is addressed: Ông or Bà where the name as given says it, both otherwise."""
    return name[:1].upper() + name[1:] if re.match(r"(?:ông|bà)\s", name, re.IGNORECASE) else f"Ông/Bà {name}"


def called(to: str) -> str:
    """Return how a sentence names whom the paper is addressed to."""
    known = re.match(r"(Ông|Bà)\s", to)
    return known[1].lower() if known else "ông (bà)"

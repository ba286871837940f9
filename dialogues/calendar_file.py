"""Sessions as an iCalendar file (RFC 5545): to put one into a telephone's calendar, or to follow those of a unit. Pure.

Only written, never read: forty lines do, in UTC, which every calendar understands without a description of the zone.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_OCTETS = 75  # of a line (RFC 5545 3.1)
PRODUCT = "-//Doi thoai voi Nhan dan//VI"
#: No text value holds a control character.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True)
class Event:
    """One session as a calendar shows it."""

    uid: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    title: str
    where: str
    about: str
    address: str
    off: bool = False  # it is not held then: called off, or put off
    sequence: int = 0  # grows with whatever replaces what a telephone holds already


def calendar(events: Iterable[Event], *, name: str, now: dt.datetime) -> bytes:
    """Return the file of *events*; *name* is what a calendar that follows it is called."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:{PRODUCT}", "METHOD:PUBLISH", f"X-WR-CALNAME:{_text(name)}"]
    for event in events:
        lines += _event(event, now)
    lines.append("END:VCALENDAR")
    return b"".join(piece for line in lines for piece in _folded(line))


def _event(event: Event, now: dt.datetime) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{event.uid}",
        f"DTSTAMP:{_instant(now)}",
        f"SEQUENCE:{event.sequence}",
        f"DTSTART:{_instant(event.starts_at)}",
        *([f"DTEND:{_instant(event.ends_at)}"] if event.ends_at and event.ends_at > event.starts_at else []),
        f"SUMMARY:{_text(event.title)}",
        *([f"LOCATION:{_text(event.where)}"] if event.where else []),
        f"DESCRIPTION:{_text(event.about)}",
        f"URL:{event.address}",
        # RFC 5545 3.8.1.11 has no word for put off: TENTATIVE would say that it may still be held at that hour.
        f"STATUS:{'CANCELLED' if event.off else 'CONFIRMED'}",
        "END:VEVENT",
    ]


def _instant(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    """Escape *text* (RFC 5545 3.3.11)."""
    kept = _CONTROLS.sub("", text.replace("\r\n", "\n"))
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> Iterator[bytes]:
    """Yield *line* in pieces of at most 75 octets, no letter cut in two."""
    piece = b""
    for letter in line:
        octets = letter.encode()
        if len(piece) + len(octets) > MOST_OCTETS:
            yield piece + b"\r\n"
            piece = b" "
        piece += octets
    yield piece + b"\r\n"

"""News as an Atom feed (RFC 4287). Only written, never read. Pure."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

NAMESPACE = "http://www.w3.org/2005/Atom"
#: What XML 1.0 cannot hold, escaped or not.
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One piece of news: its lasting id, when it came about, and where it can be read."""

    id: str
    at: dt.datetime
    title: str
    summary: str
    address: str


def feed(entries: Sequence[Entry], *, title: str, author: str, address: str, own_address: str, now: dt.datetime) -> bytes:
    """Return the feed of *entries*, the newest first; *address* is the page it tells about, *own_address* where the feed itself is."""
    ET.register_namespace("", NAMESPACE)
    root = _add(None, "feed")
    _add(root, "id", own_address)
    _add(root, "title", title)
    _add(_add(root, "author"), "name", author)
    _add(root, "link", rel="self", href=own_address, type="application/atom+xml")
    _add(root, "link", rel="alternate", href=address, type="text/html")
    newest_first = sorted(entries, key=lambda entry: entry.at, reverse=True)
    _add(root, "updated", _instant(newest_first[0].at if newest_first else now))
    for entry in newest_first:
        node = _add(root, "entry")
        _add(node, "id", entry.id)
        _add(node, "title", entry.title)
        _add(node, "updated", _instant(entry.at))
        _add(node, "link", rel="alternate", href=entry.address, type="text/html")
        _add(node, "summary", entry.summary)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _add(parent: ET.Element | None, name: str, text: str = "", **attributes: str) -> ET.Element:
    tag = f"{{{NAMESPACE}}}{name}"
    node = ET.Element(tag, attributes) if parent is None else ET.SubElement(parent, tag, attributes)
    node.text = _UNWRITABLE.sub("", text) or None
    return node


def _instant(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

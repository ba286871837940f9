"""What stands around what a paper says, whatever it is about: its head, its symbol, its signature, number and date.

Papers of dialogues and of oversight are framed alike: from one dictionary, which paper.typ and word.py both print.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from app import settings
from app.clock import local_date
from app.units.models import Unit
from dialogues.papers import parts
from dialogues.rules import PaperFormat
from feedback.papers import form

#: Parts that are no section of the paper: they stand as lines before it, above it, and below it.
GROUNDS, TO, COPIES = "grounds", "to", "copies"


def framed(body: dict[str, Any], paper: Any) -> dict[str, Any]:
    """Return *body* with the head, the symbol and the signatures of *paper*, which says who issues and who signs it."""
    unit: Unit = paper.unit
    above, issuer = parts.head(unit, paper.format)
    lines = parts.signature(unit, paper.signer_title, paper.format, by=paper.signed_for, giver=paper.giver_title)
    signer = {"lines": lines, "name": paper.signer}
    left = [] if body["secretary"] is None else [{"lines": ["THƯ KÝ"], "name": body["secretary"]}]
    right = {**signer, "lines": ["CHỦ TRÌ"]} if left else signer
    return body | {
        "above": above,
        "issuer": issuer,
        "place": form.seat(unit, settings.get("province_name")),
        "symbol": parts.symbol_of(unit, paper.series, paper.format),
        "party": paper.format == PaperFormat.PARTY,
        "signatures": [*left, right],
    }


def copies(lines: list[str]) -> list[str]:
    """Return the receivers below a paper, each with its sign of punctuation."""
    *first, last = lines or [""]
    return [*(f"{each};" for each in first), f"{last}."] if last else []


def printed(facts: dict[str, Any], paper: Any, *, footer: str) -> dict[str, Any]:
    """Return the dictionary that PDF and DOCX are made from: *facts* with number and date, or the room for them.

    *footer* stands below every page until the paper is out.
    """
    number = paper.number or f"…{facts['symbol']}"
    on: dt.date = paper.numbered_on or local_date(paper.sent_at or paper.created_at)
    return facts | {
        "title": title_of(facts),
        "number": f"Số {number}" if facts["party"] else f"Số: {number}",
        "dated": form.date_line(facts["place"], on, known=paper.numbered_on is not None),
        "guests": facts["guests"] or [""],
        "footer": "" if paper.numbered_on is not None else footer,
    }


def title_of(facts: dict[str, Any]) -> str:
    """Return what a paper is called."""
    return f"{facts['name'] or 'Công văn'}: {facts['about']}"


def unfinished(facts: dict[str, Any]) -> str | None:
    """Return the name of the first part in which something stays to be written; "about" for what stands around the parts."""
    around = "\n".join([facts["about"], *facts[GROUNDS], *facts[TO], *facts[COPIES]])
    if parts.to_write(around):
        return "about"
    for section in facts["sections"]:
        cells = [cell for row in (section["table"] or {"rows": []})["rows"] for cell in row]
        # Whatever was said in the hall is quoted as it was said; three dots in it leave nothing open.
        open_ = section["text"].strip() == parts.TO_WRITE if section["fixed"] else parts.to_write(section["text"])
        if open_ or parts.TO_WRITE in cells:
            return section["name"]
    return None

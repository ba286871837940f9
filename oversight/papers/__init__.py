"""What the papers of oversight say: from one dictionary, as PDF and as DOCX, by the typesetting that dialogues have.

Each matter adds to the tables below what its papers say, who else reads them, and what their number sets going. Their words are
Vietnamese whatever the page speaks.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask_babel import force_locale

import dialogues.papers
from app import typesetting
from app.accounts.models import User
from app.permissions import Reach
from dialogues.papers import frame, parts
from oversight.models.papers import OversightPaper
from oversight.rules.papers import PaperState, PaperType

TEMPLATE = Path(dialogues.papers.__file__).with_name("paper.typ")

#: The lines around the sections that an officer may change: on what it is grounded, and who gets it.
AROUND = (frame.GROUNDS, frame.COPIES)
DEFAULT_COPIES = ("Như trên", "Lưu: VT")


@dataclass(frozen=True)
class Body(parts.Body):
    """What a paper says, with the lines around its sections."""

    grounds: tuple[str, ...] = ()
    to: tuple[str, ...] = ()
    copies: tuple[str, ...] = DEFAULT_COPIES


#: What a paper of each type says.
BODIES: dict[PaperType, Callable[[OversightPaper], Body]] = {}
#: Whom one is for, where that is changed elsewhere than in its words while it is a draft.
TO: dict[PaperType, Callable[[OversightPaper], tuple[str, ...]]] = {}
#: Who reads one besides those who write, sign and number it.
READERS: dict[PaperType, Callable[[Reach, OversightPaper], bool]] = {}
#: Who does not read one, whatever hand they have in it: what it is about says something of their unit.
KEPT_FROM: dict[PaperType, Callable[[Reach, OversightPaper], bool]] = {}
#: What is asked before it is sent to be signed, and before it is signed: raises what forbids it.
CHECKED: dict[PaperType, Callable[[OversightPaper], None]] = {}
#: What happens in the same transaction when it gets its number, and when its draft is thrown away.
NUMBERED: dict[PaperType, Callable[[OversightPaper, User, dt.datetime], None]] = {}
DISCARDED: dict[PaperType, Callable[[OversightPaper, User, dt.datetime], None]] = {}
#: The address of the page of what it is about, None where this reader may not open it.
ABOUT: dict[PaperType, Callable[[OversightPaper], str | None]] = {}


def body_of(paper: OversightPaper) -> dict[str, Any]:
    """Return what the data alone make of *paper*, as they are now."""
    with force_locale("vi"):
        return asdict(BODIES[PaperType(paper.type)](paper))


def facts_of(paper: OversightPaper) -> dict[str, Any]:
    """Return what *paper* says: as it went to be signed, or as the data and the officer's words have it now."""
    if paper.facts is not None:
        return json.loads(paper.frozen)
    body = body_of(paper)
    for section in body["sections"]:
        section["text"] = paper.words.get(section["name"], section["text"])
    lines = {name: paper.words[name].split("\n") if paper.words.get(name) is not None else list(body[name]) for name in AROUND}
    body |= {name: [line.strip() for line in said if line.strip()] for name, said in lines.items()}
    body |= {"to": list(body["to"]), "copies": frame.copies([line.rstrip(";.") for line in body["copies"]])}
    return frame.framed(body, paper)


def texts_of(paper: OversightPaper) -> dict[str, str]:
    """Return the parts of *paper* that an officer may change, as the data alone have them."""
    body = body_of(paper)
    return {section["name"]: section["text"] for section in body["sections"] if not section["fixed"]} | {
        name: "\n".join(body[name]) for name in AROUND
    }


def freeze(paper: OversightPaper) -> None:
    """Keep what *paper* says as it says it now, with the signature it has now; as ciphertext, for it may quote what people wrote."""
    paper.frozen = json.dumps(frame.framed(facts_of(paper), paper), ensure_ascii=False)


def unfinished(paper: OversightPaper) -> str | None:
    """Return the name of the first part in which something stays to be written, "about" for what stands around them."""
    return frame.unfinished(facts_of(paper))


def title_of(paper: OversightPaper) -> str:
    """Return what a paper is called in a list."""
    return frame.title_of(facts_of(paper))


def to_print(paper: OversightPaper) -> dict[str, Any]:
    """Return the dictionary that PDF and DOCX are made from."""
    footer = "" if paper.state == PaperState.NUMBERED else "Bản dự thảo. Chưa phát hành."
    return frame.printed(facts_of(paper), paper, footer=footer)


def paper_pdf(paper: OversightPaper) -> bytes:
    """Return a paper as PDF/A: as it was issued, or as it stands on its way there."""
    return typesetting.pdf(TEMPLATE, to_print(paper))


def paper_docx(paper: OversightPaper) -> bytes:
    """Return a paper as DOCX, to be changed by hand."""
    from dialogues.papers import word  # noqa: PLC0415 - python-docx takes a fifth of a second, only where a DOCX is asked for

    return word.docx_of(to_print(paper))


def file_name(paper: OversightPaper, ending: str) -> str:
    """Return what the file of *paper* is called."""
    return f"{paper.type.replace('_', '-')}-{paper.id}{ending}"

"""Bring the English catalogue up to the messages of the code: `python3 run.py translate`.

The files carry neither date nor name nor line number, so running it twice changes nothing and a diff shows only words.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.frontend import CommandLineInterface
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

FOLDER = Path(__file__).parent / "en" / "LC_MESSAGES"
LASTING_HEADERS = ("Language", "Plural-Forms", "MIME-Version", "Content-Type")
LAST_HEADER = ("Content-Transfer-Encoding", "8bit\n")


class _Lasting(Catalog):
    """A catalogue that says only what stays true until its words change."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:  # ty: ignore[incompatible-property-override]  Babel can set it, nobody here does
        return [(name, value) for name, value in self._get_mime_headers() if name in LASTING_HEADERS] + [LAST_HEADER]


def extract() -> Catalog:
    """Return every message of the code as it is now; run from the project's folder."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "messages.pot"
        CommandLineInterface().run(
            ["pybabel", "-q", "extract", "-F", "pyproject.toml", "-k", "_l", "-k", "lazy_pgettext:1c,2", "-o", str(target), "."]
        )
        with target.open("rb") as file:
            return read_po(file)


def main() -> int:
    """Write messages.po and messages.mo; return 1 while something is left to translate."""
    known = Catalog()
    if (FOLDER / "messages.po").exists():
        with (FOLDER / "messages.po").open("rb") as file:
            known = read_po(file, locale="en")
    english = _Lasting(locale="en", header_comment="# English. Vietnamese is the source language.", fuzzy=False)
    for message in extract():
        if message.id:
            old = known.get(message.id, message.context)
            kept = old is not None and old.pluralizable == message.pluralizable
            english.add(message.id, old.string if kept else message.string, flags=message.flags, context=message.context)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "messages.po").open("wb") as file:
        write_po(file, english, width=0, no_location=True, sort_output=True)
    with (FOLDER / "messages.mo").open("wb") as file:
        write_mo(file, english)
    missing = sum(1 for message in english if message.id and not _translated(message))
    sys.stdout.write(f"{len(english)} câu, {missing} câu chưa dịch.   {len(english)} messages, {missing} not yet translated.\n")
    return 1 if missing else 0


def _translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, (tuple, list)) else bool(message.string)


if __name__ == "__main__":
    sys.exit(main())

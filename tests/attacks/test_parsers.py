"""Whatever is sent to what reads it: read, or refused by its own name; read again it says the same; never for long."""

from __future__ import annotations

import datetime as dt
import os
import time
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import cursors
from app.crypto import ciphers, keyring, paper
from app.text import spreadsheet_safe
from dialogues import atom, calendar_file
from feedback import codes
from tests.attacks.parsers import NOW, PARSERS, PIECES
from tests.tried import Tried

pytestmark = pytest.mark.strictest_database

#: Of a processor, for one text: a page waits a tenth of that. Others may want the machine, so the clock is not asked.
SECONDS = 1.0
LONGER = int(os.environ.get("PARSERS_LONGER", "1"))  # times as many as with every other test


@pytest.mark.parametrize("name", PARSERS)
def test_what_reads_what_is_sent_reads_it_or_refuses_it_by_name(app: Flask, tried: Tried, name: str) -> None:
    with app.test_request_context():
        parser = PARSERS[name]()
        sent: list[Any] = []

        def read(said: Any) -> None:
            sent.append(said)
            begun = time.thread_time()
            try:
                found = parser.read(said)
            except parser.refusals:
                return
            finally:
                assert time.thread_time() - begun < SECONDS
            if parser.again is not None:
                assert parser.read(parser.again(found)) == found

        settings(max_examples=parser.times * LONGER, suppress_health_check=list(HealthCheck))(given(parser.given)(read))()
        for piece in PIECES if parser.most else ():
            read((piece * parser.most)[: parser.most])
    tried("odd and broken things sent to what reads them", len(sent))


# --- there and back -----------------------------------------------------------------------------------------------------------


def as_typed(draw: Any, symbols: str, alike: dict[str, str]) -> str:
    """Return *symbols* as people type them: small, with gaps and dashes of all kinds, look-alikes for some."""
    typed = []
    for symbol in symbols:
        typed.append(draw(st.sampled_from(["", "", " ", "-", "–", "\t"])))
        typed.append(draw(st.sampled_from([symbol, symbol.lower(), *alike.get(symbol, "")])))
    return "".join(typed)


@given(st.data(), st.text(codes.CODE_SYMBOLS, min_size=6, max_size=6), st.text(codes.KEY_SYMBOLS, min_size=16, max_size=16))
def test_codes_and_keys_are_read_however_they_are_typed(data: st.DataObject, body: str, key: str) -> None:
    code = f"BN-26-{body}-{codes.check_symbol('BN', 26, body)}"
    assert codes.read_code(as_typed(data.draw, code.replace("-", ""), {})) == code
    assert codes.read_key(as_typed(data.draw, key, {"0": "oO", "1": "iIlL"})) == key


@settings(max_examples=30)
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_keys_on_paper_come_back(root: bytes, master: bytes) -> None:
    lines = paper.written(keyring.Keyring(root, {keyring.key_id(master): master}))
    assert (paper.read(lines).root, paper.read(lines).masters) == (root, {keyring.key_id(master): master})


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(st.text(), st.datetimes(), st.integers(0, 2**63 - 1))
def test_what_is_sealed_or_signed_comes_back(app: Flask, text: str, at: dt.datetime, number: int) -> None:
    assert ciphers.decrypt(ciphers.encrypt(text, bound_to="t:c:1"), bound_to="t:c:1") == text
    assert cursors.read_cursor("x", cursors.write_cursor("x", at, number), dt.datetime, int) == (at, number)


LINES = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(LINES, LINES, LINES)
def test_no_text_leaves_its_line_in_a_calendar_or_its_element_in_a_feed(title: str, where: str, about: str) -> None:
    event = calendar_file.Event("1@x", NOW, None, title, where, about, "https://x/")
    file = calendar_file.calendar([event], name=title, now=NOW)
    assert all(len(line) <= calendar_file.MOST_OCTETS for line in file.split(b"\r\n"))
    lines = file.replace(b"\r\n ", b"").decode().split("\r\n")
    names = [line.partition(":")[0] for line in lines]
    assert (names.count("BEGIN"), names.count("SUMMARY"), names.count("URL"), lines[-2:]) == (2, 1, 1, ["END:VCALENDAR", ""])
    assert not any("\n" in line or "\r" in line for line in lines)

    entry = atom.Entry("urn:1", NOW, title, about, "https://x/")
    feed = ET.fromstring(atom.feed([entry], title=where, author=title, address="/", own_address="/a", now=NOW))  # noqa: S314 - our own
    assert {each.tag.rpartition("}")[2] for each in feed.iter()} == {
        "feed", "id", "title", "author", "name", "link", "updated", "entry", "summary",
    }  # fmt: skip


@given(st.text("=+-@\t\r\n ＝＋－＠a1'", max_size=8))
def test_no_cell_of_a_table_counts(text: str) -> None:
    assert str(spreadsheet_safe(text)).lstrip(" ")[:1] not in set("=+-@\t\r\n＝＋－＠")

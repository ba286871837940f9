"""A script, and a formula, in every text that is kept: no page, letter, paper, table, feed, calendar, archive or answer lets it run.

Every column of free text of every table, in every row of the demo province, gets the same payload; what is ciphertext gets it as it is
opened. Then each kind of page is looked at once more as each person who sees it in a way of their own, with every kind of file that one
leads to; every letter is written, and what a person takes away of themselves. Sealed cases: tests/feedback/test_sealed_scripts.py.
"""

from __future__ import annotations

import csv
import io
import json
import mimetypes
import re
import shutil
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from lxml import etree  # ty: ignore[missing-module-member] - it is compiled
from lxml.html import document_fromstring
from openpyxl import load_workbook
from sqlalchemy import JSON, Column, Table, select, update

from app import clock, letters
from app.crypto import Encrypted
from app.database import Base, NfcText, db
from app.outbox import Channel, Notice
from feedback.models import Feedback, ReceiptKey
from feedback.personal import exporting
from tests.site.conftest import DATABASE, Page, app_in, everyone, links, signed_in
from tests.tried import Tried

PAYLOAD = """ "'><script>alert(1)</script><img src=x onerror=alert(1)>"""
FORMULA = "=1+1 "
#: Tables that refuse changes, and what other tables are found by.
LEFT = {"audit_entry", "audit_link", "audit_anchor", "alembic_version"}
FILE = re.compile(r"\.(csv|xlsx|docx|atom|ics|json|svg|pdf|zip)$")
#: For other sites to show: the page gives its address as text.
BADGE = re.compile(r"/nhung/[\w-]+\.svg")
#: What acts by itself in a PDF, or leads out of it.
ACTS = re.compile(rb"/(JavaScript|JS|Launch|OpenAction|AA|SubmitForm|EmbeddedFile)\b")
EVENT = re.compile(r"^on[a-z]+$")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EACH = 2  # files of one view that are looked into


def poisoned(value: Any) -> Any:
    """Return *value* with the payload in each text of several words: what is one word is a code, a name of a state, an address."""
    if isinstance(value, dict):
        return {name: poisoned(each) for name, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each) for each in value]
    return f"{FORMULA}{value}{PAYLOAD}" if isinstance(value, str) and " " in value.strip() else value


def poison(table: Table) -> int:
    """Put the payload into every free text of *table*; return into how many."""
    texts = [column for column in table.columns if isinstance(column.type, (NfcText, JSON)) and not column.primary_key]
    done = 0
    for row in db.session.execute(select(*table.primary_key.columns, *texts)).mappings().all():
        changed: dict[Column[Any], Any] = {column: poisoned(row[column]) for column in texts}
        changed = {column: value for column, value in changed.items() if value != row[column]}
        if changed:
            key = [column == row[column] for column in table.primary_key.columns]
            db.session.execute(update(table).where(*key).values({column.name: value for column, value in changed.items()}))
            done += len(changed)
    return done


@pytest.fixture(scope="module")
def opened() -> Iterator[list[str]]:
    """Let what is ciphertext hold the payload as well; what was opened so far."""
    plain, found = Encrypted.__get__, list[str]()

    def get(self: Encrypted, row: Any, owner: type | None = None) -> Any:
        value = plain(self, row, owner)
        if row is None or not isinstance(value, str):
            return value
        found.append(self.column)
        return json.dumps(poisoned(json.loads(value))) if value[:1] in {"{", "["} else poisoned(value)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Encrypted, "__get__", get)
        yield found


@pytest.fixture(scope="module")
def site(crawled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, int]]:
    """The demo with the payload in all its texts, and in how many."""
    folder = tmp_path_factory.mktemp("poisoned")
    shutil.copytree(crawled, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.sock"))
    assert (folder / DATABASE).exists()
    app = app_in(folder)
    with app.app_context():
        count = sum(poison(table) for table in Base.metadata.sorted_tables if table.name not in LEFT)
        db.session.commit()
        yield app, count
        db.session.remove()
        db.engine.dispose()


def runs(html: str) -> list[str]:
    """Return what in a page would run, or is there only because a text broke out of where it stood."""
    tree = document_fromstring(html)
    inline = [etree.tostring(each)[:200].decode() for each in tree.xpath("//script[not(@src)][not(@type='application/json')]")]
    events = [f"{each.tag} {name}" for each in tree.iter(etree.Element) for name in each.attrib if EVENT.match(name)]
    return inline + events + [f"img {each.get('src')}" for each in tree.xpath("//img[@src='x']")]


def some_of_each(pages: list[Page]) -> list[Page]:
    """Return of each view what two of those who see it see: most often somebody on each side of it."""
    found: dict[str, dict[str, Page]] = {}
    for page in pages:
        found.setdefault(page.endpoint, {}).setdefault(page.who, page)
    return [page for by_whom in found.values() for page in list(by_whom.values())[:: max(1, len(by_whom) - 1)][:2]]


def test_a_script_in_any_text_runs_on_no_page(site, pages, opened, tried: Tried):
    app, texts = site
    people, broken, shown, files = everyone(app), [], 0, defaultdict[str, dict[str, str]](dict)
    addresses = app.url_map.bind("localhost")
    clients = {who: signed_in(app, email) for who, (email, _password) in people.items()}
    for page in some_of_each(pages):
        with clients[page.who].get(page.address, follow_redirects=True) as answer:
            body = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
            if answer.status_code != 200:
                broken.append((page.who, page.address, answer.status_code))
        if body:
            found = Page(page.who, page.endpoint, page.address, body)
            broken += [(page.who, page.address, each) for each in runs(body)]
            shown += "&lt;script&gt;alert(1)" in body
            for path in [address for address in links(found) if FILE.search(urlsplit(address).path)] + BADGE.findall(body):
                files[addresses.match(urlsplit(path).path)[0]].setdefault(path, page.who)
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api/v1/") and "GET" in (rule.methods or ()) and not rule.arguments:
            files[rule.endpoint][rule.rule] = ""
    looked: Counter[str] = Counter()
    for address, who in (each for found in files.values() for each in list(found.items())[:EACH]):
        with clients[who].get(address, follow_redirects=True) as answer:
            data = answer.get_data()
            looked[answer.mimetype or ""] += answer.status_code == 200
            broken += [(who, address, each) for each in in_file(answer.mimetype or "", data)]

    assert broken == []
    assert shown > 100  # the payload does stand on the pages, as text
    assert {"body_sealed", "asker_sealed"} & set(opened)
    assert {"text/csv", "application/json", "application/pdf", "text/calendar", "application/atom+xml", "image/svg+xml"} <= set(+looked)
    assert {SHEET, DOCUMENT} <= set(+looked)
    tried("a script and a formula in a text that is kept", texts)


def in_file(media_type: str, data: bytes) -> list[str]:
    """Return what in a file would run or count; it raises where it is no file of that kind any more."""
    return READ.get(media_type, lambda _data: [])(data)


def in_page(data: bytes) -> list[str]:
    return runs(data.decode())


def in_archive(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return [each for name in parts.namelist() for each in in_file(mimetypes.guess_type(name)[0] or "", parts.read(name))]


def in_pdf(data: bytes) -> list[str]:
    return [found[0].decode() for found in ACTS.finditer(data)]


def in_json(data: bytes) -> list[str]:
    return [] if json.loads(data) is not None else ["nothing"]


def in_calendar(data: bytes) -> list[str]:
    names = {line.partition(":")[0].partition(";")[0] for line in data.decode().replace("\r\n ", "").split("\r\n")}
    return sorted(name for name in names if name and not re.fullmatch(r"[A-Z-]+", name))


def in_sheet(data: bytes) -> list[str]:
    book = load_workbook(io.BytesIO(data))
    return [f"formula {cell.coordinate}" for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def in_document(data: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for name in parts.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(parts.read(name))
    return []


def in_feed_or_picture(data: bytes) -> list[str]:
    tree = etree.fromstring(data)
    return [
        str(each.tag) for each in tree.iter(etree.Element) if etree.QName(each).localname == "script" or any(map(EVENT.match, each.attrib))
    ]


def in_table(data: bytes) -> list[str]:
    return [cell[:40] for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row if cell[:1] in {"=", "@"}]


READ: dict[str, Callable[[bytes], list[str]]] = {
    "text/html": in_page, "application/zip": in_archive, "application/pdf": in_pdf, "application/json": in_json,
    "text/calendar": in_calendar, SHEET: in_sheet, DOCUMENT: in_document, "application/atom+xml": in_feed_or_picture,
    "image/svg+xml": in_feed_or_picture, "text/csv": in_table,
}  # fmt: skip


def test_a_script_in_any_text_runs_in_nothing_that_a_person_takes_away_of_themselves(site, opened, tried: Tried):
    app, _texts = site
    with app.test_request_context():
        keys = db.session.scalars(select(ReceiptKey).order_by(ReceiptKey.id)).all()
        items = [(key, item) for key in keys if (item := db.session.get_one(Feedback, key.feedback_id)).messages][:EACH]
        for key, item in items:
            with exporting.archive(item, key, now=clock.now()) as file:
                data = file.read()
            assert b"alert(1)" in zipfile.ZipFile(io.BytesIO(data)).read("thong-tin.json")
            assert in_file("application/zip", data) == []
    tried("a script in what a person takes away", len(items))


def test_a_script_in_any_text_runs_in_no_letter(site, opened, tried: Tried):
    app, _texts = site
    found, written, templates = [], 0, set()
    with app.test_request_context():
        for notice in db.session.scalars(select(Notice).order_by(Notice.id)).all():
            if notice.user is None:
                notice.address = "cong.dan@example.com"  # forgotten once it was sent
            else:
                db.session.expunge(notice.user)
            db.session.expunge(notice)
            if notice.channel == Channel.SITE:
                found += [(notice.template, each) for each in runs(f"<p>{letters.sentence(notice)}</p>")]
                notice.channel = Channel.EMAIL  # as who wants them by e-mail gets it
            letter = letters.letter(notice)
            found += [(notice.template, each) for each in (runs(letter.html) if letter.html else [])]  # none in an SMS
            found += [(notice.template, "subject") for line_end in "\r\n" if line_end in letter.subject]
            written += 1
            templates.add((notice.template, notice.user is None))
    assert found == []
    assert Counter(to_citizen for _template, to_citizen in templates) > Counter({True: 10, False: 10})
    tried("a script in what a letter tells", written)

"""Everything that reads what an outsider sends: how, by which names it may refuse, and what is near to what it takes."""

from __future__ import annotations

import base64
import datetime as dt
import io
import json
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import openpyxl
from flask import current_app, session
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from itsdangerous import URLSafeSerializer, URLSafeTimedSerializer
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app import crypto, cursors, fold, limits, search, site, text
from app.accounts import addresses, factors, known, passkeys, passwords, unsaved
from app.administration.forms.law import WholeNumberField
from app.administration.views import unit_import
from app.backup import stream
from app.chain import rules as chain
from app.citizens import rules as citizens
from app.clock import today
from app.crypto import paper
from app.fields import DatePartsField
from app.files import FileRefused, StoredFile, content, forms, links, operations, scanning
from app.proof import rules as proof
from app.units import importing, sheets
from dialogues import books, places
from dialogues.forms import desk
from dialogues.forms.numbers import NumbersForm
from dialogues.forms.sessions import HourField
from dialogues.papers import wording
from dialogues.rules import EventKind, PaperType
from feedback import codes, contacts, danger, finding, masking
from feedback.forms.base import is_email
from feedback.sealed import thread
from oversight.register import cuts
from tests.app.files import films, samples
from tests.factories import make_user

#: What numbers, days, codes and addresses are written with, and what only looks like it.
SIGNS = "0123456789ABab-–./:;,@#%&?=+_ ()[]{}<>\"'\\\t\r\n\x00\u0301\u200b\u202e²٣０ßİđ"
JUNK = st.text(st.characters(), max_size=6) | st.text(SIGNS, max_size=6)
#: As a form gives it: no half of a character, which only JSON can bring.
FORM_JUNK = st.text(max_size=6) | st.text(SIGNS, max_size=6)
BYTES = st.binary(max_size=6)
#: What is repeated until it is as long as a form lets through: what makes bad patterns count for minutes.
PIECES = (
    "a", " ", "\n", "1", "0 ", "0.", "-", "(", "<a ", "&amp;", "\u0301", "đ", '"', "{", "ông ", "ông  Nguyễn ", "Nguyễn Văn ", "vi phạm ",
    "số nhà 1/", "a@", "a.vn ", "a@b.", "http://a.vn/?", "tổ 1 ", "tổ dân phố a ", "BN-26-", "099B1", "công ty a ",
)  # fmt: skip
NOW = dt.datetime(2026, 8, 3, 2, 0, tzinfo=dt.UTC)
UNIT = {"code": "so-y-te", "name": "Sở Y tế", "kind": "sở", "level": "tỉnh", "valid_from": "1/7/2025", "email": "a@b.vn", "row": "2"}
EVENT = {
    "uid": str(uuid.UUID(int=1)), "kind": "asked", "subject": str(uuid.UUID(int=2)), "at": "2026-08-03T09:00:00+07:00", "base": [],
    "facts": {"text": "Bao giờ có nước?", "name": "Hoa", "people": 2, "agree": 3, "about": "Hội trường", "kind": "oral", "hall": ""},
}  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | JUNK,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(JUNK, each, max_size=3),
    max_leaves=5,
)


@dataclass(frozen=True)
class Parser:
    """One of them. *again*: of what was read, that which reads as the same; *most*: how long a text it is given."""

    read: Callable[[Any], Any]
    given: SearchStrategy[Any]
    refusals: tuple[type[Exception], ...] = ()
    again: Callable[[Any], Any] | None = None
    most: int = 0
    times: int = 60


@st.composite
def edited(draw: Any, good: Sequence[Any], junk: SearchStrategy[Any]) -> Any:
    """One of *good*, with up to three places in it lost or exchanged for junk."""
    found = draw(st.sampled_from(good))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(found)))
        found = found[:at] + draw(junk) + found[draw(st.integers(at, min(len(found), at + 6))) :]
    return found


def near(*good: str) -> SearchStrategy[str]:
    return edited(good, JUNK) | st.text(st.characters(), max_size=40)


def typed(*good: str) -> SearchStrategy[str]:
    return edited(good, FORM_JUNK) | st.text(max_size=40)


def damaged(*good: bytes) -> SearchStrategy[bytes]:
    return edited(good, BYTES) | st.binary(max_size=60)


def like(good: Any, junk: SearchStrategy[str] = JUNK) -> SearchStrategy[Any]:
    """Something of the shape of *good*, any part of it exchanged or missing."""
    if isinstance(good, dict):
        whole = st.fixed_dictionaries({}, optional={name: like(each, junk) for name, each in good.items()})
        return whole | st.fixed_dictionaries({name: like(each, junk) for name, each in good.items()}) | JSON
    return st.just(good) | (edited((good,), junk) if isinstance(good, str) else st.nothing()) | JSON


# --- one by one, where reading takes more than a call -------------------------------------------------------------------------


def filled(make: Callable[..., Any], given: list[str]) -> Any:
    """Return what a form reads from a field of that kind."""
    form = type("OneField", (Form,), {"field": make})(MultiDict([("field", each) for each in given]))
    form.validate()
    shown = getattr(form.field, "parts", None) or form.field._value()
    assert all(isinstance(each, str) for each in shown)
    return form.field.data


def own_page(address: str) -> str | None:
    """Return where somebody is sent on to, in whatever language: never away."""
    found = addresses.own_page(address)
    for each in (found, site._without_language(found)):
        assert each is None or (each.startswith("/") and not each.startswith(("//", "/\\")) and each.isprintable())
    return found


def network(address: str) -> str:
    with current_app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
        return limits.network()


def words_kept(address: str) -> str:
    """Return what is kept of a form whose session has ended, sent from a page at *address*."""
    with current_app.test_request_context("/tra-cuu", method="POST", data={"a": "b"}, environ_overrides={"HTTP_REFERER": address}):
        session["_user_id"] = "1:x"
        return unsaved.keep()


def known_browser(cookie: str) -> bool:
    with current_app.test_request_context(headers={"Cookie": "known=x"}) as context:
        context.request.cookies = MultiDict({"known": cookie})
        return known.holds("a@b.vn", "a")


def answered(said: bytes) -> Any:
    """Take the answer of a key whose browser says that *said* was asked."""
    told = base64.urlsafe_b64encode(json.dumps({"challenge": base64.urlsafe_b64encode(said).decode()}).encode()).decode()
    return passkeys.take(None, json.dumps({"rawId": "AAAA", "response": {"clientDataJSON": told}}), now=NOW)


def asked_for() -> dict[str, Any]:
    return json.loads(base64.b64decode(proof.challenge("citizens.ask", "127.0.0.1", wait=20, now=0, secret="bí mật")))


def proved(said: str) -> proof.Proof | None:
    """Return what is read of a proof of work: nobody solves one by chance."""
    found = proof.read(said, secret="bí mật")
    assert found is None or not found.solved
    return found


def units_again(rows: Any) -> Any:
    read = unit_import._rows(json.dumps(rows))
    return read and importing.check(read, reach=administrator().reach, today=today()).good


def administrator() -> Any:
    if "administrator" not in current_app.extensions:
        current_app.extensions["administrator"] = make_user(roles=[])
    return current_app.extensions["administrator"]


def numbers(lines: str) -> Any:
    form = NumbersForm(MultiDict({"lines": lines}), meta={"csrf": False})
    form.waiting = {12: None}  # ty: ignore[invalid-assignment] - whatever stands there
    return form.validate()


def a_file(data: bytes) -> Any:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as fresh:
        file.write(data)
        file.flush()
        return operations.check(file, fresh).kind


def a_dossier(data: bytes) -> str:
    """Have a dossier compared, as a person types the command; any end but its own sentence is a fault."""
    with tempfile.NamedTemporaryFile(suffix=".zip") as file:
        file.write(data)
        file.flush()
        done = current_app.test_cli_runner().invoke(args=["verify-dossier", file.name])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def a_backup(data: bytes) -> None:
    stream.Opener(io.BytesIO(data), crypto.ciphers.ring()).drain()


def safe_text(kept: str) -> str:
    assert kept == text.clean_typed(kept, 5000)
    return kept


# --- what is near to right ----------------------------------------------------------------------------------------------------


def sealed_bytes() -> bytes:
    into = io.BytesIO()
    sealer = stream.Sealer(into, crypto.ciphers.ring())
    sealer.write(b"everything")
    sealer.finish()
    return into.getvalue()


def a_table() -> bytes:
    book, into = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Tên", "Loại", "Cấp"])  # ty: ignore[possibly-missing-attribute]
    book.active.append(["Sở Y tế", "sở", "tỉnh"])  # ty: ignore[possibly-missing-attribute]
    book.save(into)
    return into.getvalue()


def zipped(manifest: bytes) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as archive:
        archive.writestr("manifest.json", manifest)
        archive.writestr("a.pdf", b"%PDF")
    return into.getvalue()


MANIFEST = {"code": "DT-26-1", "index": {"path": "a.pdf", "sha256": "0"}, "rows": [{"files": [{"path": "b.pdf", "sha256": "1"}]}]}


def token(salt: str, value: Any) -> str:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=salt).dumps(value)


def cursor(*place: Any) -> str:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="cursor:public").dumps(list(place))


FILE = StoredFile(uid=uuid.UUID(int=3))
CUT = {
    "xem": ["open", "late", "all"], "viec": ["answer", "act"], "don-vi": ["so-y-te"], "cap": ["province"], "noi": ["khong"], "buoi": ["DT"],
    "linh-vuc": ["khong"], "tre-tu": ["0", "99999999999"], "tu": ["2026-01-01", "20260101", "2026-W01-1"], "den": ["2026-12-31"],
    "dem": ["open_0", "given"], "tuoi": ["0"], "bac": ["khong"], "rieng": ["1"], "nguon": ["feedback"], "tinh-trang": ["open"],
}  # fmt: skip

PARSERS: dict[str, Callable[[], Parser]] = {
    # codes and keys
    "the code of an item": lambda: Parser(
        codes.read_code, near(codes.example("BN"), f"{codes.example('BN')}.12"), (codes.CodeInvalid,), str, most=20_000
    ),
    "a code that staff look for": lambda: Parser(finding.as_code, near(codes.example("BN")), most=20_000),
    "the key of a receipt": lambda: Parser(codes.read_key, near("7K3F-Q29X-0000-ZZZZ"), again=str, most=20_000),
    "code and key of sealed information": lambda: Parser(
        lambda both: thread.of_sender(*both), st.tuples(typed(codes.example("BN")), typed("7K3F-Q29X-0000-ZZZZ"))
    ),
    "the code of a letter": lambda: Parser(citizens.read_code, near("123 456"), again=str, most=20_000),
    "a code of an app or on paper": lambda: Parser(
        lambda code: factors.take_code(administrator(), code, now=NOW), typed("123456", "ABCDE-FGHJK"), most=2000
    ),
    "a password": lambda: Parser(
        lambda word: (passwords.matches(word, None), passwords.check(word, own_words=["Hoa"])),
        typed("mật khẩu dài của tôi 26"),
        (passwords.PasswordTooEasy,),
        most=250,
        times=25,
    ),
    "what a passkey was asked": lambda: Parser(
        answered, st.binary(max_size=60) | st.binary(min_size=140, max_size=600), (passkeys.PasskeyRefused,)
    ),
    "what a passkey answers": lambda: Parser(
        lambda said: passkeys.take(None, json.dumps(said), now=NOW),
        like({"rawId": "AAAA", "response": {"clientDataJSON": "e30=", "signature": "AA"}}),
        (passkeys.PasskeyRefused,),
    ),
    "a proof of work": lambda: Parser(
        lambda said: proved(base64.b64encode(json.dumps(said).encode()).decode()),
        like(asked_for() | {"solution": {"counter": 1, "derivedKey": "00"}}),
    ),
    "a proof of work as text": lambda: Parser(proved, near(base64.b64encode(json.dumps(asked_for()).encode()).decode()), most=3000),
    "keys typed from paper": lambda: Parser(
        paper.read, st.lists(edited(paper.written(crypto.ciphers.ring()), JUNK), min_size=8, max_size=10), (paper.PaperWrong,)
    ),
    # what people write
    "a telephone number": lambda: Parser(
        contacts.read_phone, near("0912 345 678", "+84 912.345.678", "0222 3821 234"), (contacts.PhoneInvalid,), str, most=20_000
    ),
    "a tax code": lambda: Parser(
        contacts.read_tax_code, near("0100109106", "0100109106-001"), (contacts.TaxCodeInvalid,), str, most=20_000
    ),
    "an e-mail": lambda: Parser(is_email, typed("hoa@example.com", "hoa@bắc.vn"), most=2000),
    "a day": lambda: Parser(
        partial(filled, DatePartsField()),
        st.lists(near("27", "11", "2026", "27/11/2026", "2026-11-27"), max_size=4),
        again=lambda day: [str(day)] if day else [],
    ),
    "an hour": lambda: Parser(
        lambda each: filled(HourField(""), [each]), near("8:00", "8h30", "14 giờ"), again=lambda at: f"{at:%H:%M}" if at else "", most=2000
    ),
    "a number": lambda: Parser(
        lambda each: filled(WholeNumberField("", least=1, most=90), [each]), near("10", "-1"), again=lambda n: "" if n is None else str(n)
    ),
    "a text": lambda: Parser(
        lambda each: safe_text(text.clean_typed(each, 5000)), near("Đèn đường\n\n\n\ntắt"), (text.TextTooLong,), str, most=20_000
    ),
    "a line": lambda: Parser(partial(text.clean_line, max_length=200), near("Đèn  đường"), (text.TextTooLong,), str, most=20_000),
    "the beginning of a line": lambda: Parser(partial(text.beginning, max_length=30), near("Đèn  đường"), again=str, most=20_000),
    "words to compare": lambda: Parser(fold.fold, near("Đèn  đường"), again=str, most=20_000),
    "a word to search for": lambda: Parser(search.parse, near('đèn "phố Huế" 24/7'), most=20_000),
    "names in a text": lambda: Parser(masking.masked, near("ông Nguyễn Văn An, số nhà 12, 0912345678, hoa@a.vn, 99B1-123.45"), most=5000),
    "where somebody comes from": lambda: Parser(places.shown, near("bà Hoa, tổ 4 phường Kinh Bắc - thôn Đông"), most=200),
    "words of danger": lambda: Parser(
        lambda each: (danger.sounds_dangerous(each), danger.sounds_denouncing(each)), near("đang cháy"), most=5000
    ),
    "the number of a paper": lambda: Parser(
        lambda each: books.enter(each, "/TB-UBND"),
        near("05/TB-UBND", "12"),
        (books.NumberUnreadable, books.WrongSymbol),
        again=lambda found: f"{found[0]}{found[1]}",
        most=2000,
    ),
    "numbers of many papers": lambda: Parser(numbers, typed("VB12; 15; 3/8/2026; bỏ trống", "VB12\t15\t31/2/2026"), most=20_000),
    "words of a paper": lambda: Parser(partial(wording.unknown, PaperType.CONCLUSION), near("{đơn vị} họp {ngày}"), most=5000),
    "an anchor of the record": lambda: Parser(
        chain.anchors_in,
        near(f"12:{'ab' * 32}", f"12 : {'ab ' * 16}"),
        (chain.AnchorUnreadable,),
        again=lambda found: "\n".join(map(str, found)),
        most=20_000,
    ),
    "an entry of the record": lambda: Parser(
        lambda entry: chain.matches(chain.Link(1, 1, "2026-08-03", "0" * 64, entry), chain.GENESIS),
        st.tuples(JSON, JUNK | JSON, *[JSON] * 6, st.sampled_from(["{}", "[" * 100_000, "{"]) | JUNK),
    ),
    # addresses, cookies and what comes with a request
    "an address to go on to": lambda: Parser(
        own_page,
        typed("/can-bo/viec?sau=1&lang=vi", "//ke-xau.example/", "/\\a", "https://a@/[", "/tra-cuu/x/rut"),
        again=lambda found: found or "",
    ),
    "the address of a page before": lambda: Parser(
        words_kept, edited(("http://localhost/tra-cuu?a=b", "http://[::1", "http://localhost/["), st.text("[]:/?#@%a\xff", max_size=5))
    ),
    "the address of a caller": lambda: Parser(
        network,
        edited(("203.0.113.7:443", "[2001:db8::1]:443", "fe80::1%eth0", "::ffff:1.2.3.4", "64:ff9b::1"), st.text(SIGNS, max_size=3)),
    ),
    "a place in a list": lambda: Parser(
        lambda each: cursors.read_cursor("public", each, dt.datetime, int), typed(cursor("2026-08-03T00:00:00", 1))
    ),
    "the link to a file": lambda: Parser(
        lambda each: links.link_is_good(each, FILE, "user:1"), typed(token("file-link", [1, 2]), token("file-link", None))
    ),
    "a file that was sent before": lambda: Parser(forms._uid, typed(token("uploads", "x"), token("uploads", uuid.UUID(int=1).hex))),
    "words of a session that ended": lambda: Parser(unsaved._read, typed(token("unsaved", ["1", "/", [["a", "b"]], False]))),
    "a browser that is known": lambda: Parser(known_browser, typed(token("known-here", ["a@b.vn", "a"]), token("known-here", ["a"]))),
    "a part of the register": lambda: Parser(
        cuts.cut_of, st.fixed_dictionaries({}, optional={name: typed(*values) for name, values in CUT.items()}), again=cuts.arguments
    ),
    # JSON
    "what a device of the desk says": lambda: Parser(
        desk.read,
        like(EVENT)
        | st.builds(
            lambda kind, rest: EVENT | {"kind": kind} | rest,
            st.sampled_from([str(each) for each in EventKind]),
            like(EVENT).filter(lambda each: isinstance(each, dict)),
        ),
        (desk.Unreadable,),
    ),
    "what a plain form of the desk says": lambda: Parser(
        lambda said: desk.from_form(said, NOW),
        st.fixed_dictionaries({}, optional={name: typed("1", "asked") for name in ("uid", "kind", "subject", "base", "text", "people")}),
        (desk.Unreadable,),
    ),
    "rows of units that come back": lambda: Parser(
        units_again,
        st.lists(
            st.fixed_dictionaries(
                {"row": st.just("2") | JUNK}, optional={name: near(each) for name, each in UNIT.items() if name != "row"}
            ),
            max_size=3,
        )
        | JSON,
    ),
    # files
    "how a file begins": lambda: Parser(
        content.begins_like, damaged(samples.picture(), samples.pdf()[:40], samples.FTYP + b"heic", b"RIFF\0\0\0\0WAVE"), (FileRefused,)
    ),
    "the name of a file": lambda: Parser(
        lambda name: content.clean_name(name, content.PDF), near("Đơn kiến nghị.pdf", "../a", "nul.tar.pdf"), again=str, most=20_000
    ),
    "a table of units": lambda: Parser(
        sheets.read,
        damaged(a_table(), "Tên;Loại;Cấp\nSở;sở;tỉnh".encode(), "Tên\tLoại\tCấp\nSở\tsở\ttỉnh".encode("utf-16")),
        (sheets.FileUnreadable,),
    ),
    "a picture": lambda: Parser(a_file, damaged(*map(samples.picture, ("JPEG", "PNG", "WEBP"))), (FileRefused,)),
    "a document": lambda: Parser(a_file, damaged(samples.word(), samples.archive(samples.EXCEL)), (FileRefused,)),
    "a PDF, a film, a photo of an iPhone": lambda: Parser(
        a_file,
        st.sampled_from((samples.pdf(), films.film_of_samples(9), films.heic())).flatmap(lambda good: edited((good,), BYTES)),
        (FileRefused,),
        times=4,
    ),
    "a dossier": lambda: Parser(
        a_dossier,
        damaged(zipped(json.dumps(MANIFEST).encode())) | like(MANIFEST).map(lambda said: zipped(json.dumps(said).encode())),
        times=40,
    ),
    "what a scanner says": lambda: Parser(scanning._found, near("stream: OK", "stream: Eicar FOUND"), (scanning.NotScanned,), most=2000),
    "a backup": lambda: Parser(a_backup, damaged(sealed_bytes()), (stream.NotABackup, stream.BackupKeyMissing, stream.BackupDamaged)),
    "what is sealed": lambda: Parser(
        lambda sealed: crypto.ciphers.decrypt(sealed, bound_to="t:c:1"),
        damaged(crypto.ciphers.encrypt("x", bound_to="t:c:2")),
        (crypto.CannotDecrypt,),
    ),
}

"""Ordinary feedback whose sender asked to be kept from the unit: the unit sees the matter, not the person. Nowhere."""

from __future__ import annotations

import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pypdfium2
import pytest
from lxml.html import document_fromstring
from PIL import Image

from app import clock
from app.access import policies
from app.accounts.models import User
from app.accounts.queries import reach_of
from app.database import db
from app.files import store_ours
from app.files.content import JPEG
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import Role
from dialogues.models import Question
from dialogues.rules import Origin, QuestionState, Status
from feedback import finding
from feedback.models import Paper, PersonRole
from feedback.operations import publishing, sender, unit
from feedback.operations.intake import PersonData
from feedback.papers import paper_pdf
from feedback.rules import IdentityScope, SenderType
from tests import factories
from tests.dialogues import builders as builders_of_sessions
from tests.factories import sign_in
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at

#: As they are typed, stored and shown: whole, shortened, without marks.
NAMES = ("Quách Thị Lộ", "Quách Văn Ký", "Hợp tác xã Rò Rỉ", "Lộ tên", "quach-thi-lo", "Quach Thi Lo")
REACHED_BY = ("0987650123", "0987 650 123", "0987 *** 123", "0987***123", "650123", "lotten@bimat.example", "bimat.example", "ngõ Rò Rỉ")
TELLING = (*NAMES, *REACHED_BY)
SAMPLES = 1  # addresses of one view looked at as one person


@pytest.fixture
def province(app, monkeypatch):
    province = builders.make_province()
    province.division_head = factories.make_user(unit=province.roads, roles=[Role.DIVISION_HEAD])
    monkeypatch.setattr(clock, "now", lambda: at(4))
    return province


def photo():
    kept = io.BytesIO()
    Image.new("RGB", (30, 20), "white").save(kept, "JPEG")
    file = store_ours(kept.getvalue(), "Đơn của Quách Thị Lộ.jpg", JPEG, MONDAY)
    db.session.add(file)
    db.session.flush()
    return file


def confidential(province, **over):
    """Return what was sent in by people who are to be known to the reception only, and taken by the unit."""
    people = (
        PersonData(
            name="Quách Thị Lộ", phone="0987650123", email="lotten@bimat.example", address="ngõ Rò Rỉ 77", organisation="Hợp tác xã Rò Rỉ"
        ),
        PersonData(role=PersonRole.SIGNER, name="Quách Văn Ký", address="ngõ Rò Rỉ 78"),
    )
    values = {
        "identity_scope": IdentityScope.RECEPTION, "people": people, "sender_type": SenderType.GROUP, "files": (photo(),),
        "publish_consent": True, "mandate": "Giấy ủy quyền của Quách Thị Lộ",
    }  # fmt: skip
    return builders.taken(province, **(values | over))


def lived(province):
    """Let such items stand wherever an item can stand: asked, answered, promised, extended, rated low and reopened, published."""
    asked, answered, again, late = (confidential(province) for _item in range(4))
    for item in (asked, again):
        unit.ask(item, "Đèn nào?", actor=province.officer, now=at(1))
    sender.add(again, builders.sender_key(again), "Đèn thứ ba.", [photo()], now=at(1, 10))
    unit.hand_to(again, province.colleague, actor=province.head, now=at(1, 11))
    unit.tell(late, "Đang mua đèn.", actor=province.officer, now=at(1))
    unit.note(late, "Hỏi kho.", actor=province.officer, now=at(1))
    unit.ask_extension(late, ground="complex", reason="Chưa có đèn.", actor=province.officer, now=at(1))
    builders.submitted_reply(province, again, at(2))
    builders.answer(province, answered, at(2), [builders.promised(at(20).date()), builders.explained()])
    publishing.publish(answered, title="Đèn tắt", text="Đèn tắt ba tuần.", reply="Đã thay.", actor=province.clerk, now=at(3))
    sender.rate(answered, builders.sender_key(answered), score=1, why="Chưa sáng.", now=at(3))
    sender.reopen(answered, builders.sender_key(answered), "Vẫn tắt.", now=at(3, 10))
    db.session.commit()
    return asked, answered, again, late


def at_session(province, item):
    """Let *item* be asked at a session of its unit that is going on: who sits at its desk reads what was asked."""
    session = builders_of_sessions.session_at(province, province.head, Status.IN_SESSION)
    session.unit = province.works
    asked = {"origin": Origin.FEEDBACK, "state": QuestionState.ACCEPTED, "for_the_day": True, "asked_at": at(1)}
    session.questions.append(Question(session_id=session.id, feedback=item, text=item.body, **asked))
    db.session.commit()
    return f"/can-bo/doi-thoai/{session.code}"


WHO = ("officer", "head", "records", "division_head", "front_reader")


@pytest.mark.strictest_database  # four hundred pages; which database they are read from changes no name on them
def test_no_page_paper_mail_export_or_search_of_the_units_people_names_who_wrote(app, province):
    items = lived(province)
    room = at_session(province, items[0])
    desk = [room, f"{room}/ban", f"{room}/ban/trang-thai.json", f"{room}/ban/khung"]
    starts = ["/", "/can-bo", "/api/v1/feedback", *desk]
    starts += [f"{of}/{item.code}" for item in items for of in ("/can-bo/y-kien", "/tra-cuu", "/api/v1/feedback")]
    codes, ours = {item.code for item in items}, {name: getattr(province, name).id for name in WHO}
    found: list[tuple[str, str, str]] = []
    seen, public, told = Counter[str](), set[str](), 0
    for name, user_id in ours.items():
        client = app.test_client()
        sign_in(client, db.session.get_one(User, user_id))
        for address, text in walk(client, starts, app, public):
            seen[name] += 1
            told += address.startswith(room) and items[0].body in text
            found += [(name, address, word) for word in TELLING if word in text]
        reach = reach_of(db.session.get_one(User, user_id), on=clock.today())
        for asked in ("Quách Thị Lộ", "0987650123", "lotten@bimat.example"):
            found += [(name, f"search {asked}", item.code) for item in finding.find(asked, reach) if item.code in codes]
    assert found == []
    assert all(seen[name] > 10 for name in WHO), seen
    assert told > len(WHO), "the session and its desk tell the matter"

    with app.test_request_context():
        for notice in db.session.scalars(db.select(Notice).where(Notice.user_id.in_(ours.values()))):
            mail = letter(notice) if notice.channel == Channel.EMAIL else None
            text = f"{mail.subject}\n{mail.text}\n{mail.html}" if mail else sentence(notice)
            assert not [word for word in TELLING if word in text + str(notice.facts)], notice.template
        for paper in db.session.scalars(db.select(Paper)):
            assert not [word for word in TELLING if word in text_of_pdf(paper_pdf(paper))], paper.type


def test_the_reception_still_knows_who_wrote(app, province):
    item = confidential(province)
    db.session.commit()
    client = app.test_client()
    sign_in(client, province.clerk)
    page = client.get(f"/can-bo/y-kien/{item.code}").text
    assert "Giữ bí mật họ tên" in page
    assert "nguoi-gui" in page


def walk(client, starts, app, public) -> Iterator[tuple[str, str]]:
    """Yield every address that is led to from *starts*, a few of each view, and its words, whatever kind of file it is.

    Those of *public* pages are there already: they say the same to everyone.
    """
    open_to_all = {endpoint for endpoint, policy in policies().items() if policy == "public"}
    adapter = app.url_map.bind("localhost")
    waiting, met, counts = list(starts), set(starts), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        try:
            endpoint, _values = adapter.match(urlsplit(address).path, method="GET")
        except Exception:  # noqa: BLE001, S112  dead links and redirects are another test's
            continue
        if address not in starts and (counts[endpoint] >= SAMPLES or address in public):
            continue
        if endpoint in open_to_all:
            public.add(address)
        if endpoint in {"site.set_language", "accounts.sign_out", "site.components"}:
            continue
        counts[endpoint] += 1
        with client.get(address, follow_redirects=True) as answer:
            text, is_page = words_of(answer), answer.mimetype == "text/html"
        yield address, text
        if is_page:
            for href in document_fromstring(text).xpath("//a/@href"):
                target = urlsplit(urljoin(address, href))
                link = target.path + (f"?{target.query}" if target.query else "")
                if target.netloc in {"", "localhost"} and target.scheme in {"", "http"} and link not in met:
                    met.add(link)
                    waiting.append(link)


def words_of(answer):
    if answer.mimetype == "application/pdf":
        return text_of_pdf(answer.data)
    if answer.data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist()) + str(answer.headers)
    if answer.is_json:  # in which letters may stand as numbers
        return json.dumps(answer.json, ensure_ascii=False) + str(answer.headers)
    return answer.data.decode("utf-8", "replace") + str(answer.headers)


def text_of_pdf(data):
    with pypdfium2.PdfDocument(data) as document:
        return " ".join("\n".join(page.get_textpage().get_text_range() for page in document).split())

"""What the pages of a unit say and offer: who was given an item, what was opened again, what a signed paper holds."""

from __future__ import annotations

import io

import pytest

from app import clock, files
from app.calendar.models import DeadlineRule
from app.database import db
from feedback.models import LetterTemplate
from feedback.operations import desk, letters, merging, papers, sender, unit
from feedback.operations.papers.drafting import blanks
from feedback.papers.keeping import issued_pdf
from feedback.rules import PaperType
from tests.app.files import samples
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk
from tests.feedback.page_forms import form_of, press


@pytest.fixture
def at(app, province):
    """Return somebody of the province, by name, at their desk."""
    return lambda who: AtDesk(app, getattr(province, who))


def url(item, step=""):
    return f"/can-bo/y-kien/{item.code}{step}"


def reopened(province):
    item = builders.answered(province, clock.now())
    sender.reopen(item, builders.sender_key(item), "Vẫn chưa xong.", now=clock.now())
    return item


def test_the_list_marks_what_was_opened_again_and_what_repeats(province, at):
    again, repeat = reopened(province), builders.offered(province, clock.now())
    merging.link_repeat(repeat, builders.answered(province, clock.now()), actor=province.clerk, now=clock.now())
    db.session.commit()
    rows = at("colleague").get("/can-bo/viec").split("<tr")
    for item, mark in ((again, "Mở lại lần 1"), (repeat, "Gửi lại")):
        row = next(each for each in rows if item.code in each)
        assert mark in row


def test_a_colleague_sees_whom_it_was_given_to_and_no_button_to_take_it(province, at):
    item = builders.offered(province, clock.now())
    unit.hand_to(item, province.officer, actor=province.head, now=clock.now())
    db.session.commit()
    for page in (url(item), "/can-bo/viec", f"/can-bo/viec?y={item.code}"):
        assert url(item, '/nhan"') not in at("colleague").get(page)
        assert url(item, '/nhan"') in at("officer").get(page)
    assert f"Việc này đã giao cho {province.officer.name}." in at("colleague").get(url(item))
    other = builders.offered(province, clock.now())
    db.session.commit()
    desk = at("colleague")
    form = form_of(desk.client.get(url(other)), url(other, "/nhan"))
    answer = press(desk.client, form, to=url(item, "/nhan"))  # as from a page that was open since before it was given
    assert f"Việc này đã giao cho {province.officer.name}." in desk.get(answer.location)


def test_the_head_is_offered_others_first_and_the_first_handler_only_with_a_reason(province, at):
    item = reopened(province)
    db.session.commit()
    page = at("head").get(url(item, "/giao-nguoi"))
    assert f'value="{province.colleague.id}"' in page
    assert f'value="{province.officer.id}"' not in page
    assert page.index("người đã trả lời hoặc đã ký lần trước") > page.rindex("đang giữ")  # who signed comes last
    for other in (province.colleague, province.deputy, province.roads_officer):
        other.active = False
    db.session.commit()
    refused = at("head").fill(url(item, "/giao-nguoi"), status=422, officer=str(province.officer.id))
    assert "Ghi vì sao giao lại cho chính người ấy." in refused
    at("head").fill(url(item, "/giao-nguoi"), officer=str(province.officer.id), reason="Chỉ còn một người.")
    assert "Chỉ còn một người." in at("head").get(url(item))


def test_what_a_signed_paper_holds_is_said_by_name(province, at):
    item = builders.taken(province, clock.now())
    builders.signed_reply(province, item, clock.now())
    db.session.commit()
    page = at("head").get(url(item))
    assert "Văn bản đã ký, đang chờ văn thư ghi số." in page
    for step in ("tra-lai", "chuyen", "hoi", "xin-gia-han"):
        assert url(item, f"/{step}") not in page
        answer = at("head").client.get(url(item, f"/{step}"), follow_redirects=True)
        assert "Văn bản đã ký, đang chờ văn thư ghi số." in answer.text


@pytest.mark.parametrize(
    ("who", "scope", "may"),
    [
        ("officer", "unit", True),  # drafted it
        ("head", "unit", True),  # signs it
        ("records", "unit", True),  # numbers it
        ("clerk", "unit", True),  # hands it over where somebody came in person
        ("front_reader", "unit", False),  # reads the words, but is not told the name it is addressed to
        ("front_reader", "reception", True),  # addressed to nobody by name
        ("health_head", "unit", None),  # cannot read the item at all
    ],
)
def test_the_printed_paper_is_for_whoever_may_know_whom_it_is_addressed_to(province, at, who, scope, may):
    item = builders.taken(province, clock.now(), identity_scope=scope)
    paper = builders.submitted_reply(province, item, clock.now())
    db.session.commit()
    person, page = at(who), url(item, f"/van-ban/{paper.id}")

    answer = person.client.get(f"{page}/ban-in.pdf")

    assert (answer.status_code, answer.data.startswith(b"%PDF-")) == ((200, True) if may else (404, False))
    if may is not None:
        assert ("Xem bản in (PDF)" in person.get(page)) == may
    seen = [entry.facts["reason"] for entry in builders.entries_about(item) if entry.action == "personal_data.seen"]
    assert seen == (["letter"] if may and scope == "unit" else [])


def test_a_draft_has_no_printed_form_and_what_went_out_is_sent_as_it_was_kept(province, at):
    item = builders.taken(province, clock.now())
    draft = papers.draft(item, PaperType.REPLY, actor=province.officer, now=clock.now())
    other = builders.taken(province, clock.now())
    issued = builders.answer(province, other, clock.now())
    db.session.commit()
    assert at("officer").client.get(url(item, f"/van-ban/{draft.id}/ban-in.pdf")).status_code == 404
    sent = at("records").client.get(url(other, f"/van-ban/{issued.id}/ban-in.pdf"))
    assert sent.data == issued_pdf(issued, now=clock.now())
    assert f'filename="tra-loi-{other.code}.pdf"' in sent.headers["Content-Disposition"]


@pytest.mark.parametrize(("grounds", "said"), [(["waiting_for_sender"], "hạn tạm dừng đến khi"), ([], "hạn vẫn tính, không tạm dừng")])
def test_whoever_asks_the_sender_reads_what_that_does_to_the_term_of_this_item(province, at, grounds, said):
    db.session.execute(db.update(DeadlineRule).values(pause_grounds=grounds))
    item = builders.taken(province, clock.now())
    db.session.commit()
    assert said in at("officer").get(url(item, "/hoi"))


def test_the_number_to_enter_looks_like_the_last_one_of_the_unit(province, at):
    first, second = (builders.signed_reply(province, builders.taken(province, clock.now()), clock.now()) for _each in range(2))
    db.session.commit()
    page = url(second.feedback, f"/van-ban/{second.id}")
    assert "Ví dụ 215/UBND-VP" in at("records").get(page)
    papers.enter_number(first, number="41/SXD-HT", numbered_on=clock.today(), actor=province.records, now=clock.now())
    db.session.commit()
    assert "Số gần nhất ở đây: 41/SXD-HT" in at("records").get(page)


def test_a_draft_opens_as_many_points_as_the_letter_has_and_names_what_each_lacks(province, at):
    item = builders.taken(province, clock.now(), body="Đèn tắt.\nRãnh tắc.\nCây đổ.")
    db.session.commit()
    officer = at("officer")
    draft = officer.press(url(item), url(item, "/van-ban"), loai="reply")
    assert "<li>Rãnh tắc.</li>" in draft
    assert "Người gửi viết 3 dòng; văn bản có 1 ý." in draft
    assert 'name="so-y" class="w-4" inputmode="numeric" maxlength="2" value="3"' in draft
    page = url(item, f"/van-ban/{item.papers[0].id}")
    officer.fill(page, status=200, mo="1", **{"so-y": "3"})
    typed = {f"points-{number}-{name}": value for number in (0, 2) for name, value in (("outcome", "explained"), ("title", "Việc"))}
    typed |= {"points-1-outcome": "explained", "points-0-text": "", "points-2-outcome": "promised", "points-2-text": "Sẽ dọn."}
    refused = officer.fill(page, status=422, trinh="1", **typed)
    assert "Ý 1: viết lời trả lời." in refused
    assert 'href="#points-2-promised_on">Ý 3: ghi “hứa làm” thì ghi ngày xong' in refused
    assert 'id="points-3-text"' not in refused
    typed |= {"points-0-text": "Đã thay.", "points-2-outcome": "explained"}
    assert "Đã trình. Người gửi viết 3 dòng; văn bản có 2 ý." in officer.fill(page, trinh="1", **typed)
    assert "Người gửi viết 3 dòng; văn bản có 2 ý." in at("head").get(page)


def test_the_draft_begins_with_all_that_the_sender_said_and_sent(province, at):
    photo = files.store_upload(io.BytesIO(samples.picture()), "den.jpg", clock.now())
    item = builders.taken(province, clock.now(), files=(photo,))
    unit.ask(item, "Trước nhà số mấy?", actor=province.officer, now=clock.now())
    sender.add(item, builders.sender_key(item), "Trước số 12.", (), now=clock.now())
    db.session.commit()
    draft = at("officer").press(url(item), url(item, "/van-ban"), loai="reply")
    order = [
        draft.index(each) for each in (builders.BODY, str(photo.uid), "Trước nhà số mấy?", "Trước số 12.", 'name="body"', "Bỏ bản soạn này")
    ]
    assert order == sorted(order)


def test_every_type_of_paper_starts_with_words_on_an_empty_install_and_no_change_is_undone(app):
    letters.load_shipped(now=clock.now())
    rows = list(db.session.scalars(db.select(LetterTemplate)))
    assert {row.paper_type for row in rows} == set(PaperType)
    assert all(row.body and "vui lòng" not in row.body for row in rows)
    assert all(len(blanks(row.body)) == row.body.count("…") > 0 for row in rows)  # every blank is known as one before it goes out
    rows[0].body = "Lời của tỉnh."
    letters.load_shipped(now=clock.now())
    assert db.session.scalar(db.select(db.func.count()).select_from(LetterTemplate)) == len(rows)
    assert db.session.get_one(LetterTemplate, rows[0].id).body == "Lời của tỉnh."


@pytest.mark.parametrize(("who", "named"), [("clerk", True), ("officer", False), ("head", False)])
def test_the_name_of_an_insiders_file_tells_the_unit_nothing(province, at, who, named):
    file = files.store_upload(io.BytesIO(samples.picture()), "Đơn của Trần Thị Hoa.jpg", clock.now())
    item = builders.received(clock.now(), field_id=province.grassroots.id, files=(file,))
    desk.route_to(item, province.works, actor=province.clerk, now=clock.now())
    db.session.commit()
    person, address = at(who), f"/can-bo/y-kien/{item.code}"
    sent = person.client.get(f"{address}/tep/{file.uid}").headers["Content-Disposition"]
    assert ("Trần Thị Hoa.jpg" in person.get(address), "Hoa" in sent) == (named, named)

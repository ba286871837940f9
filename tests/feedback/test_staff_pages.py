"""The staff's pages through their forms: the work of one item, hand by hand; what is refused; what nobody may see."""

from __future__ import annotations

import datetime as dt
import io
import re

import pytest
from sqlalchemy import event

from app import clock
from app.access import SENDER
from app.database import db
from app.permissions import Role
from app.units.models import SigningStep
from feedback import lists
from feedback.codes import make_code
from feedback.models import Feedback, LetterTemplate, Message, Paper
from feedback.operations import desk, papers, unit
from feedback.rules import Kind, PaperState, PaperType, SenderType, Status
from tests.factories import make_unit, make_user
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk


@pytest.fixture
def at(app, province):
    """The people of the province at their desks, by name; the same one each time."""
    desks: dict = {}

    def person(who):
        if who not in desks:
            desks[who] = AtDesk(app, getattr(province, who) if isinstance(who, str) else who)
        return desks[who]

    return person


def url(item: Feedback, step: str = "") -> str:
    return f"/can-bo/y-kien/{item.code}" + (f"/{step}" if step else "")


def later(days: int = 20) -> dt.date:
    return clock.today() + dt.timedelta(days=days)


def again(item: Feedback) -> Feedback:
    """Return *item* as it is stored now."""
    db.session.expire_all()
    return db.session.get(Feedback, item.id)


# --- the whole way ------------------------------------------------------------------------------------------------------


def test_an_item_goes_through_every_hand_by_the_pages(province, at):
    builders.delegate(province.head, province.deputy, starts_on=clock.today(), ends_on=later(), on=clock.today())
    item = builders.received(clock.now())

    assert item.title in at("clerk").get("/can-bo/tiep-nhan")
    assert "Đã giao Sở Xây dựng." in at("clerk").fill(url(item, "giao"), unit=str(province.works.id))

    assert item.title in at("officer").get("/can-bo/viec?gap=offered")
    assert "Đã nhận xử lý." in at("officer").press(url(item), url(item, "nhan"))
    assert "Đã hỏi người gửi." in at("officer").fill(url(item, "hoi"), text="Trước nhà số mấy?")
    assert "Chờ người gửi" in at("officer").get("/can-bo/viec?gap=asking")

    at("officer").press(url(item), url(item, "van-ban"), loai="reply")
    paper = again(item).papers[0]
    on = later()
    typed = {
        "body": "Sở trả lời như sau.",
        "points__0__title": "Bóng đèn",
        "points__0__text": "Thay hai bóng.",
        "points__0__outcome": "promised",
        "points__0__promised_on": [str(on.day), str(on.month), str(on.year)],
    }
    assert "Đã trình." in at("officer").fill(url(item, f"van-ban/{paper.id}"), trinh="1", **typed)

    assert item.title in at("head").get("/can-bo/duyet")
    back = url(item, f"van-ban/{paper.id}/gui-lai")
    assert "Đã gửi lại người soạn." in at("head").fill(url(item, f"van-ban/{paper.id}"), back, gui__lai__text="Ghi rõ đoạn đường.")
    assert "Ghi rõ đoạn đường." in at("officer").get(url(item, f"van-ban/{paper.id}"))
    at("officer").fill(url(item, f"van-ban/{paper.id}"), trinh="1", points__0__text="Thay hai bóng trước số 12.")

    assert "Đã ký." in at("deputy").press(url(item, f"van-ban/{paper.id}"), url(item, f"van-ban/{paper.id}/dong-y"))
    assert db.session.get(Paper, paper.id).signed_for == "KT."
    assert item.title in at("records").get("/can-bo/vao-so")
    number = url(item, f"van-ban/{paper.id}/so")
    assert "Đã ghi số và phát hành." in at("records").fill(url(item, f"van-ban/{paper.id}"), number, so__number="12/SXD")

    item = again(item)
    assert (item.status, item.papers[0].state) == (Status.ANSWERED, PaperState.PUBLISHED)
    act = next(each for each in item.assignments if each.duty == "act")
    assert (act.due_on, act.state) == (on, "taken")
    assert "Thay hai bóng" in at("clerk").get(url(item, f"van-ban/{paper.id}"))


def test_a_promise_is_kept_with_proof_and_not_without(province, at):
    item = builders.taken(province, clock.now())
    builders.answer(province, item, clock.now(), [builders.promised(later())])
    db.session.commit()
    act = next(each for each in item.assignments if each.duty == "act")
    page = url(item, f"viec-da-hua/{act.id}")

    assert item.code in at("officer").get("/can-bo/viec-da-hua")
    refused = at("officer").fill(page, status=422, report="Đã thay hai bóng.")
    assert "Báo đã làm xong thì kèm" in refused
    assert "Đã thay hai bóng." in refused

    picture = io.BytesIO(_png())
    done = at("officer").fill(page, report="Đã thay hai bóng.", caption="Ảnh chụp hôm nay", proofs=[(picture, "den.png")])
    assert "Đã báo xong việc đã hứa." in done
    assert "den" in done


def _png() -> bytes:
    from PIL import Image  # noqa: PLC0415

    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(stream, "PNG")
    return stream.getvalue()


def test_a_returned_item_waits_at_the_desk_and_goes_elsewhere(province, at):
    item = builders.offered(province, clock.now())
    assert "Đã trả lại" in at("officer").fill(url(item, "tra-lai"), text="Đèn này của phường.")
    assert "Đèn này của phường." in at("clerk").get(url(item))
    assert "Bị trả lại" in at("clerk").get("/can-bo/tiep-nhan?xem=returned")
    assert "Đã giao" in at("clerk").fill(url(item, "giao"), unit=str(province.ward.id))


def test_the_clerk_is_told_who_settles_a_first_complaint_and_gives_it_there(province, at):
    item = builders.received(clock.now(), kind=Kind.COMPLAINT, field_id=province.lighting.id, accused_unit_id=province.ward.id)
    page = at("clerk").get(url(item, "giao"))
    assert f"Khiếu nại lần đầu do chính đơn vị bị khiếu nại giải quyết (Luật Khiếu nại, Điều 7): {province.ward.name}." in page
    assert "Gợi ý:" not in page
    assert f"Đã giao {province.ward.name}." in at("clerk").fill(url(item, "giao"))


def test_what_went_to_the_wrong_unit_is_taken_back_with_a_reason_and_given_elsewhere(province, at):
    item = builders.offered(province, clock.now())
    page = at("clerk").get(url(item))
    assert "Soạn thông báo không thụ lý" not in page
    assert "Thu lại để giao nơi khác" in page
    at("clerk").fill(url(item, "thu-lai"), status=422, text="")
    assert "Đã thu lại" in at("clerk").fill(url(item, "thu-lai"), text="Đèn này của phường.")
    assert "Đã giao" in at("clerk").fill(url(item, "giao"), unit=str(province.ward.id))


def test_the_third_transfer_raises_the_alarm(province, at):
    item = builders.offered(province, clock.now())
    bosses = {
        province.works.id: province.head,
        province.health.id: province.health_head,
        province.ward.id: make_user(unit=province.ward, roles=[Role.HEAD]),
    }
    for to in (province.health, province.ward, province.works):
        boss = bosses[again(item).open_answer.unit_id]
        assert "Đã chuyển." in at(boss).fill(url(item, "chuyen"), unit=str(to.id), reason="Không thuộc nhiệm vụ của đơn vị.")
    assert "Đã chuyển 3 lần" in at("clerk").get(url(item))
    assert ("going_round", province.clerk.name) in builders.told(again(item))


def test_more_time_is_asked_for_and_granted(province, at):
    item = builders.taken(province, clock.now())
    before = item.open_answer.due_on
    assert "Đã xin gia hạn." in at("officer").fill(url(item, "xin-gia-han"), ground="complex", reason="Phải đo lại cả tuyến.")
    assert item.code in at("head").get("/can-bo/duyet")
    page = at("head").get(url(item, "gia-han"))
    assert "Phải đo lại cả tuyến." in page
    assert "Đã quyết định." in at("head").fill(url(item, "gia-han"), granted="yes")
    assert again(item).open_answer.due_on > before


def test_a_letter_with_two_matters_is_split(province, at):
    item = builders.received(clock.now(), body="Đèn tắt. Loa mở sớm.")
    typed = {
        "parts__0__title": "Đèn tắt", "parts__0__body": "Đèn tắt.", "parts__0__unit": str(province.works.id),
        "parts__1__title": "Loa mở sớm", "parts__1__body": "Loa mở sớm.",
    }  # fmt: skip
    more = at("clerk").fill(url(item, "tach"), status=200, more="1", **typed)
    assert "Phần 3" in more
    assert "Loa mở sớm." in more
    assert "Đã tách." in at("clerk").fill(url(item, "tach"), **typed)
    first, second = again(item).parts
    assert (first.status, second.status) == (Status.IN_HAND, Status.RECEIVED)


def test_two_items_are_merged_after_the_senders_were_told_and_taken_apart_again(province, at):
    item, other = builders.received(clock.now()), builders.offered(province, clock.now())
    assert "Mã này thiếu hoặc sai" in at("clerk").fill(url(item, "de-nghi-gop"), status=422, code="BN-26-ABCDEF-1")
    assert "Gộp được từ bây giờ." in at("clerk").fill(url(item, "de-nghi-gop"), code=other.code.lower())
    assert "Đã gộp." in at("clerk").press(url(item), url(item, "gop"))
    assert again(item).status == Status.MERGED
    assert "Đã tách lại." in at("clerk").press(url(item), url(item, "tach-lai"))
    assert again(item).status == Status.RECEIVED


def test_a_repeat_is_linked_to_the_earlier_answer(province, at):
    earlier, item = builders.answered(province, clock.now()), builders.received(clock.now())
    assert earlier.code in at("clerk").fill(url(item, "gui-lai-lan-nua"), code=earlier.code)
    assert again(item).repeat_of.code == earlier.code


@pytest.mark.parametrize(
    ("type_", "missing", "typed", "status"),
    [
        (PaperType.GUIDE, "Ghi lý do.", {"reason": "Việc dân sự giữa hai bên", "body": "Kính gửi."}, Status.GUIDED),
        (PaperType.FORWARD, "Ghi cơ quan nhận đơn.", {"recipient": "Tòa án nhân dân tỉnh", "body": "Kính gửi."}, Status.FORWARDED),
        (PaperType.REFUSE, "Ghi lý do.", {"reason": "not_clear", "body": "Kính gửi."}, Status.REFUSED),
        (PaperType.FILE, "Ghi lý do.", {"reason": "Không ghi tên", "body": "Lưu."}, Status.FILED),
    ],
)
def test_the_desk_proposes_a_letter_a_leader_signs_it_and_records_number_it(province, at, type_, missing, typed, status):
    item = builders.received(clock.now())
    at("clerk").press(url(item), url(item, "van-ban"), loai=str(type_))
    page = url(item, f"van-ban/{again(item).papers[0].id}")

    refused = at("clerk").fill(page, status=422, trinh="1", body="Chữ đã viết")
    assert missing in refused
    assert "Chữ đã viết" in refused
    assert "Đã trình." in at("clerk").fill(page, trinh="1", **typed)
    assert "Đã ký." in at("desk_head").press(page, f"{page}/dong-y")
    assert "phát hành" in at("desk_records").fill(page, f"{page}/so", so__number="7/TCD")
    assert again(item).status == status


def test_a_template_is_put_into_the_letter(province, at):
    db.session.add(LetterTemplate(name="Mẫu chung", paper_type="guide", body="Căn cứ quy định về tiếp công dân."))
    item = builders.received(clock.now())
    at("clerk").press(url(item), url(item, "van-ban"), loai="guide")
    page = url(item, f"van-ban/{again(item).papers[0].id}")
    assert "Căn cứ quy định về tiếp công dân." in at("clerk").fill(
        page, status=200, dung="1", mau=str(db.session.query(LetterTemplate).first().id)
    )


def test_proof_stays_with_its_own_point_when_another_is_dropped(province, at):
    item = builders.taken(province, clock.now())
    at("officer").press(url(item), url(item, "van-ban"), loai="reply")
    page = url(item, f"van-ban/{again(item).papers[0].id}")
    at("officer").fill(page, luu="1", points__0__title="Một", points__0__text="Thôi ý này.")
    at("officer").fill(page, status=200, them="1")
    two = {"points__1__title": "Hai", "points__1__text": "Đã thay.", "points__1__outcome": "done"}
    at("officer").fill(page, luu="1", **two, points__1__proofs=[(io.BytesIO(_png()), "hai.png")])
    assert [len(point.proofs) for point in again(item).papers[0].points] == [0, 1]

    assert "Đã trình." in at("officer").fill(page, trinh="1", points__0__title="", points__0__text="")
    points = again(item).papers[0].points
    assert [(point.title, [proof.file.name for proof in point.proofs]) for point in points] == [("Hai", ["hai.png"])]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"points__0__title": "", "points__0__text": ""}, "Văn bản trả lời cần ít nhất một ý"),
        ({"points__0__text": "Đã thay.", "points__0__outcome": "done"}, "Ý 1: ghi “đã làm xong” thì kèm ít nhất một ảnh"),
        ({"points__0__text": "Đã thay đèn ở …"}, "Ý 1: còn 1 chỗ “…” chưa điền: “thay đèn ở …”."),
        ({"points__0__text": "Sẽ thay.", "points__0__outcome": "promised"}, "Ý 1: ghi “hứa làm” thì ghi ngày xong"),
        (
            {"points__0__text": "Sẽ thay.", "points__0__outcome": "promised", "points__0__promised_on": ["31", "2", "2027"]},
            "Ý 1: Ngày 31/2/2027 không có trong lịch",
        ),
    ],
)
def test_an_answer_that_says_too_little_is_not_sent_and_keeps_its_words(province, at, typed, sentence):
    item = builders.taken(province, clock.now())
    at("officer").press(url(item), url(item, "van-ban"), loai="reply")
    page = url(item, f"van-ban/{again(item).papers[0].id}")
    refused = at("officer").fill(page, status=422, trinh="1", body="Sở trả lời thế này.", **typed)
    assert sentence in refused
    assert "Sở trả lời thế này." in refused
    assert again(item).papers[0].state == PaperState.DRAFT


def test_a_number_that_is_taken_is_refused(province, at):
    used = builders.taken(province, clock.now())
    paper = builders.signed_reply(province, used, clock.now())
    papers.enter_number(paper, number="9/SXD", numbered_on=clock.today(), actor=province.records, now=clock.now())
    item = builders.taken(province, clock.now())
    page = url(item, f"van-ban/{builders.signed_reply(province, item, clock.now()).id}")
    assert "Số này đã dùng" in at("records").fill(page, f"{page}/so", status=422, so__number="9/SXD")
    assert "Ghi số" in at("records").fill(page, f"{page}/so", status=422, so__number="")


def test_the_desk_classifies_and_keeps_the_number_of_another_system(province, at, monkeypatch):
    item = builders.received(clock.now())
    typed = {"kind": "question", "title": "Hỏi lịch sửa đèn", "field": str(province.lighting.id)}
    assert "Đã phân loại." in at("clerk").fill(url(item, "phan-loai"), **typed)
    assert (again(item).kind, again(item).field.name) == (Kind.QUESTION, "Chiếu sáng")
    for _twice in range(2):
        page = at("clerk").fill(url(item, "so-ngoai"), source="Công văn đến", number="123/2026")
        assert "123/2026" in page
    assert builders.actions(item).count("feedback.referenced") == 1
    other = builders.received(clock.now())
    db.session.commit()
    refused = at("clerk").fill(url(other, "so-ngoai"), source="Công văn đến", number="123/2026", status=422)
    assert f"Số này đã ghi cho ý kiến {item.code}" in refused
    monkeypatch.setattr(desk.queries, "by_reference", lambda *_: None)  # another clerk writes it down at the same moment
    at("clerk").fill(url(other, "so-ngoai"), source="Công văn đến", number="123/2026", status=409)
    assert again(other).external_refs == []


def test_the_desk_says_whose_people_are_named_before_it_gives_the_item_away(province, at):
    item = builders.received(clock.now(), accused_names="Khổng Văn Độ, đội trưởng")
    page = at("clerk").get(url(item))
    assert "Khổng Văn Độ, đội trưởng" in page
    assert f'<a class="btn" href="{url(item, "phan-loai")}">' in page, "the one filled button is what comes first"
    at("clerk").get(url(item, "giao"), status=303)
    assert "Ý kiến này có nêu tên người. Phân loại trước" in at("clerk").get(url(item))
    refused = at("clerk").fill(url(item, "phan-loai"), status=422, title="Đội trưởng hẹn mãi")
    assert "Có người bị nói tới: chọn đơn vị của người ấy" in refused
    assert "Đội trưởng hẹn mãi" in refused
    assert "Khổng Văn Độ, đội trưởng" in refused
    assert "Đã phân loại." in at("clerk").fill(url(item, "phan-loai"), accused_outside="y", accused_names="Khổng Văn Đô")
    assert (again(item).accused_names, again(item).accused_outside) == ("Khổng Văn Đô", True)
    assert "(không thuộc đơn vị nào của tỉnh, hoặc không rõ)" in at("clerk").get(url(item))
    assert "Đã giao Sở Xây dựng." in at("clerk").fill(url(item, "giao"), unit=str(province.works.id))


def test_a_sorting_form_opened_before_a_colleague_sorted_takes_nothing_back(province, at):
    item = builders.received(clock.now(), accused_names="Khổng Văn Độ, đội trưởng")
    old = re.search(r'name="seen"[^>]* value="(\w{64})"', at("clerk").get(url(item, "phan-loai")))[1]
    at("clerk").fill(url(item, "phan-loai"), accused=str(province.works.id))
    page = at("clerk").fill(url(item, "phan-loai"), accused="", accused_outside="y", seen=old)
    assert "Việc này vừa được người khác xử lý" in page
    assert again(item).accused_unit == province.works


def test_whoever_sorts_an_item_away_from_their_own_desk_reads_where_it_went_and_no_page_of_nothing(province, at):
    make_unit(parent=province.root, name="Văn phòng tỉnh", is_reception=True)
    item = builders.received(clock.now())
    page = at("clerk").fill(url(item, "phan-loai"), accused=str(province.desk.id))
    assert "đã chuyển sang bộ phận tiếp nhận khác" in page
    assert item.code not in page


# --- two people at once --------------------------------------------------------------------------------------------------


def test_the_second_of_two_who_take_is_told_who_was_first(province, at):
    item = builders.offered(province, clock.now())
    first, second = at("officer"), at("colleague")
    second.get(url(item))
    first.press(url(item), url(item, "nhan"))
    form_token = second.fill(url(item), url(item, "ghi-chu"), note__text="Tôi đang xem.")
    assert "Đã ghi." in form_token
    told = second.client.post(url(item, "nhan"), data={"csrf_token": _token(second)}, follow_redirects=True).text
    assert f"{province.officer.name} đã nhận việc này trước." in told
    assert again(item).open_answer.officer_id == province.officer.id


def _token(person: AtDesk) -> str:
    from tests.feedback.page_forms import form_of  # noqa: PLC0415

    return form_of(person.client.get("/can-bo/tim"), "/can-bo/tim").values["csrf_token"]


def test_a_step_that_is_over_says_so_and_does_nothing(province, at):
    item = builders.taken(province, clock.now())
    person = at("officer")
    shown = person.client.get(url(item, "tra-lai"))
    unit.give_back(item, reason="Không phải việc của Sở.", actor=province.colleague, now=clock.now())
    db.session.commit()
    from tests.feedback.page_forms import form_of, press  # noqa: PLC0415

    answer = press(person.client, form_of(shown, ""), to=url(item, "tra-lai"), text="Trả lại lần nữa.")
    assert "sang bước sau" in person.client.get(answer.location).text
    assert db.session.query(Message).filter_by(body="Trả lại lần nữa.").count() == 0


# --- who may -------------------------------------------------------------------------------------------------------------

STEPS = (
    "phan-loai", "giao", "tach", "so-ngoai", "gui-lai-lan-nua", "de-nghi-gop", "tra-lai", "giao-nguoi", "chuyen", "hoi", "xin-gia-han",
    "dang", "nguoi-gui", "thu-lai",
)  # fmt: skip


def test_another_unit_finds_no_such_item(province, at):
    item = builders.taken(province, clock.now())
    for who in ("health_officer", "health_head"):
        at(who).get(url(item), status=404)
        for step in STEPS:
            answer = at(who).client.get(url(item, step))
            assert answer.status_code in {403, 404}, step
    assert item.code not in at("health_officer").get("/can-bo/viec")


def test_a_reader_may_read_and_do_nothing(province, at):
    item = builders.taken(province, clock.now())
    page = at("front_reader").get(url(item))
    assert "Nhận xử lý" not in page
    assert "Xem họ tên" not in page
    for step in STEPS:
        at("front_reader").get(url(item, step), status=403)


@pytest.mark.parametrize(("who", "shown"), [("clerk", True), ("officer", False), ("head", False), ("front_reader", False)])
def test_nobody_but_the_desk_sees_who_wrote_about_their_own_agency(province, at, who, shown):
    item = builders.received(clock.now(), sender_type=SenderType.INSIDER, field_id=province.grassroots.id)
    desk.route_to(item, province.works, actor=province.clerk, now=clock.now())
    page = at(who).get(url(item))
    assert ("Xem họ tên" in page) == shown
    assert "Trần Thị Hoa" not in page
    at(who).get(url(item, "nguoi-gui"), status=200 if shown else 403)


def test_the_accused_unit_sees_nothing(province, at):
    item = builders.received(clock.now(), accused_unit_id=province.works.id)
    db.session.commit()
    for who in ("officer", "head", "roads_officer"):
        at(who).get(url(item), status=404)
    assert "Sở Xây dựng<" not in at("clerk").get(url(item, "giao"))
    assert "Sở Y tế" in at("clerk").get(url(item, "giao"))


def test_a_code_out_of_reach_and_a_code_of_nothing_read_alike(province, at):
    item = builders.received(clock.now(), accused_unit_id=province.works.id)
    db.session.commit()
    officer, codes = at("officer"), (item.code, make_code("BN", 2026))
    for pages in (
        [officer.get(f"/can-bo/y-kien/{code}", status=404) for code in codes],
        [officer.press("/can-bo/tim", "/can-bo/tim", status=200, q=code) for code in codes],
    ):
        there, nowhere = (re.sub(f'name="csrf_token" value="[^"]+"|{code}', "", page) for page, code in zip(pages, codes, strict=True))
        assert there == nowhere
        assert "Không có ý kiến mang mã này, hoặc việc ấy không thuộc phần được giao xem." in there


def test_each_look_at_who_wrote_is_asked_for_and_recorded(province, at):
    item = builders.taken(province, clock.now())
    assert "Trần Thị Hoa" not in at("officer").get(url(item))
    assert "Chọn lý do" in at("officer").fill(url(item, "nguoi-gui"), status=422)
    shown = at("officer").fill(url(item, "nguoi-gui"), status=200, reason="contact")
    assert "Trần Thị Hoa" in shown
    assert "0912345678" in shown
    assert builders.actions(again(item)).count("personal_data.seen") == 1
    assert "Gọi điện, hẹn gặp để hỏi thêm" in at("officer").get(url(item))


def test_a_file_of_an_item_is_only_for_who_may_read_it(province, at):
    item = builders.taken(province, clock.now())
    item.attachments.append(builders.proof())
    db.session.commit()
    path = url(item, f"tep/{item.attachments[0].file.uid}")
    at("health_officer").get(path, status=404)
    other = builders.offered(province, clock.now())
    db.session.commit()
    at("officer").get(url(other, f"tep/{item.attachments[0].file.uid}"), status=404)


# --- publishing ----------------------------------------------------------------------------------------------------------


def test_who_publishes_reads_what_a_promise_is_called_and_units_not_what_a_mandate_says(province, at):
    item = builders.taken(province, clock.now(), publish_consent=True, mandate="Giấy ủy quyền của bà Nguyễn Thị Cúc")
    builders.answer(province, item, clock.now(), points=[builders.promised(clock.today())])
    assert "<li>Thay đèn</li>" in at("clerk").get(url(item, "dang"))
    assert "Nguyễn Thị Cúc" not in at("officer").get(url(item))
    assert "Nguyễn Thị Cúc" in at("clerk").fill(url(item, "nguoi-gui"), status=200, reason="contact")


def test_nothing_is_published_without_consent(province, at):
    item = builders.received(clock.now())
    db.session.commit()
    assert "dang" not in [part.rsplit("/", 1)[-1] for part in at("clerk").get(url(item)).split('"')]
    at("clerk").client.get(url(item, "dang"))
    assert again(item).published_at is None


# --- lists ---------------------------------------------------------------------------------------------------------------


def _statements(do) -> int:
    seen = []
    event.listen(db.engine, "before_cursor_execute", listener := (lambda *args: seen.append(args[2])))
    try:
        do()
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    return len([each for each in seen if not each.startswith(("SAVEPOINT", "RELEASE"))])


@pytest.mark.parametrize(
    ("who", "path", "make"),
    [
        ("head", "/can-bo/viec", builders.taken),
        ("clerk", "/can-bo/tiep-nhan", lambda _province, now: builders.received(now)),
        ("head", "/can-bo/duyet", lambda province, now: builders.submitted_reply(province, builders.taken(province, now), now)),
        ("records", "/can-bo/vao-so", lambda province, now: builders.signed_reply(province, builders.taken(province, now), now)),
    ],
)
def test_a_longer_list_costs_no_more_statements(province, at, who, path, make):
    person = at(who)
    make(province, clock.now())
    db.session.commit()
    person.get(path)  # units and places are in memory from now on
    db.session.commit()
    few = _statements(lambda: person.get(path))
    for _each in range(6):
        make(province, clock.now())
    db.session.commit()
    assert _statements(lambda: person.get(path)) == few


def test_pages_of_a_list_follow_each_other_and_leave_nothing_out(province, at, monkeypatch):
    monkeypatch.setattr(lists, "PAGE", 4)
    items = [builders.offered(province, clock.now()) for _each in range(6)]
    db.session.commit()
    first = at("officer").get("/can-bo/viec")
    following = next(part for part in first.split('"') if "sau=" in part).replace("&amp;", "&")
    second = at("officer").get(following)
    shown = [[item.code in page for page in (first, second)] for item in items]
    assert sorted(map(sum, shown)) == [1] * 6
    assert at("officer").get("/can-bo/viec?sau=tampered").count('class="ttl"') == 4


@pytest.mark.parametrize(
    "query",
    [
        "gap=x",
        "giu=99999999999999999999",
        "giu=abc",
        "loai=denunciation",
        "nguon=moon",
        "sau=" + "x" * 3000,
        "y=%00",
        "gap=late&giu=nobody",
    ],
)
@pytest.mark.parametrize("path", ["/can-bo/viec", "/can-bo/viec-da-hua"])
def test_odd_addresses_open_a_page(province, at, path, query):
    at("officer").get(f"{path}?{query}")


def test_the_urgencies_count_what_they_list(province, at):
    today = clock.today()
    for due_on in (today - dt.timedelta(days=1), today, today + dt.timedelta(days=1), today + dt.timedelta(days=60)):
        item = builders.taken(province, clock.now())
        item.open_answer.due_on = item.open_answer.due_sort = due_on
    db.session.commit()
    for urgency, number in (("late", 1), ("today", 1), ("soon", 1), ("offered", 0), ("all", 4)):
        assert at("officer").get(f"/can-bo/viec?gap={urgency}").count('class="ttl"') == number, urgency


def test_chosen_items_are_handed_to_one_officer_and_what_cannot_be_is_named(province, at):
    mine, foreign = builders.taken(province, clock.now()), builders.received(clock.now())
    db.session.commit()
    page = at("head").fill("/can-bo/viec", "/can-bo/viec/giao", v=[mine.code, foreign.code], giao=str(province.colleague.id))
    assert f"Đã giao 1 việc cho {province.colleague.name}." in page
    assert foreign.code in page
    assert again(mine).open_answer.officer_id == province.colleague.id


def test_the_item_stands_beside_the_list(province, at):
    item = builders.taken(province, clock.now())
    page = at("officer").get(f"/can-bo/viec?y={item.code}")
    assert 'id="viec"' in page
    assert builders.BODY in page


SEARCHES = (
    ("clerk", "{code}", True),
    ("clerk", "den duong tat", True),
    ("clerk", "0912 345 678", True),
    ("clerk", "HOA@example.com", True),
    ("officer", "đèn đường", True),
    ("officer", "0912345678", False),
    ("health_officer", "đèn đường", False),
    ("health_officer", "{code}", False),
    ("clerk", "không có từ này", False),
    ("clerk", "", False),
    ("clerk", "\x00", False),
)


def test_staff_find_what_they_may_read(province, at):
    item = builders.taken(province, clock.now())
    db.session.commit()
    for who, typed, found in SEARCHES:
        person = at(who)
        answer = person.client.post(
            "/can-bo/tim", data={"csrf_token": _token(person), "q": typed.format(code=item.code)}, follow_redirects=True
        )
        assert answer.status_code == 200
        assert (item.title in answer.text) == found, (who, typed)


def test_everyone_is_sent_to_the_list_they_work_from(province, at):
    auditor = make_user(unit=make_unit(), roles=[Role.AUDITOR])
    for who, path in (
        ("clerk", "/can-bo/tiep-nhan"), ("officer", "/can-bo/viec"), ("records", "/can-bo/vao-so"), (auditor, "/bat-dau"),
    ):  # fmt: skip
        assert at(who).client.get("/can-bo").location == path


def test_a_danger_stands_first_at_the_desk(province, at):
    builders.received(clock.now() - dt.timedelta(days=3), body="Chuyện bình thường ở ngõ.")
    builders.received(clock.now(), body="Có cháy nhà ở ngõ này.")
    db.session.commit()
    page = at("clerk").get("/can-bo/tiep-nhan")
    assert page.index("cháy nhà") < page.index("Chuyện bình thường")


def test_items_a_sender_answered_are_read_in_the_thread(province, at):
    item = builders.taken(province, clock.now())
    unit.ask(item, "Số nhà mấy?", actor=province.officer, now=clock.now())
    assert SENDER.kind == "sender"
    db.session.commit()
    page = at("officer").get(url(item))
    assert "Số nhà mấy?" in page
    assert "Đang chờ người gửi trả lời câu hỏi." in page


def test_a_signer_without_records_behind_them_enters_the_number(province, at):
    province.works.signing_chain = [SigningStep.SIGNER]
    first, second = (builders.submitted_reply(province, builders.taken(province, clock.now()), clock.now()) for _each in range(2))
    db.session.commit()
    page, sign = url(first.feedback, f"van-ban/{first.id}"), url(first.feedback, f"van-ban/{first.id}/dong-y")

    assert "Ghi số" in at("head").fill(page, sign, status=422)
    assert "Đã ký và phát hành." in at("head").fill(page, sign, dong__y__number="7/SXD")
    assert (first.state, first.number, first.numbered_on) == (PaperState.PUBLISHED, "07/SXD", clock.today())

    page, sign = url(second.feedback, f"van-ban/{second.id}"), url(second.feedback, f"van-ban/{second.id}/dong-y")
    assert "Số này đã dùng" in at("head").fill(page, sign, status=422, dong__y__number="07/SXD")
    assert second.state == PaperState.SUBMITTED


@pytest.mark.parametrize(("made", "named"), [(lambda _province: builders.received(), True), (builders.taken, False)])
def test_what_else_can_be_done_is_named_only_where_it_can(province, at, made, named):
    item = made(province)
    db.session.commit()

    (summary,) = re.findall(r"<summary>(Việc khác: .*?)</summary>", at("clerk").get(url(item)))

    assert ("tách" in summary) is named
    assert "nối, gộp, số ở hệ thống khác" in summary

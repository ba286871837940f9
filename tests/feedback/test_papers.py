"""Thể thức: what stands around an answer on paper, as NĐ 30/2020/NĐ-CP asks."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from pypdf import PdfReader

from app.database import db
from app.units.models import Unit, UnitKind
from feedback import jobs
from feedback.operations.intake import PersonData
from feedback.papers import form, keeping, paper_pdf
from feedback.papers.keeping import issued_pdf
from feedback.rules import IdentityScope, PaperType, SenderType
from tests.feedback import builders
from tests.feedback.builders import at

PROVINCE = Unit(name="Ủy ban nhân dân tỉnh Bắc Ninh", kind=UnitKind.GOVERNMENT)
WARD = Unit(name="Ủy ban nhân dân phường Kinh Bắc", kind=UnitKind.GOVERNMENT, parent=PROVINCE)
OFFICE = Unit(name="Văn phòng Ủy ban nhân dân tỉnh Bắc Ninh", kind=UnitKind.OFFICE, parent=PROVINCE)
WORKS = Unit(name="Sở Xây dựng tỉnh Bắc Ninh", kind=UnitKind.DEPARTMENT, parent=PROVINCE)
POLICE = Unit(name="Công an tỉnh Bắc Ninh", kind=UnitKind.POLICE, parent=PROVINCE)


def below(name: str, parent: Unit, kind: UnitKind = UnitKind.DEPARTMENT) -> Unit:
    return Unit(name=name, kind=kind, parent=parent)


@pytest.mark.parametrize(
    ("unit", "above", "issuer"),
    [
        # A People's Committee is under nobody's head, also where the tree of units puts it below another.
        (PROVINCE, "", ["ỦY BAN NHÂN DÂN", "TỈNH BẮC NINH"]),
        (WARD, "", ["ỦY BAN NHÂN DÂN", "PHƯỜNG KINH BẮC"]),
        # A department's, an office's, a commune's room: the committee above, shortened; the area is not said twice.
        (WORKS, "UBND TỈNH BẮC NINH", ["SỞ XÂY DỰNG"]),
        (OFFICE, "UBND TỈNH BẮC NINH", ["VĂN PHÒNG"]),
        (below("Phòng Kinh tế, Hạ tầng và Đô thị", WARD), "UBND PHƯỜNG KINH BẮC", ["PHÒNG KINH TẾ, HẠ TẦNG VÀ ĐÔ THỊ"]),
        (below("Văn phòng HĐND và UBND phường Kinh Bắc", WARD, UnitKind.OFFICE), "UBND PHƯỜNG KINH BẮC", ["VĂN PHÒNG HĐND VÀ UBND"]),
        (below("Ban Tiếp công dân tỉnh Bắc Ninh", OFFICE, UnitKind.OFFICE), "VĂN PHÒNG UBND TỈNH BẮC NINH", ["BAN TIẾP CÔNG DÂN"]),
        (below("Phòng Hạ tầng", WORKS), "SỞ XÂY DỰNG TỈNH BẮC NINH", ["PHÒNG HẠ TẦNG"]),
        (below("Thanh tra tỉnh Bắc Ninh", PROVINCE, UnitKind.INSPECTORATE), "UBND TỈNH BẮC NINH", ["THANH TRA TỈNH BẮC NINH"]),
        # The police answer to their ministry, whoever gives them an item.
        (POLICE, "BỘ CÔNG AN", ["CÔNG AN TỈNH BẮC NINH"]),
        (below("Công an phường Kinh Bắc", POLICE, UnitKind.POLICE), "CÔNG AN TỈNH BẮC NINH", ["CÔNG AN PHƯỜNG KINH BẮC"]),
        (Unit(name="Công ty Điện lực Bắc Ninh", kind=UnitKind.ENTERPRISE), "", ["CÔNG TY ĐIỆN LỰC BẮC NINH"]),
    ],
)
def test_the_head_names_the_issuing_body_and_the_one_above_where_there_is_one(unit, above, issuer):
    assert form.head(unit) == (above, issuer)


TM, CHAIR, DEPUTY = "TM. ỦY BAN NHÂN DÂN", "Chủ tịch UBND phường Kinh Bắc", "Phó Chủ tịch UBND phường Kinh Bắc"


@pytest.mark.parametrize(
    ("kind", "title", "signed_for", "giver", "lines"),
    [
        ("government", CHAIR, "", "", [TM, "CHỦ TỊCH"]),
        ("government", DEPUTY, "KT.", CHAIR, [TM, "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
        ("government", DEPUTY, "", "", [TM, "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),  # in charge: still KT.
        # By order or by authority: for the chair, not for the committee.
        ("government", "Chánh Văn phòng HĐND và UBND phường Kinh Bắc", "TL.", CHAIR, ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"]),
        ("government", "Phó Chánh Văn phòng UBND tỉnh", "TL.", CHAIR, ["TL. CHỦ TỊCH", "KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"]),
        ("government", "Trưởng phòng Kinh tế, Hạ tầng và Đô thị", "TUQ.", CHAIR,
         ["TUQ. CHỦ TỊCH", "TRƯỞNG PHÒNG KINH TẾ, HẠ TẦNG VÀ ĐÔ THỊ"]),
        ("department", "Giám đốc Sở Xây dựng", "", "", ["GIÁM ĐỐC"]),
        ("department", "Phó Giám đốc Sở Xây dựng", "KT.", "Giám đốc Sở Xây dựng", ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]),
        ("department", "Trưởng phòng Kinh tế", "", "", ["TRƯỞNG PHÒNG"]),
        ("office", "Trưởng ban Tiếp công dân tỉnh", "", "", ["TRƯỞNG BAN"]),
        ("department", "Trưởng Ban Dân tộc và Tôn giáo", "", "", ["TRƯỞNG BAN"]),
        ("department", "Phó Trưởng Ban Dân tộc tỉnh", "", "", ["KT. TRƯỞNG BAN", "PHÓ TRƯỞNG BAN"]),
        ("department", "Phó Trưởng phòng Kinh tế", "", "", ["KT. TRƯỞNG PHÒNG", "PHÓ TRƯỞNG PHÒNG"]),
        ("inspectorate", "Chánh Thanh tra tỉnh", "", "", ["CHÁNH THANH TRA"]),
        ("office", "Phó Chánh Văn phòng UBND tỉnh", "", "", ["KT. CHÁNH VĂN PHÒNG", "PHÓ CHÁNH VĂN PHÒNG"]),
        ("service", "Phó Trưởng ban Ban Quản lý các khu công nghiệp", "", "", ["KT. TRƯỞNG BAN", "PHÓ TRƯỞNG BAN"]),
        ("front", "Phó Chủ tịch Ủy ban MTTQ tỉnh", "", "", ["TM. BAN THƯỜNG TRỰC", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"]),
        ("department", "", "", "", []),
    ],
)  # fmt: skip
def test_the_lines_above_a_name_say_for_whom_it_is_signed(kind, title, signed_for, giver, lines):
    assert form.signature(kind, title, form=signed_for, giver=giver) == lines


@pytest.mark.parametrize(
    ("day", "line"),
    [
        (dt.date(2026, 2, 5), "Kinh Bắc, ngày 05 tháng 02 năm 2026"),
        (dt.date(2026, 3, 10), "Kinh Bắc, ngày 10 tháng 3 năm 2026"),
        (dt.date(2026, 12, 31), "Kinh Bắc, ngày 31 tháng 12 năm 2026"),
    ],
)
def test_small_days_and_months_have_a_nought_before_them(day, line):
    assert form.date_line("Kinh Bắc", day) == line


@pytest.mark.parametrize(
    ("body", "split"),
    [
        ("Kính gửi bà Nguyễn Thị Hợp.\n\nSở trả lời:", ("bà Nguyễn Thị Hợp", "Sở trả lời:")),
        ("Kính gửi: ông Đỗ Văn Tám,", ("ông Đỗ Văn Tám", "")),
        ("Sở trả lời:\nKính gửi bà Hợp.", ("", "Sở trả lời:\nKính gửi bà Hợp.")),
        ("Kính gửi.", ("", "Kính gửi.")),
        ("", ("", "")),
    ],
)
def test_whom_the_drafter_addressed_is_not_said_twice(body, split):
    assert form.address(body) == split


@pytest.mark.parametrize(("name", "to", "called"), [
    ("Trần Thị Hoa", "Ông/Bà Trần Thị Hoa", "ông (bà)"),
    ("bà Trần Thị Hoa", "Bà Trần Thị Hoa", "bà"),
    ("Ông Bá Thành", "Ông Bá Thành", "ông"),
    ("Bàng Văn Ông", "Ông/Bà Bàng Văn Ông", "ông (bà)"),
])  # fmt: skip
def test_a_person_is_ong_or_ba_where_that_is_known(name, to, called):
    assert form.person(name) == to
    assert form.called(to) == called


def printed(paper) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper_pdf(paper))).pages).split())


BUSINESS = PersonData(name="Trần Thị Hoa", organisation="Công ty TNHH Kinh Bắc", tax_code="2300123456", phone="0912345678")


@pytest.mark.parametrize(
    ("item", "to", "closing"),
    [
        ({}, "Kính gửi: Ông/Bà Trần Thị Hoa", "để ông (bà) được biết./."),
        ({"people": (BUSINESS,), "sender_type": SenderType.ENTERPRISE},
         "Kính gửi: Công ty TNHH Kinh Bắc", "để Công ty TNHH Kinh Bắc được biết./."),
        ({"identity_scope": IdentityScope.RECEPTION}, "Kính gửi: Ông/Bà gửi ý kiến mã BN-", "để ông (bà) được biết./."),
    ],
)  # fmt: skip
def test_an_answer_names_its_receiver_the_matter_its_code_and_day_and_where_copies_go(app, item, to, closing):
    province = builders.make_province()
    feedback = builders.taken(province, **item)
    paper = builders.answer(province, feedback, at(2), [builders.promised(at(20).date(), province.roads.id)])

    text = printed(paper)

    for shown in (
        to,
        "Ngày 3/8/2026, Ban Tiếp công dân tỉnh nhận được phản ánh của",
        f"mã số {feedback.code}, về việc: “Đèn đường trước số 12 tắt ba tuần nay”, và chuyển Sở Xây dựng giải quyết",
        closing,
        "- Như trên; - Phòng Hạ tầng (để thực hiện); - Ban Tiếp công dân tỉnh (để theo dõi); - Lưu: VT, hồ sơ",
    ):
        assert shown in text
    assert ("Hoa" in text) == (to == "Kính gửi: Ông/Bà Trần Thị Hoa")


def test_a_paper_that_answers_merged_items_names_none_of_their_senders(app):
    province = builders.make_province()
    feedback, other = builders.taken(province), builders.received()
    other.merged_into = feedback

    text = printed(builders.answer(province, feedback, at(2)))

    assert f"Các ông, bà gửi ý kiến mã {feedback.code}, {other.code}" in text
    assert "Hoa" not in text


@pytest.mark.parametrize(
    ("type_", "shown", "absent"),
    [
        (PaperType.GUIDE,
         ("PHIẾU HƯỚNG DẪN Về việc hướng dẫn nơi giải quyết phản ánh mã BN-", "Kính gửi: Ông/Bà Trần Thị Hoa",
          "Ban Tiếp công dân tỉnh hướng dẫn để ông (bà) được biết./."), "V/v"),
        (PaperType.FORWARD,
         ("PHIẾU CHUYỂN ĐƠN", "Kính gửi: Tòa án nhân dân tỉnh", "Đề nghị xem xét./.", "- Người gửi (để biết);"), "Hoa"),
        (PaperType.REFUSE, ("THÔNG BÁO Về việc không thụ lý phản ánh mã BN-", "Căn cứ, lý do: không rõ nội dung"), "not_clear"),
        (PaperType.FILE, ("ĐỀ NGHỊ Về việc lưu phản ánh mã BN-", "Nơi nhận: - Lưu: VT, hồ sơ"), "Kính gửi"),
    ],
)  # fmt: skip
def test_a_letter_is_printed_with_its_name_whom_it_is_for_and_its_ground(app, type_, shown, absent):
    province = builders.make_province()
    reason = {} if type_ != PaperType.FORWARD else {"reason": None}
    body = "Kính gửi ông, bà.\nĐề nghị xem xét." if type_ == PaperType.FORWARD else "Đề nghị xem xét."

    text = printed(builders.desk_paper(province, builders.received(), type_, at(1), body=body, **reason))

    assert [each for each in shown if each not in text] == []
    assert absent not in text


def test_a_paper_on_its_way_says_so_and_leaves_number_day_and_signature_open(app):
    province = builders.make_province()
    paper = builders.submitted_reply(province, builders.taken(province), at(1))

    text = printed(paper)

    for shown in ("Số: …", "ngày … tháng … năm 2026", "(Chưa ký)", "Chưa phát hành"):
        assert shown in text


def test_what_was_issued_stays_the_same_bytes_whatever_changes_later(app, monkeypatch):
    province = builders.make_province()
    paper = builders.answer(province, builders.taken(province), at(2))
    db.session.commit()
    jobs.keep_papers()  # as the worker does after the commit

    first = issued_pdf(paper, now=at(2))
    province.works.name, province.head.name, paper.points[0].text = "Sở Giao thông", "Người Khác", "Chữ khác."
    db.session.commit()
    monkeypatch.setattr(keeping, "paper_pdf", lambda _paper: b"another template")

    jobs.keep_papers()
    assert issued_pdf(paper, now=at(400)) == first
    assert "SỞ XÂY DỰNG" in PdfReader(io.BytesIO(first)).pages[0].extract_text()


def test_of_two_that_keep_it_at_once_the_first_stays(app, monkeypatch):
    province = builders.make_province()
    paper = builders.answer(province, builders.taken(province), at(2))
    db.session.commit()

    def while_another_is_faster(paper):
        with monkeypatch.context() as inner:
            inner.setattr(keeping, "paper_pdf", lambda _paper: b"first")
            keeping.keep_pdf(paper, now=at(2))
        return b"second"

    monkeypatch.setattr(keeping, "paper_pdf", while_another_is_faster)

    assert issued_pdf(paper, now=at(2)) == b"first"

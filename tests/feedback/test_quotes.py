"""Where others repeat what a sealed item says: found in their texts, sentence by sentence, and nothing else taken."""

from __future__ import annotations

import pytest

from feedback.sealed.quotes import MARK, Quotes, Said

BODY = "Ông Kha Văn Đọn nhận tiền của nhà thầu cầu Suối Hoa. Gọi tôi số 0911 222 333."
SAID = Said(
    codes=("BN-26-7K3FQ2-9",), own=(BODY,), about=("Giao thanh tra làm rõ việc này",),
    names=("Mạc Thị Thầm",), contacts=("0900000077", "tham@bimat.example", "ngõ Rò Rỉ 77"),
)  # fmt: skip

#: A text, what stays of it far from the item, and near it.
TEXTS = [
    ("Cầu xuống cấp. Đề nghị sửa.", None, None),
    ("Có người nói nhà thầu cầu Suối Hoa làm ẩu.", None, MARK),
    ("Câu 1. Một người hỏi: nhận tiền của nhà thầu cầu Suối Hoa! Câu 2. Đèn tắt.", f"Câu 1. {MARK} Câu 2. Đèn tắt.", "same"),
    ("NHAN TIEN\nCUA NHA THAU cau suoi hoa, ai biết?\nHết.", f"{MARK}\n{MARK}\nHết.", "same"),
    ("Ông Đọn nói sau. Bà An nói trước.", None, f"{MARK} Bà An nói trước."),
    ("Ông Kha Văn Đọn có mặt", None, MARK),
    ("Xem bn-26-7k3fq2-9, đã chuyển", MARK, "same"),
    ("Gọi +84 900 000 077 hoặc 0911.222.333", MARK, "same"),
    ("Số 0900000078 là của người khác", None, None),
    ("Thư: Tham@bimat.example", MARK, "same"),
    ("Bà Mạc Thị Thầm ở ngõ Rò Rỉ 77", None, MARK),
    ("Giao thanh tra làm rõ việc này trong tháng 9.", None, MARK),
    ("Ủy ban nhân dân tỉnh Bắc Ninh", None, None),
    ("", None, None),
]


@pytest.mark.parametrize(("text", "far", "near"), TEXTS)
def test_a_sentence_that_repeats_it_goes_and_no_other(text, far, near):
    quotes = Quotes(SAID)
    far_is = text if far is None else far
    assert quotes.without(text, near=False) == far_is
    assert quotes.without(text, near=True) == (far_is if near == "same" else text if near is None else near)


def test_what_json_holds_is_gone_through_whatever_its_shape():
    kept = {"sections": [{"name": "reason", "text": BODY, "rows": [["BN-26-7K3FQ2-9", "Sở"]], "n": 3}], "none": None}
    assert Quotes(SAID).without(kept, near=False) == {
        "sections": [{"name": "reason", "text": MARK, "rows": [[MARK, "Sở"]], "n": 3}],
        "none": None,
    }


def test_an_item_that_says_next_to_nothing_takes_nothing_with_it():
    quotes = Quotes(Said(codes=("BN-26-AAAAAA-1",), own=("Có ạ", ""), about=("Vâng",), names=("Lan",), contacts=("xã",)))
    assert quotes.without("Có ạ, chị Lan ở xã nói vâng.", near=True) == "Có ạ, chị Lan ở xã nói vâng."

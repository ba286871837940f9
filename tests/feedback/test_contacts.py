"""How a phone number and a tax code are read."""

from __future__ import annotations

import pytest

from feedback.contacts import PhoneInvalid, TaxCodeInvalid, read_phone, read_tax_code


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0912345678", "0912345678"),
        (" 0912 345 678 ", "0912345678"),
        ("0912.345.678", "0912345678"),
        ("+84 912 345 678", "0912345678"),
        ("0084 912345678", "0912345678"),
        ("84912345678", "0912345678"),
        ("+84 (0)912-345-678", "0912345678"),
        ("0222 3812 345", "02223812345"),
    ],
)
def test_a_number_is_read_however_it_is_written(typed, stored):
    assert read_phone(typed) == stored


@pytest.mark.parametrize(
    ("typed", "why", "digits"),
    [
        ("091234567", "short", 9),
        ("0222381234", "short", 10),
        ("09123456789", "long", 11),
        ("0112345678", "start", 10),
        ("1912345678", "start", 10),
        ("gọi sau", "letters", 0),
        ("٠٩١٢٣٤٥٦٧٨", "letters", 0),
    ],
)
def test_what_is_no_number_says_what_is_wrong(typed, why, digits):
    with pytest.raises(PhoneInvalid) as refusal:
        read_phone(typed)

    assert (refusal.value.why, refusal.value.digits) == (why, digits)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0100109106", "0100109106"),
        ("0100109106001", "0100109106-001"),
        ("0100109106-001", "0100109106-001"),
        ("0100 109 106", "0100109106"),
    ],
)
def test_a_tax_code_is_read_with_or_without_its_dash(typed, stored):
    assert read_tax_code(typed) == stored


@pytest.mark.parametrize(
    ("typed", "why"),
    [("123", "digits"), ("010010910612", "digits"), ("01001O9106", "digits"), ("0100109107", "check"), ("0100190106", "check")],
)
def test_a_wrong_tax_code_says_whether_digits_are_missing_or_one_is_wrong(typed, why):
    with pytest.raises(TaxCodeInvalid) as refusal:
        read_tax_code(typed)

    assert refusal.value.why == why

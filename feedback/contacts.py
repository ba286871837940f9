"""How a phone number and a tax code are read and checked. Pure."""

from __future__ import annotations

import re

MOBILE_DIGITS = 10
LANDLINE_DIGITS = 11  # 02 and an area code before the number

#: Weights of the first nine digits of a tax code; the tenth is what the sum leaves.
_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_TAX_CODE = re.compile(r"(\d{10})(\d{3})?", re.ASCII)


class PhoneInvalid(ValueError):
    """It cannot be a number of Viet Nam. *why* is letters, short, long or start; *digits* is how many there are."""

    def __init__(self, why: str, digits: int) -> None:
        super().__init__(why, digits)
        self.why = why
        self.digits = digits


class TaxCodeInvalid(ValueError):
    """It cannot be a tax code. *why* is digits (how many) or check (a digit is wrong)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_phone(typed: str) -> str:
    """Return the number as digits from 0 on ("+84 912 345 678" → "0912345678"); :raise PhoneInvalid:."""
    squeezed = re.sub(r"[\s.()\u2010-\u2015-]+", "", typed)
    digits = re.sub(r"^(\+84|0084|84(?=\d{9}$))0?", "0", squeezed)
    if not (digits.isascii() and digits.isdigit()):
        raise PhoneInvalid("letters", 0)
    if len(digits) < MOBILE_DIGITS:
        raise PhoneInvalid("short", len(digits))
    if not re.match(r"0[235789]", digits):
        raise PhoneInvalid("start", len(digits))
    if len(digits) > (LANDLINE_DIGITS if digits.startswith("02") else MOBILE_DIGITS):
        raise PhoneInvalid("long", len(digits))
    if digits.startswith("02") and len(digits) < LANDLINE_DIGITS:
        raise PhoneInvalid("short", len(digits))
    return digits


def read_tax_code(typed: str) -> str:
    """Return a tax code, "0101234567" or "0101234567-001" for a branch; :raise TaxCodeInvalid:."""
    squeezed = re.sub(r"[\s.\u2010-\u2015-]+", "", typed)
    match = _TAX_CODE.fullmatch(squeezed)
    if match is None:
        raise TaxCodeInvalid("digits")
    enterprise, branch = match.groups()
    # TT 86/2024/TT-BTC (as its forerunners): N10 = 10 - (31·N1 + 29·N2 + … + 3·N9) mod 11.
    expected = 10 - sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, enterprise, strict=False)) % 11
    if expected != int(enterprise[9]):
        raise TaxCodeInvalid("check")
    return f"{enterprise}-{branch}" if branch else enterprise

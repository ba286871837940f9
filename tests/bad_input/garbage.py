"""What people, robots and attackers type where a word, a number, a day or a file is due."""

from __future__ import annotations

MEGABYTE = "Đường hỏng " * 95_000  # 1.4 MB of UTF-8

#: For any field; a name for each, so that a failure says which.
TEXTS: dict[str, str] = {
    "nothing": "",
    "spaces": " \t\u00a0\u3000 \r\n ",
    "unseen": "\u200b\u2060\ufeff\u202e\u00ad",
    "NUL": "Đường\x00hỏng",
    "controls": "".join(map(chr, range(32))) + "\x7f\x85\x9f",
    "half a character": "Đường \ud800 hỏng",
    "no characters": "\ufffe\uffff\ufdd0",
    "right to left": "\u202eBáo động\u2066 \u200fgiả",
    "decomposed": "Nguyễn Thị Huệ".encode().decode() + " Nguye\u0302\u0303n Thi\u0323",
    "grows when composed": "\u0958\U0001d160" * 300,
    "marks without end": "a" + "\u0301" * 3000,
    "script": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{ 7 * 7 }} {% raw %} ${7*7} %(name)s %s {0} {0.__class__}",
    "formula": '=HYPERLINK("http://evil.example","xem")',
    "SQL": "'; DROP TABLE feedback; -- \\ % _ \" ` MATCH NEAR( * ^",
    "header": "a@b.vn\r\nBcc: all@bacninh.example\r\n\r\nhello",
    "folders": "../../../../etc/passwd",
    "emoji": "😀👩‍👩‍👧‍👦🇻🇳",
    "10^30": "1" + "0" * 30,
    "beyond bigint": str(2**63),
    "below zero": "-1",
    "5,000 digits": "9" * 5000,
    "superscript": "²³",
    "Arabic digits": "١٢٣",
    "full-width digits": "０９１２３４５６７８",
    "float": "1e309",
    "not a number": "NaN",
    "JSON": '{"$gt": ""}',
    "quote marks": "\"'`“”‘’",
    "long": "x" * 6000,
    "long Vietnamese": "ườ " * 8000,
}

#: For an address, where a slash or an empty word would be another address.
IN_ADDRESSES: dict[str, str] = {name: text for name, text in TEXTS.items() if text and len(text) < 6000 and name != "half a character"} | {
    "dots": "..",
    "code with a tail": "BN-26-7K3FQ2-9\x00",
    "percent": "%00%ff%",
    "German": "ß" * 14,
    "zero": "0",
    "minus bigint": str(-(2**63) - 1),
}

"""Addresses in what staff wrote."""

from __future__ import annotations

import time

import pytest
from markupsafe import escape

from app.links import linked

pytestmark = pytest.mark.strictest_database


def a(href: str, text: str | None = None) -> str:
    return f'<a href="{href}" rel="nofollow noopener">{text or href}</a>'


LINKS = {
    "an address of a site": ("xem https://bacninh.gov.vn/a/b.", f"xem {a('https://bacninh.gov.vn/a/b')}."),
    "without https": ("vào dichvucong.gov.vn nhé", f"vào {a('https://dichvucong.gov.vn', 'dichvucong.gov.vn')} nhé"),
    "an old http stays as it is": ("http://bacninh.vn:8080/x", a("http://bacninh.vn:8080/x")),
    "a question with parts": ("https://a.vn/?b=1&c=2", a("https://a.vn/?b=1&amp;c=2")),
    "a mail in the question stays in it": ("https://a.vn/?to=b@c.vn", a("https://a.vn/?to=b@c.vn")),
    "a mail address": (
        "Thư: van.thu@bacninh.gov.vn, gọi 1022",
        f"Thư: {a('mailto:van.thu@bacninh.gov.vn', 'van.thu@bacninh.gov.vn')}, gọi 1022",
    ),
    "marks behind it": (
        "(https://a.vn/x)? “https://b.vn”! https://c.vn;",
        f"({a('https://a.vn/x')})? “{a('https://b.vn')}”! {a('https://c.vn')};",
    ),
    "a bracket that belongs to it": ("https://a.vn/x_(y)", a("https://a.vn/x_(y)")),
    "Vietnamese letters in the path": ("https://a.vn/tin-tức…", f"{a('https://a.vn/tin-tức')}…"),
    "each line": ("https://a.vn\nhttps://b.vn\n", f"{a('https://a.vn')}\n{a('https://b.vn')}\n"),
    "behind a word and a colon": ("Thư:a@b.vn Web:https://a.vn", f"Thư:{a('mailto:a@b.vn', 'a@b.vn')} Web:{a('https://a.vn')}"),
    "capital letters": ("HTTPS://BACNINH.GOV.VN/A", a("HTTPS://BACNINH.GOV.VN/A")),
}


@pytest.mark.parametrize(("text", "html"), LINKS.values(), ids=LINKS)
def test_an_address_becomes_a_link(text: str, html: str):
    assert str(linked(text)) == html


PLAIN = {
    "a script": "javascript:alert(document.cookie)//a.vn/",
    "a script with a host": "javascript://a.vn/%0aalert(1)",
    "data": "data:text/html,<script>alert(1)</script>",
    "tags": '<a href="javascript:x">b</a> <img src=x onerror=alert(1)> <b>c</b>',
    "entities": "&lt;script&gt; &amp; &#x6a;",
    "a host before the host": "https://bacninh.gov.vn@evil.com/",
    "a name before the host": "https://a:b@evil.com/",
    "Cyrillic that looks like Latin": "https://bаcninh.gov.vn",
    "letters of another host, encoded": "https://xn--bcninh-3nf.vn https://a.xn--bcninh-3nf.vn a@xn--bcninh-3nf.vn",
    "no host": "https:///a.vn http:// https:/a.vn",
    "two sentences without a space": "sửa xong đường.do mưa. Ngày 5.1.2027 lúc 8.05",
    "a mail that goes on": "a@b.vnexpress",
    "a quoted mail": '"a b"@c.vn',
    "half a word": "https://a.vn@b.vn,c",
    "a word longer than any address": f"https://a.vn/{'a' * 600}",
    "nothing": "",
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_all_else_stays_the_text_it_is(text: str):
    assert linked(text) == escape(text)


def test_what_stands_around_an_address_gets_out_of_no_attribute():
    assert str(linked("https://a.vn/\" onclick='x'")) == f"{a('https://a.vn/')}&#34; onclick=&#39;x&#39;"
    assert str(linked("https://a.vn/'onclick=x")) == a("https://a.vn/&#39;onclick=x")


def test_ten_thousand_addresses_and_words_made_to_be_slow_take_a_moment():
    begun = time.process_time()
    assert str(linked("xem https://bacninh.gov.vn/a\n" * 10_000)).count("<a ") == 10_000
    for slow in ("a." * 50_000, "a@" * 50_000, ("a." * 249 + " ") * 200, ("a.a@" * 124 + " ") * 200, "(" * 100_000 + "a.vn"):
        assert "<a" not in linked(slow)
    assert time.process_time() - begun < 5  # of seconds of the processor

"""Addresses in what staff wrote, as links. Never in what citizens wrote: a stranger's link has no place on an official page.

The only importer of bleach: its maintainers have deprecated it (mozilla/bleach#698), so a successor replaces it here. It finds the
addresses; nothing is ever read as HTML.
"""

from __future__ import annotations

import re
from typing import Any

from bleach.linkifier import LinkifyFilter, build_email_re, build_url_re
from flask import Flask
from markupsafe import Markup, escape

# Few endings on purpose: after "sửa xong đường.do mưa" nobody means a site in the Dominican Republic.
_ENDINGS = ["vn", "com", "org", "net"]
_SITE = build_url_re(tlds=_ENDINGS, protocols=["http", "https"])
_MAIL = re.compile(build_email_re(tlds=_ENDINGS).pattern + r"(?![\w-]|\.\w)", re.IGNORECASE | re.VERBOSE)

# What a link of ours may be. A host with other letters may look like another's ("bаcninh" with a Cyrillic a); a name before the host
# hides where it leads; "https:a.vn" leads to a page of this very site.
_OURS = re.compile(
    r"https?://(?!\S*xn--)[a-z\d.-]+(?::\d+)?(?:[/?#]\S*)?|mailto:(?!\S*xn--)[\w.+-]+@[a-z\d.-]+",
    re.IGNORECASE | re.ASCII,
)

# Between these, and behind a "Thư:", an address stands alone, and no longer than that: the search takes the square of a word's length.
_BETWEEN = re.compile(r"((?:^|(?<=\s))[^\W\d_]+:(?![/\d])|[\s\"<>“”‘’«»…]+)")
_BEHIND = re.compile(r"[.,;:!?'\]]+$")
_LONGEST = 500


def init_app(app: Flask) -> None:
    """Give templates the filter."""
    app.add_template_filter(linked)


def linked(text: str | None) -> Markup:
    """Return *text*, which staff wrote, with its addresses of sites and mails as links, and all else as it stands."""
    if isinstance(text, Markup):  # what we have marked ourselves, for a look before it becomes public
        return text
    # A finder keeps nothing between two words, but bleach does not say so: threads do not share one.
    finder = LinkifyFilter([], callbacks=[_only_ours], url_re=_SITE, email_re=_MAIL)
    return Markup("").join(_word(finder, each) for each in _BETWEEN.split(text or ""))


def _word(finder: LinkifyFilter, word: str) -> Markup:
    if "." not in word or len(word) > _LONGEST:
        return escape(word)
    bare = _BEHIND.sub("", word)
    tokens = iter([{"type": "Characters", "data": bare}])
    if "@" in bare and "://" not in bare:  # else the search for mails would tear "https://a.vn/?to=b@c.vn" apart
        tokens = finder.handle_email_addresses(tokens)
    found = list(finder.handle_links(tokens))
    links = [at for at, each in enumerate(found) if each["type"] == "StartTag"]
    if len(links) != 1:
        return escape(word)
    (at,) = links
    text = found[at + 1]["data"]
    before, behind = word.split(text, 1)
    if any(sign.isalnum() for sign in before + behind):  # part of a word is no address: "https://bacninh.gov.vn@…"
        return escape(word)
    return Markup('{}<a href="{}" rel="nofollow noopener">{}</a>{}').format(before, found[at]["data"][None, "href"], text, behind)


def _only_ours(link: dict[Any, str], _new: bool) -> dict[Any, str] | None:  # noqa: FBT001 - bleach calls it
    """Return *link* as it may stand in a page; none where it is to stay text."""
    href = link[None, "href"]
    if href == f"http://{link['_text']}":  # nobody wrote how to go there
        href = f"https://{link['_text']}"
    return link | {(None, "href"): href} if _OURS.fullmatch(href) else None

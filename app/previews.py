"""What everyone will read once something is done: it is done, the page is made, and it is undone.

So what is previewed is the page itself, not a likeness. Its digest goes into the form; who confirms publishes what they have read, or,
where something changed meanwhile (a second tab, a colleague, a new answer), is shown the page again.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.database import db, lock

CHANGED = _l("Trang công khai vừa khác với trang đã xem: có người sửa, hoặc bản này để lâu. Đọc lại trang dưới đây rồi đăng.")

_MAIN = re.compile(r'<main id="noi-dung"[^>]*>(.*)</main>', re.DOTALL)
#: The way to the page, what the last press did and the token of a form are of the visit, not of the page.
_OF_THE_VISIT = re.compile(r'<nav class="crumb".*?</nav>|<div class="flashes".*?</div>|<input [^>]*name="csrf_token"[^>]*>', re.DOTALL)


class NotAsSeen(Exception):
    """What everyone would read is not what was read before the press."""


def content(page: str) -> str:
    """Return what a public page says, without the frame that all pages have."""
    found = _MAIN.search(page)
    assert found, "no page of the site"
    return _OF_THE_VISIT.sub("", found[1]).strip()


@dataclass(frozen=True)
class Publication:
    """What puts something before everyone.

    *row*: what is locked; *standing*: what everyone reads before it, so that nothing of a colleague's is written over unread;
    *do*: the operation; *page*: the public page.
    """

    row: Any
    standing: Callable[[], Any]
    do: Callable[[], Any]
    page: Callable[[], str]

    def look(self, mark: Callable[[], Any]) -> tuple[str, str]:
        """Return the content of the page as it will be, after *mark* marked something in it, and its digest. Nothing stays done."""
        try:
            seen = self._done()
            mark()
            return content(self.page()), seen
        finally:
            db.session.rollback()

    def do_as_seen(self, seen: str | None) -> None:
        """Do it, if the page is then what was *seen*. The caller commits. :raise NotAsSeen: and then nothing must be committed."""
        if self._done() != seen:
            raise NotAsSeen

    def _done(self) -> str:
        lock(self.row)
        standing = repr(self.standing())
        self.do()
        db.session.flush()
        return hashlib.sha256(f"{standing}\0{content(self.page())}".encode()).hexdigest()

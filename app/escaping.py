"""Two gaps through which what somebody typed would reach a page as HTML, closed for the whole process."""

from __future__ import annotations

from typing import Any

from flask_babel.speaklater import LazyString
from jinja2.runtime import Macro
from markupsafe import Markup, escape


def close_gaps() -> None:
    """Have templates escape what two libraries take for HTML."""
    LazyString.__html__ = _sentence
    Macro._invoke = _result  # noqa: SLF001 - there is no other place


def _sentence(self: LazyString) -> Markup:
    """Flask-Babel calls a sentence that is translated later HTML as it is; it may hold a name that somebody typed."""
    return escape(str(self))


def _result(self: Macro, arguments: list[Any], autoescape: bool) -> str:  # noqa: FBT001 - Jinja calls it
    """Jinja calls what a macro returns HTML when the page that calls it escapes; a macro for the text of letters has escaped nothing."""
    text = self._func(*arguments)
    if not autoescape:
        return text
    return Markup(text) if self._default_autoescape else escape(text)  # noqa: S704 - escaped where the macro is written

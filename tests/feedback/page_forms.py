"""A person in front of a page, without a browser: reads its forms, fills them in, presses their buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse


@dataclass
class PageForm:
    """A form as a page offers it: where it goes, and what it sends when nothing is touched."""

    action: str = ""
    values: MultiDict[str, Any] = field(default_factory=MultiDict)
    buttons: list[dict[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._select = self._area = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(PageForm(given.get("action", "")))
            self._inside = True
        if not self._inside:
            return
        form, name = self.forms[-1], given.get("name", "")
        if tag == "button":
            form.buttons.append(given)
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            form.values.add(self._select, given.get("value", ""))
        elif tag == "textarea":
            self._area = name
            form.values.add(name, "")
        elif tag == "input" and name and given.get("type") != "file":
            ticked = given.get("type") not in {"radio", "checkbox"} or "checked" in given
            if ticked:
                form.values.add(name, given.get("value", "on" if given.get("type") == "checkbox" else ""))

    def handle_data(self, data: str) -> None:
        if self._area and self._inside:
            values = self.forms[-1].values
            values[self._area] = values.get(self._area, "") + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            values = self.forms[-1].values
            # The first line break after the tag belongs to the markup, in a browser as here.
            values[self._area] = values[self._area].removeprefix("\r\n").removeprefix("\n")
            self._area = ""
        if tag == "form":
            self._inside = False


def form_of(response: TestResponse, action: str) -> PageForm:
    """Return the form of the page that goes to *action*."""
    parser = _Forms()
    parser.feed(response.text)
    found = [form for form in parser.forms if form.action == action]
    assert found, f"no form to {action}; there are {[form.action for form in parser.forms]}"
    return found[0]


def press(client: FlaskClient, form: PageForm, to: str | None = None, **typed: Any) -> TestResponse:
    """Fill *typed* into *form* and send it (by the button that goes *to* elsewhere)."""
    values = form.values.copy()
    for name, value in typed.items():
        values.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return client.post(to or form.action, data=values)

"""Where a form of citizens asks who somebody is, how to reach them or what ails them, the page says beside the field what for.

Read from the templates, so that no field is left out because a page folds it, or shows it only to some.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import Environment, nodes
from wtforms import EmailField, Form, TelField
from wtforms.fields.core import UnboundField

import dialogues.forms
import feedback.forms
import feedback.sealed.forms

ROOT = Path(__file__).parents[1]
DOMAINS = ("app", "feedback", "dialogues", "oversight")
FILLED_IN_BY_BROWSERS = {"name", "email", "tel", "organization", "address-line1", "address-line2", "street-address", "bday"}
#: What no type of a field tells: who somebody is, for whom they speak, what they need, whom they accuse.
TOLD = {"comes_from", "note", "needs", "other_need", "tax_code", "principal_name", "principal_address", "accused_names", "accused_unit_id"}
#: Officers sign in there.
OF_STAFF = {"sign_in.html"}


def personal() -> set[str]:
    """Return the names under which forms ask for what is somebody's own."""
    for package in (dialogues.forms, feedback.forms, feedback.sealed.forms):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    fields = ((name, field) for form in _below(Form) for name, field in vars(form).items() if isinstance(field, UnboundField))
    return TOLD | {name for name, field in fields if _tells_who(field)}


def _below(form: type) -> Iterator[type]:
    for each in form.__subclasses__():
        yield from (each, *_below(each))


def _tells_who(field: UnboundField) -> bool:
    said = (field.kwargs.get("render_kw") or {}).get("autocomplete")
    return issubclass(field.field_class, TelField | EmailField) or said in FILLED_IN_BY_BROWSERS


def of_citizens() -> list[Path]:
    """Return the templates of pages for everybody, and the parts of them."""
    found = sorted(path for domain in DOMAINS for path in (ROOT / domain / "templates").rglob("*.html"))
    return [path for path in found if path.parent.name == "citizen" or '{% extends "base.html" %}' in path.read_text(encoding="utf-8")]


def silent(markup: str, asked: set[str]) -> list[str]:
    """Return the fields that *markup* shows without saying what for."""
    return [name for call in Environment(autoescape=True).parse(markup).find_all(nodes.Call) for name in _asks(call, asked)]


def _asks(call: nodes.Call, asked: set[str]) -> Iterator[str]:
    shown = [call.node, *call.args] if isinstance(call.node, nodes.Getattr) else call.args
    says = any(each.key == "why" and each.value != nodes.Const("") for each in call.kwargs)
    for field in shown:
        if isinstance(field, nodes.Getattr) and field.attr in asked and _is_form(field.node) and not says:
            yield field.attr


def _is_form(node: nodes.Node) -> bool:
    return getattr(node, "attr", getattr(node, "name", "")) == "form"


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("{{ field(form.phone) }}", ["phone"]),
        ("{{ field(form.phone, why='') }}", ["phone"]),
        ("{{ form.phone(class='w-12') }}", ["phone"]),
        ("{% if far %}{% call fold('x') %}{{ field(entry.form.phone, hint='x') }}{% endcall %}{% endif %}", ["phone"]),
        ("{{ field(form.phone, why=_('Để gọi.')) }}{{ field(form.body) }}{{ say(row.phone) }}", []),
    ],
)
def test_a_field_that_does_not_say_what_for_is_seen_however_it_is_shown(markup, found):
    assert silent(markup, {"phone"}) == found


def test_wherever_a_page_of_citizens_asks_for_what_is_theirs_it_says_what_for():
    asked = personal()
    assert {"name", "phone", "email", "address", "organisation", "comes_from"} <= asked
    pages = {path.relative_to(ROOT).as_posix(): silent(path.read_text(encoding="utf-8"), asked) for path in of_citizens()}
    assert len(pages) > 40
    assert {path: fields for path, fields in pages.items() if fields and Path(path).name not in OF_STAFF} == {}

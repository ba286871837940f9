"""Two people have the same form open: whoever comes second is shown what stands now beside what they typed, and presses once more."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator

from wtforms import Field, FieldList, Form, HiddenField
from wtforms.fields.choices import SelectFieldBase

from app.fields import DatePartsField
from feedback.forms.base import OwnForm

MOST_LINES = 3000  # compared line by line; minutes of forty questions have some hundred


class SeenForm(OwnForm):
    """A form that knows what stood when it was drawn: *was* is the fingerprint that the operation compares."""

    was = HiddenField()


def meanwhile(form: SeenForm, begins: Callable[[], SeenForm]) -> list[tuple[str, str]]:
    """Return how what was typed differs from what stands, if that is not what it was; the next press is about what stands now.

    *begins* is how the form would begin now.
    """
    if not form.is_submitted() or form.was.data == (now := begins()).was.data:
        return []
    form.was.data = now.was.data
    return lines_changed("\n".join(_lines(now)), "\n".join(_lines(form)))


def _lines(form: Iterable[Field]) -> Iterator[str]:
    for field in form:
        if isinstance(field, FieldList):
            yield from (_row(entry.form) for entry in field)
        elif not isinstance(field, HiddenField):
            yield f"{field.label.text}: {_shown(field)}"


def _row(form: Form) -> str:
    return ", ".join(text for field in form if not isinstance(field, HiddenField) and (text := _shown(field)))


def _shown(field: Field) -> str:
    if isinstance(field, SelectFieldBase):
        chosen = {str(value) for value in (field.data if isinstance(field.data, list) else [field.data])}
        return ", ".join(str(choice.label) for choice in field.iter_choices() if str(choice.value) in chosen)
    if isinstance(field, DatePartsField):
        return "/".join(filter(None, field.parts))
    return str(field._value())  # noqa: SLF001 - what stands in the input, whatever the type of the field


def lines_changed(old: str, new: str) -> list[tuple[str, str]]:
    """Return how *new* differs from *old*, line by line: ("same" | "gone" | "added" | "gap", line), with what stands around it."""
    # No search for likenesses inside a line (ndiff): for two long texts that have nothing in common it takes minutes. So it would where
    # one line stands in both thousands of times; autojunk, which is on, takes no such line for a landmark.
    before, after = old.split("\n"), new.split("\n")
    if max(len(before), len(after)) > MOST_LINES:
        return [("gone", line) for line in before] + [("added", line) for line in after]
    matcher = difflib.SequenceMatcher(a=before, b=after)
    found: list[tuple[str, str]] = []
    for group in matcher.get_grouped_opcodes(2):
        found += [("gap", "")] if found else []
        for tag, a_from, a_to, b_from, b_to in group:
            if tag == "equal":
                found += [("same", line) for line in before[a_from:a_to]]
            else:
                found += [("gone", line) for line in before[a_from:a_to]]
                found += [("added", line) for line in after[b_from:b_to]]
    return found

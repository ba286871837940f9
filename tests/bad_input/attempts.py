"""How a form is filled with garbage and sent, and what must never come of it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.bad_input.conftest import counts, undone, writes
from tests.bad_input.garbage import TEXTS
from tests.bad_input.pages import Form

#: Where a refused form may leave something: who looked or failed to sign in, and files that wait for the form's next try.
FINE = {200, 302, 303, 400, 404, 409, 422}
MAY_GROW = {"audit_entry", "stored_file"}
ONE_BY_ONE = ("NUL", "10^30", "5,000 digits", "Arabic digits", "superscript", "script", "nothing")


def faults(every: list[tuple[Form, FlaskClient]], *, spread: int) -> list[tuple[str, str, object]]:
    """Send each form by its client with its fraction of the garbage, and take back what that did.

    Return the endpoints whose answer was no answer, or held a script, or whose refusal stored something: with what, and which.
    """
    before, odd = counts(), []
    for number, (form, client) in enumerate(every):
        for what, values in _attempts(form, number, spread):
            answer, changed = _send(client, form, values, before)
            if answer.status_code not in FINE:
                odd.append((form.endpoint, what, answer.status_code))
            if not changed <= MAY_GROW:
                odd.append((form.endpoint, what, changed))
            if b"<script>alert(1)" in answer.data or b"onerror=alert(1)>" in answer.data:
                odd.append((form.endpoint, what, "what was typed runs in the answer"))
    return odd


def _send(client: FlaskClient, form: Form, values: MultiDict, before: dict[str, int]) -> tuple[TestResponse, set[str]]:
    """Send it, and take back what it did; return the answer and, where it is a refusal, which tables are not as *before*."""
    with undone(), writes() as written:
        # Half a character travels as a broken sender would send it.
        body = urlencode(list(values.items(multi=True)), errors="surrogatepass")
        answer = client.post(form.action, data=body, content_type="application/x-www-form-urlencoded")
        after = counts() if answer.status_code >= 400 and written else before
    return answer, {name for name in after if after[name] != before[name]}


def _attempts(form: Form, number: int, spread: int) -> Iterator[tuple[str, MultiDict]]:
    """Yield what is wrong, and the values: each text in every field at once, then each field alone."""
    for what, text in list(TEXTS.items())[number % spread :: spread]:
        yield (
            f"all fields: {what}",
            MultiDict([*((n, v) for n, v in form.sends.items(multi=True) if n not in form.texts), *((n, text) for n in form.texts)]),
        )
    for place, name in enumerate(form.kinds):
        if name.endswith("csrf_token"):
            continue
        for what in ONE_BY_ONE[(number + place) % spread :: spread]:
            values = form.sends.copy()
            values.setlist(name, [TEXTS[what]] * (2 if what == "script" else 1))
            yield f"{name}: {what}", values

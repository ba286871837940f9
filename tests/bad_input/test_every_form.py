"""Every form that the pages show, filled with garbage: refused with a sentence or stored whole, never a fault."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.bad_input.conftest import Site, counts, signed_in, unchanging, undone
from tests.bad_input.garbage import TEXTS
from tests.bad_input.pages import Form, crawl, forms

pytestmark = pytest.mark.strictest_database

SPREAD = 8  # each form meets this fraction of the garbage; all together meet all
#: Where a refused form may leave something: who looked or failed to sign in, and files that wait for the form's next try.
FINE = {200, 302, 303, 400, 404, 409, 422}
MAY_GROW = {"audit_entry", "stored_file"}
ONE_BY_ONE = ("NUL", "10^30", "5,000 digits", "Arabic digits", "superscript", "script", "nothing")


def starts(site: Site) -> list[str]:
    items = [f"/can-bo/y-kien/{item.code}" for item in site.items.values()]
    papers = [f"/can-bo/y-kien/{paper.feedback.code}/van-ban/{paper.id}" for paper in site.papers.values()]
    return ["/can-bo", "/quan-tri/", "/gui-y-kien", "/gui-y-kien/to-cao/gui", "/tra-cuu", "/tai-khoan", *items, *papers]


def found(app, client: FlaskClient, site: Site) -> list[Form]:
    return list(forms(app, crawl(app, client, starts(site))))


def send(client: FlaskClient, form: Form, values: MultiDict, before: dict[str, int]) -> tuple[TestResponse, set[str]]:
    """Send it, and take back what it did; return the answer and, where it is a refusal, which tables are not as *before*."""
    with undone():
        # Half a character travels as a broken sender would send it.
        body = urlencode(list(values.items(multi=True)), errors="surrogatepass")
        answer = client.post(form.action, data=body, content_type="application/x-www-form-urlencoded")
        after = counts() if answer.status_code >= 400 else before
    return answer, {name for name in after if after[name] != before[name]}


def attempts(form: Form, number: int):
    """Yield what is wrong, and the values: each text in every field at once, then each field alone."""
    for what, text in list(TEXTS.items())[number % SPREAD :: SPREAD]:
        yield (
            f"all fields: {what}",
            MultiDict([*((n, v) for n, v in form.sends.items(multi=True) if n not in form.texts), *((n, text) for n in form.texts)]),
        )
    for place, name in enumerate(form.kinds):
        if name.endswith("csrf_token"):
            continue
        for what in ONE_BY_ONE[(number + place) % SPREAD :: SPREAD]:
            values = form.sends.copy()
            values.setlist(name, [TEXTS[what]] * (2 if what == "script" else 1))
            yield f"{name}: {what}", values


def test_no_form_breaks(app, site, ear):
    client = signed_in(app, site.everybody)
    odd = []
    every = [form for form in found(app, client, site) if form.endpoint != "accounts.sign_out"]
    client, before = unchanging(client), counts()
    for number, form in enumerate(every):
        for what, values in attempts(form, number):
            answer, changed = send(client, form, values, before)
            if answer.status_code not in FINE:
                odd.append((form.endpoint, what, answer.status_code))
            if not changed <= MAY_GROW:
                odd.append((form.endpoint, what, changed))

    assert len({form.endpoint for form in every}) > 40
    assert ear.failures == []
    assert odd == []

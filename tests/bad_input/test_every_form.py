"""Every form of the core and of feedback, filled with garbage: refused with a sentence or stored whole, never a fault."""

from __future__ import annotations

import pytest

from tests.bad_input.attempts import faults
from tests.bad_input.conftest import Site, signed_in, unchanging
from tests.bad_input.pages import crawl, forms, of_sessions

pytestmark = pytest.mark.strictest_database

SPREAD = 8  # each form meets this fraction of the garbage; all together meet all


def starts(site: Site) -> list[str]:
    items = [f"/can-bo/y-kien/{item.code}" for item in site.items.values()]
    papers = [f"/can-bo/y-kien/{paper.feedback.code}/van-ban/{paper.id}" for paper in site.papers.values()]
    return ["/can-bo", "/quan-tri/", "/gui-y-kien", "/gui-y-kien/to-cao/gui", "/tra-cuu", "/tai-khoan", *items, *papers]


def test_no_form_breaks(app, site, ear):
    client = signed_in(app, site.everybody)
    shown = forms(app, crawl(app, client, starts(site), lambda endpoint: not of_sessions(endpoint)))
    client = unchanging(client)
    every = [(form, client) for form in shown if form.endpoint != "accounts.sign_out" and not of_sessions(form.endpoint)]

    odd = faults(every, spread=SPREAD)

    assert len({form.endpoint for form, _client in every}) > 40
    assert ear.failures == []
    assert odd == []

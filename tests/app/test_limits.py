"""Whom a limit counts: neither one line with many addresses as many, nor many people as one."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.limits import network


@pytest.mark.parametrize(
    ("forwarded", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),  # what stands before the proxy's own word is the caller's
        ("203.0.113.9:51234", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3:4:5:6]:443", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("64:ff9b::203.0.113.9", "203.0.113.9"),
        ("", "192.0.2.1"),
        ("unknown", "local"),
        ("[::]:x", "local"),
        ("1.2.3:4", "local"),
    ],
)
def test_a_caller_behind_a_proxy_is_counted_by_the_address_the_proxy_wrote(forwarded, counted):
    site = Flask(__name__)
    site.add_url_rule("/", view_func=network)
    site.wsgi_app = ProxyFix(site.wsgi_app)

    answer = site.test_client().get("/", headers={"X-Forwarded-For": forwarded}, environ_base={"REMOTE_ADDR": "192.0.2.1"})

    assert answer.text == counted

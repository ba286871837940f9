"""How often one network may try: counters on Valkey, in this process's memory while Valkey is gone."""

from __future__ import annotations

import ipaddress

from flask import Flask, request
from flask_limiter import Limiter

HOME = 64  # bits: whoever has one IPv6 address has all that begin like it


def network() -> str:
    """Return where the request comes from: its IPv4 address, or the IPv6 network whose addresses one line may change at will."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:  # a Unix socket has none
        return "local"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, HOME), strict=False))


limiter = Limiter(key_func=network, strategy="sliding-window-counter", in_memory_fallback_enabled=True, headers_enabled=True)


def init_app(app: Flask) -> None:
    """Count on the site's Valkey; RATE_LIMIT_ENABLED switches all limits off."""
    url = app.config["REDIS_URL"]
    app.config.update(
        RATELIMIT_ENABLED=app.config["RATE_LIMIT_ENABLED"],
        RATELIMIT_STORAGE_URI=url.replace("unix://", "redis+unix://", 1),
        RATELIMIT_STORAGE_OPTIONS={"socket_connect_timeout": 1, "socket_timeout": 1},
        RATELIMIT_KEY_PREFIX="limit",
    )
    limiter.init_app(app)

"""How often one network may try: counters on Valkey, in this process's memory while Valkey is gone."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_limiter import Limiter

#: Some proxies write the caller's port as well. Taken for no address at all, everybody behind them would share one count.
WITH_PORT = re.compile(r"\[([0-9a-f:.]+)\](?::\d+)?|([\d.]+):\d+", re.IGNORECASE)
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")  # RFC 6052
HOME = 64  # bits: whoever has one IPv6 address has all that begin like it


def network() -> str:
    """Return where the request comes from: its IPv4 address, or the IPv6 network whose addresses one line may change at will."""
    given = request.remote_addr or ""
    with_port = WITH_PORT.fullmatch(given)
    try:
        address = ipaddress.ip_address((with_port[1] or with_port[2]) if with_port else given)
    except ValueError:  # a Unix socket has none
        return "local"
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address in NAT64:  # a whole carrier comes from this one network: the caller's IPv4 address stands at the end
        return str(ipaddress.IPv4Address(address.packed[-4:]))
    return str(address.ipv4_mapped or ipaddress.ip_network((address, HOME), strict=False))


limiter = Limiter(key_func=network, strategy="sliding-window-counter", in_memory_fallback_enabled=True, headers_enabled=True)

#: In the environ of a request that guessed wrong.
WRONG = "app.guessed_wrong"


def guessing(most: str, *, exempt_when: Callable[[], bool] | None = None) -> Callable[[Any], Any]:
    """Return a decorator for a form that asks for a short code: after *most* wrong ones nothing of that network is looked up at all.

    A code that can be guessed is no key of 80 bits: were the right one let in all the same, the limit would keep nothing.
    """
    return limiter.limit(most, methods=["POST"], exempt_when=exempt_when, deduct_when=lambda _response: WRONG in request.environ)


def guessed_wrong() -> None:
    """Count the request that is being answered among the wrong guesses of its network."""
    request.environ[WRONG] = True


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

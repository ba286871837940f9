"""How often one address may try: counters on Valkey, in this process's memory while Valkey is gone."""

from __future__ import annotations

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, strategy="sliding-window-counter", in_memory_fallback_enabled=True, headers_enabled=True)


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

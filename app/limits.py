"""How often one network, one person and one page may be tried: counters on Valkey, in this process's memory while Valkey is gone.

Every form has a limit without being told to (`tests/app/test_limits.py` sees it): each person's over the whole site; of those without an
account each network's over the whole site, and one for each page that names none of its own.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Flask, request, session
from flask_limiter import ApplicationLimit, Limit, Limiter
from limits import parse
from limits.storage import RedisStorage
from redis import Redis, RedisError

from app.crypto import ring

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


#: Say, of what a signed cookie names, whether that sign-in goes on: a cookie is good for ever, what it opened is not.
goes_on: list[Callable[[str], bool]] = []

PERSON_HERE = "app.person_here"  # in the environ: what the cookie names, and whose it is


def _person() -> str:
    """Return who is signed in by the request's cookie. Who brings none of ours costs no look at the database, the API reads none."""
    named = "" if request.path.startswith("/api/") else session.get("_user_id", "")
    if not named:
        return ""
    if request.environ.get(PERSON_HERE, ("",))[0] != named:
        request.environ[PERSON_HERE] = (named, named.partition(":")[0] if all(ask(named) for ask in goes_on) else "")
    return request.environ[PERSON_HERE][1]


def _only_reads() -> bool:
    return request.method in {"GET", "HEAD", "OPTIONS"}


#: More than anybody types, and no more than the live desk of a session sends in its busiest minute.
PERSON = "240 per minute; 4000 per hour"
#: A whole hall of telephones, or a whole carrier, may have one network.
NETWORK = "600 per minute; 12000 per hour"
#: Of one network to one page that is open to everyone and says nothing else.
PAGE = "300 per hour"
#: Of one network to a form that asks it for a proof of work (app.proof) long before: a carrier may have a whole commune behind one address,
#: and who sends much there must not silence the neighbours.
PROVED = "600 per hour"

limiter = Limiter(
    key_func=network,
    strategy="sliding-window-counter",
    in_memory_fallback_enabled=True,
    headers_enabled=True,
    application_limits=[
        ApplicationLimit(PERSON, key_function=lambda: f"person {_person()}", exempt_when=lambda: _only_reads() or not _person()),
        ApplicationLimit(NETWORK, exempt_when=lambda: _only_reads() or bool(_person())),
    ],
    default_limits=[Limit(PAGE, exempt_when=lambda: _only_reads() or bool(_person()))],
)

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


def unreadable(key: str) -> str:
    """Return *key* as it may leave the process: Valkey keeps a log on the disk, and who came when is nobody's to read there."""
    return _digest(key, _pepper())


def _pepper() -> bytes:
    return ring().pepper("counts")


def _digest(key: str, pepper: bytes) -> str:
    return hashlib.blake2b(key.encode(), key=pepper, digest_size=16).hexdigest()


class Counts(RedisStorage):
    """Counters on Valkey, none of whose keys says whom it counts or for what. The one place through which all of them go."""

    STORAGE_SCHEME = ["unreadable+redis", "unreadable+rediss", "unreadable+unix"]
    PREFIX = "count"

    def __init__(self, uri: str, pepper: bytes, **options: Any) -> None:
        self.pepper = pepper
        super().__init__(uri.removeprefix("unreadable+"), key_prefix=self.PREFIX, **options)

    def prefixed_key(self, key: str) -> str:
        """Return under which key Valkey counts."""
        return f"{self.PREFIX}:{_digest(key, self.pepper)}"

    def reset(self) -> int | None:
        """Forget every count."""
        return int(self.lua_clear_keys([f"{self.PREFIX}:*"]))


def forget_times(valkey: Redis) -> None:
    """Let Valkey's log begin anew, without the times at which something was counted, nor what an older version counted in the clear."""
    with suppress(RedisError):  # a server of somebody else's may not allow it
        for readable in ("LIMITS:*", "uploads:*"):
            for key in valkey.scan_iter(match=readable, count=1000):
                valkey.delete(key)
        valkey.bgrewriteaof()


class Tally:
    """A count kept by a view itself, where refusing everybody at the door would lock out whom it is to keep safe."""

    def __init__(self, most: str) -> None:
        self.most = parse(most)

    def add(self, *key: str) -> None:
        """Count one."""
        if limiter.enabled:
            with suppress(RedisError):  # the limits of the route have noticed it already, and count in this process
                limiter.limiter.hit(self.most, *key)

    def count(self, *key: str) -> int:
        """Return how often it was."""
        if limiter.enabled:
            with suppress(RedisError):
                return self.most.amount - limiter.limiter.get_window_stats(self.most, *key).remaining
        return 0

    def full(self, *key: str) -> bool:
        """Say whether that was too often."""
        if limiter.enabled:
            with suppress(RedisError):
                return not limiter.limiter.test(self.most, *key)
        return False

    def seconds_left(self, *key: str) -> int:
        """Return after how many seconds it is less."""
        with suppress(RedisError):
            return max(1, int(limiter.limiter.get_window_stats(self.most, *key).reset_time - time.time()))
        return self.most.get_expiry()


class Once:
    """What counts a single time within *seconds* of its first: two at once are still one and another."""

    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def first(self, key: str) -> bool:
        """Say whether *key* comes for the first time. While nothing can be counted, it does: nobody is turned away for that."""
        with suppress(RedisError):
            return limiter.limiter.storage.incr(f"once {key}", self.seconds) == 1
        return True


def init_app(app: Flask) -> None:
    """Count on the site's Valkey; RATE_LIMIT_ENABLED switches all limits off."""
    with app.app_context():
        pepper = _pepper()
    app.config.update(
        RATELIMIT_ENABLED=app.config["RATE_LIMIT_ENABLED"],
        RATELIMIT_STORAGE_URI=f"unreadable+{app.config['REDIS_URL']}",
        RATELIMIT_STORAGE_OPTIONS={"pepper": pepper, "socket_connect_timeout": 1, "socket_timeout": 1},
        RATELIMIT_KEY_PREFIX="limit",
    )
    limiter.init_app(app)

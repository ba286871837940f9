"""When a proof is asked for, what is one, and what is wrong with what was sent instead. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from enum import StrEnum

from altcha import Challenge, Payload, Solution, create_challenge, verify_solution

ALGORITHM = "PBKDF2/SHA-256"  # what every browser has built in
COST = 5000  # rounds a guess: about 2 ms of a desk computer
GUESSES = range(100, 500)  # half a second there, some seconds on a cheap telephone, behind the typing
LASTS = 2 * 3600  # seconds in which a challenge may be sent back
APART = 60  # seconds by which clocks may differ; what was given out by one that was further ahead is over
LONGEST = 4000  # characters; one of ours has about 900

#: Seconds after which an unsolved challenge counts: many are sending, or one network is.
MANY, ONE = 20, 60


class When(StrEnum):
    """What an administrator decided."""

    NEEDED = "needed"
    ALWAYS = "always"
    NEVER = "never"


def seconds_to_wait(when: str, *, sent: int, most_sent: int, tries: int, most_tries: int) -> int:
    """Return how long who cannot solve waits, 0 where no proof is asked for.

    *sent* is how often everybody sent this form in the last ten minutes, *tries* how often this network sent any in the last hour.
    """
    if when == When.NEVER:
        return 0
    if tries >= most_tries:
        return ONE
    return MANY if when == When.ALWAYS or sent >= most_sent else 0


@dataclass(frozen=True)
class Proof:
    """A challenge of ours that came back, solved or not."""

    id: str
    purpose: str
    network: str
    counts_at: int  # when it counts unsolved
    over_at: int
    solved: bool


class Fault(StrEnum):
    """Why what was sent is no proof."""

    NONE = "none"  # nothing came, or nothing that we signed
    OTHER_FORM = "other form"
    OVER = "over"  # or of a time that is to come
    OTHER_NETWORK = "other network"  # unsolved: whoever waits does it where they asked
    EARLY = "early"


def challenge(purpose: str, network: str, *, wait: int, now: int, secret: str) -> str:
    """Return a challenge for one form and network, as the hidden field carries it."""
    about = {"for": purpose, "from": _hidden(network, secret), "at": now + wait, "until": now + LASTS}
    made = create_challenge(
        ALGORITHM, COST, counter=secrets.choice(GUESSES), data=about, hmac_secret=secret, hmac_key_secret=_of_keys(secret)
    )
    return base64.b64encode(json.dumps({"challenge": made.to_dict()}).encode()).decode()


def read(text: str, *, secret: str) -> Proof | None:
    """Return what came back, None where we did not sign it."""
    if not 0 < len(text) <= LONGEST:
        return None
    try:
        sent = json.loads(base64.b64decode(text, validate=True))
        asked = Challenge.from_dict(sent["challenge"])
        solution = Solution.from_dict(sent["solution"]) if "solution" in sent else Solution(0, "")
        found = verify_solution(Payload(asked, solution), secret, hmac_key_secret=_of_keys(secret))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if found.invalid_signature is not False:
        return None
    about = asked.parameters.data or {}
    return Proof(asked.parameters.nonce, about["for"], about["from"], about["at"], about["until"], found.verified)


def fault(proof: Proof | None, *, purpose: str, network: str, now: int, secret: str) -> Fault | None:
    """Return what keeps *proof* from counting."""
    if proof is None:
        return Fault.NONE
    if proof.purpose != purpose:
        return Fault.OTHER_FORM
    if not now < proof.over_at <= now + LASTS + APART:
        return Fault.OVER
    if proof.solved:
        return None
    if proof.network != _hidden(network, secret):
        return Fault.OTHER_NETWORK
    return Fault.EARLY if now < proof.counts_at else None


def _hidden(network: str, secret: str) -> str:
    return hmac.digest(secret.encode(), b"network " + network.encode(), "sha256").hex()[:20]


def _of_keys(secret: str) -> str:
    return hashlib.sha256(f"keys {secret}".encode()).hexdigest()

"""Whether this request is asked for a proof, and what it brings.

What was counted lies on Valkey, and in this process's memory while Valkey is gone (app.limits): then a challenge counts once in each
process instead of once, and nobody is turned away for it.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from flask import current_app, g, request, session
from flask_babel import gettext as _

from app import clock, settings
from app.api import PREFIX
from app.limits import Once, Tally, limiter, network
from app.proof import rules

FIELD, HEADER = "proof", "X-Proof"
STAMP = "proved"  # in the session: which challenge was answered there, and until when that holds
HOUR = 3600  # seconds in which nobody is asked twice
EARLIEST = 1  # seconds: a page that is sent back has to be looked at anyway

sent = Tally("1000000 per 10 minutes")  # of one form, by everybody
tries = Tally("1000000 per hour")  # of all forms, by one network: what was refused counts, too
sendings = Tally("10 per hour")  # that one answered challenge is good for
answered = Once(rules.LASTS + 2 * rules.APART)


@dataclass(frozen=True)
class Asked:
    """What a page carries: the challenge, and in how many seconds it counts unsolved."""

    challenge: str
    wait: int


def seconds_left() -> int:
    """Count this try to send a form; return 0 where it may go on, else in how many seconds the form may be sent unsolved."""
    purpose = request.endpoint or ""
    if purpose not in current_app.extensions["proof"]:
        return 0
    if "proof_left" not in g:
        g.proof_left = _left(purpose)
    return g.proof_left


def sentence(seconds: int) -> str:
    """Return what is said at a form that came without a proof."""
    return _("Để chặn máy gửi tự động: đợi %(count)s giây rồi bấm gửi lại.", count=seconds)


def challenge_for(purpose: str) -> Asked | None:
    """Return what the page of the form *purpose* carries; None while nothing is asked of who looks at it."""
    wait = _wait(purpose)
    if not wait or _known():
        return None
    now = _now()
    proof = rules.read(request.form.get(FIELD, ""), secret=_secret())
    if proof is not None and _fault(proof, purpose) == rules.Fault.EARLY:  # sent back too early: the time goes on
        return Asked(request.form[FIELD], max(EARLIEST, proof.counts_at - now))
    return Asked(rules.challenge(purpose, network(), wait=wait, now=now, secret=_secret()), wait)


def _left(purpose: str) -> int:
    wait = _wait(purpose)
    sent.add(purpose)
    tries.add(network())
    if not wait or _known(counting=True):
        return 0
    proof = rules.read(request.form.get(FIELD) or request.headers.get(HEADER, ""), secret=_secret())
    wrong = _fault(proof, purpose)
    if proof is not None and wrong == rules.Fault.EARLY:
        return max(EARLIEST, proof.counts_at - _now())
    if proof is None or wrong or not answered.first(f"proof {proof.id}"):
        return wait
    if not _by_program():
        session[STAMP] = [proof.id, _now() + HOUR]
        sendings.add(proof.id)
    return 0


def _wait(purpose: str) -> int:
    if not limiter.enabled:
        return 0
    chosen = settings.all_values()
    return rules.seconds_to_wait(
        chosen["proof"],
        sent=sent.count(purpose),
        most_sent=chosen["proof_sent"],
        tries=tries.count(network()),
        most_tries=chosen["proof_tries"],
    )


def _known(*, counting: bool = False) -> bool:
    """Say whether this browser answered within the hour, and did not send too often with that; *counting*: it sends once more."""
    if _by_program() or STAMP not in session:
        return False
    id_, until = session[STAMP]
    if not _now() < until <= _now() + HOUR + rules.APART or sendings.full(id_):
        return False
    if counting:
        sendings.add(id_)
    return True


def _fault(proof: rules.Proof | None, purpose: str) -> rules.Fault | None:
    return rules.fault(proof, purpose=purpose, network=network(), now=_now(), secret=_secret())


def _by_program() -> bool:
    return request.path.startswith(PREFIX)  # it reads no cookie


def _now() -> int:
    return int(clock.now().timestamp())


def _secret() -> str:
    return base64.b16encode(hashlib.sha256(b"proof " + current_app.config["SECRET_KEY"].encode()).digest()).decode()

"""A proof of work on forms that everybody may send, only while load or suspicion asks for it (ALTCHA, solved by the browser itself).

The form's own page carries the challenge, and the browser solves it while the person types: mostly nobody sees anything. Without
script, or where the browser cannot, the same challenge counts unsolved some seconds after the page was opened: typing takes longer.
Too early, the form comes back as after any other fault, with every word and file. The API answers with the challenge itself.
"""

from __future__ import annotations

from flask import Flask

from app.proof import asking
from app.proof.calls import of_caller

__all__ = ["asks_at", "init_app", "of_caller"]


def init_app(app: Flask) -> None:
    """Let templates carry challenges (components/proof.html)."""
    app.extensions.setdefault("proof", set())
    app.add_template_global(asking.challenge_for, "proof_of")


def asks_at(app: Flask, *endpoints: str) -> None:
    """Name forms, by the endpoint that takes them, which may ask for a proof; their template shows components/proof.html."""
    app.extensions.setdefault("proof", set()).update(endpoints)

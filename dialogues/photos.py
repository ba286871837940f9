"""The photographs of a session, and which of them everyone may see."""

from __future__ import annotations

from dialogues.models import Session, SessionFile
from dialogues.rules import OUT, FilePurpose


def of(session: Session) -> list[SessionFile]:
    """Return the photographs of *session*, as they were added."""
    return [file for file in session.files if file.purpose == FilePurpose.PHOTO]


def public(session: Session) -> list[SessionFile]:
    """Return those that everyone may see: ticked, and the result is out."""
    return [photo for photo in of(session) if photo.public] if session.status in OUT else []

"""A colleague at their desk: signed in, opens pages, fills in their forms, presses their buttons. No browser."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.accounts.models import User
from tests.factories import sign_in
from tests.feedback.page_forms import form_of, press


class AtDesk:
    """One signed-in person."""

    def __init__(self, app: Flask, user: User) -> None:
        self.client = app.test_client()
        sign_in(self.client, user)

    def get(self, path: str, status: int = 200) -> str:
        """Open a page; it must answer *status*."""
        answer = self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code}\n{answer.text[-2000:]}"
        return answer.text

    def fill(self, path: str, action: str = "", status: int = 303, **typed: Any) -> str:
        """Open *path*, fill in its form that goes to *action* (or to the page itself) and send it; return what comes then."""
        shown = self.client.get(path)
        assert shown.status_code == 200, f"{path}: {shown.status_code}\n{shown.text[-2000:]}"
        return self._read(press(self.client, form_of(shown, action), to=action or path, **typed), status)

    def press(self, path: str, action: str, status: int = 303, **typed: Any) -> str:
        """Press, on the page *path*, the button that posts to *action*."""
        return self.fill(path, action, status, **typed)

    def _read(self, answer: TestResponse, status: int) -> str:
        assert answer.status_code == status, f"{answer.status_code}\n{answer.text[-3000:]}"
        if answer.status_code != 303:
            return answer.text
        return self.client.get(answer.location).text

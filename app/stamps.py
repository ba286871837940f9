"""Texts that we signed with the hour, for a while. What is signed with an hour that has not come yet was signed while our clock was wrong.

Taken as too old, as the library would, it would end every session and lose every file of a form that was begun before the clock was set
back; it is as fresh as can be. What opens something for minutes only (app.files.links) is rather asked for again.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask, current_app
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import SignatureExpired, TimestampSigner, URLSafeTimedSerializer

#: A clock that was further ahead than this is nobody's mishap.
AHEAD = dt.timedelta(days=2)


class ForgivingSigner(TimestampSigner):
    """A signer for whom what comes from the near future is new."""

    def unsign(self, signed_value: Any, max_age: int | None = None, return_timestamp: bool = False) -> Any:  # noqa: FBT001, FBT002 - its name
        """Return what was signed. :raise BadSignature:"""
        try:
            return super().unsign(signed_value, max_age, return_timestamp)
        except SignatureExpired as error:
            ahead = error.date_signed.timestamp() - self.get_timestamp() if error.date_signed else 0
            if not 0 < ahead <= AHEAD.total_seconds():
                raise
            return super().unsign(signed_value, None, return_timestamp)


class Sessions(SecureCookieSessionInterface):
    """Flask's, signed by the forgiving signer."""

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs and reads the cookie."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = ForgivingSigner
        return serializer


def serializer(salt: str) -> URLSafeTimedSerializer:
    """Return what signs texts of one kind."""
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=salt, signer=ForgivingSigner)

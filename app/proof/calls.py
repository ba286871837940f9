"""The same of who calls the API: the answer is a problem that holds the challenge, and the next call brings it back in a header."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import request
from flask_babel import gettext as _

from app.api import problem
from app.proof import asking

TOO_MANY = 429


def of_caller(view: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a call that takes what everybody may send, below its limit."""

    @wraps(view)
    def asked(*given: Any, **named: Any) -> Any:
        left = asking.seconds_left()
        if not left:
            return view(*given, **named)
        made = asking.challenge_for(request.endpoint or "")
        detail = _("Đang chặn máy gửi dồn dập: gọi lại với X-Proof là lời giải của proof, hoặc proof sau %(count)s giây.", count=left)
        answer = problem(TOO_MANY, name="proof-required", detail=detail, more={"proof": made.challenge} if made else None)
        answer.headers["Retry-After"] = str(left)
        return answer

    return asked

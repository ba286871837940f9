"""The JSON API: its OpenAPI 3.1 document, a page for people who read it, and one shape for everything that goes wrong.

Domains register their blueprints with :data:`api`. An error is `application/problem+json` (RFC 9457) with a sentence in the
language the caller accepts; its `type` is a name that stays, whatever the language.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, json, render_template
from flask_babel import lazy_gettext as _l
from flask_smorest import Api
from marshmallow import Schema, fields

from app.access import public

PREFIX = "/api/v1"
PROBLEM = "application/problem+json"


class Problem(Schema):
    """What every answer of 400 and more holds."""

    type = fields.String(required=True, metadata={"description": "a name that stays, whatever the language"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True, metadata={"description": "a sentence in the language the caller accepts"})
    errors = fields.Dict(metadata={"description": "what is wrong with which field"})


class Contract(Api):
    """The document of the API: it says of every operation that whatever goes wrong is a problem."""

    def _register_responses(self) -> None:
        for name, says in {**{each.name: each.phrase for each in HTTPStatus}, self.DEFAULT_ERROR_RESPONSE_NAME: "Problem"}.items():
            self.spec.components.response(name, {"description": says, "content": {PROBLEM: {"schema": Problem}}}, lazy=True)


api = Contract()
pages = Blueprint("api_page", __name__)

#: What a caller reads when nothing more exact is known.
SENTENCES: dict[int, Any] = {
    400: _l("Yêu cầu gửi đến không đọc được."),
    401: _l("Cần đăng nhập."),
    403: _l("Không có quyền làm việc này."),
    404: _l("Không có ở đây. Kiểm tra lại địa chỉ hoặc mã."),
    405: _l("Địa chỉ này không nhận cách gọi đó."),
    409: _l("Việc này đã sang bước khác."),
    413: _l("Nội dung gửi đến quá lớn."),
    415: _l("Cần gửi JSON (Content-Type: application/json)."),
    422: _l("Có chỗ chưa hợp lệ, xem từng ô trong errors."),
    429: _l("Gọi quá nhiều lần. Chờ một lúc rồi thử lại."),
    500: _l("Máy chủ gặp lỗi. Việc gửi chưa được ghi nhận; thử lại sau."),
    503: _l("Máy chủ tạm nghỉ. Thử lại sau ít phút."),
}


def init_app(app: Flask) -> None:
    """Start the API; its errors are written by :func:`problem` (app.edge calls it for /api/)."""
    app.config.update(
        API_TITLE="Ý kiến và Đối thoại",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
    )
    about = "Gửi ý kiến, tra cứu, danh mục và số liệu công khai. Xem /api để đọc như một trang."
    api.init_app(app, spec_kwargs={"info": {"description": about}})
    app.register_blueprint(pages)


@pages.get("/api")
@public
def page() -> str:
    """The contract as a page for people."""
    return render_template("api.html", spec=api.spec.to_dict())


def problem(
    status: int, *, name: str | None = None, detail: Any = None, errors: dict[str, Any] | None = None, more: Any = None
) -> Response:
    """Return a problem of *status*: *name* stays the same in every language, *detail* is the sentence for the caller; *more* is added."""
    body: dict[str, Any] = {
        "type": f"urn:problem:{name or HTTPStatus(status).name.lower().replace('_', '-')}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(detail or SENTENCES.get(status, SENTENCES[400 if status < 500 else 500])),  # noqa: PLR2004
    }
    if errors:
        body["errors"] = errors
    body |= more or {}
    return Response(json.dumps(body), status=status, mimetype=PROBLEM)


def problem_of(error: Any) -> Response:
    """Return the problem of a werkzeug exception, with the fields that webargs found wrong."""
    data = getattr(error, "data", None) or {}
    response = problem(error.code or 500, errors=_named(data.get("messages") or {}))
    for header, value in error.get_headers():
        if header in {"Allow", "Retry-After"}:
            response.headers[header] = value
    return response


def _named(messages: dict[str, Any]) -> dict[str, Any]:
    """Return what marshmallow says of each field, without the outer key that names where it was (json, query)."""
    fields: dict[str, Any] = {}
    for found in messages.values():
        fields |= found if isinstance(found, dict) else {"_": found}
    return fields

"""POST /feedback: what the form of the site takes, from a program."""

from __future__ import annotations

import secrets
from typing import Any

from flask import current_app, url_for
from flask_babel import gettext as _

from app import clock, proof
from app.access import SENDER, public
from app.database import db
from app.limits import limiter
from app.units.models import Field, Place
from feedback import public as reading
from feedback import rules
from feedback.forms import api as schemas
from feedback.operations import intake
from feedback.views.api.base import REFUSALS, blueprint, no_store, refuse_named, rows


@blueprint.route("/feedback", methods=["POST"])
@public
@limiter.limit("30 per minute")
@no_store
@proof.of_caller
@blueprint.arguments(schemas.SendingHeaders, location="headers")
@blueprint.arguments(schemas.FeedbackIn)
@blueprint.response(201, schemas.ReceiptOut)
def submit(headers: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """Submit one matter; with `Idempotency-Key` the same call again returns the same receipt and adds nothing."""
    field, area = rows(field=(Field, data["field"]), area=(Place, data["area"]))
    contact = data["contact"]
    if data["tax_code"]:
        sender_type = rules.SenderType.ENTERPRISE
    else:
        sender_type = rules.SenderType.PERSON if any(contact.values()) else rules.SenderType.ANONYMOUS
    submission = intake.Submission(
        kind=data["kind"],
        body=data["body"],
        title=data["subject"],
        token=f"api:{headers['idempotency_key'] or secrets.token_hex(16)}",
        channel=rules.Channel.API,
        sender_type=sender_type,
        people=(intake.PersonData(tax_code=data["tax_code"], **contact),),
        field_id=field.id if field else None,
        place_id=area.id if area else None,
        publish_consent=data["publish"],
        locale=data["lang"],
    )
    try:
        receipt = intake.submit(submission, actor=SENDER, now=clock.now())
    except tuple(REFUSALS) as refusal:
        refuse_named(refusal)
    answer = receipt_out(receipt)
    db.session.commit()
    return answer


def receipt_out(receipt: intake.Receipt) -> dict[str, Any]:
    """Return what the sender takes away."""
    # From the setting, not from the Host header: whoever keeps the answer must not be led elsewhere.
    links = {"self": current_app.config["SITE_URL"] + url_for("api_feedback.show", code=receipt.code)}
    if receipt.feedback is None:
        return {
            "code": receipt.code,
            "key": receipt.key,
            "status": None,
            "unit": None,
            "notice_due_on": None,
            "due_on": None,
            "due_reason": None,
            "notice": _(
                "Luật không nhận tố cáo qua mạng. Nội dung được mã hóa, chỉ người tiếp nhận tố cáo, người quyết định việc ấy "
                "và người được giao mở được, mỗi lần mở đều được ghi lại; không hứa hạn trả lời, không tra cứu được bằng mã. "
                "Muốn tố cáo theo luật: nộp đơn có chữ ký hoặc trình bày trực tiếp tại nơi tiếp công dân."
            ),
            "links": {},
        }
    seen = reading.picture(receipt.feedback, clock.today())
    return {name: seen[name] for name in ("code", "status", "notice_due_on", "due_on", "due_reason")} | {
        "unit": {"code": seen["unit"].code, "name": seen["unit"].name},  # as read before the commit: after it, it would be asked for again
        "key": receipt.key,
        "links": links,
    }

"""Who writes in the demo's items, as the intake takes it."""

from __future__ import annotations

from typing import Any

from app.units.models import Unit
from demo.province import FORMS_OF_ADDRESS
from feedback import rules
from feedback.models import PersonRole
from feedback.operations import intake


def salutation(item: dict[str, Any], from_: Unit) -> str:
    """Return how an answer begins: by name where the unit may know it, in the one form that fits."""
    who = item["sender"]
    known = item["identity"] == rules.IdentityScope.UNIT
    name = f"{FORMS_OF_ADDRESS[who['gender']]} {who['name']}" if known else "người gửi ý kiến"
    return f"Kính gửi {name}.\n\n{from_.short_name} trả lời từng ý như sau."


def sender_type(item: dict[str, Any]) -> rules.SenderType:
    """Return who the item says is writing."""
    for trait, type_ in (
        ("unsigned", rules.SenderType.ANONYMOUS),
        ("insider", rules.SenderType.INSIDER),
        ("business", rules.SenderType.ENTERPRISE),
        ("signers", rules.SenderType.GROUP),
        ("on_behalf_of", rules.SenderType.ON_BEHALF),
    ):
        if trait in item:
            return type_
    return rules.SenderType.PERSON


def people(item: dict[str, Any]) -> tuple[intake.PersonData, ...]:
    """Return everyone an item names: who sent it, whose matter it is, who signed."""
    if "sender" not in item:
        return ()
    who, business = item["sender"], item.get("business", {})
    named = [
        intake.PersonData(
            name=who["name"],
            phone=who.get("phone", ""),
            email=who.get("email", ""),
            address=who.get("address", ""),
            organisation=business.get("name", ""),
            tax_code=business.get("tax_code", ""),
        )
    ]
    if "on_behalf_of" in item:
        named.append(intake.PersonData(role=PersonRole.PRINCIPAL, name=item["on_behalf_of"]["name"]))
    for name in item.get("signers", []):
        if name != who["name"]:
            role = PersonRole.REPRESENTATIVE if name in item["representatives"] else PersonRole.SIGNER
            named.append(intake.PersonData(role=role, name=name))
    return tuple(named)

"""The demo's data holds together: everything it names exists, every past is one that could have happened."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from app.fold import fold
from app.permissions import Role
from app.units.models import SigningStep, UnitKind
from demo import content
from feedback import routes, rules
from tests.demo.stories import ALL, ITEMS, looks_like, replay

UNITS = {unit.code: unit for unit in content.units()}
COMMUNES = {commune.full_name: commune for commune in content.communes()}
FIELDS = {field["code"]: field for field in content.read("fields")["field"]}
USERS = {user["login"]: user for user in content.read("users")["user"]}
ROUTING = content.read("routing")
# --- units, fields, people, routing -----------------------------------------------------------------------------------------------


def test_the_province_has_the_99_communes_of_2025_and_each_has_a_committee():
    committees = [unit for unit in UNITS.values() if unit.commune and unit.code == unit.commune]

    assert len(COMMUNES) == len(committees) == 99
    assert Counter(commune.kind for commune in COMMUNES.values()) == {"xã": 66, "phường": 33}


def test_every_unit_is_of_a_known_kind_and_stands_below_one_named_before_it():
    seen: set[str] = set()
    for unit in content.units():
        assert unit.kind in set(UnitKind)
        assert unit.parent is None or unit.parent in seen, unit.code
        assert set(unit.signing_chain) <= set(SigningStep)
        assert unit.code not in seen, f"{unit.code} stands twice"
        seen.add(unit.code)


def test_six_communes_have_offices_and_a_desk_of_their_own():
    desks = {unit.commune for unit in UNITS.values() if unit.reception}

    assert desks == {None, "viet-yen", "bac-giang", "kinh-bac", "tu-son", "luc-ngan", "son-dong"}


def test_a_ward_has_its_infrastructure_office_and_a_rural_commune_its_economic_one():
    assert "viet-yen.kthtdt" in UNITS
    assert "viet-yen.kt" not in UNITS
    assert "luc-ngan.kt" in UNITS
    assert "luc-ngan.kthtdt" not in UNITS


def test_remote_communes_and_communes_with_offices_exist():
    pattern = content.read("units")["commune"]

    assert {*pattern["remote"], *pattern["with_offices"]} <= set(COMMUNES)
    assert set(pattern["signing_chain"]) <= set(UNITS)


def test_every_field_has_a_unit_that_answers_and_the_insider_field_is_copied_to_the_standing_body():
    for field in FIELDS.values():
        assert UNITS[field["unit"]].handles, field["code"]

    insiders = [field for field in FIELDS.values() if field.get("insider")]

    assert [field["copy_to"] for field in insiders] == ["ban-tgdv"]
    assert [field["code"] for field in FIELDS.values() if field.get("regulation")] == ["quy-dinh-thu-tuc"]


def test_every_account_has_a_unit_and_roles_over_something_that_exists():
    for user in USERS.values():
        assert user["unit"] in UNITS, user["login"]
        assert user["gender"] in {"male", "female"}
        for held in user["roles"]:
            assert held["role"] in set(Role)
            assert held["scope"] == "*" or held["scope"] in UNITS


def test_a_sign_in_is_the_person_s_name_without_diacritics():
    assert {login: fold(user["name"]).replace(" ", ".") for login, user in USERS.items()} == {login: login for login in USERS}


def test_one_person_of_each_kind_of_work_is_offered_as_a_sign_in():
    shown = [user for user in USERS.values() if "sign_in" in user]

    assert len({user["sign_in"] for user in shown}) == len(shown)
    assert {held["role"] for user in shown for held in user["roles"]} == set(Role)


def test_there_is_somebody_in_every_role():
    assert {held["role"] for user in USERS.values() for held in user["roles"]} == set(Role)


def test_delegations_are_between_people_of_one_unit():
    for delegation in content.read("users")["delegation"]:
        assert USERS[delegation["from"]]["unit"] == USERS[delegation["to"]]["unit"] == delegation["unit"]
        assert delegation["starts"] < delegation["ends"]


def test_routing_rules_compile_and_name_what_exists():
    for rule in ROUTING["rule"]:
        assert set(rule.get("kinds", [])) <= set(rules.Kind)
        assert set(rule.get("channels", [])) <= set(rules.Channel)
        assert set(rule.get("fields", [])) <= set(FIELDS)
        assert rule["to"] == "commune" or UNITS[rule["to"]].handles or UNITS[rule["to"]].reception, rule["name"]
    assert compiled()
    assert UNITS[ROUTING["default"]].reception


# --- items --------------------------------------------------------------------------------------------------------------------------


def test_keys_and_telephone_numbers_are_given_once():
    keys = Counter(item["key"] for item in ALL)
    phones = Counter(item["sender"]["phone"] for item in ITEMS if "phone" in item.get("sender", {}))

    assert {each: n for each, n in (keys + phones).items() if n > 1} == {}


def test_what_an_item_names_exists():
    for item in ALL:
        assert item["kind"] in set(rules.Kind)
        assert item["channel"] in set(rules.Channel)
        assert item["identity"] in set(rules.IdentityScope)
        assert item.get("commune") is None or item["commune"] in COMMUNES
        assert item.get("field") is None or item["field"] in FIELDS
        assert item.get("accused_unit") is None or item["accused_unit"] in UNITS
        assert item.get("entered_by") is None or item["entered_by"] in USERS
        assert item.get("insider", False) == FIELDS.get(item.get("field", ""), {}).get("insider", False)


def test_an_item_says_something_and_nothing_is_filler():
    for item in ALL:
        text = f"{item['title']} {item['body']}"

        assert item["title"]
        assert item["body"].strip()
        assert not re.search(r"lorem|ipsum|todo|xxx|\.\.\.\.", text, re.IGNORECASE)


def test_contacts_cannot_be_anybody_s():
    for item in ALL:
        sender = item.get("sender")
        if item.get("unsigned"):
            assert sender is None
            continue
        assert sender["name"]
        assert sender["gender"] in {"male", "female"}
        assert re.fullmatch(r"0900\d{6}", sender.get("phone", "0900000000"))  # 0900 is no operator's prefix
        assert sender.get("email", "a@b.example").endswith(".example")
        assert sender.get("phone") or sender.get("email") or sender.get("address")


def check_digit_holds(tax_code: str) -> bool:
    """Mã số thuế: the tenth digit is 10 minus the weighted sum of the nine before it modulo 11."""
    weighted = sum(weight * int(digit) for weight, digit in zip((31, 29, 23, 19, 17, 13, 7, 5, 3), tax_code, strict=False))
    return 10 - weighted % 11 == int(tax_code[9])


def test_a_business_has_a_well_formed_tax_code_and_a_representative():
    for business in (item["business"] for item in ITEMS if "business" in item):
        assert re.fullmatch(r"\d{10}", business["tax_code"])
        assert check_digit_holds(business["tax_code"])
        assert business["representative"]


# --- the past -----------------------------------------------------------------------------------------------------------------------

#: What each step carries beside `day` and `do`; a name in brackets may be missing.
STEPS: dict[str, str] = {
    "route": "unit",
    "take": "officer",
    "return": "reason",
    "transfer": "unit reason",
    "ask": "question",
    "answer": "text",
    "note_internal": "text",
    "sender_note": "text",
    "extend": "ground reason approved",
    "reply": "points (draft)",
    "send_back": "remarks",
    "approve": "(by)",
    "publish": "",
    "publish_public": "title text",
    "rate": "score why",
    "reopen": "reason",
    "guide": "reason text",
    "forward": "to reason",
    "refuse": "reason text",
    "file": "reason text",
    "split": "parts",
    "merge": "into",
    "withdraw": "reason",
    "promise_done": "point note",
}


def test_a_past_uses_the_closed_vocabulary_and_ends_before_today():
    for item in ALL:
        days = [step["day"] for step in item["past"]]

        for step in item["past"]:
            words = STEPS[step["do"]].split()
            needed = {word for word in words if not word.startswith("(")}
            allowed = needed | {word.strip("()") for word in words}
            assert needed <= step.keys() - {"day", "do"} <= allowed, f"{item['key']}: {step}"
        assert days == sorted(days)
        assert all(0 <= day < item["sent"]["days_ago"] for day in days)
        assert re.fullmatch(r"[0-2]\d:[0-5]\d", item["sent"]["at"])
        replay(item)


def test_who_takes_an_item_belongs_to_the_unit_that_holds_it():
    for item in ALL:
        holder = None
        for step in item["past"]:
            if step["do"] in {"route", "transfer"}:
                assert UNITS[step["unit"]].handles, step["unit"]
                holder = step["unit"]
            if step["do"] == "take":
                roles = USERS[step["officer"]]["roles"]
                assert any(held["role"] == "officer" and held["scope"] == holder for held in roles), f"{item['key']}: {step}"
            if step["do"] == "approve" and "by" in step:
                assert USERS[step["by"]]["unit"] == holder


def test_a_reopened_item_is_taken_by_somebody_else():
    for item in ALL:
        before: str | None = None
        reopened = False
        for step in item["past"]:
            if step["do"] == "take":
                assert not (reopened and step["officer"] == before), item["key"]
                before, reopened = step["officer"], False
            reopened = reopened or step["do"] == "reopen"


def test_an_answer_says_point_by_point_what_was_done_promised_explained_or_cannot_be():
    for item in ALL:
        for step in item["past"]:
            for point in step.get("points", []):
                assert point["outcome"] in set(rules.Outcome)
                assert ("by" in point) == (point["outcome"] == "promised")
                assert ("reason" in point) == (point["outcome"] == "cannot")
                assert point.get("by", 999) > step["day"]


def test_an_answer_is_rated_and_reopened_within_the_days_for_it():
    for item in ALL:
        answered = None
        for step in item["past"]:
            if step["do"] == "publish":
                answered = step["day"]
            if step["do"] in {"rate", "reopen"}:
                assert answered is not None
                assert step["day"] - answered <= 9, item["key"]  # working days, inside 15 calendar days


def test_only_a_promise_can_be_kept():
    for item in ALL:
        points: list[dict[str, Any]] = []
        for step in item["past"]:
            points = step.get("points", points)
            if step["do"] == "promise_done":
                assert points[step["point"] - 1]["outcome"] == "promised"


def test_what_is_published_has_consent_and_shows_neither_name_nor_number():
    for item in ALL:
        for step in item["past"]:
            if step["do"] != "publish_public":
                continue
            shown = f"{step['title']} {step['text']}"
            assert item["consent"], item["key"]
            assert item["sender"]["name"] not in shown
            assert not re.search(r"\d{9,}|số nhà \d", shown, re.IGNORECASE)


def test_a_merged_item_lives_on_in_one_that_is_still_open():
    for item in ALL:
        for step in item["past"]:
            if step["do"] == "merge":
                into = next(other for other in ITEMS if other["key"] == step["into"])
                assert replay(into) in {"offered", "taken"}
                assert into["sent"]["days_ago"] >= item["sent"]["days_ago"]


def test_a_refusal_gives_a_reason_the_rules_know():
    for item in ALL:
        for step in item["past"]:
            if step["do"] == "refuse":
                assert step["reason"] in set(rules.RefusalReason)


# --- routing, by the real rules ---------------------------------------------------------------------------------------------------------

FIELD_IDS = {code: number for number, code in enumerate(FIELDS, start=1)}
UNIT_IDS = {code: number for number, code in enumerate(UNITS, start=1)}
CODES = {number: code for code, number in UNIT_IDS.items()}


def compiled() -> list[routes.Route]:
    """The demo's rules as the engine has them, with invented ids."""
    return [
        routes.compile_route(
            routes.Route(
                id=position,
                position=position,
                kinds=frozenset(rules.Kind(kind) for kind in rule.get("kinds", [])),
                channels=frozenset(rules.Channel(channel) for channel in rule.get("channels", [])),
                field_ids=frozenset(FIELD_IDS[code] for code in rule.get("fields", [])),
                words=tuple(fold(word) for word in rule.get("words", [])),
                unit_id=None if rule["to"] == "commune" else UNIT_IDS[rule["to"]],
                to_place=rule["to"] == "commune",
            )
        )
        for position, rule in enumerate(ROUTING["rule"], start=1)
    ]


def routed_to(item: dict[str, Any]) -> str | None:
    """Where the rules send an item at once; None: a clerk looks first."""
    slug = COMMUNES[item["commune"]].slug if "commune" in item else None
    goes = routes.route(
        routes.Matter(
            kind=rules.Kind(item["kind"]),
            field_id=FIELD_IDS.get(item.get("field", "")),
            place_id=UNIT_IDS.get(slug or ""),
            folded_text=fold(f"{item['title']} {item['body']}"),
            channel=rules.Channel(item["channel"]),
            insider=item.get("insider", False),
        ),
        compiled(),
        unit_of_place={UNIT_IDS[slug]: UNIT_IDS[slug]} if slug else {},
        path_of={number: f"/{number}/" for number in CODES},
    )
    if goes.route_id is not None and not ROUTING["rule"][goes.route_id - 1].get("direct", True):
        return None
    return None if goes.unit_id is None or UNITS[CODES[goes.unit_id]].reception else CODES[goes.unit_id]


def test_the_routing_rules_do_at_once_what_the_past_says_they_did():
    for item in ITEMS:
        first = item["past"][0] if item["past"] else {}
        by_rule = first.get("unit") if first.get("do") == "route" and first["day"] == 0 else None

        assert routed_to(item) == by_rule


# --- the whole picture --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "field", "to"),
    [
        (kind, field["code"], "tan-yen" if field["commune_first"] and kind == "report" else field["unit"])
        for kind in ("report", "question")
        for field in FIELDS.values()
        if not (kind == "question" and field["code"] in {"ho-tich", "chinh-sach-xa-hoi", "phuc-vu-hanh-chinh"})
    ],
)
def test_without_telling_words_a_matter_goes_where_its_field_says(kind: str, field: str, to: str):
    item = {"kind": kind, "channel": "web", "title": "Hỏi", "body": "Một việc.", "commune": "Xã Tân Yên", "field": field}

    assert routed_to(item) == to


@pytest.mark.parametrize("field", ["ho-tich", "chinh-sach-xa-hoi", "phuc-vu-hanh-chinh"])
def test_questions_about_papers_and_allowances_are_the_commune_s(field: str):
    item = {"kind": "question", "channel": "web", "title": "Hỏi", "body": "Một việc.", "commune": "Xã Tân Yên", "field": field}

    assert routed_to(item) == "tan-yen"


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("received", 8),
        ("offered", 11),
        ("taken", 14),
        ("overdue", 5),
        ("extended", 3),
        ("waiting", 3),
        ("answer in the making", 7),
        ("in time", 14),
        ("late", 6),
        ("reopened", 4),
        ("guided", 3),
        ("forwarded", 2),
        ("refused", 2),
        ("filed", 2),
        ("withdrawn", 2),
        ("split", 1),
        ("merged", 2),
        ("public", 14),
        ("promise kept", 2),
        ("promise kept late", 1),
        ("promise broken", 2),
        ("promise open", 3),
    ],
)
def test_the_demo_shows_enough_of_each(name: str, least: int):
    shown = [item["key"] for item in ALL if name in looks_like(item)]

    assert len(shown) >= least, shown


def test_about_eighty_people_wrote_and_every_voice_is_there():
    assert 75 <= len(ITEMS) <= 90
    for trait in ("business", "insider", "entered_by", "spoken", "on_behalf_of", "signers", "voter_petition", "external", "unsigned"):
        assert any(trait in item for item in ITEMS), trait
    assert {item["kind"] for item in ITEMS} == set(rules.Kind)
    assert any(item.get("spoken", {}).get("interpreter") for item in ITEMS)


def test_mrs_hop_s_drain_is_answered_two_days_early_with_one_promise_open():
    drain = next(item for item in ITEMS if item["key"] == "ranh-duc-quang")

    assert looks_like(drain) == {"answered", "in time", "public", "promise open"}


# --- the year before, and oversight -----------------------------------------------------------------------------------------------------

HISTORY, OVERSIGHT = content.read("history"), content.read("oversight")
SAID = {"spot": "thôn Đoài", "since": "mấy hôm nay", "place": "xã Kép"}
MARKS = "ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ"


def sentences(found: Any) -> list[str]:
    """Every text of a file that is a sentence."""
    if isinstance(found, dict):
        return [text for value in found.values() for text in sentences(value)]
    if isinstance(found, list):
        return [text for value in found for text in sentences(value)]
    return [found] if isinstance(found, str) and found.count(" ") > 3 else []


def test_what_was_written_in_the_year_before_names_what_exists_and_says_what_came_of_it():
    for matter in HISTORY["matter"]:
        assert matter["field"] in FIELDS
        assert matter["kind"] in set(rules.Kind)
        assert matter["at"] == "commune" or UNITS[matter["at"]].handles
        assert len({"done", "explained", "promise"} & matter.keys()) == 1
        assert ("promise" in matter) == ({"days", "text", "kept"} <= matter.keys())
        assert "{" not in matter["title"].format(**SAID) + matter["body"].format(**SAID) + matter.get("promise", "").format(**SAID)


@pytest.mark.parametrize("data", [HISTORY, OVERSIGHT], ids=["history", "oversight"])
def test_every_sentence_has_its_diacritics_and_no_telephone(data: dict[str, Any]):
    found = sentences(data)

    assert len(found) > 40
    for text in found:
        assert any(letter in text.lower() for letter in MARKS), text
        assert not re.search(r"\d{7,}|lorem|todo|xxx", text, re.IGNORECASE)


def test_who_acts_in_oversight_has_an_account():
    named = [row[part] for row in OVERSIGHT["plan"] for part in ("by", "head", "records")]
    named += [row[part] for row in OVERSIGHT["campaign"] for part in ("leader", "secretary")]
    named += [row["login"] for row in OVERSIGHT["watching"]["person"]] + [row["by"] for row in OVERSIGHT["looks"]["wrong"]]

    assert set(named) <= set(USERS)

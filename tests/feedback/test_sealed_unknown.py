"""Whoever may not know of a sealed case meets nothing of it anywhere, and nothing that counts it."""

from __future__ import annotations

import re

import pytest

from app import clock
from app.accounts.queries import reach_of
from app.database import db
from app.permissions import Role
from feedback import finding, rules, similar
from feedback.operations.intake import PersonData
from feedback.sealed.models import SealedCase
from tests import factories
from tests.factories import sign_in
from tests.feedback import builders

SECRET = "Ông Trâu Đen cắt xén tiền cứu trợ bão ở kho Gò Mả"


@pytest.fixture
def accused(province):
    """Who leads the accused unit, supervises and audits there: nobody has more pages."""
    roles = [(Role.HEAD, province.works), (Role.AUDITOR, province.works), (Role.OFFICE, province.works)]
    return factories.make_user(unit=province.works, roles=roles)


def seal(province, token):
    people = (PersonData(name="Lê Thị Giấu", phone="0900000001"),)
    return builders.submit(
        kind=rules.DENUNCIATION, body=SECRET, people=people, accused_unit_id=province.works.id, accused_names="Ông Trâu Đen", token=token
    )


#: Sign-in and second factors make a challenge afresh for each look; the administration is not for anybody here.
ELSEWHERE = ("accounts.", "administration.", "static")


def pages(app, user) -> dict[str, str]:
    """Return every page without a number or a code in its address, as *user* sees it; what each answer makes fresh is taken out."""
    client = app.test_client()
    sign_in(client, user)
    seen = {}
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments and not rule.endpoint.startswith(ELSEWHERE):
            with client.get(rule.rule) as answer:
                is_text = answer.is_json or answer.mimetype.startswith("text/")
                seen[rule.rule] = f"{answer.status_code} {_FRESH.sub('', answer.get_data(as_text=True)) if is_text else ''}"
    return seen


_FRESH = re.compile(r'value="[^"]{20,}"|content="[^"]*"|\b[0-9a-f]{16,}\b|\d\d:\d\d(?::\d\d)?|\d+(?:[.,]\d+)? (?:giây|ms)|"[\w-]{30,}"')


@pytest.mark.strictest_database  # some hundred pages, twice
def test_every_page_of_an_accused_head_is_the_same_before_and_after_a_case_came(app, province, accused):
    before = pages(app, accused)
    receipt = seal(province, "first")
    db.session.commit()
    after = pages(app, db.session.merge(accused))

    assert len(before) > 60
    assert [path for path in before if before[path] != after[path]] == []
    for text in after.values():
        assert receipt.code not in text
        assert "Trâu Đen" not in text


def test_no_search_suggestion_or_code_finds_a_case(app, client, province, accused):
    receipt = seal(province, "first")
    db.session.commit()
    for reader in (accused, province.clerk, province.front_reader):
        reach = reach_of(reader, on=clock.today())
        for typed in (receipt.code, "Trâu Đen", "cứu trợ bão", "0900000001"):
            assert finding.find(typed, reach) == []
    assert similar.like(SECRET) == []
    for address in (f"/tra-cuu/{receipt.code}", f"/api/v1/feedback/{receipt.code}", f"/t/{receipt.code}/{receipt.key}"):
        assert client.get(address).status_code == 404, address


def test_codes_of_cases_follow_nothing_and_look_like_any_other(province):
    receipts = [seal(province, f"n{number}") for number in range(8)]
    other = builders.submit()
    codes = [receipt.code for receipt in receipts]
    assert len({code[:6] for code in (*codes, other.code)}) == 1
    assert len({code[6:12] for code in codes}) == len(codes)
    assert codes != sorted(codes), "not one after the other"
    assert len({row.received_month for row in db.session.scalars(db.select(SealedCase))}) == 1, "no finer date than the month lies open"

"""Second factors that were lost: two administrators end them, never one, never for oneself; and which roles need one."""

from __future__ import annotations

import datetime as dt
import re
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient

from app import clock, settings
from app.access import NotAllowed
from app.accounts import factors, resets, sessions
from app.accounts.models import FactorReset, Grant, User
from app.accounts.rules import may_reset
from app.audit import entries_about
from app.database import db
from app.letters import letter
from app.outbox import Notice
from app.permissions import PERSONAL, Role
from tests.app.test_administration import Desk
from tests.app.test_factors import give_app
from tests.factories import LONG_AGO, make_unit, make_user

DAY = dt.timedelta(days=1)


@pytest.fixture
def people(app: Flask) -> dict[str, User]:
    province = make_unit(name="UBND tỉnh")
    commune = make_unit(name="UBND phường", parent=province)
    everywhere = [(Role.ADMINISTRATOR, None)]
    found = {
        "lost": make_user(name="Trần Thị Mất", unit=commune, roles=[Role.HEAD]),
        "asker": make_user(name="Lê Văn Hỏi", unit=province, roles=everywhere),
        "agreer": make_user(name="Vũ Thị Đồng", unit=province, roles=everywhere),
        "local": make_user(unit=commune, roles=[Role.ADMINISTRATOR]),
        "elsewhere": make_user(unit=make_unit(parent=province), roles=[Role.ADMINISTRATOR]),
        "clerk": make_user(unit=commune, roles=[Role.RECEPTION]),
    }
    for who in ("lost", "asker"):
        give_app(found[who])
        factors.renew_codes(found[who], now=clock.now())
    sessions.begin(found["lost"], browser="chrome/windows", now=clock.now())
    return found


def ask(people: dict[str, User], who: str = "asker", whose: str = "lost") -> FactorReset:
    return resets.ask(people[whose], reason="mất điện thoại", actor=people[who], today=clock.today(), now=clock.now())


def decide(row: FactorReset, actor: User, *, agreed: bool = True, after: dt.timedelta = dt.timedelta()) -> None:
    resets.decide(row, agreed=agreed, actor=actor, today=clock.today(), now=clock.now() + after)


def account(id_: int, name: str = "", email: str = "") -> SimpleNamespace:
    return SimpleNamespace(id=id_, name=name or f"Người {id_}", email=email or f"{id_}@bacninh.example")


@pytest.mark.parametrize(
    ("asker", "agreer", "user", "may"),
    [
        (account(1), account(2), account(3), True),
        (account(1), account(1), account(3), False),
        (account(1), account(2), account(1), False),
        (account(1), account(2), account(2), False),
        (account(1), account(1), account(1), False),
        (account(1, "Lê Thị Hai"), account(2, "lê thị  hai"), account(3), False),
        (account(1, email="hai@x.example"), account(2, email="Hai+2@x.example"), account(3), False),
    ],
)
def test_two_people_reset_and_neither_for_themselves(asker: Any, agreer: Any, user: Any, *, may: bool) -> None:
    assert may_reset(asker, agreer, user) is may


def test_the_old_factors_hold_until_another_one_agrees_and_the_person_hears_of_both(people: dict[str, User]) -> None:
    lost = people["lost"]
    row = ask(people)
    assert factors.has_any(lost)
    assert sessions.of(lost)
    decide(row, people["agreer"])
    assert not factors.has_any(lost)
    assert factors.codes_left(lost) == 0
    assert sessions.of(lost) == []
    assert [entry.action for entry in entries_about(lost)][-2:] == ["user.reset_asked", "user.reset_agreed"]
    letters = db.session.scalars(db.select(Notice).where(Notice.user_id == lost.id).order_by(Notice.id)).all()
    assert [each.template.rpartition("/")[2] for each in letters] == ["reset_asked", "reset_agreed"]
    assert "gọi ngay cho người quản trị" in letter(letters[0]).text
    assert factors.has_any(people["asker"]), "nobody else's"


@pytest.mark.parametrize("who", ["elsewhere", "clerk", "lost"])
def test_who_does_not_look_after_the_account_neither_asks_nor_agrees(people: dict[str, User], who: str) -> None:
    with pytest.raises(NotAllowed):
        ask(people, who)
    row = ask(people)
    with pytest.raises(NotAllowed):
        decide(row, people[who])
    assert factors.has_any(people["lost"])


def test_nobody_agrees_with_themselves_nor_resets_their_own(people: dict[str, User]) -> None:
    row = ask(people)
    with pytest.raises(resets.NeedsAnother):
        decide(row, people["asker"])
    with pytest.raises(resets.NeedsAnother):
        ask(people, "asker", "asker")
    of_the_agreer = ask(people, "agreer", "asker")
    with pytest.raises(resets.NeedsAnother):
        decide(of_the_agreer, people["asker"])
    assert factors.has_any(people["lost"])
    assert factors.has_any(people["asker"])


def test_it_is_asked_once_and_decided_once_within_a_week(people: dict[str, User]) -> None:
    row = ask(people)
    with pytest.raises(resets.AskedAlready):
        ask(people, "agreer")
    with pytest.raises(resets.DecidedAlready):
        decide(row, people["agreer"], after=resets.DAYS * DAY)
    decide(row, people["asker"], agreed=False)
    with pytest.raises(resets.DecidedAlready):
        decide(row, people["agreer"])
    assert factors.has_any(people["lost"])
    with pytest.raises(resets.NothingToReset):
        ask(people, "asker", "clerk")


def test_two_who_agree_at_once_end_it_once(fresh_app: Flask) -> None:
    chiefs = [make_user(roles=[(Role.ADMINISTRATOR, None)]) for _each in range(3)]
    lost = give_app(make_user())
    row = resets.ask(lost, reason="mất", actor=chiefs[0], today=clock.today(), now=clock.now())
    db.session.commit()
    row_id, ids, reaches = row.id, [each.id for each in chiefs[1:]], [each.reach for each in chiefs[1:]]
    db.session.commit()  # nothing is held meanwhile
    go, said = threading.Barrier(2), []

    def agree(number: int) -> None:
        with fresh_app.app_context():
            go.wait()
            actor = db.session.get_one(User, ids[number])
            actor.reach = reaches[number]
            try:
                decide(db.session.get_one(FactorReset, row_id), actor)
                db.session.commit()
                said.append("agreed")
            except resets.DecidedAlready:
                said.append("too late")
            db.session.remove()

    threads = [threading.Thread(target=agree, args=(number,)) for number in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said) == ["agreed", "too late"]


def test_the_pages_lead_two_administrators_through_it(app: Flask, people: dict[str, User]) -> None:
    lost = people["lost"]
    asker, agreer = Desk(app.test_client(), people["asker"]), Desk(app.test_client(), people["agreer"])
    address = f"/quan-tri/nguoi-dung/{lost.id}/dat-lai-xac-nhan"
    assert address in asker.get(f"/quan-tri/nguoi-dung/{lost.id}").text
    assert asker.send(address, reason="").status_code == 422
    assert asker.send(address, reason="Mất điện thoại").location == f"/quan-tri/nguoi-dung/{lost.id}"
    page = asker.get(address).text
    assert "Đang chờ một người quản trị khác" in page
    assert "/dong-y" not in page
    assert f"end-second-factor --email {lost.email}" in page, "where nobody else is left"
    answer = re.search(r'action="([^"]+/dong-y)"', agreer.get(address).text)
    assert answer
    asker.press(answer[1])
    assert factors.has_any(lost), "whatever button is pressed"
    assert agreer.press(answer[1]).status_code == 303
    assert not factors.has_any(lost)
    assert agreer.press(answer[1]).status_code == 303, "a second press finds it done"


@pytest.mark.parametrize("rest", ["dat-lai-xac-nhan", "dat-lai-xac-nhan/1/dong-y"])
def test_an_administrator_of_elsewhere_gets_no_page(app: Flask, people: dict[str, User], rest: str) -> None:
    desk = Desk(app.test_client(), people["elsewhere"])
    address = f"/quan-tri/nguoi-dung/{people['lost'].id}/{rest}"
    answer = desk.press(address) if rest.endswith("dong-y") else desk.get(address)
    assert answer.status_code == 403


def test_the_only_administrator_who_lost_it_is_helped_at_the_machine(app: Flask, people: dict[str, User]) -> None:
    runner = app.test_cli_runner()
    email = people["lost"].email
    assert runner.invoke(args=["end-second-factor", "--email", "khong.co@x.example"]).exit_code == 1
    done = runner.invoke(args=["end-second-factor", "--email", email])
    assert done.exit_code == 0
    assert people["lost"].name in done.output
    assert not factors.has_any(people["lost"])
    assert entries_about(people["lost"])[-1].action == "user.factors_ended"


def test_an_administrator_of_the_install_says_which_roles_need_a_second_factor(app: Flask, people: dict[str, User]) -> None:
    desk, local = Desk(app.test_client(), people["asker"]), Desk(app.test_client(), people["local"])
    assert local.get("/quan-tri/xac-nhan-hai-buoc").status_code == 403
    assert desk.send("/quan-tri/xac-nhan-hai-buoc", roles=["nobody"]).status_code == 422
    assert desk.send("/quan-tri/xac-nhan-hai-buoc", roles=["reception", "records"]).status_code == 302
    assert settings.get("second_factor_roles") == ["reception", "records"]
    assert desk.send("/quan-tri/xac-nhan-hai-buoc").status_code == 302
    assert settings.get("second_factor_roles") == []


def test_giving_a_role_asks_again_after_a_while(app: Flask, client: FlaskClient, people: dict[str, User], monkeypatch: Any) -> None:
    desk = Desk(client, people["agreer"])
    address = f"/quan-tri/nguoi-dung/{people['clerk'].id}/vai-tro"
    assert desk.get(address).status_code == 200
    later = clock.now() + dt.timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert desk.get(address).location == f"/tai-khoan/xac-nhan?next={address}"


def test_every_post_that_touches_accounts_or_rights_asks_again_after_a_while(
    app: Flask, client: FlaskClient, people: dict[str, User], monkeypatch: Any
) -> None:
    desk, clerk = Desk(client, people["agreer"]), people["clerk"]
    desk.press(f"/quan-tri/nguoi-dung/{clerk.id}/moi-lai")
    digest, ids = clerk.invitation_salt, dict.fromkeys(("user_id", "grant_id", "delegation_id", "reset_id"), clerk.id)
    later = clock.now() + dt.timedelta(minutes=16)
    monkeypatch.setattr(clock, "now", lambda: later)
    touching = ("/quan-tri/nguoi-dung", "/quan-tri/uy-quyen", "/quan-tri/xac-nhan-hai-buoc")
    with app.test_request_context():
        addresses = {
            rule.endpoint: url_for(rule.endpoint, **{name: ids.get(name, "khong") for name in rule.arguments})
            for rule in app.url_map.iter_rules()
            if rule.rule.startswith(touching) and "POST" in (rule.methods or ())
        }
    assert {"administration.invite_again", "administration.new_user", "administration.edit_user", "administration.leave"} < set(addresses)
    db.session.add_all(Grant(user_id=desk.user.id, role=role, everywhere=True, starts_on=LONG_AGO) for role in Role if role not in PERSONAL)
    db.session.commit()
    for endpoint, address in addresses.items():
        answer = desk.press(address)
        assert (answer.location or "").startswith("/tai-khoan/xac-nhan") or answer.status_code == 401, endpoint
    assert clerk.invitation_salt == digest

"""Roles that open what is sealed, read the record or make other roles: two people give one, and even so it does not hold at once."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
from flask import Flask

from app import clock, settings
from app.access import NotAllowed
from app.accounts import agreeing, guarded, operations, rights
from app.accounts.models import Delegation, RoleRequest, User
from app.accounts.queries import grants_of, reach_of
from app.accounts.rules import may_be_one, takes_hold, vouches
from app.audit import entries_about
from app.database import db
from app.letters import letter, sentence
from app.outbox import Channel, Notice
from app.permissions import GRANTS, GUARDED, Permission, Reach, Role, Scope
from tests.app.test_administration import Desk, parts
from tests.factories import make_unit, make_user

DAY = dt.timedelta(days=1)
WAITING = sorted(GUARDED)


@pytest.fixture
def people(app: Flask) -> dict[str, User]:
    province = make_unit(name="UBND tỉnh")
    office = make_unit(parent=province)
    everywhere = {role: make_user(name=f"Giữ {role}", unit=office, roles=[(role, None)]) for role in WAITING}
    return everywhere | {
        "second": make_user(name="Quản trị thứ hai", unit=office, roles=[(Role.ADMINISTRATOR, None)]),
        "head": make_user(unit=province, roles=[(Role.HEAD, None)]),
        "head below": make_user(unit=office, roles=[Role.HEAD]),
        "clerk": make_user(name="Trần Văn Mới", unit=office),
    }


def ask(people: dict[str, User], role: Role = Role.SEALED_INTAKE, **over: Any) -> RoleRequest:
    today = clock.today()
    values = {"starts_on": today, "actor": people[Role.ADMINISTRATOR], "today": today, "now": clock.now()} | over
    return agreeing.ask(values.pop("user", people["clerk"]), role, **values)


def agree(row: RoleRequest, actor: User, *, after: dt.timedelta = dt.timedelta()) -> Any:
    return agreeing.agree(row, actor=actor, today=clock.today(), now=clock.now() + after)


def held(user: User) -> list[bool]:
    """Say of today and the two days after whether *user* holds anything."""
    return [bool(reach_of(user, on=clock.today() + n * DAY).holds) for n in range(3)]


def told(what: str) -> dict[int, list[Notice]]:
    rows = list(db.session.scalars(db.select(Notice).where(Notice.template == f"accounts/notices/{what}").order_by(Notice.id)))
    return {user_id: [row for row in rows if row.user_id == user_id] for user_id in {row.user_id or 0 for row in rows}}


def test_whatever_opens_the_sealed_reads_the_record_or_makes_roles_is_guarded() -> None:
    powers = {Permission.SEALED_READ, Permission.AUDIT_READ, Permission.ACCOUNT_MANAGE, Permission.SETTINGS_MANAGE}
    assert {role for role, held in GRANTS.items() if held & powers} == GUARDED


@pytest.mark.parametrize(
    ("holds", "vouching"),
    [
        ((Role.HEAD, Scope(everywhere=True)), True),
        ((Role.HEAD, Scope(unit_path="/1/")), True),
        ((Role.HEAD, Scope(unit_path="/1/2/")), False),
        ((Role.HEAD, Scope(place_id=4)), False),
        ((Role.SEALED_INTAKE, Scope(everywhere=True)), True),
        ((Role.SEALED_INTAKE, Scope(unit_path="/1/2/")), False),
        ((Role.AUDITOR, Scope(everywhere=True)), False),
        ((Role.OFFICE, Scope(everywhere=True)), False),
    ],
)
def test_who_leads_the_install_or_holds_the_role_there_vouches_for_another(holds: tuple[Role, Scope], *, vouching: bool) -> None:
    own = Reach(1, 1, (holds,))
    assert vouches(own, Role.SEALED_INTAKE, Scope(everywhere=True), root_path="/1/") is vouching
    assert vouches(Reach(1, 1, ((Role.HEAD, Scope(place_id=4)),)), Role.SEALED_INTAKE, Scope(everywhere=True), root_path=None) is False


@pytest.mark.parametrize(
    ("name", "email", "one"),
    [
        ("Lê Văn Hỏi", "b@x.vn", True),
        ("lê  văn hỏi", "b@x.vn", True),
        ("Lê Văn Hội", "b@x.vn", False),
        ("Vũ Thị Đồng", "A+hai@x.vn", True),
        ("Vũ Thị Đồng", "a@y.vn", False),
    ],
)
def test_accounts_of_one_name_or_one_mailbox_may_be_one_persons(name: str, email: str, *, one: bool) -> None:
    assert may_be_one(User(id=1, name="Lê Văn Hỏi", email="a@x.vn"), User(id=2, name=name, email=email)) is one


@pytest.mark.parametrize(
    ("action", "facts", "takes"),
    [
        ("user.created", {}, True),
        ("user.invited", {}, True),
        ("user.changed", {"changed": ["email", "title"]}, True),
        ("user.changed", {"changed": ["name"]}, True),
        ("user.changed", {"changed": ["title"]}, False),
        ("grant.given", {"role": "head"}, True),
        ("grant.given", {"role": "officer"}, False),
    ],
)
def test_who_made_an_account_or_a_way_into_it_may_be_behind_it(action: str, facts: dict[str, Any], *, takes: bool) -> None:
    assert takes_hold(action, facts) is takes


@pytest.mark.parametrize("role", WAITING)
def test_two_give_a_guarded_role_it_holds_after_a_whole_day_and_who_keeps_watch_hears_of_both(
    app: Flask, people: dict[str, User], role: Role
) -> None:
    clerk, today = people["clerk"], clock.today()
    with pytest.raises(guarded.NeedsTwo):
        rights.give_role(clerk, role, starts_on=today, actor=people["second"], today=today, now=clock.now())
    row = ask(people, role)
    assert held(clerk) == [False] * 3
    agree(row, people["second"])
    assert held(clerk) == [False, False, True]
    assert [entry.action for entry in entries_about(clerk)] == ["grant.asked", "grant.agreed", "grant.given"]
    watching = {people[who].id for who in (*WAITING, "second", "head", "clerk")}
    for what, words in (
        ("guarded_role_asked", "Trần Văn Mới; cần người thứ hai"),
        ("guarded_role", "Quản trị thứ hai đồng ý giao vai trò"),
    ):
        notices = told(what)
        assert set(notices) == watching
        for site, mail in notices.values():
            assert (site.channel, mail.channel) == (Channel.SITE, Channel.EMAIL)
            with app.test_request_context():
                assert words in sentence(site)
            assert words in letter(mail).text
            assert "gọi ngay" in letter(mail).html


@pytest.mark.parametrize("who", ["head", Role.SEALED_INTAKE])
def test_who_leads_or_holds_it_already_is_a_second_person_too(people: dict[str, User], who: str) -> None:
    agree(ask(people), people[who])
    assert held(people["clerk"])[2]


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        (Role.ADMINISTRATOR, agreeing.NeedsAnother),
        ("clerk", NotAllowed),
        ("head below", NotAllowed),
        (Role.AUDITOR, NotAllowed),
    ],
)
def test_nobody_else_agrees(people: dict[str, User], who: str, refusal: type[Exception]) -> None:
    row = ask(people)
    with pytest.raises(refusal):
        agree(row, people[who])
    assert grants_of(people["clerk"], on=clock.today()) == []


def test_who_receives_it_does_not_agree_nor_a_second_account_of_either(people: dict[str, User]) -> None:
    chief, second = people[Role.ADMINISTRATOR], people["second"]
    with pytest.raises(agreeing.NeedsAnother):
        agree(ask(people, Role.AUDITOR, user=second), second)
    row = ask(people)
    namesake = make_user(name=chief.name.upper(), unit=chief.unit, roles=[(Role.ADMINISTRATOR, None)])
    with pytest.raises(agreeing.NeedsAnother):
        agree(row, namesake)
    assert grants_of(people["clerk"], on=clock.today()) == []


def test_an_account_that_who_asked_made_or_invited_lately_is_no_second_person(people: dict[str, User]) -> None:
    chief, head, today = people[Role.ADMINISTRATOR], people["head"], clock.today()
    operations.invite(head, actor=chief, today=today, now=clock.now())
    row = ask(people)
    with pytest.raises(agreeing.NeedsAnother):
        agree(row, head)
    assert not agreeing.may_agree(row, head, today=today, now=clock.now())
    puppet = operations.create_user(
        name="Ai Đó", email="ai.do@x.example", form_of_address="bà", title="", unit=head.unit, actor=people["second"], now=clock.now()
    )
    rights.give_role(puppet, Role.HEAD, starts_on=today, actor=chief, today=today, now=clock.now())
    with pytest.raises(agreeing.NeedsAnother):
        agree(row, puppet)
    later = ask(people, Role.AUDITOR, now=clock.now() + agreeing.LATELY)
    agree(later, head, after=agreeing.LATELY + DAY)


def test_nobody_agrees_to_what_is_asked_by_an_account_they_may_be_behind_nor_after_they_were_renamed(people: dict[str, User]) -> None:
    chief, second, today = people[Role.ADMINISTRATOR], people["second"], clock.today()
    operations.invite(chief, actor=second, today=today, now=clock.now())
    row = ask(people)
    with pytest.raises(agreeing.NeedsAnother):
        agree(row, second)
    head = people["head"]
    operations.change_user(
        head, name="Tên Khác Hẳn", email=head.email, form_of_address="bà", title=head.title, unit=head.unit, actor=chief, today=today,
        now=clock.now(),
    )  # fmt: skip
    with pytest.raises(agreeing.NeedsAnother):
        agree(row, head)


def test_whoever_watches_hears_that_a_guarded_role_was_taken(people: dict[str, User]) -> None:
    auditor, head = people[Role.AUDITOR], people["head"]
    for grant in grants_of(auditor, on=clock.today()):
        rights.end_grant(grant, actor=people["second"], today=clock.today(), now=clock.now())
    assert {auditor.id, head.id} <= set(told("guarded_role_ended"))
    assert letter(told("guarded_role_ended")[head.id][-1]).subject.startswith("Có người thôi vai trò")


def test_whoever_stands_in_for_a_second_person_is_none(people: dict[str, User]) -> None:
    today, deputy = clock.today(), make_user(unit=people["head"].unit)
    db.session.add(Delegation(giver=people["head"], deputy=deputy, form="TUQ.", starts_on=today, ends_on=today))
    row = ask(people)
    with pytest.raises(NotAllowed):
        agree(row, deputy)


def test_it_is_asked_once_decided_once_and_taken_back_by_who_asked(people: dict[str, User]) -> None:
    row, chief, second = ask(people), people[Role.ADMINISTRATOR], people["second"]
    by = {"today": clock.today(), "now": clock.now()}
    with pytest.raises(agreeing.AskedAlready):
        ask(people, actor=second)
    with pytest.raises(agreeing.DecidedAlready):
        agree(row, second, after=guarded.OPEN_DAYS * DAY)
    with pytest.raises(NotAllowed):
        agreeing.refuse(row, actor=people["clerk"], **by)
    agreeing.refuse(row, actor=chief, **by)
    with pytest.raises(agreeing.DecidedAlready):
        agree(row, second)
    again = ask(people)
    for grant in grants_of(chief, on=by["today"]):
        rights.end_grant(grant, actor=second, **by)
    with pytest.raises(agreeing.DecidedAlready):
        agree(again, second)


def test_a_request_that_somebody_changed_in_the_database_is_none(people: dict[str, User]) -> None:
    row, today = ask(people), clock.today()
    db.session.execute(db.update(RoleRequest).values(asked_by_id=people["second"].id))
    db.session.refresh(row)
    assert not agreeing.may_see(row, people["head"], today=today)
    with pytest.raises(agreeing.DecidedAlready):
        agree(row, people[Role.ADMINISTRATOR])


def test_two_who_agree_at_once_give_it_once(fresh_app: Flask) -> None:
    chiefs = [make_user(roles=[(Role.ADMINISTRATOR, None)]) for _each in range(3)]
    clerk, today = make_user(), clock.today()
    row = agreeing.ask(clerk, Role.AUDITOR, starts_on=today, actor=chiefs[0], today=today, now=clock.now())
    db.session.commit()
    row_id, clerk_id, ids = row.id, clerk.id, [each.id for each in chiefs[1:]]
    db.session.commit()  # nothing is held meanwhile
    go, said = threading.Barrier(2), []

    def press(number: int) -> None:
        with fresh_app.app_context():
            go.wait()
            try:
                agree(db.session.get_one(RoleRequest, row_id), db.session.get_one(User, ids[number]))
                db.session.commit()
                said.append("agreed")
            except agreeing.DecidedAlready:
                said.append("too late")
            db.session.remove()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(said) == ["agreed", "too late"]
    assert len(grants_of(db.session.get_one(User, clerk_id), on=today)) == 1


def test_where_nobody_else_is_left_the_machine_agrees(app: Flask, people: dict[str, User]) -> None:
    row, runner = ask(people), app.test_cli_runner()
    assert runner.invoke(args=["agree-to-role", "--request", str(row.id + 1)]).exit_code == 1
    assert runner.invoke(args=["agree-to-role", "--request", str(row.id)]).exit_code == 0
    assert runner.invoke(args=["agree-to-role", "--request", str(row.id)]).exit_code == 1
    assert held(people["clerk"]) == [False, False, True]
    assert [(entry.action, entry.actor_kind) for entry in entries_about(people["clerk"])][1:] == [
        ("grant.agreed", "system"),
        ("grant.given", "system"),
    ]


def test_other_roles_hold_at_once_and_so_do_all_before_the_site_opens(people: dict[str, User]) -> None:
    clerk, today = people["clerk"], clock.today()
    by: dict[str, Any] = {"starts_on": today, "actor": people["second"], "today": today, "now": clock.now()}
    rights.give_role(clerk, Role.HEAD, unit=clerk.unit, **by)
    settings.change("set_up", False, actor=people["second"], now=clock.now())
    rights.give_role(clerk, Role.SEALED_INTAKE, **by)
    assert {role for role, _scope in reach_of(clerk, on=today).holds} == {Role.HEAD, Role.SEALED_INTAKE}
    assert told("guarded_role") == {}


def test_a_guarded_role_that_would_be_over_before_it_holds_is_refused(people: dict[str, User]) -> None:
    with pytest.raises(rights.OverBeforeItHolds):
        ask(people, ends_on=clock.today() + DAY)
    assert told("guarded_role_asked") == {}


@pytest.mark.parametrize("role", WAITING)
def test_no_delegation_lends_a_guarded_role(people: dict[str, User], role: Role) -> None:
    today = clock.today()
    db.session.add(Delegation(giver=people[role], deputy=people["clerk"], form="TUQ.", starts_on=today, ends_on=today))
    db.session.flush()
    assert reach_of(people["clerk"], on=today).holds == ()


@pytest.mark.parametrize("role", WAITING)
def test_who_makes_a_new_link_to_a_password_does_not_get_its_guarded_roles(people: dict[str, User], role: Role) -> None:
    victim, today = people[role], clock.today()
    other = make_user(unit=victim.unit, roles=[(Role.ADMINISTRATOR, None)])
    operations.invite(victim, actor=other, today=today, now=clock.now())
    assert held(victim) == [False] * 3
    assert [entry.action for entry in entries_about(victim)][-3:] == ["grant.ended", "grant.asked", "user.invited"]
    assert other.id in told("guarded_role_asked")
    operations.invite(victim, actor=other, today=today, now=clock.now())
    (row,) = guarded.open_for(victim, now=clock.now())
    with pytest.raises(agreeing.NeedsAnother):
        agree(row, other)
    agree(row, people["second"])
    assert held(victim) == [False, False, True]


def test_who_invites_themselves_anew_loses_nothing(people: dict[str, User]) -> None:
    chief, today = people[Role.ADMINISTRATOR], clock.today()
    operations.invite(chief, actor=chief, today=today, now=clock.now())
    assert reach_of(chief, on=today).may(Permission.SETTINGS_MANAGE)


def test_the_pages_lead_two_people_through_it(app: Flask, people: dict[str, User], monkeypatch: Any) -> None:
    chief, second, lead = (Desk(app.test_client(), people[who]) for who in (Role.ADMINISTRATOR, "second", "head"))
    clerk, today = people["clerk"], clock.today()
    address = f"/quan-tri/nguoi-dung/{clerk.id}/vai-tro"
    assert "cần người thứ hai đồng ý" in chief.get(address).text
    form: dict[str, Any] = {"role": "sealed_intake", "scope": "everywhere"} | parts("starts_on", today)
    assert "Ngày cuối ở trước ngày đầu" in chief.send(address, **form, **parts("ends_on", today + DAY)).text
    page = chief.client.get(chief.send(address, **form).location).text
    assert "đang chờ người thứ hai đồng ý" in chief.send(address, **form).text
    asked = re.search(r"/tai-khoan/giao-vai-tro/\d+", page)
    assert asked
    mine = chief.get(asked[0]).text
    assert "Rút đề nghị" in mine
    assert "/dong-y" not in mine
    assert "flask --app wsgi agree-to-role" in mine
    assert Desk(app.test_client(), clerk).get(asked[0]).status_code == 404
    chief.press(f"{asked[0]}/dong-y")
    assert grants_of(clerk, on=today) == [], "whatever button is pressed"
    assert "/dong-y" in lead.get(asked[0]).text
    later = clock.now() + 6 * dt.timedelta(minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(clock, "now", lambda: later)
        assert "/tai-khoan/xac-nhan" in second.press(f"{asked[0]}/dong-y").location, "who agrees has just shown who they are"
    assert second.press(f"{asked[0]}/dong-y").status_code == 303
    assert held(clerk) == [False, False, True]
    assert lead.press(f"{asked[0]}/khong").status_code == 303, "a second press finds it done"
    assert "đã đồng ý, lúc" in lead.get(asked[0]).text
    assert "đang chờ người thứ hai đồng ý lại" in chief.press(f"/quan-tri/nguoi-dung/{clerk.id}/moi-lai").text

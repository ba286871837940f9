"""A unit ends: its heir answers its letters, carries out what it was recommended, and has what it sent and what was read of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from app.access import NotAllowed
from app.accounts.models import User
from app.assignments.rules import State
from app.audit import entries_about
from app.database import db
from app.permissions import Role
from app.units import operations as units
from app.units.models import Unit
from app.units.operations import Heir
from oversight import letters, supervision
from oversight.board import weekly
from oversight.models import LetterAssignment, SavedView, Subscription
from oversight.operations import answering, campaign_steps, campaigns, checking, papers, recommendations, saved, watching
from oversight.rules.letters import LetterKind
from oversight.rules.papers import PaperState
from oversight.rules.supervision import Side
from oversight.rules.supervision import State as Campaign
from oversight.story import Reader
from oversight.story import letters as story_letters
from tests import factories
from tests.feedback import builders
from tests.feedback.builders import MONDAY, at, told
from tests.oversight.papers_of import front_of
from tests.oversight.test_letters import answered, drafted, issued, scene
from tests.oversight.test_supervision import RIGHT, Stage, answers


@pytest.fixture
def here(app):
    return scene()


@pytest.fixture
def stage(app):
    province = builders.make_province()
    return Stage(front_of(province), province)


def heir_of(unit: Unit) -> SimpleNamespace:
    """Return a new unit beside *unit* that has its people already."""
    heir = factories.make_unit(parent=unit.parent, name="Cơ quan mới", kind=unit.kind)
    return SimpleNamespace(unit=heir, head=factories.make_user(unit=heir, roles=[Role.HEAD], name="Lê Văn Kế"))


def ended(unit: Unit, heir: Unit, days: int) -> int:
    """Let *unit* end the day before that day; return how many duties moved."""
    chief: User = factories.make_user(roles=[(Role.ADMINISTRATOR, None)])
    for below in db.session.query(Unit).filter(Unit.parent_id == unit.id):
        ended(below, heir, days)
    return units.close_unit(
        unit, last_day=at(days - 1).date(), heirs=[Heir(heir)], actor=chief, today=at(days).date(), now=at(days)
    )  # fmt: skip


def owed(letter) -> LetterAssignment:
    return letter.duties[0]


def test_the_heir_answers_a_letter_by_the_same_day(here):
    works = here.province.works
    duty, heir = owed(issued(here)), heir_of(works)
    answering.take(duty, actor=here.province.officer, now=at(1))
    due_on = duty.due_on
    assert ended(works, heir.unit, 2) == 2  # the citizen's promise and the letter
    assert (duty.unit, duty.state, duty.officer, duty.due_on) == (heir.unit, State.OFFERED, None, due_on)
    assert ("letter", "Lê Văn Kế") in told(duty)
    answering.answer(duty, "Đã sửa ngày 5/8.", actor=heir.head, now=at(3))
    assert duty.state == State.DONE


def test_what_was_answered_stays_with_the_unit_of_the_time(here):
    duty = answered(here, issued(here))
    ended(here.province.works, heir_of(here.province.works).unit, 2)
    assert duty.unit is here.province.works


@pytest.mark.parametrize("accused", [True, False])
def test_an_heir_that_sent_the_letter_or_is_accused_owes_no_answer(here, accused):
    duty = owed(issued(here, LetterKind.PETITION, to=[here.province.health]))
    heir = here.front.unit
    if accused:
        here.feedback.accused_unit = heir = heir_of(here.province.works).unit
        db.session.flush()
    ended(here.province.works, heir, 2)
    assert (duty.state, duty.unit) == (State.CANCELLED, here.province.works)


@pytest.mark.parametrize("out", [True, False])
def test_a_follow_up_goes_to_no_heir_that_an_item_of_the_letter_before_it_accuses(here, out):
    about = [owed(issued(here, LetterKind.PETITION))]
    letter = (issued if out else drafted)(here, LetterKind.FOLLOW_UP, about=about, now=at(1))
    here.feedback.accused_unit = heir = heir_of(here.province.works).unit
    db.session.flush()
    ended(here.province.works, heir, 2)
    assert heir not in [each.unit for each in (*letter.to, *letter.duties)]


def test_whose_heir_is_who_answers_has_nothing_to_answer_or_to_judge(here):
    works, letters_ = here.province.works, [issued(here), issued(here, to=[here.province.health], now=at(1))]
    done, open_ = answered(here, letters_[0]), owed(letters_[1])
    ended(here.province.steering, works, 2)
    assert (open_.state, owed_to(open_)) == (State.CANCELLED, "own")
    assert ("letter", here.steering.name) in told(open_)
    boss = factories.make_user(unit=works, roles=[(Role.STEERING, None), Role.HEAD])
    assert not answering.may_judge(boss.reach, done)
    with pytest.raises(NotAllowed):
        answering.call_insufficient(done, "Chưa đủ.", actor=boss, now=at(3))
    assert letters_[1].duties[1].is_open  # of the other unit


def test_the_page_of_what_nobody_answers_any_more_says_no_hour_of_an_answer(here, client):
    duty = owed(issued(here, LetterKind.PETITION))
    ended(here.province.works, here.front.unit, 2)
    factories.sign_in(client, here.front.officer)
    page = client.get(f"/can-bo/phai-tra-loi/{duty.id}").text
    assert "ông còn phải" in page
    assert "Trả lời lúc" not in page


def owed_to(duty) -> str:
    """Return why nothing is owed any more, as the audit has it."""
    return entries_about(duty)[-1].facts["why"]


def test_the_story_of_a_promise_says_that_nobody_answers_its_letter_any_more(here, app):
    issued(here)
    ended(here.province.works, here.province.steering, 2)
    reader = Reader(here.province.front_reader.reach)
    with app.test_request_context():
        assert "Sở Xây dựng không còn phải trả lời văn bản số 01/BCĐ" in [each.text for each in story_letters.entries(here.promise, reader)]


def test_nobody_carries_out_what_it_would_confirm_itself(stage):
    duty = stage.concluded()
    ended(stage.front.unit, stage.province.works, 25)
    assert (duty.state, owed_to(duty)) == (State.CANCELLED, "own")


def test_what_was_done_before_body_and_unit_were_one_keeps_no_campaign_open(stage):
    duty, works = stage.done(), stage.province.works
    ended(stage.front.unit, works, 31)
    follower = factories.make_user(unit=works, roles=[(Role.FRONT, None)])
    assert supervision.recommended(follower.reach, [works]) == []
    assert supervision.waiting_count(follower.reach) == 0
    campaign_steps.close(duty.finding.target.campaign, actor=follower, now=at(32))


def test_nobody_supervises_itself_where_body_and_unit_are_one(stage):
    front, works, health = stage.front, stage.province.works, stage.province.health
    row = stage.begun()
    campaigns.add_units(row, [health], actor=front.officer, now=MONDAY)
    stage.announce(row)
    draft = stage.begun()
    campaigns.add_units(draft, [health], actor=front.officer, now=MONDAY)
    ended(front.unit, works, 2)
    follower = factories.make_user(unit=works, roles=[(Role.FRONT, None), Role.HEAD])
    own, other = row.targets
    assert [target.unit for target in draft.targets] == [health]
    assert supervision.asked_of(follower.reach) == []
    assert not checking.may_speak(follower, own)
    campaign_steps.begin(row, actor=follower, now=at(14))
    with pytest.raises(NotAllowed):
        checking.answer(own, Side.TEAM, answers(row), actor=follower, now=at(15))
    checking.answer(other, Side.TEAM, answers(row), actor=follower, now=at(15))
    checking.add_finding(other, RIGHT, actor=follower, now=at(15))
    campaign_steps.show_findings(row, comments_due_on=at(25).date(), actor=follower, now=at(20))
    checking.comment(other, text="", actor=stage.province.health_head, now=at(21))
    assert campaign_steps.draft_conclusion(row, actor=follower, now=at(22))  # nobody waits for itself


@pytest.mark.parametrize("state", ["draft", "sent", "signed"])
@pytest.mark.parametrize("notice", [True, False])
def test_a_campaign_goes_on_with_the_heir_whose_draft_its_paper_is(stage, notice, state):
    front = stage.front
    row = stage.begun() if notice else stage.heard()
    said = {"prepare": "Sổ.", "report_due_on": at(30).date()} if notice else {}
    draft = campaign_steps.draft_notice if notice else campaign_steps.draft_conclusion
    paper = draft(row, **said, actor=front.officer, now=at(22))
    if state != "draft":
        papers.send(paper, actor=front.officer, now=at(22))
    if state == "signed":
        papers.sign(paper, actor=front.head, now=at(22))
    heir = heir_of(front.unit)
    follower = factories.make_user(unit=heir.unit, roles=[(Role.FRONT, None), Role.HEAD, Role.RECORDS], title="Chủ tịch")
    ended(front.unit, heir.unit, 23)
    assert (row.unit, paper.unit, paper.state, paper.signer) == (heir.unit, heir.unit, PaperState.DRAFT, "")
    papers.send(paper, actor=follower, now=at(24))
    papers.sign(paper, actor=follower, now=at(24))
    papers.number(paper, "1", on=at(24).date(), actor=follower, now=at(24))
    assert row.state == (Campaign.ANNOUNCED if notice else Campaign.CONCLUDED)


def test_a_part_that_is_handed_over_takes_no_letters_along(here):
    duty, heir = owed(issued(here)), heir_of(here.province.works).unit
    chief = factories.make_user(roles=[(Role.ADMINISTRATOR, None)])
    part = Heir(heir, field=here.province.lighting)
    units.hand_part_over(here.province.works, part, effective_on=at(1).date(), actor=chief, today=at(1).date(), now=at(1))
    assert duty.unit is here.province.works


def test_the_heir_of_the_sender_reads_and_judges_while_the_paper_keeps_its_name(here):
    letter, heir = issued(here), heir_of(here.province.steering)
    duty = answered(here, letter)
    judge = factories.make_user(unit=heir.unit, roles=[(Role.STEERING, None), Role.HEAD])
    assert ended(here.province.steering, heir.unit, 2) == 0
    assert letters.may_see(judge.reach, letter)
    assert letters.sent(judge.reach, heir.unit) == [letter]
    assert letter.paper.unit is here.province.steering
    answering.call_insufficient(duty, "Chưa nói rõ.", actor=judge, now=at(3))
    assert duty.state == State.TAKEN


def test_the_heir_follows_up_what_its_forerunner_petitioned(here):
    heir = heir_of(here.front.unit).unit
    issued(here, LetterKind.PETITION)
    assert not letters.own_matter(here.promise, heir)
    ended(here.front.unit, heir, 2)
    assert letters.own_matter(here.promise, heir)


def test_the_heir_carries_out_what_was_recommended(stage):
    works, duty = stage.province.works, stage.concluded()
    heir, due_on = heir_of(works), duty.due_on
    assert ended(works, heir.unit, 25) == 1
    assert supervision.may_see(heir.head.reach, duty)
    assert ("recommendation", "Lê Văn Kế") in told(duty)
    recommendations.take(duty, actor=heir.head, now=at(26))
    assert (duty.unit, duty.due_on) == (heir.unit, due_on)


def test_a_conclusion_about_a_unit_that_ended_meanwhile_is_given_to_its_heir(stage):
    row, heir = stage.heard(), heir_of(stage.province.works)
    paper = campaign_steps.draft_conclusion(row, actor=stage.front.officer, now=at(22))
    ended(stage.province.works, heir.unit, 22)
    stage.issue(paper, now=at(23))
    assert [finding.duty.unit for finding in row.findings if finding.duty] == [heir.unit]


def test_the_heir_of_who_supervised_confirms_what_was_done(stage):
    duty, heir = stage.done(), heir_of(stage.front.unit)
    follower = factories.make_user(unit=heir.unit, roles=[(Role.FRONT, None)])
    ended(stage.front.unit, heir.unit, 31)
    recommendations.confirm(duty, remarks="", actor=follower, now=at(32))
    assert duty.state == State.VERIFIED


def test_a_subscription_goes_on_with_the_heir_and_is_there_once(here):
    works, reader, heir = here.province.works, here.province.front_reader, heir_of(here.province.works).unit
    for address in (f"don-vi={works.code}", f"don-vi={heir.code}", f"don-vi={works.code}&viec=act", "viec=act"):
        watching.subscribe(address, actor=reader, now=MONDAY)
    ended(works, heir, 2)
    found = weekly.subscriptions(reader)
    assert [kept.address for kept, _cut in found] == [f"don-vi={heir.code}", f"don-vi={heir.code}&viec=act", "viec=act"]
    assert [cut and cut.unit for _kept, cut in found] == [heir, heir, None]
    assert db.session.query(Subscription).count() == 3


def test_the_heir_answers_a_running_campaign_about_the_unit_of_the_time(stage):
    row, works = stage.announced(), stage.province.works
    heir, target = heir_of(works), row.targets[0]
    ended(works, heir.unit, 2)
    assert (target.unit, target.answering) == (works, heir.unit)
    assert supervision.asked_of(heir.head.reach) == [target]
    assert ("campaign", "Lê Văn Kế") in told(target)
    checking.report(target, text="Sổ tiếp công dân ghi đủ.", files=[], actor=heir.head, now=at(3))
    assert target.reported_by is heir.head


def test_an_heir_that_is_under_the_same_supervision_answers_for_both(stage):
    front, works, health = stage.front, stage.province.works, stage.province.health
    row = stage.begun()
    campaigns.add_units(row, [health], actor=front.officer, now=MONDAY)
    stage.announce(row)
    ended(works, health, 2)
    asked = supervision.asked_of(stage.province.health_head.reach)
    assert {target.unit for target in asked} == {works, health}
    assert {target.answering for target in asked} == {health}


def test_a_body_under_whose_supervision_its_own_forerunner_stood_asks_nothing_of_itself(stage):
    row = stage.announced()
    ended(stage.province.works, stage.front.unit, 2)
    assert row.targets[0].answering is stage.province.works


def test_a_kept_view_goes_on_with_the_heir(here):
    works, reader, heir = here.province.works, here.province.front_reader, heir_of(here.province.works).unit
    for name, code in (("của Sở", works.code), ("nơi khác", here.province.health.code)):
        saved.keep(page="register", address=f"don-vi={code}&viec=act", name=name, shared=False, actor=reader, now=MONDAY)
    ended(works, heir, 2)
    kept = {view.name: view.address for view in db.session.query(SavedView)}
    assert kept == {"của Sở": f"don-vi={heir.code}&viec=act", "nơi khác": f"don-vi={here.province.health.code}&viec=act"}


@pytest.mark.parametrize("state", ["draft", "draft to both", "sent"])
def test_a_draft_is_addressed_to_the_heir_and_what_was_sent_to_be_signed_is_not(here, state):
    works, heir = here.province.works, heir_of(here.province.works).unit
    letter = drafted(here, to=[heir] if state == "draft to both" else [])
    if state == "sent":
        papers.send(letter.paper, actor=here.steering, now=MONDAY)
    ended(works, heir, 2)
    assert [each.unit for each in letter.to] == ([works] if state == "sent" else [heir])


def test_a_draft_is_never_addressed_to_who_writes_it(here):
    letter = drafted(here, LetterKind.PETITION)
    ended(here.province.works, here.front.unit, 2)
    assert [each.unit for each in letter.to] == [here.province.works]  # its page says that this unit is there no more


@pytest.mark.parametrize("state", ["draft", "sent", "signed"])
def test_a_body_that_ended_issues_no_paper_any_more(here, state):
    letter = drafted(here)
    paper, boss = letter.paper, here.steering
    if state != "draft":
        papers.send(paper, actor=boss, now=MONDAY)
    if state == "signed":
        papers.sign(paper, actor=boss, now=MONDAY)
    ended(here.province.steering, heir_of(here.province.steering).unit, 2)
    steps = {
        "draft": lambda: papers.send(paper, actor=boss, now=at(2)),
        "sent": lambda: papers.sign(paper, actor=boss, now=at(2)),
        "signed": lambda: papers.number(paper, "1", on=MONDAY.date(), actor=boss, now=at(2)),
    }
    with pytest.raises(papers.BodyEnded):
        steps[state]()
    if state != "draft":
        papers.take_back(paper, actor=boss, now=at(2))
    papers.discard(paper, actor=boss, now=at(2))  # the way out that is told

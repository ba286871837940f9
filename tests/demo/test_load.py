"""The demo as it stands in the database after it was loaded: what the stories say is what the site then says.

Loading takes seconds, so it is done once a database: on SQLite as if just after Tết, on PostgreSQL in an ordinary November.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

import demo
from app import reference
from app.accounts import passwords
from app.accounts.queries import granted, reach_of, user_by_email
from app.assignments.rules import Duty, State
from app.audit import AuditEntry
from app.calendar.rules import Stage
from app.chain import queries as chain
from app.clock import LOCAL, local_date
from app.database import db
from app.escalation.models import Escalation
from app.files import open_stored
from app.outbox import Channel, Notice
from app.permissions import Permission
from app.settings import Setting
from demo import content, past, personal, province, reported, sealed, sessions, supervised, written
from demo import oversight as overseen
from dialogues import board, duties, photos, queries, verify
from dialogues import rules as session_rules
from dialogues.models import Question, Session
from feedback.models import Feedback, LetterTemplate, RoutingRule
from feedback.personal.models import DataRequest
from feedback.personal.rules import RequestKind
from feedback.rules import PaperState, PaperType, Status
from feedback.sealed.queries import open_to
from feedback.suggesting import suggestions
from oversight.checks import checked
from oversight.models import (
    Campaign,
    LetterAssignment,
    OversightPaper,
    ReopeningQuestion,
    Report,
    SavedView,
    SpotCheck,
    Subscription,
    TargetDeclaration,
    Watch,
    WatchNote,
)
from oversight.operations import sampling
from tests.conftest import Backend, build
from tests.demo.stories import ALL, looks_like, replay

DAYS = {"sqlite": dt.datetime(2027, 2, 22, 9, tzinfo=LOCAL), "postgresql": dt.datetime(2026, 11, 23, 9, tzinfo=LOCAL)}

#: What is done may have been drawn for a look, and found right.
KEPT = {State.DONE, State.VERIFIED}


@dataclass
class Shown:
    """The loaded demo: when it was loaded, the year before, its items and its dialogue sessions by key."""

    app: Flask
    now: dt.datetime
    before: list[Feedback]
    feedback: dict[str, Feedback]
    told: dict[str, sessions.Told]
    reference: int  # the last entry of the audit before it: what is shipped is written down by the clock on the wall

    def session(self, key: str) -> Session:
        """That dialogue session."""
        return self.told[key].session


@pytest.fixture(scope="module")
def shown(backend: Backend) -> Iterator[Shown]:
    app, now = build(backend.copy(), backend.folder), DAYS[backend.name]
    with app.app_context():
        db.session.execute(db.delete(Setting))  # as on a first start: nothing is set up
        reference.load()
        shipped = db.session.scalar(db.select(db.func.max(AuditEntry.id))) or 0
        made = province.create(today=local_date(now))
        before = written.play(made, now=now)
        feedback = past.play(made, now=now)
        sealed.play(made, now=now)
        personal.play(now=now)
        told = sessions.play(made, now=now)
        supervised.play(made, now=now)
        overseen.play(made, now=now)
        reported.play(made, now=now)
        db.session.commit()
        sessions.archive(told)
        yield Shown(app, now, before, feedback, {each.story["key"]: each for each in told}, shipped)
        db.session.remove()
        db.engine.dispose()


def test_every_item_stands_where_its_story_ends(shown: Shown):
    in_hand = {"offered", "taken", "waiting", "draft", "submitted"}
    stands = {key: item.status for key, item in shown.feedback.items()}
    ends = {item["key"]: replay(item) for item in ALL}

    assert {key: "in_hand" if end in in_hand else end for key, end in ends.items()} == {
        key: "answered" if status == "closed" else status for key, status in stands.items()
    }


def test_what_a_story_calls_late_is_late_by_the_site_s_clocks(shown: Shown):
    today = local_date(shown.now)
    for item in ALL:
        clocks = [clock for clock in shown.feedback[item["key"]].clocks if clock.stage == Stage.REPLY and clock.round == 1]
        names = looks_like(item)
        if names & {"in time", "late", "overdue"}:
            assert [clock.is_late(today) for clock in clocks if clock.cancelled_at is None] == ["in time" not in names], item["key"]


def test_who_waits_for_the_sender_has_a_paused_clock_and_no_day(shown: Shown):
    waiting = [shown.feedback[item["key"]] for item in ALL if replay(item) == "waiting"]

    assert waiting
    for feedback in waiting:
        assert any(clock.is_paused for clock in feedback.clocks)
        assert feedback.open_answer is not None
        assert feedback.open_answer.due_on is None


def test_promises_are_kept_broken_or_open_as_told(shown: Shown):
    today = local_date(shown.now)
    for item in ALL:
        acts = [each for each in shown.feedback[item["key"]].assignments if each.duty == Duty.ACT]
        said = {name for name in looks_like(item) if name.startswith("promise")}
        words = {
            (True, False): "promise kept",
            (True, True): "promise kept late",
            (False, True): "promise broken",
            (False, False): "promise open",
        }

        assert {words[each.state in KEPT, each.is_late(today)] for each in acts} == said, item["key"]


def test_an_item_awaiting_approval_has_a_paper_with_a_hand_to_go_to(shown: Shown):
    papers = [shown.feedback[item["key"]].papers[-1] for item in ALL if replay(item) == "submitted"]

    assert papers
    assert all(paper.state == PaperState.SUBMITTED and paper.waiting_for for paper in papers)


def test_a_reopened_item_is_in_its_second_round_and_keeps_the_first(shown: Shown):
    reopened = [shown.feedback[item["key"]] for item in ALL if "reopened" in looks_like(item)]

    assert len(reopened) == 4
    assert {feedback.round for feedback in reopened} == {2}


@pytest.mark.usefixtures("shown")
def test_the_demo_writes_to_nobody():
    outside = db.session.scalars(db.select(Notice).where(Notice.channel != Channel.SITE)).all()

    assert outside
    assert all(notice.done_at is not None and notice.due_at is None and notice.address_sealed is None for notice in outside)


def test_nothing_happened_after_the_demo_was_loaded(shown: Shown):
    assert db.session.scalar(db.select(db.func.max(AuditEntry.at)).where(AuditEntry.id > shown.reference)) <= shown.now


def test_the_sign_ins_that_are_printed_open(shown: Shown):
    db.session.rollback()  # sign_ins opens a session of its own
    sign_ins = demo.sign_ins(shown.app)
    users = [user_by_email(email) for _, email, _ in sign_ins]

    assert len(sign_ins) > 10
    assert all(user is not None and user.active for user in users)
    assert {passwords.matches(password, user.password_hash) for (_, _, password), user in zip(sign_ins, users, strict=True)} == {True}


@pytest.mark.usefixtures("shown")
def test_the_last_routing_rule_takes_everything():
    last = db.session.scalars(db.select(RoutingRule).order_by(RoutingRule.position.desc())).first()

    assert last is not None
    assert last.unit is not None
    assert last.unit.code == content.read("routing")["default"]
    assert [last.kinds, last.channels, last.field_ids, last.words] == [[], [], [], []]


def test_without_the_demo_there_is_nobody_to_sign_in_as(fresh_app: Flask):
    assert demo.sign_ins(fresh_app) == []


def test_each_sealed_case_of_the_demo_has_a_reader_and_none_of_the_house_it_is_about(shown: Shown):
    today = local_date(shown.now)
    seen = {}
    for reader in granted(Permission.SEALED_READ, on=today):
        reader.reach = reach_of(reader, on=today)
        seen[reader.unit.code] = len(list(open_to(reader, on=today)))

    assert seen == {"thanh-tra": 2, "ubkt-tinh-uy": 3}


def test_the_rules_suggest_a_unit_for_most_of_what_waits_at_a_desk(shown: Shown):
    waiting = [item for item in shown.feedback.values() if item.status == Status.RECEIVED]
    assert len(suggestions(waiting, on=local_date(shown.now))) > len(waiting) / 2


def test_letters_of_every_type_can_be_started_from_words(shown: Shown):
    assert {row.paper_type for row in db.session.query(LetterTemplate)} == set(PaperType)


# --- the year before, and oversight -----------------------------------------------------------------------------------


def test_the_year_before_has_cases_in_every_month_and_some_are_still_owed(shown: Shown):
    today = local_date(shown.now)
    answers = [item.assignments[0] for item in shown.before]
    months = {duty.opened_on.replace(day=1) for duty in answers}
    late = sum(duty.is_late(today) for duty in answers)

    assert len(months) >= 12
    assert 0.05 < late / len(answers) < 0.35
    assert any(duty.is_open and duty.is_late(today) for duty in answers)
    assert all(duty.closed_at is None or duty.closed_at <= shown.now for item in shown.before for duty in item.assignments)
    assert all(item.papers[0].assignment is item.assignments[0] for item in shown.before if item.answered_at)


def test_letters_were_answered_are_late_and_have_time_left(shown: Shown):
    today = local_date(shown.now)
    reminded = db.session.scalars(db.select(LetterAssignment)).all()
    papers = db.session.scalars(db.select(OversightPaper).where(OversightPaper.letter_id.is_not(None))).all()

    assert {(duty.is_open, duty.is_late(today)) for duty in reminded} == {(False, False), (True, True), (True, False)}
    assert {paper.type for paper in papers} == {"reminder", "petition", "follow_up"}
    assert {paper.state for paper in papers} == {"sent", "numbered"}


def test_what_was_looked_at_was_right_or_waits_for_the_superior_or_was_decided(shown: Shown):
    looks = db.session.scalars(db.select(SpotCheck)).all()
    questions = db.session.scalars(db.select(ReopeningQuestion)).all()

    assert sum(look.as_reported for look in looks) >= 6
    assert sorted(str(question.reopened) for question in questions) == ["False", "None", "True"]
    assert all(look.looked_on <= local_date(shown.now) and look.photos for look in looks)


@pytest.mark.usefixtures("shown")
def test_the_last_sample_is_half_worked_off_and_draws_again():
    last, before = checked.samples()
    done = checked.progress([last.id, before.id])

    assert last.size >= 4
    assert done[last.id][0] == last.size // 2
    assert done[before.id][0] == before.size
    assert sampling.draws_again(last)


def test_one_campaign_is_concluded_with_its_recommendations_done_late_and_confirmed_and_one_is_under_way(shown: Shown):
    today = local_date(shown.now)
    concluded, under_way = db.session.scalars(db.select(Campaign).order_by(Campaign.created_at)).all()
    duties = [finding.duty for finding in concluded.findings if finding.duty is not None]

    assert (concluded.state, under_way.state) == ("concluded", "under_way")
    assert {(duty.state, duty.is_late(today)) for duty in duties} == {("verified", False), ("done", False), ("offered", True)}
    assert all(target.reported_at for target in (*concluded.targets, *under_way.targets))


@pytest.mark.usefixtures("shown")
def test_reports_were_accepted_handed_up_returned_and_wait_for_a_signature():
    states = Counter(db.session.scalars(db.select(Report.state)))
    declared = Counter(db.session.scalars(db.select(TargetDeclaration.state)))

    assert states == {"accepted": 3, "handed_up": 2, "returned": 1, "draft": 1}
    assert set(declared) == {"declared", "confirmed", "returned"}


@pytest.mark.parametrize(("model", "least"), [(Watch, 4), (WatchNote, 3), (Subscription, 2), (SavedView, 2), (Escalation, 20)])
@pytest.mark.usefixtures("shown")
def test_of_the_rest_of_oversight_there_is_some(model: type, least: int):
    assert db.session.scalar(db.select(db.func.count()).select_from(model)) >= least


# --- dialogue sessions ---------------------------------------------------------------------------------------------------


def test_every_session_stands_where_its_file_says(shown: Shown):
    stands = {key: told.session.status for key, told in shown.told.items()}
    says = {key: "archived" if "dossier" in told.story else told.story["stop"] for key, told in shown.told.items()}

    assert stands == says


def test_photographs_stand_on_the_page_and_who_asked_or_registered_heard_that_a_session_is_off(shown: Shown):
    assert [photo.caption[:9] for photo in photos.public(shown.session("tu-son-duong-ven-song"))] == ["Hội trườn", "Một người", "Bàn chủ t"]
    off = shown.session("bac-giang-cong-hop")
    told = db.session.query(Notice).filter_by(template="dialogues/notices/put_off", subject_id=off.id, user_id=None)
    assert told.count() == len(off.questions) + len(off.registrations) == 4


def test_the_ready_session_can_be_begun_as_it_stands(shown: Shown):
    session = shown.session("viet-yen-nha-tro")
    facts = queries.facts_of(session, local_date(shown.now))
    seats = [registration.state for registration in session.registrations]

    assert session.starts_at is not None
    assert dt.timedelta(0) < session.starts_at - shown.now < dt.timedelta(hours=2)
    assert session_rules.lacks(session_rules.Status.IN_SESSION, facts) == []
    assert len(session.halls) == 3
    assert {"seated", "waiting"} == set(seats)
    assert {registration.needs for registration in session.registrations} > {"wheelchair", "interpreter", "sign_language"}
    assert {guest.answer for guest in session.invitations} == {"coming", "deputy", "not_coming", None}
    assert sum(question.for_the_day for question in session.questions) == 6
    assert {question.state for question in session.questions} == {"accepted", "like_another", "waiting"}


def test_what_was_broken_last_year_is_explained_in_the_report_of_the_next_session(shown: Shown):
    rows = shown.session("viet-yen-nha-tro").earlier

    assert sorted((row.done, bool(row.why_not)) for row in rows) == [(False, True)] + [(True, False)] * (len(rows) - 1)
    assert len(rows) > 5


def fates(shown: Shown, key: str) -> list[str]:
    """What became of each instruction of a session's conclusion."""
    today = local_date(shown.now)
    words = {(True, False): "kept", (True, True): "kept late", (False, True): "broken", (False, False): "open"}
    given = [each for each in shown.session(key).promises if each.question_id is None]
    return sorted(words[each.state in KEPT, each.is_late(today)] for each in given)


def test_promises_of_conclusions_are_kept_broken_returned_and_petitioned_as_told(shown: Shown):
    archived, published = shown.session("viet-yen-thoat-nuoc"), shown.session("tu-son-duong-ven-song")

    assert fates(shown, "viet-yen-thoat-nuoc") == ["broken", "kept", "kept", "kept", "kept", "kept late"]
    assert {"kept", "broken", "open"} <= set(fates(shown, "tu-son-duong-ven-song"))
    returned = [each for each in published.promises if each.outcome and each.hops]
    assert [each.unit.code for each in returned] == ["tu-son"]
    assert {each.petition.accepted for each in (*archived.promises, *published.promises) if each.petition} == {True, None}


def test_each_question_of_the_big_session_was_answered_or_is_owed_its_answer(shown: Shown):
    session = shown.session("tu-son-duong-ven-song")
    asked = db.session.scalars(db.select(Question).where(Question.session_id == session.id, Question.feedback_id.is_not(None))).all()
    before = [question for question in asked if question.origin != session_rules.Origin.FLOOR]

    assert len(before) == 26
    assert len(queries.raised(session)) == 9 + 3
    assert sum(question.rejected for question in session.questions) == 1
    for question in before:
        item = question.feedback.merged_into or question.feedback
        assert item.status in {Status.ANSWERED, Status.CLOSED} or item.open_answer is not None, question.text


def test_the_result_of_one_session_is_late(shown: Shown):
    assert [key for key, told in shown.told.items() if queries.is_late(told.session, local_date(shown.now))] == ["luc-ngan-nuoc-tuoi"]


def test_the_dossier_of_last_year_holds_what_its_manifest_says(shown: Shown):
    archive = shown.session("viet-yen-thoat-nuoc").archive
    assert archive is not None
    kept = io.BytesIO(b"".join(open_stored(archive)))
    with zipfile.ZipFile(kept) as dossier:
        listed = verify.listed(verify.manifest_of(dossier))

        assert verify.faults(dossier, listed) == []
        assert len(listed) >= 7


def test_the_board_of_duties_has_something_to_say(shown: Shown):
    today = local_date(shown.now)
    head = user_by_email(content.email("nguyen.viet.oanh"))
    assert head is not None
    states = [row.standing.state for row in board.rows(reach_of(head, on=today), year=today.year, today=today)]

    assert {duties.State.OPEN, duties.State.COMING, duties.State.MET} <= set(states)
    assert duties.State.LATE in states or today.month < 4  # a planned quarter has passed


def texts(value: object) -> Iterator[str]:
    """Every text in a fact of the record, however deep."""
    if isinstance(value, dict):
        yield from (text for each in (*value.keys(), *value.values()) for text in texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in texts(each))
    elif isinstance(value, str):
        yield value


def test_the_record_holds_codes_ids_and_days_so_that_who_is_erased_leaves_it_true(shown: Shown):
    written = {(entry.action, text) for entry in db.session.scalars(db.select(AuditEntry)) for text in texts(entry.facts)}
    assert len(written) > 500
    assert {(action, text) for action, text in written if not re.fullmatch(r"[\w.,:/+&-]{0,64}", text)} == set()


@pytest.mark.usefixtures("shown")
def test_the_record_tells_of_every_role_delegation_and_password_of_the_demo():
    today = local_date(DAYS["sqlite"])
    assert (chain.grants_untold(today), chain.delegations_untold(), chain.passwords_foreign()) == ([], [], [])


def test_reception_has_a_copy_and_an_erasure_to_decide_on_and_time_left(shown: Shown):
    desk = list(db.session.scalars(db.select(DataRequest)))
    assert {row.kind for row in desk} == {RequestKind.EXPORT, RequestKind.ERASURE}
    assert all(row.due_on is None or row.due_on >= local_date(shown.now) for row in desk)

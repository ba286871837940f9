"""What an item may become, its codes, its route, and who may do what to it: tables of cases, no database."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.assignments.rules import IllegalTransition
from app.fold import fold
from app.permissions import Reach, Role, Scope
from feedback import codes, danger, rules
from feedback.codes import CODE_SYMBOLS, CodeInvalid
from feedback.routes import Matter, Route, RuleCannotCompile, compile_route, route
from feedback.rules import Channel, IdentityScope, Kind, PaperState, PaperType, SenderType, Standing, Status

# --- what an item and a paper may become -------------------------------------------------------------------------------

#: Written out once more by hand, from design.md §4: a change of the table must be meant.
MAY_BECOME = {
    "received": "in_hand guided refused forwarded filed split merged withdrawn",
    "in_hand": "received answered guided refused forwarded filed merged withdrawn",
    "answered": "closed in_hand received",
    "closed": "in_hand received",
    "merged": "received",
    "guided": "", "refused": "", "forwarded": "", "filed": "", "split": "", "withdrawn": "",
}  # fmt: skip

PAPER_MAY_BECOME = {
    "draft": "submitted discarded",
    "submitted": "approved draft discarded",
    "approved": "published draft discarded",
    "published": "",
    "discarded": "",
}


@pytest.mark.parametrize(("old", "new"), [*itertools.product(Status, repeat=2)])
def test_an_item_becomes_only_what_the_table_says(old, new):
    if new in MAY_BECOME[old].split():
        rules.check(old, new)
    else:
        with pytest.raises(IllegalTransition):
            rules.check(old, new)


@pytest.mark.parametrize(("old", "new"), [*itertools.product(PaperState, repeat=2)])
def test_a_paper_becomes_only_what_the_table_says(old, new):
    if new in PAPER_MAY_BECOME[old].split():
        rules.check_paper(old, new)
    else:
        with pytest.raises(IllegalTransition):
            rules.check_paper(old, new)


def test_every_paper_says_what_the_item_becomes_and_the_table_lets_it():
    assert set(rules.EFFECT) == set(PaperType)
    assert all(effect in rules.TRANSITIONS[Status.RECEIVED] | rules.TRANSITIONS[Status.IN_HAND] for effect in rules.EFFECT.values())


@pytest.mark.parametrize("status", [*Status])
def test_an_item_that_moved_on_is_refused_by_name(status):
    if status in rules.OPEN:
        rules.check_still(status, *rules.OPEN)
    else:
        with pytest.raises(IllegalTransition):
            rules.check_still(status, *rules.OPEN)


# --- codes and keys ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["BN-26-7K3FQ2-{c}", "bn-26-7k3fq2-{c}", "BN267K3FQ2{c}", " BN 26 7K3FQ2 {c} ", "bn–26–7k3fq2–{c}", "BN - 26 - 7K3 FQ2 - {c}"]
)  # fmt: skip
def test_a_code_is_read_however_it_was_typed(typed):
    check = codes.check_symbol("BN", 26, "7K3FQ2")
    assert codes.read_code(typed.format(c=check)) == f"BN-26-7K3FQ2-{check}"


@pytest.mark.parametrize("typed", ["{code}.2", "{code}.02", "{code} . 2"])
def test_the_number_of_a_part_is_read_too(typed):
    code = codes.make_code("BN", 2026)
    assert codes.read_code(typed.format(code=code)) == f"{code}.2"


@pytest.mark.parametrize(
    "typed", ["", " ", "BN", "BN-26-7K3FQ2", "7K3FQ2-9", "BN-26-7K3FQ-9", "x" * 10_000, "BN-26-7K3FQ2-9-9", "Ｂ" * 11, "\0"]
)
def test_what_is_no_code_is_refused(typed):
    with pytest.raises(CodeInvalid):
        codes.read_code(typed)


prefixes = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=4)
bodies = st.text(CODE_SYMBOLS, min_size=codes.CODE_LENGTH, max_size=codes.CODE_LENGTH)


def whole(prefix: str, year: int, body: str) -> str:
    return f"{prefix}{year:02}{body}{codes.check_symbol(prefix, year, body)}"


@given(prefixes, st.integers(0, 99), bodies)
def test_every_single_wrong_symbol_of_a_code_is_refused(prefix, year, body):
    code = whole(prefix, year, body)
    for place, right in enumerate(code):
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if place < len(prefix) else "0123456789" if place < len(prefix) + 2 else CODE_SYMBOLS
        for wrong in letters:
            if wrong != right:
                with pytest.raises(CodeInvalid):
                    codes.read_code(code[:place] + wrong + code[place + 1 :])


@given(prefixes, st.integers(0, 99), bodies)
def test_every_swap_of_two_neighbours_in_a_code_is_refused(prefix, year, body):
    code = whole(prefix, year, body)
    for place in range(len(code) - 1):
        left, right = code[place], code[place + 1]
        if left != right:
            with pytest.raises(CodeInvalid):
                codes.read_code(code[:place] + right + left + code[place + 2 :])


@given(bodies.filter(lambda body: "1" in body))
def test_i_and_l_are_read_as_the_one_they_look_like(body):
    code = whole("BN", 26, body)
    assert codes.read_code(code[:4] + code[4:].replace("1", "I")) == codes.read_code(code[:4] + code[4:].replace("1", "l"))


def test_a_fresh_code_reads_back_and_a_fresh_key_has_eighty_bits():
    code, key = codes.make_code("BN", 2026), codes.make_key()
    assert codes.read_code(code) == code
    assert re.fullmatch(r"[0-9A-Z]{16}", key)
    assert len(set(codes.KEY_SYMBOLS)) == 32


@pytest.mark.parametrize("spell", [str, str.lower, codes.show_key, lambda key: codes.show_key(key).replace("-", " — ")])
def test_a_key_is_read_however_it_was_typed(spell):
    key = codes.make_key()
    assert codes.read_key(spell(key)) == key


# --- what is asked of the sender, and what sounds dangerous ------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "sender", "required"),
    [
        (Kind.COMPLAINT, SenderType.PERSON, True),
        (Kind.COMPLAINT, SenderType.ANONYMOUS, True),
        (Kind.COMPLAINT, SenderType.GROUP, True),
        (Kind.RECOMMENDATION, SenderType.PERSON, True),
        (Kind.RECOMMENDATION, SenderType.ANONYMOUS, False),
        (Kind.REPORT, SenderType.PERSON, False),
        (Kind.REPORT, SenderType.ANONYMOUS, False),
        (Kind.SUGGESTION, SenderType.PERSON, False),
        (Kind.QUESTION, SenderType.PERSON, False),
        (Kind.QUESTION, SenderType.ENTERPRISE, True),
    ],
)
def test_a_name_is_asked_for_only_where_the_law_does(kind, sender, required):
    assert rules.contact_required(kind, sender) is required


@pytest.mark.parametrize("kind", [*Kind])
def test_only_a_complaint_must_have_a_name(kind):
    assert rules.may_be_anonymous(kind) is (kind is not Kind.COMPLAINT)


@pytest.mark.parametrize(
    ("text", "dangerous"),
    [
        ("Nhà bên đang cháy!", True),
        ("nha ben dang chay", True),  # typed without diacritics: rather once too often
        ("CHÁY NHÀ", True),
        ("xảy ra hoả hoạn", True),  # the mark on either vowel
        ("xảy ra hỏa hoạn", True),
        ("Cháu bị\nđánh ở trường", True),
        ("Em không muốn sống nữa", True),
        ("Có người đuối nước.", True),
        ("Mỏ đá nổ mìn sát nhà dân", True),
        ("tu tu", True),
        ("Xe đi từ từ thôi", False),
        ("Cần tư vấn thủ tục", False),
        ("cần tư vấn, tu van", False),
        ("Xe tải đang chạy quá tốc độ", False),
        ("Thiết bị dành cho trẻ em đã hỏng", False),
        ("Sắp nhập nhà văn hóa", False),
        ("", False),
    ],
)
def test_words_of_danger_flag_as_whole_words_with_the_right_marks(text, dangerous):
    assert danger.sounds_dangerous(text) is dangerous


@pytest.mark.parametrize("phrase", danger.DANGER_WORDS)
def test_every_word_of_danger_is_found_with_and_without_diacritics(phrase):
    assert danger.sounds_dangerous(f"Ở đây {phrase}, xin giúp")
    assert danger.sounds_dangerous(fold(f"Ở đây {phrase}, xin giúp"))


# --- routing -----------------------------------------------------------------------------------------------------------

PATHS = {1: "/1/", 2: "/1/2/", 3: "/1/3/", 31: "/1/3/31/", 4: "/1/4/"}
DESK = Route(id=99, position=99, unit_id=2)


def matter(**over):
    values = {
        "kind": Kind.REPORT,
        "field_id": 7,
        "place_id": 5,
        "folded_text": "den duong tat",
        "channel": Channel.WEB,
        "insider": False,
    } | over
    return Matter(**values)


@pytest.mark.parametrize(
    ("what", "routes", "unit", "by"),
    [
        ("nothing fits but the default", [DESK], 2, 99),
        ("the first match wins, by position", [DESK, Route(2, 2, unit_id=4), Route(1, 1, unit_id=3)], 3, 1),
        ("kind", [Route(1, 1, kinds=frozenset({Kind.QUESTION}), unit_id=3), DESK], 2, 99),
        ("field", [Route(1, 1, field_ids=frozenset({7}), unit_id=3), DESK], 3, 1),
        ("field and place", [Route(1, 1, field_ids=frozenset({7}), place_ids=frozenset({6}), unit_id=3), DESK], 2, 99),
        ("channel", [Route(1, 1, channels=frozenset({Channel.PHONE}), unit_id=3), DESK], 2, 99),
        ("any one of its words", [Route(1, 1, words=("rac thai", "den duong"), unit_id=3), DESK], 3, 1),
        ("words, not parts of words", [Route(1, 1, words=("en duon",), unit_id=3), DESK], 2, 99),
        ("insiders only", [Route(1, 1, insider=True, unit_id=3), DESK], 2, 99),
        ("no insiders", [Route(1, 1, insider=False, unit_id=3), DESK], 3, 1),
        ("the committee of the place", [Route(1, 1, to_place=True), DESK], 4, 1),
        ("a unit that is no more is passed by", [Route(1, 1, unit_id=77), DESK], 2, 99),
        ("no rule at all", [], None, None),
    ],
)
def test_the_first_rule_that_matches_says_where_an_item_goes(what, routes, unit, by):
    goes = route(matter(), routes, unit_of_place={5: 4}, path_of=PATHS)
    assert (goes.unit_id, goes.route_id) == (unit, by), what


@pytest.mark.parametrize(("accused", "unit"), [(None, 31), ("/1/3/31/", 4), ("/1/3/", 4), ("/1/4/", 31), ("/1/", None)])
def test_the_accused_and_what_is_below_it_is_never_in_the_route(accused, unit):
    routes = [Route(1, 1, unit_id=31), Route(2, 2, unit_id=4), DESK]
    assert route(matter(accused_unit_path=accused), routes, unit_of_place={}, path_of=PATHS).unit_id == unit


def test_without_a_committee_of_the_place_the_next_rule_has_it():
    assert route(matter(place_id=None), [Route(1, 1, to_place=True), DESK], unit_of_place={5: 4}, path_of=PATHS).unit_id == 2


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (Route(1, 1), "target"),
        (Route(1, 1, unit_id=3, to_place=True), "target"),
        (Route(1, 1, unit_id=3, words=("den", " ")), "words"),
        (Route(1, 1, unit_id=3, words=("",)), "words"),
    ],
)
def test_a_rule_that_could_never_work_cannot_be_saved(broken, why):
    with pytest.raises(RuleCannotCompile, match=why):
        compile_route(broken)


# --- who may do what to which item -------------------------------------------------------------------------------------

#: Paths: desk /1/2/, the unit that has it /1/3/ with a division /1/3/31/, another unit /1/4/, a unit with a promise /1/5/,
#: a unit that had it before /1/6/, the body that gets copies /8/, MTTQ /9/.
ITEM = {
    "status": Status.IN_HAND, "kind": Kind.REPORT, "place_id": 5, "desk_path": "/1/2/", "unit_paths": ("/1/3/", "/1/5/", "/1/6/"),
    "open_unit_paths": ("/1/3/",), "act_unit_paths": ("/1/5/",), "officer_ids": frozenset({100}), "identity_scope": IdentityScope.UNIT,
    "insider": False, "accused_unit_path": None, "copied_path": "/8/", "entered_by_id": None,
}  # fmt: skip


def reach(role: Role, path: str, scope: Scope | None = None) -> Reach:
    return Reach(user_id=1, unit_id=1, holds=((role, scope or Scope(unit_path=path)),), homes=(path,))


WHO = {
    "clerk of the desk": reach(Role.RECEPTION, "/1/2/"),
    "clerk of another desk": reach(Role.RECEPTION, "/1/4/"),
    "officer of the unit": reach(Role.OFFICER, "/1/3/"),
    "head of the unit": reach(Role.HEAD, "/1/3/"),
    "office of the unit": reach(Role.OFFICE, "/1/3/"),
    "records of the unit": reach(Role.RECORDS, "/1/3/"),
    "officer of its division": reach(Role.OFFICER, "/1/3/31/"),
    "chairman above": reach(Role.HEAD, "/1/"),
    "officer who keeps a promise": reach(Role.OFFICER, "/1/5/"),
    "officer who had it before": reach(Role.OFFICER, "/1/6/"),
    "head of another unit": reach(Role.HEAD, "/1/4/"),
    "body that gets copies": reach(Role.STEERING, "/8/"),
    "mttq": reach(Role.FRONT, "/9/", Scope(everywhere=True)),
    "mttq of the ward": reach(Role.FRONT, "/9/5/", Scope(place_id=5)),
    "mttq of another ward": reach(Role.FRONT, "/9/6/", Scope(place_id=6)),
    "administrator": reach(Role.ADMINISTRATOR, "/1/", Scope(everywhere=True)),
    "trade union": reach(Role.TRADE_UNION, "/7/"),
}
VERBS = {
    "read": rules.may_read, "identity": rules.may_see_identity, "triage": rules.may_triage, "handle": rules.may_handle,
    "lead": rules.may_lead, "publish": rules.may_publish, "note": rules.may_note, "tell": rules.may_tell,
}  # fmt: skip
MAY = {
    "clerk of the desk": "read identity triage publish note",
    "clerk of another desk": "",
    "officer of the unit": "read identity handle note tell",
    "head of the unit": "read identity handle lead publish note tell",
    "office of the unit": "read",
    "records of the unit": "read",
    "officer of its division": "",
    "chairman above": "read identity handle lead publish note tell",
    "officer who keeps a promise": "read identity note tell",
    "officer who had it before": "read identity",
    "head of another unit": "",
    "body that gets copies": "read",
    "mttq": "read",
    "mttq of the ward": "read",
    "mttq of another ward": "",
    "administrator": "",
    "trade union": "",
}


#: Who drafts: while the unit has it, its people alone; while it lies at its desk, the desk, and never the answer.
AT_DESK = {"status": Status.RECEIVED, "unit_paths": (), "open_unit_paths": ()}
DRAFTS = [
    ("clerk of the desk", PaperType.REFUSE, {}, False),
    ("clerk of the desk", PaperType.REFUSE, AT_DESK, True),
    ("clerk of the desk", PaperType.REPLY, AT_DESK, False),
    ("clerk of another desk", PaperType.REFUSE, AT_DESK, False),
    ("officer of the unit", PaperType.REFUSE, {}, True),
    ("officer of the unit", PaperType.REPLY, {}, True),
    ("officer of the unit", PaperType.REFUSE, AT_DESK, False),
]


@pytest.mark.parametrize(("who", "type_", "over", "may"), DRAFTS)
def test_a_paper_is_drafted_where_the_item_lies(who, type_, over, may):
    assert rules.may_draft(WHO[who], Standing(**(ITEM | over)), type_) == may


def allowed(who: str, **over: object) -> set[str]:
    item = Standing(**(ITEM | over))
    return {verb for verb, may in VERBS.items() if may(WHO[who], item)}


@pytest.mark.parametrize("who", [*WHO])
def test_who_may_do_what_to_an_item(who):
    assert allowed(who) == set(MAY[who].split())


@pytest.mark.parametrize("who", [*WHO])
@pytest.mark.parametrize("over", [{"insider": True}, {"identity_scope": IdentityScope.RECEPTION}], ids=["insider", "reception only"])
def test_only_the_desk_sees_who_wrote_when_the_sender_or_the_field_says_so(who, over):
    assert ("identity" in allowed(who, **over)) is (who == "clerk of the desk")


@pytest.mark.parametrize(
    ("accused", "shut_out"),
    [
        ("/1/3/", {"officer of the unit", "head of the unit", "office of the unit", "records of the unit"}),
        ("/1/5/", {"officer who keeps a promise"}),
        ("/1/2/", {"clerk of the desk"}),
        ("/9/", {"mttq", "mttq of the ward"}),
    ],
)
def test_the_accused_unit_may_do_nothing_and_everybody_else_what_they_always_may(accused, shut_out):
    for who in WHO:
        assert allowed(who, accused_unit_path=accused) == (set() if who in shut_out else set(MAY[who].split())), who


@pytest.mark.parametrize(("kind", "given", "reads"), [("complaint", True, True), ("complaint", False, False), ("report", True, False)])
def test_the_accused_reads_a_complaint_that_it_was_given_to_settle(kind, given, reads):
    over = {"kind": Kind(kind), "accused_unit_path": "/1/3/"} | ({} if given else AT_DESK)
    for who in ("officer of the unit", "head of the unit"):
        assert ("read" in allowed(who, **over)) is reads
        assert ("handle" in allowed(who, **over)) is reads


def test_a_desk_below_an_accused_authority_passes_the_item_on():
    assert allowed("clerk of the desk", accused_unit_path="/1/") == set(MAY["clerk of the desk"].split())
    assert allowed("chairman above", accused_unit_path="/1/") == set()
    assert allowed("officer of the unit", accused_unit_path="/1/") == set()


def test_an_officer_the_item_was_given_to_reads_it_wherever_they_sit():
    person, item = Reach(user_id=100, unit_id=4, homes=("/1/4/",)), Standing(**ITEM)
    assert rules.may_read(person, item)
    assert not rules.may_handle(person, item)
    assert not rules.may_read(person, Standing(**(ITEM | {"accused_unit_path": "/1/4/"})))


@pytest.mark.parametrize(
    ("over", "reads"),
    [
        ({"homes": ("/7/",)}, True),
        ({"homes": ("/1/6/", "/7/")}, False),  # works there, or stands in for somebody who does
        ({"homes": ("/1/6/61/",)}, False),  # a division of it
        ({"homes": ("/1/",)}, True),  # the superior
        ({"holds": ((Role.HEAD, Scope(unit_path="/1/6/")),)}, False),  # leads it, whatever unit their account is of
        ({"holds": ((Role.OFFICE, Scope(unit_path="/1/6/61/")),)}, False),
        ({"holds": ((Role.AUDITOR, Scope(unit_path="/1/6/")),)}, True),  # looks at it from elsewhere
    ],
)
def test_every_unit_of_a_person_is_asked_whether_it_is_the_accused(over, reads):
    everywhere = (Role.STEERING, Scope(everywhere=True))
    person = Reach(1, 1, holds=(everywhere, *over.get("holds", ())), homes=over.get("homes", ("/4/",)))
    item = Standing(**(ITEM | {"accused_unit_path": "/1/6/", "unit_paths": ("/1/3/",)}))
    assert rules.may_read(person, item) is reads
    assert rules.may_read(person, Standing(**(ITEM | {"accused_unit_path": None})))


def test_a_clerk_of_a_desk_below_the_accused_who_serves_the_accused_too_is_no_longer_only_its_desk():
    clerk = Reach(1, 1, holds=((Role.RECEPTION, Scope(unit_path="/1/2/")), (Role.HEAD, Scope(unit_path="/1/"))), homes=("/1/2/",))
    assert not rules.may_read(clerk, Standing(**(ITEM | {"accused_unit_path": "/1/"})))


# --- what the sender may do --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "add", "withdraw", "rate", "reopen"),
    [
        (Status.RECEIVED, True, True, False, False),
        (Status.IN_HAND, True, True, False, False),
        (Status.ANSWERED, True, False, True, True),
        (Status.CLOSED, False, False, True, True),
        *((status, False, False, False, False) for status in ("guided", "refused", "forwarded", "filed", "split", "merged", "withdrawn")),
    ],
)
def test_what_the_sender_may_do_where_the_item_stands(status, add, withdraw, rate, reopen):
    assert rules.sender_may_add(status) is add
    assert rules.sender_may_withdraw(status) is withdraw
    assert rules.sender_may_rate(status, rated_round=None, round_=1, within=True) is rate
    assert rules.sender_may_reopen(status, before=False, within=True) is reopen


def test_an_answer_is_rated_once_a_round_and_an_item_reopened_once_both_within_the_days():
    assert not rules.sender_may_rate(Status.ANSWERED, rated_round=1, round_=1, within=True)
    assert rules.sender_may_rate(Status.ANSWERED, rated_round=1, round_=2, within=True)
    assert not rules.sender_may_rate(Status.ANSWERED, rated_round=None, round_=1, within=False)
    assert not rules.sender_may_reopen(Status.ANSWERED, before=True, within=True)
    assert not rules.sender_may_reopen(Status.ANSWERED, before=False, within=False)

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import search
from app.database import db
from app.search import SearchDocument, Term, parse
from tests.app.bare import bare_app, database_url

NOW = dt.datetime(2026, 12, 21, 3, 0, tzinfo=dt.UTC)


@dataclass
class Item:
    """Anything with a table and an id."""

    id: int
    __tablename__: ClassVar[str] = "item"


@dataclass
class Session:
    id: int
    __tablename__: ClassVar[str] = "session"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp(f"search-{request.param}")
    with bare_app(database_url(request, folder), folder) as app:
        yield app


@pytest.fixture
def empty(database):
    """The database, left without a document after the test."""
    yield database
    db.session.rollback()
    db.session.query(SearchDocument).delete()
    db.session.commit()


def found(query: str, audience: search.Audience = "public", model: type = Item) -> list[int]:
    return list(db.session.scalars(search.matching(audience, query, model)))


def add(words: str, number: int = 1, audience: search.Audience = "public", *, days_ago: int = 0, model: type = Item) -> None:
    search.index(audience, model(number), words, at=NOW - dt.timedelta(days=days_ago))


TEXT = "Cấp giấy chứng nhận quyền sử dụng ĐẤT ĐAI ở thôn Núi, gọi 24/7, xem bacninh.gov.vn hoặc mục (B)"

HITS = [
    "dat dai", "đất đai", "ĐẤT ĐAI", unicodedata.normalize("NFD", "đất đai"), "dai dat", "đất-đai",
    "24/7", "bacninh.gov.vn", "thôn núi",
    '"giấy chứng nhận"', "“giấy chứng nhận”", '"chứng nhận quyền', "quyền sử dụn", "bacninh.go",
    'dat "quyen su dung" nui', "mục b", "(dat) & dai!",
    "dat, dai.", "  dat   dai  ",
]  # fmt: skip
MISSES = [
    "dat rung", '"chung giay"', '"giay chung nha"', "an", "da ", "47", "gov.bacninh", "dat OR rung", "dat NOT dai", "mục a",
    "", " ", '"', '""', "' OR 1=1 --", "👍🏽", "👍 🚧", "\x00", "%", "_", "北宁",
]  # fmt: skip


@pytest.fixture
def one(empty):
    add(TEXT)
    return empty


@pytest.mark.parametrize("query", HITS)
def test_words_are_found_however_they_are_written(one, query: str):
    assert found(query) == [1]


@pytest.mark.parametrize("query", MISSES)
def test_what_is_not_there_is_not_found(one, query: str):
    assert found(query) == []


ODD = [
    'a" OR "b', "NEAR(dat dai, 2)", "folded:dat", "-dat", "^dat", "dat*", "*", "dat + dai", "dat:*", "!dat",
    "dat <-> dai", "a & | b", "((((", "\\", "'",
    "dat\x00dai", "\ud83d", "x" * 1_000_000, "dat " * 300_000, '"' * 1_000_000, "AND AND AND", "ﬁ ²", "\u202edai tad",
]  # fmt: skip


@pytest.mark.parametrize("query", ODD, ids=lambda query: repr(query[:20]))
def test_nothing_that_can_be_typed_breaks_the_search(one, query: str):
    assert found(query) in ([], [1])


@given(query=st.text(st.characters(), max_size=60) | st.text("\"*()&|!<->:'^-+ ab", max_size=60))
def test_no_text_at_all_breaks_the_search(database, query: str):
    assert found(query) == []


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("dat dai", [Term(["dat"]), Term(["dai"], unfinished=True)]),
        ("dat dai ", [Term(["dat"]), Term(["dai"])]),
        ('dat "dai"', [Term(["dat"]), Term(["dai"])]),
        ("muc b", [Term(["muc"]), Term(["b"])]),
        ("24/7", [Term(["24", "7"])]),
        ("24/70", [Term(["24", "70"], unfinished=True)]),
        ("dat …", [Term(["dat"])]),
    ],
)
def test_a_query_is_words_and_phrases_the_last_one_perhaps_unfinished(typed: str, terms: list[Term]):
    assert parse(typed) == terms


def test_the_newest_come_first(empty):
    for number, days_ago in ((1, 2), (2, 0), (3, 1)):
        add("cống tắc", number, days_ago=days_ago)

    assert found("cong tac") == [2, 3, 1]


def test_only_the_newest_matches_are_listed(empty, monkeypatch):
    monkeypatch.setattr(search, "MOST", 3)
    for number in range(1, 6):
        add("cống tắc", number, days_ago=10 - number)

    assert found("cong") == [5, 4, 3]


def test_the_documents_of_others_do_not_crowd_out_the_newest(empty, monkeypatch):
    monkeypatch.setattr(search, "MOST", 2)
    for number in (1, 2):
        add("cống tắc", number)
    for number in (3, 4, 5):
        add("cống tắc", number, "staff")
        add("cống tắc", number, model=Session)

    assert sorted(found("cong")) == [1, 2]


def test_the_public_does_not_find_what_only_staff_may(empty):
    add("bà Hợp báo cống tắc", 1, "staff")
    add("báo cống tắc", 1, "public")

    assert found("hop", "staff") == [1]
    assert found("hop", "public") == []


def test_what_is_indexed_again_is_found_by_its_new_words_only(empty):
    add("cống tắc")
    add("đường sạt")

    assert (found("cong"), found("sat")) == ([], [1])


def test_what_is_removed_is_not_found_by_that_audience(empty):
    add("cống tắc", 1, "public")
    add("cống tắc", 1, "staff")
    search.remove("public", Item(1))

    assert (found("cong", "public"), found("cong", "staff")) == ([], [1])
    search.remove("public", Item(1))  # twice is as good as once


def test_a_rollback_leaves_no_trace_in_the_index(empty):
    add("cống tắc")
    db.session.rollback()

    assert found("cong") == []


def test_a_text_longer_than_the_index_holds_is_found_by_its_beginning(empty):
    add("đầu tiên " + " ".join(f"tu{number}" for number in range(search.LONGEST_TEXT // 5)))
    add("đầu " + "x" * 2 * search.LONGEST_TEXT, 2)

    assert found("dau tien") == [1]
    assert found("dau ") == [2, 1]


def test_two_searches_fit_into_one_statement(one):
    add("đất rừng", 2)
    both = select(SearchDocument.subject_id).where(
        SearchDocument.subject_id.in_(search.matching("public", "dat", Item)),
        SearchDocument.subject_id.in_(search.matching("public", "rung", Item)),
    )

    assert list(db.session.scalars(both)) == [2]


def test_the_index_can_be_taken_away_and_made_again_over_what_is_there(one):
    db.session.commit()
    with db.engine.begin() as connection:
        search.drop_index(connection)
        search.create_index(connection)
        search.create_index(connection)
    add("đất rừng", 2)

    assert found("dat") == [2, 1]

"""Full text, with or without diacritics: one path over SQLite FTS5 and PostgreSQL.

What is searched is the folded text (app.fold), so both databases see only words of a-z and 0-9 and need to know nothing of
Vietnamese. Each subject has a document for each audience: what the public may find is not what staff may find.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask
from sqlalchemy import BindParameter, Connection, Index, Select, UniqueConstraint, bindparam, delete, false, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app import jobs
from app.audit import HasId
from app.database import Base, db, is_postgresql
from app.fold import fold
from app.storing import store_or_change

Audience = Literal["public", "staff"]

#: Only the newest matches are listed: nobody reads further, and a frequent word would sort all there is.
MOST = 1000
LONGEST_TEXT = 200_000  # folded characters; PostgreSQL holds 1 MB of different words
LONGEST_QUERY = 200  # characters of what was typed into the search box
MOST_TERMS = 12


class SearchDocument(Base):
    """What one audience can find one subject by."""

    __tablename__ = "search_document"
    __table_args__ = (
        UniqueConstraint("audience", "subject_type", "subject_id"),
        Index("ix_search_document_newest", "audience", "subject_type", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    audience: Mapped[str] = mapped_column(comment="public, staff")
    subject_type: Mapped[str] = mapped_column(comment="name of the subject's table")
    subject_id: Mapped[int]
    folded: Mapped[str]
    at: Mapped[dt.datetime] = mapped_column(comment="newest first by this")


def init_app(app: Flask) -> None:
    """Tidy up every night too: a queue that was away lost what it was asked for."""
    jobs.daily(app, "search.tidy", "app.search:tidy", at=dt.time(0, 40))


# "simple" splits at spaces and changes nothing, which is all that folded text asks for.
_POSTGRESQL = (
    """
    ALTER TABLE search_document ADD COLUMN IF NOT EXISTS search_fts tsvector
    GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, folded)) STORED
    """,
    "CREATE INDEX IF NOT EXISTS search_fts_words ON search_document USING gin (search_fts)",
)

# The index holds no text of its own (external content), so triggers tell it each change, and what it knew before.
_FORGET = "INSERT INTO search_fts (search_fts, rowid, folded) VALUES ('delete', old.id, old.folded);"
_LEARN = "INSERT INTO search_fts (rowid, folded) VALUES (new.id, new.folded);"
_SQLITE = (
    """
    CREATE VIRTUAL TABLE IF NOT EXISTS search_fts USING fts5
    (folded, content='search_document', content_rowid='id', tokenize='unicode61 remove_diacritics 0', prefix='2 3')
    """,
    f"CREATE TRIGGER IF NOT EXISTS search_fts_added AFTER INSERT ON search_document BEGIN {_LEARN} END",
    f"CREATE TRIGGER IF NOT EXISTS search_fts_removed AFTER DELETE ON search_document BEGIN {_FORGET} END",
    f"CREATE TRIGGER IF NOT EXISTS search_fts_changed AFTER UPDATE ON search_document BEGIN {_FORGET} {_LEARN} END",
    "INSERT INTO search_fts (search_fts) VALUES ('rebuild')",
)
_NO_POSTGRESQL = ("ALTER TABLE search_document DROP COLUMN IF EXISTS search_fts",)
_NO_SQLITE = (
    "DROP TRIGGER IF EXISTS search_fts_added",
    "DROP TRIGGER IF EXISTS search_fts_removed",
    "DROP TRIGGER IF EXISTS search_fts_changed",
    "DROP TABLE IF EXISTS search_fts",
)


def create_index(connection: Connection) -> None:
    """Make the full-text index of search_document, from migrations and tests; what is there already stays."""
    for statement in _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE:
        connection.exec_driver_sql(statement)


def drop_index(connection: Connection) -> None:
    """Take the index away; the documents stay."""
    for statement in _NO_POSTGRESQL if connection.dialect.name == "postgresql" else _NO_SQLITE:
        connection.exec_driver_sql(statement)


def index(audience: Audience, subject: HasId, words: str, *, at: dt.datetime) -> None:
    """Let *audience* find *subject* (a stored row) by *words*, instead of what it was found by before."""
    if subject.id is None:
        db.session.flush()
    whose = {"audience": audience, "subject_type": _type(subject), "subject_id": subject.id}
    store_or_change(SearchDocument, whose | {"folded": _cut(fold(words)), "at": at}, same=whose)


def remove(audience: Audience, subject: HasId) -> None:
    """Let *audience* no longer find *subject*."""
    db.session.execute(
        delete(SearchDocument).where(
            SearchDocument.audience == audience,
            SearchDocument.subject_type == _type(subject),
            SearchDocument.subject_id == subject.id,
        )
    )


def tidy() -> None:
    """Let go for good of words that were deleted: SQLite keeps them in its index until that is merged, and in its log until then, too."""
    if is_postgresql():  # there they go with the next vacuum
        return
    connection = db.engine.raw_connection()
    try:
        for statement in ("INSERT INTO search_fts (search_fts) VALUES ('optimize')", "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.cursor().execute(statement)
    finally:
        connection.close()


def matching(audience: Audience, query: str, model: type[Any]) -> Select[int]:
    """Return a select of the ids of *model* that *audience* finds by *query*, newest first, the newest :data:`MOST` at most.

    Every word must occur, the last one may be unfinished, "words in quotes" stand together. Never raises, whatever was typed;
    a query without a letter or digit finds nothing.
    """
    expression = expression_of(query)
    # unique: a page may look for two things in one statement.
    found = ids_matching(audience, bindparam("expression", expression, unique=True), model)
    return found if expression else found.where(false())


def ids_matching(audience: Audience, expression: BindParameter[str], model: type[Any]) -> Select[int]:
    """Return :func:`matching` for what :func:`expression_of` returns, for a statement that is made once and asked often."""
    facts = {"audience": audience, "type": _type(model), "most": MOST}
    others = [bindparam(name, fact, unique=True) for name, fact in facts.items()]
    newest = text(_MATCHES_POSTGRESQL if is_postgresql() else _MATCHES_SQLITE).bindparams(expression, *others)
    ids = newest.columns(SearchDocument.id).scalar_subquery()
    return select(SearchDocument.subject_id).where(SearchDocument.id.in_(ids)).order_by(SearchDocument.at.desc(), SearchDocument.id.desc())


def expression_of(query: str) -> str:
    """Return what was typed in the words of this database's index; nothing where it has no letter or digit."""
    terms = parse(query)
    return _for_postgresql(terms) if is_postgresql() else _for_sqlite(terms)


# The order of ids is close to that of time, and FTS5 walks its rows by id: it can stop after the newest without sorting all.
# CROSS JOIN keeps SQLite from turning the walk around and asking the index once a document.
_MATCHES_SQLITE = """
    SELECT document.id FROM search_fts CROSS JOIN search_document AS document ON document.id = search_fts.rowid
    WHERE search_fts MATCH :expression AND document.audience = :audience AND document.subject_type = :type
    ORDER BY search_fts.rowid DESC LIMIT :most
"""
_MATCHES_POSTGRESQL = """
    SELECT document.id FROM search_document AS document
    WHERE document.search_fts @@ to_tsquery('simple', :expression) AND document.audience = :audience AND document.subject_type = :type
    ORDER BY document.id DESC LIMIT :most
"""

# Quotes as phones and word processors write them.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»", '"'))
_QUOTED_OR_WORD = re.compile(r'"([^"]*)(?:"|$)|([^\s"]+)')


@dataclass
class Term:
    """Words that stand together, in this order; the last may be the beginning of a word."""

    words: list[str]
    unfinished: bool = False


def parse(query: str) -> list[Term]:
    """Return the terms of what was typed. "24/7" and "bacninh.gov.vn" are phrases, since folding splits them."""
    matches = list(_QUOTED_OR_WORD.finditer(query[:LONGEST_QUERY].translate(_QUOTES)))
    terms = [Term(fold(match[1] if match[2] is None else match[2]).split()) for match in matches]
    if terms and matches[-1][2] is not None and terms[-1].words:
        # One letter begins too many words to be worth looking up.
        terms[-1].unfinished = len(terms[-1].words[-1]) > 1 and not query[-1:].isspace()
    return [term for term in terms if term.words][:MOST_TERMS]


def _for_sqlite(terms: list[Term]) -> str:
    return " AND ".join(f'"{" ".join(term.words)}"{" *" if term.unfinished else ""}' for term in terms)


def _for_postgresql(terms: list[Term]) -> str:
    return " & ".join(f"({' <-> '.join(term.words)}{':*' if term.unfinished else ''})" for term in terms)


def _type(subject: Any) -> str:
    return subject.__tablename__


def _cut(folded: str) -> str:
    """Return *folded* no longer than the index holds, ending with a whole word."""
    return folded if len(folded) <= LONGEST_TEXT else folded[:LONGEST_TEXT].rpartition(" ")[0]

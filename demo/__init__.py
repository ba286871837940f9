"""The demo province: Bắc Ninh with its real communes, invented people and invented matters in every state.

* data/ is what is shown, as TOML that an official can read and correct;
* content.py reads it and spreads the tree of units over the communes; it knows no database;
* province.py creates units, fields, people and routing rules from it;
* timetable.py says when each step of an item happens, counted back from today; pictures.py draws proofs;
  senders.py says who wrote;
* history.py draws the year before, hundreds of items that are over, and written.py writes them;
* past.py lets every item happen again, each step at its time, by the same operations that people use;
* sealed.py fills the sealed register, which is no feedback;
* personal.py lets two people ask for what is kept of them;
* oversight.py, supervised.py and reported.py let bodies watch, remind, look and supervise, and units report;
* sessions.py, asked.py and years.py let dialogue sessions, reception days and yearly plans happen in the same way.
"""

from __future__ import annotations

import gc

from flask import Flask

# A start without the demo, and every later start, imports this package: the parts that load come in where they are needed.


def load(app: Flask) -> None:
    """Load the demo province into an empty install and commit; app.reference is loaded, and no transaction is open."""
    from app import clock  # noqa: PLC0415
    from app.database import db  # noqa: PLC0415
    from demo import oversight, past, personal, province, reported, sealed, sessions, supervised, written  # noqa: PLC0415

    gc.disable()  # a third of the time would go into looking through objects that all live to the end
    try:
        with app.app_context():
            now = clock.now()
            made = province.create(today=clock.local_date(now))
            written.play(made, now=now)
            past.play(made, now=now)
            sealed.play(made, now=now)
            personal.play(now=now)
            told = sessions.play(made, now=now)
            supervised.play(made, now=now)
            oversight.play(made, now=now)
            reported.play(made, now=now)
            db.session.commit()
            sessions.archive(told)
    finally:
        gc.enable()


def sign_ins(app: Flask) -> list[tuple[str, str, str]]:
    """Return (kind of work, e-mail, password) of the demo's people; empty where the demo is not loaded."""
    from app.accounts.queries import user_by_email  # noqa: PLC0415
    from app.database import reading  # noqa: PLC0415
    from demo import content  # noqa: PLC0415

    users = content.read("users")
    shown = [(user["sign_in"], content.email(user["login"]), users["password"]) for user in users["user"] if "sign_in" in user]
    with app.app_context(), reading():
        return shown if user_by_email(shown[0][1]) is not None else []

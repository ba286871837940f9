from __future__ import annotations

import pytest
from flask import Flask

from app import static_files
from app.database import db
from app.files import StoredFile, store
from tests.app.bare import bare_app, database_url
from tests.app.files.samples import MAX_BYTES


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp(f"files-{request.param}")
    with bare_app(database_url(request, folder), folder, MAX_FILE_BYTES=MAX_BYTES, MAX_FILES=3) as app:
        app.static_folder = "static"
        static_files.init_app(app)
        yield app


@pytest.fixture
def app(site: Flask):
    """The site, without a file before the test."""
    db.session.execute(db.delete(StoredFile))
    db.session.commit()
    for page in store.keys(""):
        for key, _ in page:
            store.delete(key)
    yield site
    db.session.rollback()

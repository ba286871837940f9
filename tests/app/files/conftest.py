from __future__ import annotations

from collections.abc import Iterator

import boto3
import pytest
from flask import Flask
from moto.server import ThreadedMotoServer

from app import static_files
from app.database import db
from app.files import StoredFile, store
from tests.app.bare import bare_app, database_url
from tests.app.files.samples import MAX_BYTES


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp(f"files-{request.param}")
    with bare_app(database_url(request, folder), folder, MAX_FILE_BYTES=MAX_BYTES, MAX_FILES=3, RATE_LIMIT_ENABLED=False) as app:
        app.static_folder = "static"
        static_files.init_app(app)
        yield app


@pytest.fixture(scope="session")
def bucket() -> Iterator[dict[str, str]]:
    """Return the settings of a bucket on a server of our own that speaks S3."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"S3_ENDPOINT": f"http://{host}:{port}", "S3_REGION": "us-east-1", "S3_ACCESS_KEY_ID": "tep", "S3_SECRET_ACCESS_KEY": "bi-mat"}
    client = boto3.client(
        "s3",
        endpoint_url=keys["S3_ENDPOINT"],
        region_name=keys["S3_REGION"],
        aws_access_key_id=keys["S3_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["S3_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket="cong-dan")
    yield {"STORAGE_URL": "s3://cong-dan/tep/2026", **keys}
    server.stop()


@pytest.fixture
def place() -> str:
    """Where the files of the test lie: folder, bucket. A module may ask for both."""
    return "folder"


@pytest.fixture
def app(site: Flask, place: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """The site, without a file before the test."""
    if place == "bucket":
        monkeypatch.setitem(site.extensions, "store", store.opened(request.getfixturevalue("bucket")))
    db.session.execute(db.delete(StoredFile))
    db.session.commit()
    for page in store.keys(""):
        for key, _ in page:
            store.delete(key)
    yield site
    db.session.rollback()

"""A film that was sent is played in the page, part by part, and fetched only when somebody presses."""

from __future__ import annotations

import io
import re

import pytest

from app import clock, files
from app.database import db
from feedback.models import Attachment
from tests.app.files.films import SECRETS, film
from tests.feedback import builders
from tests.feedback.at_desk import AtDesk


@pytest.mark.parametrize(("made", "tag"), [(("mov", "libx264", "aac"), "video"), (("ipod", "", "aac"), "audio")], ids=["film", "voice"])
def test_a_film_or_voice_is_played_in_the_page(app, made: tuple[str, ...], tag: str):
    province = builders.make_province()
    item = builders.taken(province, clock.now())
    item.attachments.append(Attachment(file=files.store_upload(io.BytesIO(film(*made)), "Nhà ông A.mov", clock.now()), by_sender=True))
    db.session.commit()
    officer = AtDesk(app, province.officer)

    shown = officer.client.get(f"/can-bo/y-kien/{item.code}")
    [player] = re.findall(f"<{tag} [^>]*>", shown.text)
    assert 'preload="none"' in player
    assert "autoplay" not in player
    assert "media-src 'self'" in shown.headers["Content-Security-Policy"]

    source = re.search(r'src="([^"]+)"', player)
    assert source
    whole = officer.client.get(source[1])
    part = officer.client.get(source[1], headers={"Range": "bytes=100-199"})
    assert (whole.status_code, part.status_code, part.data) == (200, 206, whole.data[100:200])
    assert whole.headers["Content-Disposition"].startswith("attachment; ")
    assert not [secret for secret in SECRETS if secret in whole.data]

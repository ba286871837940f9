"""Photos of iPhones, films and voices: what is kept of them, what is refused, and that a bad one harms nobody."""

from __future__ import annotations

import io
import resource
import tempfile
from contextlib import suppress
from typing import Any

import av
import pytest
from PIL import Image

from app.files import apart, refusals
from app.files.content import HEAD, M4A, MP3, MP4, WAV, WEBA, WEBM, Checked, begins_like
from app.files.media import CONTAINERS, check_media
from app.files.pictures import check_picture
from tests.app.files.films import SECRETS, film, film_of_samples, heic, heic_that_says_it_is, turned
from tests.tried import Tried

SECONDS = 30


def checked(data: bytes, *, most_seconds: int = SECONDS) -> tuple[Checked, bytes]:
    with tempfile.TemporaryFile() as file, tempfile.TemporaryFile() as fresh:
        file.write(data)
        file.flush()
        kind = begins_like(data[:HEAD])
        assert kind is not None
        done = check_media(file, kind, fresh, most_seconds=most_seconds) if kind in CONTAINERS else check_picture(file, kind, fresh)
        fresh.seek(0)
        return done, fresh.read()


def tracks(data: bytes) -> list[tuple[str, int]]:
    """Return the codec of each track, and how many pictures or pieces of sound it gives when played."""
    played = []
    with av.open(io.BytesIO(data)) as film:
        for track in film.streams:
            film.seek(0)
            played.append((track.codec_context.codec.canonical_name, sum(1 for _ in film.decode(track))))
    return played


TAKEN: dict[str, tuple[tuple[Any, ...], Any, list[str]]] = {
    "a phone's film": (("mp4", "libx264", "aac"), MP4, ["h264", "aac"]),
    "an iPhone's film": (("mov", "libx264", "aac"), MP4, ["h264", "aac"]),
    "a film of a new iPhone": (("mov", "libx265"), MP4, ["hevc"]),
    "an old phone's film": (("3gp", "libx264", "aac"), MP4, ["h264", "aac"]),
    "a browser's film": (("webm", "libvpx", "libopus"), WEBM, ["vp8", "opus"]),
    "a newer browser's film": (("webm", "libvpx-vp9"), WEBM, ["vp9"]),
    "a film of one who saves space": (("mp4", "libsvtav1"), MP4, ["av1"]),
    "a film in a box of another kind": (("matroska", "libx264", "aac"), MP4, ["h264", "aac"]),
    "a film with two languages": (("mp4", "libx264", "aac", "aac"), MP4, ["h264", "aac"]),
    "a voice": (("ipod", "", "aac"), M4A, ["aac"]),
    "a voice without a box": (("adts", "", "aac"), M4A, ["aac"]),
    "a voice of a browser": (("webm", "", "libopus"), WEBA, ["opus"]),
    "a voice of a messenger": (("ogg", "", "libopus"), WEBA, ["opus"]),
    "a voice of a recorder": (("mp3", "", "libmp3lame"), MP3, ["mp3"]),
    "a voice of a computer": (("wav", "", "pcm_s16le"), WAV, ["pcm_s16le"]),
}


@pytest.mark.parametrize(("made", "kind", "codecs"), TAKEN.values(), ids=TAKEN)
def test_a_film_or_voice_is_kept_as_every_browser_plays_it_and_tells_nothing_else(made: Any, kind: Any, codecs: list[str]):
    sent = film(*made)
    done, kept = checked(sent)

    assert done.kind is kind
    assert begins_like(kept[:HEAD]) in CONTAINERS
    assert tracks(kept) == tracks(sent)[: len(codecs)]
    assert [codec for codec, _ in tracks(kept)] == codecs
    assert made[0] == "adts" or [secret for secret in SECRETS if secret in sent]
    assert [secret for secret in SECRETS if secret in kept] == []


def test_a_film_taken_upright_stays_upright():
    _, kept = checked(turned(film()))

    with av.open(io.BytesIO(kept)) as copy:
        assert next(copy.decode(video=0)).rotation in {90, -90}


REFUSED: dict[str, tuple[Any, type[refusals.FileRefused]]] = {
    "a film in an old form": (lambda: film("mp4", "mpeg4"), refusals.MediaRefused),
    "a film whose voice no browser plays": (lambda: film("mov", "libx264", "pcm_s16le"), refusals.MediaRefused),
    "a film without anything": (lambda: b"\0\0\0\x18ftypisom" + b"\0" * 100, refusals.FileDamaged),
    "a film that is a page": (lambda: b"\0\0\0\x18ftypisom<script>alert(1)</script>", refusals.FileDamaged),
    "a film cut short": (lambda: film(seconds=4)[:-400], refusals.FileDamaged),
    "a film whose pictures are missing": (lambda: film(movflags="faststart")[:-300], refusals.FileDamaged),
    "a film of a browser that is nothing": (lambda: b"\x1a\x45\xdf\xa3" + b"\0" * 100, refusals.FileDamaged),
    "a voice that is nothing": (lambda: b"ID3" + b"\0" * 300, refusals.FileDamaged),
    "a film of 60 million pictures in 2 KB": (lambda: film_of_samples(60_000_000), refusals.FileDamaged),
    "a film of 4,000 million pictures in 2 KB": (lambda: film_of_samples(0xFFFFFFF0), refusals.FileDamaged),
    "a photo cut short": (lambda: heic((400, 400))[:-50], refusals.FileDamaged),
    "only the beginning of a photo": (lambda: b"\0\0\0\x18ftypheic" + b"\0" * 100, refusals.FileDamaged),
    "a photo of 10,000 million points": (lambda: heic_that_says_it_is(100_000, 100_000), refusals.PictureTooLarge),
    "a photo of 60 million points": (lambda: heic_that_says_it_is(10_000, 6_000), refusals.PictureTooLarge),
}


@pytest.mark.parametrize(("make", "refusal"), REFUSED.values(), ids=REFUSED)
def test_a_bad_film_or_photo_is_refused_by_name(make: Any, refusal: type[refusals.FileRefused], tried: Tried):
    with pytest.raises(refusals.FileRefused) as raised:
        checked(make())

    assert type(raised.value) is refusal
    tried("films, voices and photos that are bombs, lies or broken", 1)


def test_a_long_film_is_refused():
    long = film(seconds=4)
    assert checked(long, most_seconds=4)[1]

    with pytest.raises(refusals.MediaTooLong):
        checked(long, most_seconds=3)


def test_a_photo_of_an_iphone_becomes_one_that_every_browser_shows():
    done, kept = checked(heic())

    assert done.kind.media_type == "image/jpeg"
    assert b"CameraMaker" not in kept
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (64, 128), {})


@pytest.mark.parametrize(("bound", "value"), [("WAIT_SECONDS", -1), ("GROWS_BY", -1000)], ids=["time", "disk"])
def test_a_reader_that_takes_more_than_its_share_is_ended(monkeypatch: pytest.MonkeyPatch, bound: str, value: int):
    monkeypatch.setattr(apart, bound, value)

    with pytest.raises(refusals.FileSuspicious):
        checked(film())


def test_a_film_that_asks_for_a_gigabyte_does_not_get_it():
    checked(film())
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    for count in (30_000_000, 60_000_000, 0xFFFFFFF0):
        with suppress(refusals.FileRefused):
            checked(film_of_samples(count))

    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss - before < 1_000_000

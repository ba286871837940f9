"""Films, voices and photos of phones, made as tests need them; they say where, when and by which phone they were taken."""

from __future__ import annotations

import io
import math
import re
import struct
import tempfile
from array import array
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
from PIL import Image

#: What a phone writes beside a film, and nobody may read in the copy.
SECRETS = (b"+21.2722", b"Hop", b"2026-03-04", b"x264 - core")
_TOLD = {"location": "+21.2722+106.1946/", "title": "nha ba Hop", "creation_time": "2026-03-04T05:06:07Z", "comment": "Hop"}

_SIZE = (64, 48)
_RATE = 48_000


@cache
def film(container: str = "mp4", picture: str = "libx264", *sounds: str, seconds: int = 1, **options: str) -> bytes:
    """A film whose picture is coded by *picture* (empty: none), with a track of each of *sounds*."""
    target = tempfile.NamedTemporaryFile()  # noqa: SIM115 - closed below; with a name it can be opened again, as faststart needs
    with av.open(target.name, "w", format=container, options=options) as made:
        made.metadata.update(_TOLD)
        if picture:
            track: Any = made.add_stream(picture, rate=8)
            track.width, track.height, track.pix_fmt = *_SIZE, "yuv420p"
            track.metadata["handler_name"] = "Hop"
        voices: list[Any] = [made.add_stream(sound, rate=_RATE) for sound in sounds]
        if picture:
            for number in range(8 * seconds):
                frame = av.VideoFrame.from_image(Image.new("RGB", _SIZE, (number * 20 % 256,) * 3))
                made.mux(track.encode(frame))
            made.mux(track.encode(None))
        for voice in voices:
            _speak(made, voice, seconds)
    with target:
        return Path(target.name).read_bytes()


def _speak(made: Any, voice: Any, seconds: int) -> None:
    shape = voice.format.name
    wave = array("h", (int(math.sin(at / 20) * 8000) for at in range(_RATE * seconds)))
    resampler = av.AudioResampler(format=shape, layout=voice.layout, rate=_RATE, frame_size=voice.codec_context.frame_size or 1024)
    frame = av.AudioFrame("s16", "mono", len(wave))
    frame.planes[0].update(wave.tobytes())
    frame.sample_rate, frame.pts, frame.time_base = _RATE, 0, Fraction(1, _RATE)
    for each in [*resampler.resample(frame), *resampler.resample(None)]:
        made.mux(voice.encode(each))
    made.mux(voice.encode(None))


@cache
def heic(size: tuple[int, int] = (128, 64)) -> bytes:
    """A photo of an iPhone on its side, with place and camera."""
    import pillow_heif  # noqa: PLC0415 - a fifth of a second, for a few tests

    pillow_heif.register_heif_opener()
    image = Image.new("RGB", size)
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "CameraMaker", 6
    image.info["exif"] = exif.tobytes()
    target = io.BytesIO()
    image.save(target, "HEIF", quality=90)
    return target.getvalue()


def heic_that_says_it_is(width: int, height: int) -> bytes:
    """A small photo whose header says that it is another size."""
    return re.sub(rb"ispe\0\0\0\0.{8}", b"ispe\0\0\0\0" + struct.pack(">LL", width, height), heic(), flags=re.DOTALL)


def film_of_samples(count: int) -> bytes:
    """A film of a few pictures whose table says that there are *count*."""
    made = bytearray(film())
    at = made.index(b"stsz") + 8
    made[at : at + 8] = struct.pack(">LL", 1, count)
    return bytes(made)


def turned(data: bytes) -> bytes:
    """The same film as a phone held upright takes it: turned by its header."""
    straight, right = (
        struct.pack(">9l", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30),
        struct.pack(">9l", 0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30),
    )
    at = data.index(straight, data.index(b"tkhd"))
    return data[:at] + right + data[at + len(right) :]

"""A program of its own that reads what only large C libraries can: a file made to harm then takes this process, not the site.

:mod:`app.files.apart` runs it as ``python -I readers.py TASK IN OUT FACTS``: IN and OUT are the numbers of open files, FACTS its
bounds as JSON. It answers one JSON object: what it found, or ``{"refused": …}``, the name of a class of :mod:`app.files.refusals`.
It imports nothing of the site, so that it starts in a fifth of a second.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import runpy
import sys
import zlib
from pathlib import Path
from typing import IO, Any, BinaryIO, cast


class Refused(Exception):
    """The file is not taken; its text is the name of the refusal."""


def _confine(facts: dict[str, Any]) -> None:
    """Have the system end this process rather than let it take more than its share."""
    for what, most in (
        (resource.RLIMIT_AS, facts["memory"]),
        (resource.RLIMIT_CPU, facts["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, facts["most_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    os.nice(5)  # pages first


# --- a photo of an iPhone ---------------------------------------------------------------------------------------------------


def heic(file: IO[bytes], fresh: IO[bytes], facts: dict[str, Any]) -> dict[str, Any]:
    """Write the picture as JPEG, upright."""
    import pillow_heif  # noqa: PLC0415 - each task loads its own library
    from PIL import Image  # noqa: PLC0415

    pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # we count ourselves
    broken = (OSError, SyntaxError, ValueError, EOFError, IndexError, RuntimeError)
    try:
        picture = Image.open(file, formats=["HEIF"])
    except broken as error:
        raise Refused("FileDamaged") from error
    if picture.width * picture.height > facts["most_points"]:
        raise Refused("PictureTooLarge")
    try:
        picture.load()  # upright: the library turns it, as its own header says
    except broken as error:
        raise Refused("FileDamaged") from error
    upright = picture if picture.mode == "RGB" else picture.convert("RGB")
    upright.thumbnail((facts["most_side"], facts["most_side"]))
    upright.info.clear()
    upright.save(fresh, format="JPEG", quality=facts["quality"])
    return {}


# --- a film, a voice --------------------------------------------------------------------------------------------------------

#: What browsers play: kept as → the picture's codecs, the voice's. The first that takes both is taken.
_KEPT_AS: dict[str, tuple[set[str], set[str]]] = {
    "mp4": ({"h264", "hevc", "av1"}, {"aac", "mp3", ""}),
    "webm": ({"vp8", "vp9", "av1"}, {"opus", "vorbis", ""}),
    "m4a": ({""}, {"aac"}),
    "weba": ({""}, {"opus", "vorbis"}),
    "mp3": ({""}, {"mp3"}),
    "wav": ({""}, {"pcm_s16le", "pcm_u8", "pcm_s24le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"}),
}
_WRITTEN_BY = {"mp4": "mp4", "webm": "webm", "m4a": "mp4", "weba": "webm", "mp3": "mp3", "wav": "wav"}

#: Messages between the pictures: some cameras put place and time there.
_WITHOUT_MESSAGES = {"h264": "filter_units=remove_types=6", "hevc": "filter_units=remove_types=39-40", "av1": "filter_units=remove_types=5"}


def media(file: IO[bytes], fresh: IO[bytes], facts: dict[str, Any]) -> dict[str, Any]:
    """Copy one picture track and one sound track, packet by packet and unchanged, into a file that says nothing else."""
    import av  # noqa: PLC0415 - each task loads its own library

    av.logging.set_level(None)
    try:
        # The reader is named: of the three hundred that there are, some open other files.
        with av.open(file, format=facts["container"], options={"max_streams": "32"}, metadata_errors="ignore") as source:
            kept_as, tracks = _tracks(source)
            options = {"fflags": "+bitexact", "write_xing": "0", "id3v2_version": "0"} if kept_as == "mp3" else {"fflags": "+bitexact"}
            with av.open(fresh, "w", format=_WRITTEN_BY[kept_as], options=options) as target:
                _copy(source, target, tracks, facts["most_seconds"])
    except av.error.MemoryError as error:
        raise Refused("FileSuspicious") from error
    except (av.error.FFmpegError, ValueError, OverflowError, EOFError) as error:
        raise Refused("FileDamaged") from error
    return {"kept_as": kept_as}


def _tracks(source: Any) -> tuple[str, list[Any]]:
    """Return what the copy will be, and the tracks that go into it."""
    from av.stream import Disposition  # noqa: PLC0415

    picture = next((each for each in source.streams.video if not each.disposition & Disposition.attached_pic), None)
    sound = next(iter(source.streams.audio), None)
    codecs = [_codec(each) for each in (picture, sound)]
    kept_as = next((name for name, (pictures, sounds) in _KEPT_AS.items() if codecs[0] in pictures and codecs[1] in sounds), None)
    if kept_as is None:
        raise Refused("MediaRefused")
    return kept_as, [each for each in (picture, sound) if each is not None]


def _codec(track: Any) -> str:
    if track is None:
        return ""
    return "?" if track.codec_context is None else track.codec_context.codec.canonical_name


def _copy(source: Any, target: Any, tracks: list[Any], most_seconds: int) -> None:
    import av  # noqa: PLC0415

    fresh, filters = {}, {}
    for track in tracks:
        copy = target.add_stream_from_template(track, opaque=True)
        copy.metadata.clear()
        fresh[track.index] = copy
        if (without := _WITHOUT_MESSAGES.get(_codec(track))) is not None:
            filters[track.index] = av.bitstream.BitStreamFilterContext(without, track, copy)
    first: dict[int, float] = {}
    for packet in source.demux(tracks):
        at = packet.stream.index
        if packet.dts is not None:
            seconds = float(packet.dts * packet.time_base)
            if seconds - first.setdefault(at, seconds) > most_seconds:
                raise Refused("MediaTooLong")
        elif not packet.size:
            continue  # the end of a track
        for each in filters[at].filter(packet) if at in filters else [packet]:
            each.stream = fresh[at]
            target.mux(each)
    if len(first) < len(tracks):
        raise Refused("FileDamaged")


# --- a PDF ------------------------------------------------------------------------------------------------------------------

#: The description, the number that ties it to other copies, XMP, and what the program that made it keeps for itself.
_ABOUT_THE_AUTHOR = {"/Info", "/ID", "/Metadata", "/PieceInfo", "/LastModified", "/Thumb"}
#: The same of a picture, and of a page within the page.
_OF_A_PART = {"/Metadata", "/PieceInfo", "/LastModified"}
#: Who put a note on the page, and when. The name of a field to fill in is called /T as well: those are spared.
_OF_A_NOTE = {"/T", "/M", "/CreationDate", "/NM"}


def pdf(file: IO[bytes], fresh: IO[bytes], _facts: dict[str, Any]) -> dict[str, Any]:
    """Copy the PDF without its description, its private data and its earlier versions; say whether that was possible.

    It is not where a password locks the file. A signed one stays as it is: a copy would no longer be what was signed, and
    whoever signs names themselves.
    """
    import pikepdf  # noqa: PLC0415 - each task loads its own library

    try:
        with pikepdf.open(cast("BinaryIO", file)) as read:
            if int(read.Root.get("/AcroForm", {}).get("/SigFlags", 0)) & 1:
                return {"written": False}
            for holder in (read.trailer, read.Root, *(page.obj for page in read.pages)):
                _leave_out(_ABOUT_THE_AUTHOR, holder)
            _bare_parts(read)
            # What is packed stays packed. What nothing points at any more is not written.
            read.save(
                cast("BinaryIO", fresh),
                compress_streams=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                fix_metadata_version=False,
            )
    except pikepdf.PasswordError:
        return {"written": False}
    # All but the first: its parts are of other types than they should be.
    except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise Refused("FileDamaged") from error
    return {"written": True}


def _leave_out(names: set[str], holder: Any) -> None:
    for name in names & set(holder.keys()):
        del holder[name]


def _bare_parts(read: Any) -> None:
    """Leave out who put notes on the pages, and of the photos with what, where and when they were taken."""
    import pikepdf  # noqa: PLC0415

    without_place = runpy.run_path(str(Path(__file__).with_name("jpeg.py")))["without_place"]
    for page in read.pages:
        for note in page.obj.get("/Annots", []):
            _bare_note(note)
    for part in read.objects:
        if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            _leave_out(_OF_A_PART, part)
        if isinstance(part, pikepdf.Dictionary) and "/Rect" in part:  # an answer to a note, or a window of one
            _bare_note(part)
        elif isinstance(part, pikepdf.Stream):
            _bare_photo(part, without_place)


def _bare_note(note: Any) -> None:
    field = note.get("/Subtype") == "/Widget"
    _leave_out(_OF_A_NOTE - {"/T"} if field else _OF_A_NOTE, note)


def _bare_photo(part: Any, without_place: Any) -> None:
    import pikepdf  # noqa: PLC0415

    packed, told = part.get("/Filter"), part.get("/DecodeParms")
    packings = list(packed) if isinstance(packed, pikepdf.Array) else [packed]
    if packings[-1:] != [pikepdf.Name.DCTDecode]:
        return
    if len(packings) == 1:
        part.write(without_place(part.read_raw_bytes()), filter=packed, decode_parms=told)
        return
    # A photo packed once more, as letters or tighter.
    tolds = list(told) if isinstance(told, pikepdf.Array) else [told] + [None] * (len(packings) - 1)
    part.Filter = pikepdf.Array(packings[:-1])
    part.DecodeParms = pikepdf.Array(tolds[:-1])
    photo = without_place(part.read_bytes(pikepdf.StreamDecodeLevel.specialized))
    part.write(
        zlib.compress(photo), filter=pikepdf.Array([pikepdf.Name.FlateDecode, packings[-1]]), decode_parms=pikepdf.Array([None, tolds[-1]])
    )


def pages(file: IO[bytes], _fresh: IO[bytes], _facts: dict[str, Any]) -> dict[str, Any]:
    """Count the pages of the PDF."""
    with _opened(file) as document:
        return {"pages": len(document)}


def page(file: IO[bytes], fresh: IO[bytes], facts: dict[str, Any]) -> dict[str, Any]:
    """Draw one page of the PDF, so many points wide: red, green and blue of each point, and nothing else."""
    with _opened(file) as document:
        if facts["page"] >= len(document):
            raise Refused("FileDamaged")
        sheet = document[facts["page"]]
        wide, high = sheet.get_size()
        scale = min(facts["width"] / max(wide, 1), facts["width"] * facts["longest"] / max(high, 1))
        picture = sheet.render(scale=scale).to_pil().convert("RGB")
    fresh.write(picture.tobytes())
    return {"size": picture.size}


def _opened(file: IO[bytes]) -> Any:
    import pypdfium2  # noqa: PLC0415 - each task loads its own library

    try:
        return pypdfium2.PdfDocument(file.read())
    except pypdfium2.PdfiumError as error:
        raise Refused("FileDamaged") from error


def main() -> None:
    """Do the task that the command line names."""
    task, given, fresh, told = sys.argv[1:]
    facts = json.loads(told)
    _confine(facts)
    try:
        with os.fdopen(int(given), "rb") as file, os.fdopen(int(fresh), "w+b") as target:
            file.seek(0)
            found = {"heic": heic, "media": media, "pdf": pdf, "pages": pages, "page": page}[task](file, target, facts)
    except Refused as refused:
        found = {"refused": str(refused)}
    except MemoryError:
        found = {"refused": "FileSuspicious"}
    except OSError as error:
        if error.errno != errno.EFBIG:  # the copy grows without end
            raise
        found = {"refused": "FileSuspicious"}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()

"""The field of a form that takes files and keeps them: a file once received is not asked for again because a word was missing."""

from __future__ import annotations

import os
import uuid
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from itsdangerous import BadSignature
from werkzeug.datastructures import FileStorage
from wtforms import Field
from wtforms.validators import StopValidation

from app import clock, stamps
from app.database import db, writing_first
from app.files import operations, quotas, refusals
from app.files.content import ACCEPTED, LONGEST_NAME, NAMED, OFFERED
from app.files.models import StoredFile
from app.files.refusals import FileRefused
from app.text import beginning

#: The sentence of each refusal; the name of the file stands before it.
REFUSALS: dict[type[FileRefused], Any] = {
    refusals.FileEmpty: _l("tệp rỗng, không có gì bên trong. Chọn lại tệp này rồi gửi"),
    refusals.FileTooLarge: _l("nặng quá mức. Chụp nhỏ hơn hoặc chia thành nhiều tệp"),
    refusals.TooManyFiles: _l("quá số tệp của một lần gửi"),
    refusals.TooMuchToday: _l("hôm nay từ mạng này đã gửi quá nhiều tệp. Gửi trước không kèm tệp, mai dùng mã tra cứu gửi thêm"),
    refusals.FileTypeRefused: _l("không phải loại tệp nhận được. Gửi ảnh, phim ngắn, ghi âm, hoặc tệp PDF, DOCX, XLSX"),
    refusals.MediaRefused: _l(
        "phim, ghi âm kiểu này không phải máy nào cũng mở được. Lưu phim thành MP4, ghi âm thành MP3 hoặc M4A rồi gửi"
    ),
    refusals.MediaTooLong: _l("phim, ghi âm dài quá mức. Cắt lấy đoạn cần rồi gửi"),
    refusals.OldOfficeRefused: _l("tệp Word, Excel kiểu cũ hoặc có mật khẩu. Lưu lại thành DOCX, XLSX hoặc PDF không mật khẩu"),
    refusals.FileNotKept: _l("máy chủ chưa cất được tệp lúc này. Đợi ít phút rồi chọn lại tệp này, hoặc gửi trước không kèm tệp"),
    refusals.FileDamaged: _l("tệp hỏng hoặc thiếu một phần, không mở được. Chụp hoặc lưu lại, rồi chọn lại tệp này"),
    refusals.PictureTooLarge: _l("ảnh quá 50 triệu điểm. Giảm cỡ ảnh rồi gửi"),
    refusals.FileSuspicious: _l("tệp có dấu hiệu gây hại nên không nhận. Xuất ra PDF hoặc chụp ảnh rồi gửi"),
    refusals.FileNamesItsMaker: _l(
        "tệp có chữ ký số hoặc mật khẩu nên không bỏ được tên người làm, người ký. Chụp ảnh hoặc in ra PDF mới rồi gửi; giữ lại bản gốc"
    ),
    refusals.FileInfected: _l("tệp có mã độc nên không nhận. Quét vi-rút máy của mình, rồi gửi tệp khác hoặc chụp ảnh"),
}

#: What staff read beside a file before they open it.
WARNINGS: dict[str, Any] = {
    "macro": _l("có macro: chương trình chạy trong tệp"),
    "script": _l("có mã JavaScript"),
    "action": _l("có lệnh tự chạy khi mở"),
    "embedded": _l("có tệp khác giấu bên trong"),
    "external": _l("tải thêm nội dung từ nơi khác khi mở"),
    "locked": _l("có phần bị khóa, không kiểm tra được bên trong"),
    NAMED: _l("còn ghi ai làm, ai ký tệp"),
    "waiting": _l("chưa quét mã độc"),
    "infected": _l("có mã độc, không mở được"),
}

SALT = "uploads"
KEPT_FOR = 7 * 24 * 3600  # seconds a file waits for its form; drafts are swept later than that


class UploadsField(Field):
    """Files, several at once. `data` is a list of StoredFile: those kept from an earlier try and those that came now.

    What comes is stored at once, as a draft, in a short transaction of its own. The page carries the drafts' uids, signed, so
    that an error elsewhere in the form loses none. Shown by the macro in components/uploads.html.
    """

    data: list[StoredFile]
    process_errors: Any  # a list while it is filled; the base class says an empty tuple

    def __init__(
        self, label: Any = None, validators: Any = None, *, most: int | None = None, nameless: bool = False, **kwargs: Any
    ) -> None:
        """*nameless*: who sends is kept from who reads, so nothing is taken that still says who made it."""
        super().__init__(label, validators, **kwargs)
        self._most, self._nameless = most, nameless
        self._tokens: list[str] = []
        self._dropped: set[str] = set()

    @property
    def most(self) -> int:
        """How many files it takes."""
        return self._most or current_app.config["MAX_FILES"]

    @property
    def max_bytes(self) -> int:
        """How large one file may be, films and voices apart."""
        return current_app.config["MAX_FILE_BYTES"]

    @property
    def max_media_bytes(self) -> int:
        """How large a film or a voice may be."""
        return current_app.config["MAX_MEDIA_BYTES"]

    @property
    def max_minutes(self) -> int:
        """How long a film or a voice may last."""
        return current_app.config["MAX_MEDIA_SECONDS"] // 60

    @property
    def max_total(self) -> int:
        """How large all of one sending may be."""
        return current_app.config["MAX_CONTENT_LENGTH"]

    @property
    def accept(self) -> str:
        """What the browser's file chooser offers."""
        return ",".join(dict.fromkeys(item for kind in ACCEPTED + OFFERED for item in (kind.media_type, kind.extension)))

    @property
    def kept(self) -> list[tuple[StoredFile, str]]:
        """The files held, each with its signed uid for the page."""
        return [(file, stamps.serializer(SALT).dumps(file.uid.hex)) for file in self.data]

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        if formdata is not None:
            self._tokens = formdata.getlist(f"{self.name}-kept")
            self._dropped = set(formdata.getlist(f"{self.name}-drop"))
        super().process(formdata, *args, **kwargs)

    def process_data(self, value: Any) -> None:
        self.data = list(value or [])

    def process_formdata(self, valuelist: list[Any]) -> None:
        given = [file for file in valuelist if isinstance(file, FileStorage) and file.filename]
        uids = [uid for token in self._tokens[: self.most] if token not in self._dropped and (uid := _uid(token))]
        self.data = operations.drafts(list(dict.fromkeys(uids))) if uids else []
        for file in [each for each in self.data if self._nameless and NAMED in each.flags]:  # chosen in a form that takes them
            self.data.remove(file)
            self._refuse(f"“{file.name}”: {REFUSALS[refusals.FileNamesItsMaker]}")
        room = self.most - len(self.data)
        if given[room:]:
            names = ", ".join(f"“{_shown(file)}”" for file in given[room:])
            self._refuse(_("Nhiều nhất %(most)s tệp một lần gửi. Chưa nhận: %(names)s", most=self.most, names=names))
        if given[:room]:
            self.data += self._store(given[:room])

    def _store(self, given: list[FileStorage]) -> list[StoredFile]:
        now = clock.now()
        db.session.rollback()  # checking and cleaning takes seconds: nobody else's write may wait for it
        stored = []
        for file in given:
            try:
                quotas.spend(file.stream.seek(0, os.SEEK_END), now)
                file.stream.seek(0)
                name = self.name_kept(file, len(self.data) + len(stored) + 1)
                stored.append(operations.keep(file.stream, name, now, nameless=self._nameless))
            except FileRefused as refusal:
                self._refuse(f"“{_shown(file)}”: {REFUSALS[type(refusal)]}")
        with writing_first():
            db.session.add_all(stored)
        return stored

    def pre_validate(self, form: Any) -> None:  # noqa: ARG002 - the base class gives it
        """Leave a refusal standing where only files from an earlier try came: Optional() takes such a field for an empty one."""
        if self.process_errors and not self.raw_data:
            raise StopValidation

    def name_kept(self, file: FileStorage, place: int) -> str:  # noqa: ARG002 - for fields that keep no names
        """Return under which name *file*, the one in that *place*, is kept. Whoever chose it reads of a refusal under its own."""
        return file.filename or ""

    def _refuse(self, sentence: str) -> None:
        self.process_errors.append(sentence)


def _shown(file: FileStorage) -> str:
    """Return the name of a file that was not taken, for the sentence that says so."""
    return beginning((file.filename or "")[-LONGEST_NAME:], LONGEST_NAME)


def _uid(token: str) -> uuid.UUID | None:
    """Return the uid that we signed, or None: a forged or week-old one is as good as none."""
    try:
        return uuid.UUID(stamps.serializer(SALT).loads(token, max_age=KEPT_FOR))
    except (BadSignature, ValueError):
        return None

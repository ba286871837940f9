"""What comes in: bounded by what it carries, and a file whose place is full costs none of the words that came with it."""

from __future__ import annotations

import errno
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Request, current_app

IN_MEMORY = 500 * 1024  # bytes of one file
#: What the system says of a disk that takes no more: full, used up by its owner, or a file as long as it may be.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Incoming(SpooledTemporaryFile[bytes]):
    """A file of a form on its way in. Where the disk takes no more, that is said to whoever reads it."""

    def __init__(self) -> None:
        super().__init__(IN_MEMORY)
        self.fault: OSError | None = None

    def write(self, s: Any) -> int:
        """Take *s*, or note that there is no room."""
        if self.fault is None:
            try:
                super().write(s)
            except OSError as error:
                self.fault = error
        return len(s)

    def seek(self, *place: int) -> int:  # ty: ignore[incompatible-method-override] - the same, by place
        """Go there, which writes what was held back, or note that there was no room for it."""
        try:
            return super().seek(*place)
        except OSError as error:
            self.fault = error
            return 0

    def read(self, *size: int) -> bytes:
        """Return what came. :raise OSError: not all of it could be kept."""
        if self.fault is not None:
            raise self.fault
        return super().read(*size)

    def close(self) -> None:
        """Let it go, whatever of it was held back."""
        with suppress(OSError):
            super().close()


class BoundedRequest(Request):
    """A request whose length is bounded by what it carries, whoever reads it first."""

    @property
    def max_content_length(self) -> int | None:  # ty: ignore[incompatible-property-override] - nothing sets it
        """Bytes: words without files get less; werkzeug bounds only words between files."""
        return current_app.config["MAX_CONTENT_LENGTH" if self.mimetype == "multipart/form-data" else "MAX_FORM_MEMORY_SIZE"]

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - werkzeug names them
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return Incoming()

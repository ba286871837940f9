"""Why a file is not taken, by name. The sentences are in `forms.REFUSALS`."""

from __future__ import annotations


class FileRefused(Exception):
    """A file we do not take."""


class FileEmpty(FileRefused):
    """It has no bytes."""


class FileTooLarge(FileRefused):
    """It has more bytes than MAX_FILE_BYTES."""


class TooManyFiles(FileRefused):
    """More files than one form takes."""


class TooMuchToday(FileRefused):
    """One account or one network sent more than MAX_DAY_BYTES today."""


class FileTypeRefused(FileRefused):
    """Its content is none of the types we take."""


class MediaRefused(FileTypeRefused):
    """A film or a voice in a form that not every browser plays."""


class MediaTooLong(FileRefused):
    """A film or a voice of more than MAX_MEDIA_SECONDS."""


class OldOfficeRefused(FileTypeRefused):
    """Word or Excel from before 2007, or a newer one under a password: we cannot look inside."""


class FileNotKept(FileRefused):
    """Nothing is wrong with it: our disk is full, or our store is away."""


class FileDamaged(FileRefused):
    """It begins like what it is, but cannot be read to its end."""


class PictureTooLarge(FileRefused):
    """A picture of more points than we unpack."""


class FileSuspicious(FileRefused):
    """It is made to harm: unpacks without end, or is two types at once."""


class FileNamesItsMaker(FileRefused):
    """It is signed or locked: who made it stays in it, and who sends it is to be kept unknown."""


class FileInfected(FileRefused):
    """The scanner knows what it carries."""

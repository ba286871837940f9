"""Every setting of the site: its environment variable, its unit, its default.

Nothing else in the project reads the environment. `wsgi.py` builds one Config and hands it to create_app().
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Config:
    """The settings, one attribute each; `Config.from_env()` reads the variable of the same name."""

    # Where things are kept
    DATA_DIR: str = str(HERE / "var" / "data")  # database, uploaded files, queue
    SECRETS_DIR: str = str(HERE / "var" / "secrets")  # the keyring; never inside DATA_DIR nor in a backup of it
    DATABASE_URL: str = ""  # empty: SQLite in DATA_DIR; else postgresql+psycopg://…
    DATABASE_POOLER: bool = False  # DATABASE_URL is a pooler that gives each transaction another connection (pgbouncer)
    DATABASE_REPLICA_URL: str = ""  # empty: none; else a copy that PostgreSQL keeps: figures and lists for everyone are read from it
    REDIS_URL: str = ""  # empty: the embedded Valkey's socket in DATA_DIR
    STORAGE_URL: str = ""  # empty: a folder in DATA_DIR; else s3://bucket/prefix
    S3_ENDPOINT: str = ""  # empty: Amazon's of the region; else https://host:port of a store that speaks S3
    S3_REGION: str = "us-east-1"
    S3_ACCESS_KEY_ID: str = ""  # empty: as the machine's own role allows
    S3_SECRET_ACCESS_KEY: str = ""

    ANCHOR_DIR: str = ""  # a folder, best on another machine's disk: each anchor of the record is written there; empty: none

    # Who we are
    SITE_NAME: str = "Ý kiến và Đối thoại"
    SITE_URL: str = "http://localhost:8000"  # used in letters and notices, without a slash at the end
    HOTLINE: str = "1900 0000"
    TIMEZONE: str = "Asia/Ho_Chi_Minh"

    # Mail and messages
    SMTP_HOST: str = ""  # empty: e-mail waits in the outbox, visibly
    SMTP_PORT: int = 25
    SMTP_USER: str = ""
    SMTP_PASSWORD: str = ""
    SMTP_STARTTLS: bool = False
    MAIL_FROM: str = "khong-tra-loi@bacninh.example"
    SMS_GATEWAY_URL: str = ""  # empty: no SMS; else receives POST {"to", "text", "id"} as JSON
    SMS_GATEWAY_TOKEN: str = ""
    NOTICE_RETRY_HOURS: int = 72  # then the notice is dead, and visible as such

    # Sign-in of the staff by another provider (OpenID Connect); empty: by password only
    OIDC_ISSUER: str = ""  # as the provider writes it, without a slash at the end unless it writes one
    OIDC_CLIENT_ID: str = ""
    OIDC_CLIENT_SECRET: str = ""
    OIDC_NAME: str = "tài khoản công vụ"  # as the button says it: Đăng nhập bằng …
    OIDC_SECOND_FACTOR: str = ""  # acr or amr values, spaces between, that count as a second factor; empty: ours is asked

    # Limits
    MAX_FILE_BYTES: int = 20 * 1024 * 1024  # one file
    MAX_MEDIA_BYTES: int = 100 * 1024 * 1024  # one film or voice
    MAX_MEDIA_SECONDS: int = 300  # how long it may last
    MAX_DAY_BYTES: int = 2 * 1024**3  # files of one account, or of one network without an account, in a day
    KEEP_FREE_BYTES: int = 1024**3  # with less free on the disk no file is taken, so that words still are
    MAX_FILES: int = 5  # files in one form
    MAX_CONTENT_LENGTH: int = 110 * 1024 * 1024  # one request, bytes
    MAX_FORM_MEMORY_SIZE: int = 8 * 1024 * 1024  # text of one request, bytes; a megabyte of Vietnamese grows sixfold on its way
    CLAMAV_URL: str = ""  # empty: no scanner; else tcp://host:3310 or unix:///run/clamav/clamd.ctl
    CLAMAV_REQUIRED: bool = False  # while the scanner is away: 1 refuses files, 0 takes them marked and scans them later
    RATE_LIMIT_ENABLED: bool = True
    SESSION_HOURS: int = 12  # a staff sign-in ends after this long at the latest
    SESSION_IDLE_MINUTES: int = 60  # and after this long without a page
    TRUSTED_PROXIES: int = 0  # how many proxies in front set X-Forwarded-For

    # How it runs
    PORT: int = 8000
    BIND: str = "127.0.0.1"
    WEB_WORKERS: int = 2
    WEB_THREADS: int = 8
    HTTPS: bool = False  # cookies Secure, HSTS
    METRICS_TOKEN: str = ""  # empty: /metrics answers only to this machine
    TESTING: bool = False

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ, **over: Any) -> Config:
        """Return the settings of this process's environment, or of the one given; *over* wins over both."""
        values: dict[str, Any] = {}
        for field in fields(cls):
            if field.name in over:
                values[field.name] = over[field.name]
            elif (raw := environ.get(field.name)) is not None:
                values[field.name] = _parse(field.name, raw, field.default)
        return cls(**values)

    @property
    def database_url(self) -> str:
        """Where the data is: DATABASE_URL, or SQLite in DATA_DIR."""
        return self.DATABASE_URL or f"sqlite:///{Path(self.DATA_DIR) / 'site.sqlite3'}"

    @property
    def redis_url(self) -> str:
        """Where the queue is: REDIS_URL, or the embedded Valkey's socket in DATA_DIR."""
        return self.REDIS_URL or f"unix://{Path(self.DATA_DIR) / 'valkey.sock'}"

    @property
    def storage_url(self) -> str:
        """Where uploads are: STORAGE_URL, or a folder in DATA_DIR."""
        return self.STORAGE_URL or f"file://{Path(self.DATA_DIR) / 'files'}"


class SettingInvalid(ValueError):
    """An environment variable holds what its setting cannot be: said in Vietnamese, and in English below it."""

    def __init__(self, name: str, raw: str, *, vietnamese: str, english: str) -> None:
        super().__init__(f"Cài đặt sai: {name}={raw!r}: {vietnamese}.\nA setting is wrong: {name}={raw!r}: {english}.")


def _parse(name: str, raw: str, default: object) -> object:
    if isinstance(default, bool):
        if raw.lower() not in {"0", "1", "false", "true", ""}:
            raise SettingInvalid(name, raw, vietnamese="cần 0 hoặc 1", english="0 or 1 is needed")
        return raw.lower() in {"1", "true"}
    if isinstance(default, int):
        try:
            return int(raw)
        except ValueError:
            raise SettingInvalid(name, raw, vietnamese="cần một số nguyên", english="a whole number is needed") from None
    return raw

"""The two ways out of the house: a mail server and an SMS gateway.

Errors say no more than a code: the words of a server may repeat the address, which is nobody's to read.
"""

from __future__ import annotations

import contextlib
import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr, localtime
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import urlsplit

from app.letters import Letter
from app.outbox import Channel

ANSWER_SECONDS = 15  # how long a server may take for one answer

#: RFC 5321: no such mailbox, not here, name not allowed. The next try would hear the same.
NO_SUCH_MAILBOX = {550, 551, 553}
#: RFC 3463 x.7.x: it is us the server does not want, not the receiver; that can be mended.
POLICY = b"5.7."
#: The gateway read the message and will not take it: the number is wrong.
WRONG_NUMBER = {HTTPStatus.BAD_REQUEST, HTTPStatus.GONE, HTTPStatus.UNPROCESSABLE_ENTITY}


class NotTaken(Exception):
    """The letter was not taken now; it may be later."""


class Refused(Exception):
    """The receiver cannot be reached at that address, today or later."""


class Unavailable(Exception):
    """The server does not answer, or wants nothing from us; the next letter would fare no better."""


class Carrier(Protocol):
    """A way to send letters."""

    def send(self, letter: Letter) -> None:
        """Return once the other side has taken *letter*; :raise NotTaken: :raise Refused: :raise Unavailable:."""

    def close(self) -> None:
        """Let go of the connection."""


def carriers(config: Mapping[str, Any]) -> dict[Channel, Carrier]:
    """Return the carriers that are set up, by channel. Notices of the others wait."""
    found: dict[Channel, Carrier] = {}
    if config["SMTP_HOST"]:
        found[Channel.EMAIL] = Mail(config)
    if config["SMS_GATEWAY_URL"]:
        found[Channel.SMS] = Sms(config)
    return found


class Mail:
    """A mail server; one connection serves many letters."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config
        self.host = urlsplit(config["SITE_URL"]).hostname or "localhost"
        self.server: smtplib.SMTP | None = None

    def send(self, letter: Letter) -> None:
        message = self._message(letter)
        try:
            self._connected().send_message(message, from_addr=self.config["MAIL_FROM"], to_addrs=[letter.to])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = error.recipients[letter.to]
            final = code in NO_SUCH_MAILBOX and POLICY not in words
            raise (Refused if final else NotTaken)(f"SMTP {code}") from None
        except smtplib.SMTPDataError as error:
            raise NotTaken(f"SMTP {error.smtp_code}") from None
        except smtplib.SMTPResponseException as error:  # on connecting, signing in, or naming the sender
            self.close()
            raise Unavailable(f"SMTP {error.smtp_code}") from None
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            self.close()
            raise Unavailable(type(error).__name__) from None

    def close(self) -> None:
        if self.server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self.server.quit()
            self.server = None

    def _connected(self) -> smtplib.SMTP:
        if self.server is None:
            # Our own name: without it smtplib would ask the DNS for one, and may wait long.
            server = smtplib.SMTP(self.config["SMTP_HOST"], self.config["SMTP_PORT"], local_hostname=self.host, timeout=ANSWER_SECONDS)
            self.server = server
            if self.config["SMTP_STARTTLS"]:
                server.starttls(context=ssl.create_default_context())
            if self.config["SMTP_USER"]:
                server.login(self.config["SMTP_USER"], self.config["SMTP_PASSWORD"])
        return self.server

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = formataddr((self.config["SITE_NAME"], self.config["MAIL_FROM"]))
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = localtime()
        message["Message-ID"] = f"<{letter.uid}@{self.host}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no robot answers it
        if letter.stop:
            message["List-Unsubscribe"] = f"<{letter.stop}>"  # RFC 2369: mail programs show it as a button
        message.set_content(letter.text)
        message.add_alternative(letter.html, subtype="html")
        return message


class _StayHere(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_named: Any) -> None:
        """Go nowhere else: the token is for the gateway that was set."""


class Sms:
    """An HTTP gateway that takes {"to", "text", "id"}; it may use the id to send a repeat only once."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.url = config["SMS_GATEWAY_URL"]
        self.token = config["SMS_GATEWAY_TOKEN"]
        self.opener = urllib.request.build_opener(_StayHere)

    def send(self, letter: Letter) -> None:
        body = json.dumps({"to": letter.to, "text": letter.text, "id": str(letter.uid)}).encode()
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.url, data=body, headers=headers)  # noqa: S310 - the address is a setting, not input
        try:
            with self.opener.open(request, timeout=ANSWER_SECONDS):
                pass
        except urllib.error.HTTPError as error:
            error.close()
            raise (Refused if error.code in WRONG_NUMBER else Unavailable)(f"HTTP {error.code}") from None
        except OSError as error:
            raise Unavailable(type(error).__name__) from None

    def close(self) -> None:
        """Each message has a connection of its own."""

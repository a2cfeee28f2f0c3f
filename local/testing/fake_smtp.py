"""A real SMTP server on loopback, small and wilful: it can refuse, drop and take its time."""

from __future__ import annotations

import socketserver
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self


class FakeSmtp:
    """`received` holds the mails that were accepted. While `go_on` is cleared, every mail hangs at its first command.

    `answers`: what to say instead of the usual, by command: {"RCPT": "550 No such user"}; "" hangs up; "END" is the
    end of a mail.
    """

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.answers: dict[str, str] = {}
        self.begun = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.fake = self  # type: ignore[attr-defined]
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def __enter__(self) -> Self:
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: object, trace: TracebackType | None) -> None:
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()

    def forget(self) -> None:
        """As new, for the next test."""
        self.received, self.answers, self.begun = [], {}, 0
        self.go_on.set()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


class Handler(socketserver.StreamRequestHandler):
    @property
    def fake(self) -> FakeSmtp:
        return self.server.fake  # type: ignore[attr-defined, no-any-return]

    def say(self, line: str) -> bool:
        self.wfile.write(line.encode() + b"\r\n")
        return True

    def handle(self) -> None:
        self.say("220 fake")
        with suppress(OSError):  # the other side was killed
            while (line := self.rfile.readline().decode().strip()) and self.answer(line):
                pass

    def answer(self, line: str) -> bool:
        command = line.split()[0].upper()
        if command == "MAIL":
            self.fake.begun += 1
            self.fake.go_on.wait()
        if command in self.fake.answers:
            return bool(self.fake.answers[command]) and self.say(self.fake.answers[command])
        if command == "DATA":
            return self.take_mail()
        return self.say("221 bye" if command == "QUIT" else "250 fine")

    def take_mail(self) -> bool:
        self.say("354 go ahead")
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line)
        if refusal := self.fake.answers.get("END"):
            return self.say(refusal)
        self.fake.received.append(b"".join(lines))
        return self.say("250 taken")

"""A real SMTP server on loopback, small and wilful: it can refuse, drop and take its time."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Self


class FakeSmtp:
    """`received` holds the mails that were accepted. While `patient` is not set, an accepted mail is not answered for.

    `answers`: what to say instead of the usual, by command: {"RCPT": "550 No such user"}; "" hangs up.
    """

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.answers: dict[str, str] = {}
        self.deliveries_begun = 0
        self.go_on = threading.Event()
        self.go_on.set()
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
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

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def _handler(outer: FakeSmtp) -> type[socketserver.StreamRequestHandler]:
        class Handler(socketserver.StreamRequestHandler):
            def say(self, line: str) -> bool:
                self.wfile.write(line.encode() + b"\r\n")
                return True

            def handle(self) -> None:
                self.say("220 fake")
                while (line := self.rfile.readline().decode().strip()) and self.answer(line):
                    pass

            def answer(self, line: str) -> bool:
                command = line.split()[0].upper()
                if command in outer.answers:
                    return bool(outer.answers[command]) and self.say(outer.answers[command])
                if command == "DATA":
                    return self.take_mail()
                return self.say("221 bye" if command == "QUIT" else "250 fine")

            def take_mail(self) -> bool:
                self.say("354 go ahead")
                lines: list[bytes] = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line)
                outer.deliveries_begun += 1
                outer.go_on.wait()
                if refusal := outer.answers.get("END"):
                    return self.say(refusal)
                outer.received.append(b"".join(lines))
                return self.say("250 taken")

        return Handler

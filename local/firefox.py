"""Debian's Firefox without a window, driven over its own Marionette protocol: Playwright drives only a build of its
own, and geckodriver, which puts WebDriver in front of the same protocol, comes from no package manager."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.ports import LOOPBACK, answers, free_port
from local.processes import Process, temporary_folder

PATIENCE_MS = 20_000  # as long as an element is waited for
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how WebDriver names one in JSON
PREFERENCES = {
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.disabledForTesting": True,
    "intl.accept_languages": "en-AU",
}


def path() -> str | None:
    """Where it is; None where it isn't."""
    return shutil.which("firefox-esr")


def why_missing() -> str | None:
    """None if it can be started here, else a sentence."""
    return None if path() else "Firefox is not installed: apt-get install firefox-esr"


@contextmanager
def launched() -> Iterator[Firefox]:
    """With a profile of its own."""
    folder, port = temporary_folder("firefox"), free_port()
    preferences = PREFERENCES | {"marionette.port": port}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (folder / "user.js").write_text("\n".join(lines))
    process = Process(
        name="firefox",
        argv=[str(path()), "--headless", "--no-remote", "--marionette", "--profile", str(folder)],
        log=folder / "firefox.log",
        env={**os.environ, "HOME": str(folder)},
        ready=lambda: answers(port),
    ).start()
    try:
        yield Firefox(port)
    finally:
        process.stop()


class Firefox:
    """One window. Elements are found by XPath, in the frame that was entered last, and waited for."""

    def __init__(self, port: int) -> None:
        self.link = socket.create_connection((LOOPBACK, port), timeout=PATIENCE_MS / 1000 * 3)
        self.answers = self.link.makefile("rb")
        self.asked = 0
        self._read()  # who it is
        self.ask("WebDriver:NewSession", acceptInsecureCerts=True, timeouts={"implicit": PATIENCE_MS})
        # So high that nothing has to be scrolled to, which it does in a frame but not in the page around it.
        self.ask("WebDriver:SetWindowRect", width=1000, height=4000)

    def ask(self, command: str, **parameters: object) -> Any:
        """What WebDriver's command answers. Raises RuntimeError with its error."""
        self.asked += 1
        words = json.dumps([0, self.asked, command, parameters]).encode()
        self.link.sendall(b"%d:%b" % (len(words), words))
        _, _, error, answer = self._read()
        if error:
            raise RuntimeError(f"{command} {parameters}: {error['error']}: {error['message']}")
        return answer.get("value", answer) if isinstance(answer, dict) else answer

    def _read(self) -> Any:
        """A message: its length, a colon, JSON."""
        length = b""
        while (character := self.answers.read(1)) != b":":
            if not character:
                raise RuntimeError("Firefox is gone")
            length += character
        return json.loads(self.answers.read(int(length)))

    def open(self, url: str) -> None:
        self.ask("WebDriver:Navigate", url=url)

    def find(self, xpath: str) -> str:
        """An element of the page; PATIENCE_MS is how long it may take to get there."""
        found: str = self.ask("WebDriver:FindElement", using="xpath", value=xpath)[ELEMENT]
        return found

    def text(self, xpath: str) -> str:
        said: str = self.ask("WebDriver:GetElementText", id=self.find(xpath))
        return said

    def press(self, xpath: str) -> None:
        self.ask("WebDriver:ElementClick", id=self.find(xpath))

    def type(self, xpath: str, text: str) -> None:
        self.ask("WebDriver:ElementSendKeys", id=self.find(xpath), text=text)

    def run(self, script: str) -> Any:
        """What the body of a function returns, once it is there if it is a promise."""
        return self.ask("WebDriver:ExecuteScript", script=script, args=[])

    def enter(self, frame: str) -> None:
        """`frame`: of an element that `find` or `run` answered."""
        self.ask("WebDriver:SwitchToFrame", element=frame)

    def leave(self) -> None:
        self.ask("WebDriver:SwitchToParentFrame")

    def picture(self, file: Path) -> None:
        """A PNG of what is seen, for somebody to look at."""
        file.write_bytes(base64.b64decode(self.ask("WebDriver:TakeScreenshot", full=False)))

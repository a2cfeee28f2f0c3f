"""Radicale and Xandikos on this machine, over https, as if they were somewhere on the internet; and a phone that edits
what is on them without knowing anything of us."""

from __future__ import annotations

import base64
import http.client
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import trustme

from local.ports import free_port, wait_until
from local.testing.receiver import HOME

USER, PASSWORD = "user", "an app password"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
ALL = """<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:prop><c:calendar-data/></d:prop>
<c:filter><c:comp-filter name="VCALENDAR"/></c:filter></c:calendar-query>"""
MAKE = """<c:mkcalendar xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><d:set><d:prop>
<d:displayname>{name}</d:displayname></d:prop></d:set></c:mkcalendar>"""


@dataclass(frozen=True)
class Dav:
    """`url`: what somebody types; `home`: where an account's calendars are."""

    url: str
    home: str
    password: str
    context: ssl.SSLContext

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
        """As the phone does."""
        account = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        link = http.client.HTTPSConnection("localhost", urlsplit(self.url).port, context=self.context)
        told = {
            "Authorization": f"Basic {account}",
            **{name.replace("_", "-"): text for name, text in headers.items()},
        }
        link.request(method, path, body.encode() or None, told)
        answer = link.getresponse()
        content = answer.read()
        link.close()
        return answer.status, content

    def make(self, name: str) -> str:
        """A calendar; its path."""
        path = f"{self.home}{name}/"
        status, said = self.ask("MKCALENDAR", path, MAKE.format(name=name), Content_Type="application/xml")
        assert status == 201, said
        return path

    def everything(self, calendar: str) -> dict[str, str]:
        """What is in each entry, by its path."""
        _, content = self.ask("REPORT", calendar, ALL, Depth="1", Content_Type="application/xml")
        root = ElementTree.fromstring(content)  # noqa: S314  our own server
        return {
            str(one.findtext("{DAV:}href")): str(one.findtext(f".//{CALDAV}calendar-data"))
            for one in root.iter("{DAV:}response")
        }

    def read(self, path: str) -> str:
        status, content = self.ask("GET", path)
        return content.decode() if status == 200 else ""

    def write(self, path: str, content: str) -> None:
        status, said = self.ask("PUT", path, content, Content_Type="text/calendar; charset=utf-8")
        assert status in (201, 204), said

    def delete(self, path: str) -> None:
        status, _ = self.ask("DELETE", path)
        assert status in (200, 204)


StartDav = Callable[[], Dav]


@pytest.fixture(scope="session")
def dav_context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="session")
def radicale(
    certificate: trustme.LeafCert, dav_context: ssl.SSLContext, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dav]:
    folder, port = tmp_path_factory.mktemp("radicale"), free_port()
    key, chain = _files(certificate, folder, "key.pem", "chain.pem")
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    command = [
        sys.executable,
        "-m",
        "radicale",
        "--config",
        "",
        f"--server-hosts={HOME}:{port}",
        "--server-ssl",
    ]
    command += [f"--server-certificate={chain}", f"--server-key={key}", "--auth-type=htpasswd"]
    command += [
        f"--auth-htpasswd-filename={folder / 'users'}",
        "--auth-htpasswd-encryption=plain",
        "--auth-delay=0",
    ]
    command += [f"--storage-filesystem-folder={folder / 'data'}"]
    dav = Dav(f"https://localhost:{port}/", f"/{USER}/", PASSWORD, dav_context)
    yield from _running(command, folder, dav)


@pytest.fixture(scope="session")
def xandikos(
    certificate: trustme.LeafCert, dav_context: ssl.SSLContext, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dav]:
    folder, port = tmp_path_factory.mktemp("xandikos"), free_port()
    (folder / "certs").mkdir()
    _files(certificate, folder / "certs", "selfsigned.key", "selfsigned.crt")
    command = [sys.executable, "-m", "xandikos", "serve", "-d", str(folder / "data"), "--defaults"]
    command += ["--state-dir", str(folder), "--autocert", "-l", HOME, "-p", str(port)]
    dav = Dav(f"https://localhost:{port}/", f"/{USER}/calendars/", "any", dav_context)
    yield from _running(command, folder, dav)


def _files(certificate: trustme.LeafCert, folder: Path, key: str, chain: str) -> tuple[Path, Path]:
    certificate.private_key_pem.write_to_path(str(folder / key))
    for pem in certificate.cert_chain_pems:
        pem.write_to_path(str(folder / chain), append=True)
    return folder / key, folder / chain


def _running(command: list[str], folder: Path, dav: Dav) -> Iterator[Dav]:
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    try:
        wait_until(lambda: _answers(dav) or server.poll() is not None, seconds=30)
        assert server.poll() is None, (folder / "log").read_text()
        yield dav
    finally:
        server.terminate()
        server.wait(10)


def _answers(dav: Dav) -> bool:
    try:
        return dav.ask("OPTIONS", "/")[0] < 500
    except OSError:
        return False

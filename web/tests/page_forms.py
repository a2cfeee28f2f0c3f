"""The forms of a page, and what a browser would send if their button were pressed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.test import Client

WRITTEN = ("text", "email", "tel", "url", "number", "date", "time", "search")


@dataclass
class PageForm:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    boxes: set[str] = field(default_factory=set)  # checkboxes: nothing is sent of one that isn't ticked
    typed: set[str] = field(default_factory=set)  # what people write into
    buttons: list[dict[str, str]] = field(default_factory=list)  # each with what it sends: {} or {"by": "1"}

    def presses(self) -> list[dict[str, str]]:
        """What is sent by each button in turn; `formaction` and the like are of no interest here."""
        return [self.fields | button for button in self.buttons or [{}]]


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.forms = url, list[PageForm]()
        self.open: PageForm | None = None
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = given.get("action", "").partition("#")[0]
            self.open = PageForm(action or self.url, given.get("method", "get").lower())
            self.forms.append(self.open)
        elif self.open and "disabled" not in given:
            self._control(self.open, tag, given)

    def _control(self, form: PageForm, tag: str, given: dict[str, str]) -> None:
        name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type", "text")
        match tag:
            case "input" if kind in ("checkbox", "radio"):
                form.boxes |= {name} if kind == "checkbox" else set()
                if "checked" in given:
                    form.fields[name] = value or "on"
            case "input" if name:
                form.fields[name] = value
                form.typed |= {name} if kind in WRITTEN and "readonly" not in given else set()
            case "textarea":
                self.area, form.fields[name] = name, ""
                form.typed |= {name} if "readonly" not in given else set()
            case "select":
                self.select = name
            case "option" if self.select and ("selected" in given or self.select not in form.fields):
                form.fields[self.select] = (
                    value  # the first, as long as none is chosen: also one that is empty
                )
            case "button" if kind != "button":
                form.buttons.append({name: value} if name else {})

    def handle_data(self, data: str) -> None:
        if self.open and self.area:
            self.open.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        if tag == "textarea" and self.open and self.area:
            self.open.fields[self.area] = self.open.fields[self.area].removeprefix("\n")
            self.area = ""
        if tag == "select":
            self.select = ""


def forms_of(response: Any) -> list[PageForm]:
    """The forms of a page that change something, in order; not their CSRF tokens."""
    asked = response.request["QUERY_STRING"]
    reader = _Reader(response.request["PATH_INFO"] + (f"?{asked}" if asked else ""))
    reader.feed(response.content.decode())
    for form in reader.forms:
        form.fields.pop("csrfmiddlewaretoken", None)
    return [form for form in reader.forms if form.method == "post"]


# Pages that change what is stored, and so carry a version of it: `web/dashboard/versions.py`.
VERSIONED = re.compile(
    r"/dashboard/(?:(?:bookings|customers)/[-0-9a-f]{36}/notes|business|business/bank|services/(?:usual-terms|deposit-rules|zones)|services/[-0-9a-f]{36}|hours|hours/rules"
    r"|hours/dates/[-0-9]{10}|time-off/[-0-9a-f]{36}|crew/[-0-9a-f]{36}|people/[-0-9a-f]{36}|you|you/messages"
    r"|connections/webhooks/[-0-9a-f]{36}/change|messages(?:/\w+)?|widget|quotes/[-0-9a-f]{36}/change)(?:\?.*)?"
)
CARRIED = ("version", "business_version")


class Browser(Client):
    """Sends a page as who has just opened it does: with the version that it carries."""

    def post(self, path: str, data: Any = None, **options: Any) -> Any:  # type: ignore[override]
        if VERSIONED.fullmatch(path) and isinstance(data, dict | None) and "version" not in (data or {}):
            opened = self.get(path.removesuffix("/notes"))
            fields = (form.fields for form in forms_of(opened)) if opened.status_code == 200 else ()
            carried = {name: value for each in fields for name, value in each.items() if name in CARRIED}
            data = carried | (data or {})
        return super().post(path, data, **options)

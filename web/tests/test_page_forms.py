"""What the tests send is what a browser would."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from django.http import HttpResponse

from .page_forms import PageForm, forms_of

PAGE = """
<form method="get" action="/search"><input name="q" value="tap"></form>
<form method="post" action="/jobs#end">
  <input type="hidden" name="csrfmiddlewaretoken" value="secret">
  <input name="title" value="Tap"> <input name="fixed" value="1" readonly> <input name="off" value="1" disabled>
  <input type="checkbox" name="tell" checked> <input type="checkbox" name="quiet">
  <input type="radio" name="pays" value="card" checked> <input type="radio" name="pays" value="cash">
  <input> <textarea name="notes">
Mind &amp; feed the dog</textarea>
  <select name="state"><option value="NSW">NSW</option><option value="WA" selected>WA</option></select>
  <select name="who"><option value="">Anybody</option><option value="1">Kim</option></select>
  <button type="button" name="menu">Menu</button> <button>Save</button> <button name="remove" value="2">Remove</button>
</form>
<input name="outside" value="1"> <form method="post"></form>
"""


def read(page: str, query: str = "") -> list[PageForm]:
    asked: Any = SimpleNamespace(request={"PATH_INFO": "/here", "QUERY_STRING": query})
    asked.content = HttpResponse(page).content
    return forms_of(asked)


def test_of_each_form_that_changes_something_what_its_controls_hold() -> None:
    form, empty = read(PAGE, "day=1")
    assert (form.action, empty.action) == ("/jobs", "/here?day=1")
    assert form.fields == {
        "title": "Tap",
        "fixed": "1",
        "tell": "on",
        "pays": "card",
        "notes": "Mind & feed the dog",
        "state": "WA",
        "who": "",
    }
    assert (form.boxes, form.typed) == ({"tell", "quiet"}, {"title", "notes"})


def test_each_button_sends_itself_beside_them_and_one_is_not_needed() -> None:
    form, empty = read(PAGE)
    assert [set(sent.items()) - set(form.fields.items()) for sent in form.presses()] == [
        set(),
        {("remove", "2")},
    ]
    assert empty.presses() == [{}]

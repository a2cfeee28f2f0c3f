"""The button on the forms of cancellation terms that shows what customers would read, and saves nothing; a script
presses it while somebody types."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse

from bookings.example_terms import Example

LOOK = "look"
NOT_YET = "As soon as what is typed above can be saved, you see here what customers read."


def wants_only_that(request: HttpRequest) -> bool:
    """The script does: it has the page already."""
    return LOOK in request.POST and request.headers.get("Accept") == "application/json"


def told(example: Example | None) -> JsonResponse:
    """{"about", "sentences"}; None: what was typed can't be saved like that."""
    return JsonResponse(
        {"about": example.about, "sentences": example.sentences}
        if example
        else {"about": NOT_YET, "sentences": []}
    )

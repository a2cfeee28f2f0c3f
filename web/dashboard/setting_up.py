"""From one page of setting up to the next: each leads on to what is open, and any may be left and come back to."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.models import Membership
from accounts.roles import May
from payments.setup_steps import Step, steps_of


def progress(member: Membership) -> dict[str, Any]:
    """For `accounts/_progress.html`: the `steps`, how many are `done`, and the first that this person can do now
    (`next_step`). Three queries."""
    steps = steps_of(member.tradie)
    return {
        "steps": steps,
        "done": sum(step.is_done for step in steps),
        "next_step": _first(steps, member),
    }


def on_to_the_next(member: Membership) -> HttpResponse:
    """To the page of what is still open; when nothing is, to where customers come from."""
    step = _first(steps_of(member.tradie), member)
    if step:
        return redirect(step.url_name)
    return redirect("your_widget" if May.BUSINESS in member.may else "dashboard_today")


def _first(steps: list[Step], member: Membership) -> Step | None:
    return next((step for step in steps if not step.is_done and step.may in member.may), None)

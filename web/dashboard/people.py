"""Who works in the business: inviting people, saying what they may do, removing them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts import invitations
from accounts.models import Invitation, Membership
from accounts.people import change_role, people_of, remove_member
from accounts.roles import May, Role
from notifications.messages import invite
from peepopay.errors import AppError, RateLimited, ValidationFailed
from peepopay.methods import SHOW_AND_SAVE, require_POST, require_safe
from web.dashboard.access import for_members
from web.dashboard.people_forms import InvitationForm, RoleForm
from web.dashboard.versions import one_at_a_time
from web.form_pages import form_page, posted

MOST_SHOWN = 200


@for_members(May.PEOPLE)
@require_safe
def people(request: HttpRequest, member: Membership) -> HttpResponse:
    context = {
        "tradie": member.tradie,
        "people": people_of(member.tradie)[:MOST_SHOWN],
        "invitations": invitations.waiting(member.tradie)[:MOST_SHOWN],
        "now": timezone.now(),
    }
    return render(request, "accounts/people.html", context)


@for_members(May.PEOPLE)
@SHOW_AND_SAVE
def invite_somebody(request: HttpRequest, member: Membership) -> HttpResponse:
    form = InvitationForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _invite(request, member, **form.cleaned_data)
        except ValidationFailed as refusal:
            form.add_error("email", refusal.message)
        except RateLimited as refusal:
            form.add_error(None, refusal.message)
    return form_page(request, "accounts/invite.html", {"tradie": member.tradie, "form": form}, form)


def _invite(request: HttpRequest, member: Membership, *, email: str, role: Role, name: str) -> HttpResponse:
    now = timezone.now()
    invitation = invite(member, email=email, role=role, name=name, now=now)
    if invitation.sent_at == now:
        notices.success(request, f"We're mailing {invitation.email} a link to join. It works for 7 days.")
    else:
        notices.success(
            request, f"Saved. The link we mailed {invitation.email} a little while ago still works."
        )
    return redirect("people")


def _invitation(member: Membership, invitation_id: UUID) -> Invitation:
    return get_object_or_404(member.tradie.invitations, pk=invitation_id)


@for_members(May.PEOPLE)
@require_POST
def send_again(request: HttpRequest, member: Membership, invitation_id: UUID) -> HttpResponse:
    invitation = _invitation(member, invitation_id)
    try:
        return _invite(
            request, member, email=invitation.email, role=Role(invitation.role), name=invitation.name
        )
    except AppError as refusal:
        notices.warning(request, refusal.message)
        return redirect("people")


@for_members(May.PEOPLE)
@require_POST
def withdraw(request: HttpRequest, member: Membership, invitation_id: UUID) -> HttpResponse:
    invitation = _invitation(member, invitation_id)
    if invitations.withdraw(invitation, now=timezone.now()):
        notices.success(request, f"Withdrawn. The link we mailed {invitation.email} opens nothing any more.")
    else:
        notices.warning(request, f"{invitation.email} has joined, or it was withdrawn before.")
    return redirect("people")


def _colleague(member: Membership, member_id: UUID) -> Membership:
    return get_object_or_404(member.tradie.memberships.select_related("user"), pk=member_id)


@for_members(May.PEOPLE)
@SHOW_AND_SAVE
@one_at_a_time
def person(request: HttpRequest, member: Membership, member_id: UUID) -> HttpResponse:
    """GET shows somebody's role; POST changes it."""
    colleague = _colleague(member, member_id)
    form = RoleForm(posted(request), initial={"role": colleague.role})
    if request.method == "POST" and form.is_valid():
        try:
            change_role(colleague, form.cleaned_data["role"])
        except ValidationFailed as refusal:
            form.add_error("role", refusal.message)
        else:
            notices.success(
                request, f"Saved. {colleague.user.get_full_name()}: {colleague.get_role_display()}."
            )
            return redirect("you" if colleague == member else "people")
    context = {"tradie": member.tradie, "colleague": colleague, "form": form}
    context["calendars"] = member.tradie.calendars.filter(worker=colleague.user, is_active=True)
    return form_page(request, "accounts/person.html", context, form)


@for_members(May.PEOPLE)
@require_POST
def remove(request: HttpRequest, member: Membership, member_id: UUID) -> HttpResponse:
    colleague = _colleague(member, member_id)
    try:
        remove_member(colleague)
    except ValidationFailed as refusal:
        notices.warning(request, refusal.message)
        return redirect("person", colleague.pk)
    notices.success(request, f"{colleague.user.get_full_name()} is out, and signed out on every device.")
    return redirect("people")

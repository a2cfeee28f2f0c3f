"""In the van: which phone keeps pages for when there is no reception, for whom, and the files that make it do so."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import Membership, User
from peepopay.methods import require_safe

COOKIE = "van"
A_YEAR = 365 * 24 * 60 * 60
EVERYTHING_KEPT = '"storage"'  # of Clear-Site-Data: pages, what waits to be sent, and the worker itself
WORKER = Path(__file__).with_name("van_worker.js").read_text()


def keeps_pages(request: HttpRequest, member: Membership) -> bool:
    """Whether this phone keeps them for who asks. Nothing stays of a business that an operator visits."""
    return not member.is_visit and _is_kept_for(request, member.user)


def _is_kept_for(request: HttpRequest, user: User) -> bool:
    return constant_time_compare(request.COOKIES.get(COOKIE, ""), _mark_of(user))


def _mark_of(user: User) -> str:
    """The cookie says whose phone it is to us, and to nobody else."""
    return salted_hmac("web.van", str(user.pk), algorithm="sha256").hexdigest()


def turn_on(response: HttpResponse, user: User) -> None:
    response.set_cookie(
        COOKIE,
        _mark_of(user),
        max_age=A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def turn_off(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE)
    response["Clear-Site-Data"] = EVERYTHING_KEPT


def mind_whose(request: HttpRequest, response: HttpResponseBase) -> None:
    """A phone keeps the pages of one person: it forgets them when they sign out, and when somebody else signs in. Who
    comes back finds what they wrote still waiting to be sent."""
    user = getattr(request, "user", None)
    if COOKIE not in request.COOKIES or user is None:
        return
    if user.is_authenticated and not _is_kept_for(request, user):
        turn_off(response)
    elif request.method == "POST" and request.path == reverse("account_logout"):
        response["Clear-Site-Data"] = EVERYTHING_KEPT


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Under /dashboard/, which is all that it may look after. Browsers ask for it again, and take a new one at once."""
    return HttpResponse(
        WORKER, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
    )


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """What phones put on their home screen."""
    files = [("icon-192", 192, "any"), ("icon-512", 512, "any"), ("icon-maskable", 512, "maskable")]
    return JsonResponse(
        {
            "id": "/dashboard/",
            "name": "PeepoPay",
            "lang": "en-AU",
            "start_url": "/dashboard/",
            "scope": "/",
            "display": "standalone",
            "background_color": "#ffffff",
            "theme_color": "#0b5d57",
            "icons": [
                {
                    "src": static(f"img/{name}.png"),
                    "sizes": f"{size}x{size}",
                    "type": "image/png",
                    "purpose": purpose,
                }
                for name, size, purpose in files
            ],
        },
        content_type="application/manifest+json",
    )

"""What every endpoint starts from. The default permission denies, so a view that forgets its base publishes nothing.

There are two, and no view has both: `PublicAPI` reads no cookie and answers any site, `TradieAPI` reads an API key or
the dashboard's session and answers none. Where the contract has one address for both, `by_credentials` puts a view of
each behind it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.utils import OpenApiParameter
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.key_models import ApiKey, Scope
from accounts.models import Membership
from accounts.roles import May
from availability.models import Calendar
from peepopay import acting
from peepopay.errors import Forbidden, MalformedRequest, NotFound, Unauthorized, ValidationFailed
from peepopay.ids import id_in
from peepopay.lookups import only
from web.members import member_of, refusal

from .key_access import ApiKeyAuthentication, require_scope, shows_key

NOWHERE = "You don't belong to a business yet. Set one up in the dashboard, or ask for an invitation."
CLOSED = "The account of this business is closed. An owner can open it again in the dashboard."


class PublicAPI(APIView):
    """For anybody, from any site: no cookie is read, so none can be borrowed. CORS allows every origin."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class MembersWhoMay(BasePermission):
    """401 without a key or a session; 403 for a key without the scope or a role that may not what the view says, and if
    it says nothing, for everybody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user is None:
            raise Unauthorized
        member = (
            self._by_key(cast(ApiKey, request.auth), view) if request.auth else member_of(request._request)
        )
        if member is None:
            raise Forbidden(NOWHERE)
        if member.tradie.closed_at:
            raise Forbidden(CLOSED)
        may: May | None = view.may
        if may not in member.may:
            raise Forbidden(refusal(member, may) if may else None)
        view.member = member
        return True

    def _by_key(self, key: ApiKey, view: Any) -> Membership:
        """Whoever made it."""
        require_scope(key, view.scopes.get(view.request.method.lower().replace("head", "get")))
        return key.member


class TradieAPI(APIView):
    """For the business: by an API key, or signed in to the dashboard with session and CSRF. No other site may read the
    answers, errors included.

    `may`: what one has to be allowed. `scopes`: what a key needs, by method; it can't be used for others. `member`: who
    asks, for which business (`member.tradie`), in which role.
    """

    authentication_classes = (ApiKeyAuthentication, SessionAuthentication)
    scopes: ClassVar[Mapping[str, Scope]] = {}
    permission_classes = (MembersWhoMay,)
    may: May | None = None
    member: Membership
    _theirs: ExitStack

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self._theirs.enter_context(acting.on_behalf_of(self.member.user_id))

    def dispatch(self, *args: Any, **kwargs: Any) -> Any:
        with ExitStack() as self._theirs:
            return super().dispatch(*args, **kwargs)

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(*args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        response.for_no_other_site = True  # type: ignore[attr-defined]  # read in `web/api/cors.py`
        return response


def by_credentials(public: type[PublicAPI], tradie: type[TradieAPI]) -> Callable[..., HttpResponseBase]:
    """One address for two views. A method that one of them has is that one's; of both, whoever shows a booking's
    token gets to `public`, anybody else to `tradie`. Neither sees what the other one goes by."""
    with_token, with_session = public.as_view(), tradie.as_view()
    ours, theirs = (methods_of(view) for view in (public, tradie))

    @csrf_exempt  # `tradie` checks it itself, as every TradieAPI
    def door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        method = str(request.method).lower().replace("head", "get")
        shared = method in ours and method in theirs
        by_token = shows_token(request) if shared else method in ours
        return (with_token if by_token else with_session)(request, *args, **kwargs)

    # What the description of the API and `peepopay/methods.py` look at: all that the address has.
    more = {name: getattr(tradie, name) for name in theirs - ours}
    vars(door).update(cls=type(public.__name__, (public,), more), initkwargs={})
    return door


Row = TypeVar("Row", bound=Model)
IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", uuid.UUID, OpenApiParameter.HEADER)
NOT_THEIRS = "That isn't one of the people or vans of your business."


def own(rows: QuerySet[Row], row_id: uuid.UUID) -> Row:
    """The row, of those that this person may touch. Raises Forbidden for one that is somebody else's, NotFound for one
    that is nobody's. (An id can't be guessed, so that tells nobody anything.)"""
    found = only(rows.filter(pk=row_id))
    if found is None:
        raise Forbidden if rows.model._base_manager.filter(pk=row_id).exists() else NotFound
    return found


def calendar_asked_for(member: Membership, calendar_id: uuid.UUID | None) -> Calendar:
    """One of the business; without an id, the first that takes bookings. Raises ValidationFailed."""
    everybody = member.tradie.calendars.all()
    found = everybody.filter(pk=calendar_id) if calendar_id else everybody.filter(is_active=True)
    calendar = found.first()
    if calendar is None:
        raise ValidationFailed(fields={"calendar": [NOT_THEIRS]})
    calendar.tradie = member.tradie
    return calendar


def key_of(request: Request) -> uuid.UUID | None:
    """The Idempotency-Key. Raises MalformedRequest for one that is no UUID."""
    shown = request.headers.get("Idempotency-Key")
    key = None if shown is None else id_in(shown)
    if shown is not None and key is None:
        raise MalformedRequest("Idempotency-Key must be a UUID.")
    return key


def body_of(request: Request) -> Any:
    """What was sent. Raises MalformedRequest for a change that came without a body."""
    if request.stream is None:
        raise MalformedRequest
    return request.data


@contextmanager
def renamed(names: Mapping[str, str]) -> Iterator[None]:
    """What a rule refuses, said at the names that the API has for the columns."""
    try:
        yield
    except ValidationFailed as refusal:
        refusal.fields = {names.get(name, name): said for name, said in refusal.fields.items()}
        raise


def shows_token(request: HttpRequest) -> bool:
    """Of a booking, or what is meant to be one."""
    return "Authorization" in request.headers and not shows_key(request)


def methods_of(view: type[APIView]) -> set[str]:
    """Those that it has written out: `get`, `patch`."""
    return {name for name in view.http_method_names if hasattr(view, name)} - {"options"}

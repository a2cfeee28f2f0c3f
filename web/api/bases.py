"""What every endpoint starts from. The default permission denies, so a view that forgets its base publishes nothing.

There are two, and no view has both: `PublicAPI` reads no cookie and answers any site, `TradieAPI` reads an API key or
the dashboard's session and answers none. Where the contract has one address for both, `by_credentials` puts a view of
each behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, ClassVar, cast

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.key_models import ApiKey, Scope
from accounts.models import Membership
from accounts.roles import May
from peepopay import acting
from peepopay.errors import Forbidden, Unauthorized
from web.members import member_of, refusal

from .key_access import ApiKeyAuthentication, require_scope, shows_key

NOWHERE = "You don't belong to a business yet. Set one up in the dashboard, or ask for an invitation."


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


def shows_token(request: HttpRequest) -> bool:
    """Of a booking, or what is meant to be one."""
    return "Authorization" in request.headers and not shows_key(request)


def methods_of(view: type[APIView]) -> set[str]:
    """Those that it has written out: `get`, `patch`."""
    return {name for name in view.http_method_names if hasattr(view, name)} - {"options"}

"""POST /mcp: the door for assistants, by the protocol's Streamable HTTP transport. Each answer is whole, in JSON: there
is no session to keep, and no stream to open by GET."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from peepopay.api import JSON_TOO_LARGE, LARGEST_JSON
from peepopay.errors import Forbidden, MalformedRequest, RateLimited
from peepopay.methods import require_POST
from peepopay.throttling import PublicReads

from .protocol import PARSE_ERROR, VERSIONS, RpcError, answer_to, error_answer

OTHER_SITE = "Pages of other websites can't ask here."
UNKNOWN_VERSION = f"This MCP-Protocol-Version isn't spoken here; {' and '.join(VERSIONS)} are."


@csrf_exempt  # no cookie is read, so there is none to borrow
@require_POST
def mcp(request: HttpRequest) -> HttpResponse:
    """202 without a body to what wants no answer. Raises Forbidden, MalformedRequest, RateLimited."""
    _require_own_origin(request)
    if not PublicReads().allow_request(request, None):
        raise RateLimited
    if request.headers.get("MCP-Protocol-Version", VERSIONS[0]) not in VERSIONS:
        raise MalformedRequest(UNKNOWN_VERSION)
    if len(request.body) > LARGEST_JSON:
        raise MalformedRequest(JSON_TOO_LARGE)
    try:
        answer = answer_to(orjson.loads(request.body), request)
    except orjson.JSONDecodeError:
        answer = error_answer(RpcError(PARSE_ERROR, "That is not valid JSON."))
    if answer is None:
        return HttpResponse(status=202)
    status = 400 if "error" in answer and answer["id"] is None else 200
    return HttpResponse(
        orjson.dumps(answer),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _require_own_origin(request: HttpRequest) -> None:
    """A browser says for which page it asks: none but ours may, by whatever name it reached us (which Django has held
    against ALLOWED_HOSTS). Programs send no Origin."""
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.get_host():
        raise Forbidden(OTHER_SITE)

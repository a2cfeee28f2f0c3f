"""The logo of a business, for whoever shows its page or its mails."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse

from accounts.logo_models import Logo
from accounts.logos import DIGEST_LETTERS
from peepopay.lookups import only
from peepopay.methods import require_safe


@require_safe
def logo(request: HttpRequest, tradie_id: UUID, digest: str) -> HttpResponse:
    """Another one has another address; a business that has closed shows none."""
    found = only(Logo.objects.filter(tradie=tradie_id, digest__startswith=digest, tradie__closed_at=None))
    if found is None or len(digest) != DIGEST_LETTERS:
        raise Http404
    answer = HttpResponse(bytes(found.content), content_type="image/jpeg")
    answer["Cache-Control"] = "public, max-age=31536000, immutable"
    return answer

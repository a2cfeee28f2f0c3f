"""What every endpoint starts from. The default permission denies, so a view that forgets its base publishes nothing."""

from __future__ import annotations

from rest_framework.permissions import AllowAny
from rest_framework.views import APIView


class PublicAPI(APIView):
    """For anybody, from any site: no cookie is read, so none can be borrowed. CORS allows every origin."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

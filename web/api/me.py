"""GET /api/me: who is signed in."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.key_models import Scope
from accounts.models import Membership, Tradie, User
from accounts.roles import May, Role
from peepopay.api_schema import errors
from peepopay.errors import Forbidden, Unauthorized

from .bases import TradieAPI


class PersonSerializer(serializers.Serializer[User]):
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="Empty if they gave none.")
    email = serializers.EmailField()


class BusinessSerializer(serializers.Serializer[Tradie]):
    slug = serializers.CharField()
    business_name = serializers.CharField()
    timezone = serializers.CharField(help_text="IANA name; every time of this business is in it.")


class OtherBusinessSerializer(serializers.Serializer[Membership]):
    slug = serializers.CharField(source="tradie.slug")
    business_name = serializers.CharField(source="tradie.business_name")
    timezone = serializers.CharField(source="tradie.timezone")
    role = serializers.ChoiceField(Role.choices)


class MeSerializer(serializers.Serializer[Membership]):
    user = PersonSerializer()
    business = BusinessSerializer(source="tradie", help_text="The one that this session is about.")
    role = serializers.ChoiceField(Role.choices)
    may = serializers.ListField(child=serializers.ChoiceField(May.choices), help_text="What the role may do.")
    other_businesses = OtherBusinessSerializer(source="elsewhere", many=True)


_me = MeSerializer()  # once: see peepopay/api_outputs.py


def me_answer(member: Membership) -> dict[str, Any]:
    """The person, their place in this business and in others."""
    return _me.to_representation(member)


class Me(TradieAPI):
    may = May.JOBS
    scopes = {"get": Scope.PROFILE_READ}

    @extend_schema(
        operation_id="me",
        summary="Who is signed in",
        responses={200: MeSerializer, **errors(Unauthorized, Forbidden)},
    )
    def get(self, request: Request) -> Response:
        """The person, the business this session is about, their role in it, and the other businesses they belong to."""
        return Response(me_answer(self.member))

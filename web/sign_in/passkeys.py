"""Passkeys and the other second factors, in our words. A passkey of ours always signs in by itself, and is a second
step beside a password as well: people should not have to know that there are two kinds."""

from __future__ import annotations

import struct
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.conf import settings
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts.models import User

LONGEST_NAME = 60
UNKNOWN = "That passkey opens nothing here. It may have been removed: sign in another way, then add it again."
HELP = "So that you can tell it from others: “My phone”, “Laptop in the office”."


class SecondFactors(DefaultMFAAdapter):
    error_messages = {
        "add_email_blocked": "Switch two-step sign-in off before you add another address.",
        "cannot_delete_authenticator": "That can't be switched off.",
        "cannot_generate_recovery_codes": "Add a passkey or switch on the authenticator app first.",
        "incorrect_code": "That isn't right, or it has been used. Please try again.",
        "unverified_email": "Confirm your email address first.",
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        return f"Passkey {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to our address, whatever host the request named."""
        return {"id": str(urlsplit(settings.SITE_URL).hostname), "name": "PeepoPay"}


class Credential(forms.JSONField):
    """What a browser says of a passkey: of the shape that `parsed_by` wants. Anybody can send anything here, and
    fido2 lets through whatever its parts raise at it."""

    def __init__(self, parsed_by: type[AuthenticationResponse | RegistrationResponse]) -> None:
        super().__init__(widget=forms.HiddenInput)
        self.parsed_by = parsed_by

    def to_python(self, value: Any) -> Any:
        credential = super().to_python(value)
        try:
            self.parsed_by.from_dict(credential)
        except (AttributeError, LookupError, TypeError, ValueError, struct.error) as no_passkey:
            raise forms.ValidationError(UNKNOWN) from no_passkey
        return credential


def name_field(**options: Any) -> forms.CharField:
    return forms.CharField(label="What you call it", max_length=LONGEST_NAME, help_text=HELP, **options)


class AddPasskey(AddWebAuthnForm):
    name = name_field(required=False)
    credential = Credential(RegistrationResponse)
    # allauth's script reads it; checked, the browser makes one that asks for a finger, a face or a PIN.
    passwordless = forms.BooleanField(widget=forms.CheckboxInput({"hidden": True}), initial=True, label="")

    def hidden_fields(self) -> list[forms.BoundField]:
        return [self["credential"], self["passwordless"]]

    def visible_fields(self) -> list[forms.BoundField]:
        return [self["name"]]


class RenamePasskey(EditWebAuthnForm):
    name = name_field()


class _Shown(AuthenticateWebAuthnForm):
    credential = Credential(AuthenticationResponse)

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()
        except forms.ValidationError as refused:
            if refused.code == "too_many_login_attempts":
                raise
            raise forms.ValidationError(UNKNOWN) from refused


class SignIn(_Shown, LoginWebAuthnForm):
    pass


class SecondStep(_Shown):
    pass


class OnceMore(_Shown, ReauthenticateWebAuthnForm):
    pass

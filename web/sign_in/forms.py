"""allauth's forms, where its adapter does not reach."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm,
    ConfirmLoginCodeForm,
    RequestLoginCodeForm,
    ResetPasswordKeyForm,
    SetPasswordForm,
    SignupForm,
)
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.totp.forms import ActivateTOTPForm

from .codes import is_void

LABELS = {"oldpassword": "Password now", "password1": "New password", "password2": "New password, once more"}
GOOD = "At least 10 characters, and none that many people use. Three words of your own do well."


class InOurWords:
    """What the fields for a new password are called."""

    labels = LABELS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        fields = self.fields  # type: ignore[attr-defined]
        for name in fields.keys() & self.labels.keys():
            fields[name].label = self.labels[name]
            fields[name].widget.attrs.pop("placeholder", None)
        fields["password1"].help_text = GOOD


class SignUp(InOurWords, SignupForm):
    labels = {**LABELS, "email": "Email", "password1": "Password", "password2": "Password, once more"}


class SetPassword(InOurWords, SetPasswordForm):
    pass


class ChangePassword(InOurWords, ChangePasswordForm):
    pass


class ChooseNewPassword(InOurWords, ResetPasswordKeyForm):
    pass


class AskForCode(RequestLoginCodeForm):
    def clean_email(self) -> str:
        email: str = super().clean_email()
        context.request.asks_for_code = (
            self._user
        )  # for `Adapter.generate_login_code`, which is handed nothing
        return email


class EnterCode(ConfirmLoginCodeForm):
    def clean_code(self) -> str:
        """The code of an account is the same in every session that asked, so it must not open two of them."""
        code: str = super().clean_code()
        stage = context.request._login_stage
        asked_at = datetime.fromtimestamp(stage.state["at"], UTC)
        if is_void(self.expected_code, stage.login.user, asked_at=asked_at):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SetUpAuthenticator(ActivateTOTPForm):
    def clean_code(self) -> str:
        """The right code proves the second step for this session; it need not be asked again at once."""
        code: str = super().clean_code()
        record_authentication(context.request, self.user, "mfa", type="totp")
        return code

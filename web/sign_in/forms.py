"""allauth's forms, where its adapter does not reach."""

from __future__ import annotations

from datetime import UTC, datetime

from allauth.account.adapter import get_adapter
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.totp.forms import ActivateTOTPForm

from .codes import is_void


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

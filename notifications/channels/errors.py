"""What a channel raises when a message could not be handed over."""

from __future__ import annotations


class ChannelError(Exception):
    """`retry_helps`: False where the same message would be refused again (no such address, say). `is_denied`: the
    provider takes nothing from us, whoever it is for: a key or password is wrong."""

    def __init__(self, message: str, *, retry_helps: bool = True, is_denied: bool = False) -> None:
        super().__init__(message)
        self.retry_helps, self.is_denied = retry_helps, is_denied


class Unsubscribed(ChannelError):
    """The provider sends this number nothing: it was told STOP."""

    def __init__(self) -> None:
        super().__init__("They replied STOP.", retry_helps=False)

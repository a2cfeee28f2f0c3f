"""What a channel raises when a message could not be handed over."""

from __future__ import annotations


class ChannelError(Exception):
    """`retry_helps`: False where the same message would be refused again (no such address, say)."""

    def __init__(self, message: str, *, retry_helps: bool = True) -> None:
        super().__init__(message)
        self.retry_helps = retry_helps


class Unsubscribed(ChannelError):
    """The provider sends this number nothing: it was told STOP."""

    def __init__(self) -> None:
        super().__init__("They replied STOP.", retry_helps=False)

"""What the booking page speaks (widget/src/languages)."""

from __future__ import annotations

from django.db.models import TextChoices


class PageLanguage(TextChoices):
    ENGLISH = "en", "English"
    CHINESE = "zh", "Simplified Chinese (简体中文)"

"""What the operator's pages leave out."""

from __future__ import annotations

from django.contrib import admin


def test_googles_keys_which_are_those_of_the_settings_are_no_rows_to_fill_in() -> None:
    """And its tokens are not kept."""
    labels = {model._meta.label for model in admin.site._registry}
    assert "socialaccount.SocialAccount" in labels
    assert not labels & {"socialaccount.SocialApp", "socialaccount.SocialToken"}

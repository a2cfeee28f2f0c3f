"""What a test that commits leaves is gone before the next; what `migrate` made stays."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType

from accounts.models import Service
from local.testing.cast import make_booking
from local.testing.left_rows import delete_rows, may_skip_foreign_keys


@pytest.mark.django_db(transaction=True)
def test_no_row_is_left_but_those_of_migrate(drain: Service, kim: object) -> None:
    make_booking(drain)
    assert may_skip_foreign_keys()
    delete_rows()
    full = {model for model in apps.get_models(include_auto_created=True) if model._default_manager.exists()}
    assert full == {ContentType, Permission}

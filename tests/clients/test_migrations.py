"""The tokens that scripts have stay good when their rows become those of another app."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from policystudio.clients.models import ApiToken
from policystudio.clients.services import token_create
from tests.factories import make_sign_in

BEFORE = [("api", "0001_initial"), ("clients", "0001_initial")]


@pytest.mark.django_db(transaction=True)
def test_tokens_stay_where_they_are() -> None:
    user = make_sign_in("vic")
    token, _ = token_create(user=user, name="nightly", scope="read", account=None, lifetime=timedelta(days=1))
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate(BEFORE)
    try:
        old = executor.loader.project_state(BEFORE).apps.get_model("api", "ApiToken")
        kept = old.objects.get()
        assert (kept.digest, kept.name, kept.user_id) == (token.digest, "nightly", user.pk)
        old.objects.create(
            digest="d" * 128, token_key="k" * 15, user_id=user.pk, expiry=timezone.now(), name="older", scope="write"
        )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(latest)
    assert set(ApiToken.objects.values_list("name", "scope", "last_used_at")) == {
        ("nightly", "read", None),
        ("older", "write", None),
    }

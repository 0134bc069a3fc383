"""Whatever the OpenAPI document allows is answered, and answered as it says; never with a 5xx."""

import os
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User as SignIn
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, note, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    status_code_conformance,
)

from policystudio.accounts.models import Account
from policystudio.clients.services import token_create
from tests import factories

#: Another one each time; a failure prints it, and it asks the same questions again. tools/prove_rest.py asks many more.
SEED = int(os.environ.get("PROPERTY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: What the document allows is taken, and what it does not allow is refused, where no row has to be guessed first.
DATA_CHECKS = [*CHECKS, positive_data_acceptance, negative_data_rejection]
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
COMPUTED = ("check-access", "check-public", "compare", "evaluate", "minify", "redundant", "validate")


@pytest.fixture
def headers(administrator: SignIn, account: Account) -> dict[str, str]:
    user = factories.make_identity(account, "user", "dana", tags={"team": "ml"})
    factories.attach(user, factories.make_managed_policy(account, "ml"))
    factories.make_identity(account, "role", "execution")
    factories.make_resource(account)
    _, secret = token_create(user=administrator, name="test", scope="write", account=None, lifetime=timedelta(days=1))
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(autouse=True)
def _one_connection(headers: dict[str, str]) -> Iterator[None]:
    """A server closes connections around each request; that of the test must stay, as Django's own client sees to."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def operations() -> list[Any]:
    """Every operation of the document; calls go to the application in this process."""
    schema = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(public=True))
    schema.app = get_wsgi_application()
    return [found.ok() for found in schema.get_all_operations()]


@pytest.mark.parametrize("operation", operations(), ids=lambda operation: operation.label)
def test_it_is_answered_as_the_document_says(operation: Any, headers: dict[str, str]) -> None:
    @settings(
        max_examples=8,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @seed(SEED)
    @given(operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        note(f"PROPERTY_SEED={SEED}")
        if "number" in (case.path_parameters or {}):
            case.path_parameters["number"] = "111122223333"
        case.call_and_validate(headers=headers, checks=CHECKS)

    ask()


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize(
    "operation",
    [one for one in operations() if one.path.removeprefix("/api/v1/") in COMPUTED],
    ids=lambda operation: operation.label,
)
def test_what_is_allowed_is_taken_and_nothing_else(
    operation: Any, mode: GenerationMode, headers: dict[str, str]
) -> None:
    @settings(
        max_examples=10,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    @seed(SEED)
    @given(operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case) -> None:
        note(f"PROPERTY_SEED={SEED}")
        case.call_and_validate(headers=headers, checks=DATA_CHECKS)

    ask()

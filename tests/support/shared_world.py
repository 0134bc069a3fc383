"""One world for all tests of a module: making it takes longer than most questions that are asked of it."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction

from tests.access_cases import World


def shared(make: Callable[[], World]) -> tuple[Any, Any]:
    """Two fixtures: the world of the module, and `world`, the same for each test, which undoes what it changes."""

    @pytest.fixture(scope="module")
    def world_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
        # Each test's own transaction is a savepoint of this one.
        with django_db_blocker.unblock(), transaction.atomic():
            yield make()
            transaction.set_rollback(True)

    @pytest.fixture
    def world(world_of_module: World, db: None) -> World:
        # Tests change attributes of its rows, such as when somebody signed in last.
        return deepcopy(world_of_module)

    return world_of_module, world

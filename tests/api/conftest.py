"""A cast for the tests of REST: an administrator, a viewer, and a stranger who must see nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from rest_framework.test import APIClient

from policystudio.accounts.models import Account, Role
from tests import factories


@pytest.fixture
def account(db: None) -> Account:
    return factories.make_account("111122223333", "research")


@pytest.fixture
def administrator(account: Account) -> SignIn:
    user = factories.make_sign_in("ada")
    factories.make_membership(user, account, Role.ADMINISTRATOR)
    return user


@pytest.fixture
def viewer(account: Account) -> SignIn:
    user = factories.make_sign_in("vic")
    factories.make_membership(user, account, Role.VIEWER)
    return user


@pytest.fixture
def stranger(db: None) -> SignIn:
    return factories.make_sign_in("stan")


@pytest.fixture
def client_of() -> Callable[[Any], APIClient]:
    """A client that is signed in as someone."""

    def make(user: Any) -> APIClient:
        client = APIClient()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def api(client_of: Callable[[Any], APIClient], viewer: SignIn) -> APIClient:
    """A client of the viewer."""
    return client_of(viewer)

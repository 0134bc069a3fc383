"""An account with something in it, and clients of those who look at it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.identities.models import Identity
from tests import factories


def allow(action: str | list[str], resource: str = "*", **more: Any) -> dict[str, Any]:
    """A policy of one statement that allows."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}


@dataclass(frozen=True)
class Lab:
    """`research`: ana and her group, a role with a boundary."""

    account: Account
    ana: Identity
    scientists: Identity
    trainer: Identity


@pytest.fixture
def lab(db: None) -> Lab:
    account = factories.make_account("111122223333", "research", read_at=timezone.now(), read_by="ada")
    ana = factories.make_identity(account, "user", "ana", path="/people/", tags={"team": "ml"})
    scientists = factories.make_identity(account, "group", "scientists")
    factories.join(ana, scientists)
    look = factories.make_managed_policy(account, "look", allow(["sagemaker:List*", "sagemaker:Describe*"]))
    factories.attach(scientists, look)
    dev = allow("sagemaker:CreateModel", "arn:aws:sagemaker:*:*:model/dev-*")
    factories.make_inline_policy(ana, dev, "dev-models")
    mfa = allow("sagemaker:DeleteModel", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    factories.make_inline_policy(ana, mfa, "delete-with-mfa")
    limit = factories.make_managed_policy(account, "limit", allow("sagemaker:*TrainingJob*"))
    trainer = factories.make_identity(account, "role", "trainer", boundary=limit)
    factories.attach(trainer, factories.make_managed_policy(account, "everything", allow("*")))
    return Lab(account, ana, scientists, trainer)


@pytest.fixture
def administrator(lab: Lab) -> SignIn:
    user = factories.make_sign_in("ada")
    factories.make_membership(user, lab.account, Role.ADMINISTRATOR)
    return user


@pytest.fixture
def viewer(lab: Lab) -> SignIn:
    user = factories.make_sign_in("vic")
    factories.make_membership(user, lab.account, Role.VIEWER)
    return user


@pytest.fixture
def client_of() -> Callable[[SignIn], Client]:
    """A client that is signed in as someone."""

    def make(user: SignIn) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def ada(client_of: Callable[[SignIn], Client], administrator: SignIn) -> Client:
    return client_of(administrator)


@pytest.fixture
def vic(client_of: Callable[[SignIn], Client], viewer: SignIn) -> Client:
    return client_of(viewer)


def words_of(response: Any) -> str:
    """The text of a page without its tags, with single spaces."""
    import re
    from html import unescape

    text = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())

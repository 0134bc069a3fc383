"""An account with a policy, three identities, and people who may do different things in it."""

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User as SignIn

from policystudio.accounts.models import Account, Role
from policystudio.identities.models import Identity
from policystudio.policies.models import ManagedPolicy
from tests import factories


@dataclass
class Lab:
    """One of everything, by name."""

    account: Account
    look: ManagedPolicy
    ana: Identity
    scientists: Identity
    trainer: Identity
    author: SignIn
    approver: SignIn
    viewer: SignIn

    def arn(self, rest: str) -> str:
        """The ARN of something of the account: ``user/new``."""
        return f"arn:aws:iam::{self.account.number}:{rest}"


def allow(action: str, resource: str = "*") -> str:
    """The text of a policy that allows one action."""
    return factories.as_text(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    )


@pytest.fixture
def lab(db: None) -> Lab:
    account = factories.make_account("111122223333", "research")
    people = [factories.make_sign_in(name) for name in ("aron", "petra", "vic")]
    for person, role in zip(people, (Role.AUTHOR, Role.APPROVER, Role.VIEWER), strict=True):
        factories.make_membership(person, account, role)
    look = factories.make_managed_policy(account, "look", allow("sagemaker:List*"))
    ana, scientists, trainer = (
        factories.make_identity(account, kind, name)
        for kind, name in (("user", "ana"), ("group", "scientists"), ("role", "trainer"))
    )
    factories.join(ana, scientists)
    factories.attach(scientists, look)
    return Lab(account, look, ana, scientists, trainer, *people)

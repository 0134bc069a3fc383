"""An account in which somebody can do by way of a role what she cannot do herself."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from policystudio.accounts.models import Account, Role
from policystudio.identities.models import Identity
from policystudio.policies.models import ManagedPolicy
from tests import factories
from tests.web.conftest import allow

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Shop:
    """ana runs training jobs as any role; the role `train` reads secrets; `deploy` is for another service."""

    account: Account
    ana: Identity
    train: Identity
    deploy: Identity
    jobs: ManagedPolicy


@pytest.fixture
def shop(db: None) -> Shop:
    account = factories.make_account("111122223333", "shop", read_at=NOW)
    jobs = factories.make_managed_policy(account, "jobs", allow("sagemaker:CreateTrainingJob"))
    ana = factories.make_identity(account, "user", "ana")
    factories.attach(ana, jobs)
    factories.make_inline_policy(ana, allow("iam:PassRole", "arn:aws:iam::111122223333:role/*"), "pass")
    train = factories.make_identity(account, "role", "train")
    factories.make_inline_policy(train, allow(["secretsmanager:GetSecretValue", "s3:GetObject"]), "read")
    used = (NOW - timedelta(days=200)).isoformat()
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = factories.make_document({"Version": "2012-10-17", "Statement": [statement]}, "trust")
    deploy = factories.make_identity(
        account, "role", "deploy", trust_document=trust, last_used={"LastUsedDate": used, "Region": "us-east-1"}
    )
    return Shop(account, ana, train, deploy, jobs)


def author(account: Account, name: str = "uma", role: str = Role.AUTHOR):
    """Somebody with a role in the account."""
    user = factories.make_sign_in(name)
    factories.make_membership(user, account, role)
    return user

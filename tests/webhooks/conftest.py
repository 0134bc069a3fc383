"""A receiver, an account with an administrator, and a webhook that leads there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User as SignIn
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.webhooks import services
from policystudio.webhooks.models import Webhook
from tests import factories
from tests.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver(tmp_path: Path, settings) -> Iterator[Receiver]:
    with receiving(tmp_path) as found:
        settings.WEBHOOK_ALLOWED_NETWORKS = ["127.0.0.0/8"]
        settings.WEBHOOK_PORTS = [443, found.port]
        settings.WEBHOOK_CA_FILE = found.ca_file
        settings.STUDIO_URL = "https://studio.example.com"
        yield found


@pytest.fixture
def account(db: None) -> Account:
    return factories.make_account("111122223333", "research")


@pytest.fixture
def ada(account: Account) -> SignIn:
    found = factories.make_sign_in("ada")
    factories.make_membership(found, account, Role.ADMINISTRATOR)
    return found


@pytest.fixture
def made(receiver: Receiver, account: Account, ada: SignIn) -> tuple[Webhook, str]:
    """The webhook and its secret."""
    return services.webhook_create(
        by=ada, account=account, url=receiver.url, events=["change.*", "waiver.granted"], now=timezone.now()
    )

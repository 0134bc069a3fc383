"""What docs/webhooks.md shows receivers: the sample checks what is really sent, and refuses everything else."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User as SignIn
from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.audit import services as audit
from policystudio.webhooks import services
from policystudio.webhooks.models import Delivery, Webhook
from policystudio.webhooks.services import sending
from tests.webhooks.receiver import Receiver

PAGE = (Path(__file__).resolve().parent.parent.parent / "docs" / "webhooks.md").read_text()


@pytest.fixture
def is_genuine() -> Callable[..., bool]:
    """The function of the page."""
    (sample,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(sample, names)  # noqa: S102 -- our own page
    return names["is_genuine"]


@pytest.mark.django_db
def test_the_sample_knows_what_is_sent(
    is_genuine: Callable[..., bool], receiver: Receiver, made: tuple[Webhook, str], account: Account, ada: SignIn
) -> None:
    webhook, secret = made
    new = services.secret_rotate(by=ada, webhook=webhook, now=timezone.now())
    audit.record(actor="dana", action="change.published", target=account.number, account=account.number)
    services.delivery_run(delivery_id=Delivery.objects.get().pk)
    (request,) = receiver.requests
    header, body = request.headers["PolicyStudio-Signature"], request.body
    assert is_genuine(header, body, secret)
    assert is_genuine(header, body, new)
    assert not is_genuine(header, body, "whsec_another")
    assert not is_genuine(header, body + b" ", secret)
    at = re.match(r"t=(\d+)", header)
    assert at is not None
    assert not is_genuine(header.replace(at[1], str(int(at[1]) + 1)), body, secret)
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert set(json.loads(shown)) == set(json.loads(body))


def test_the_sample_refuses_what_is_old(is_genuine: Callable[..., bool]) -> None:
    from policystudio.webhooks.selectors import signature

    now = int(time.time())
    assert is_genuine(signature(["s"], now - 200, b"{}"), b"{}", "s")
    assert not is_genuine(signature(["s"], now - 400, b"{}"), b"{}", "s")


def test_the_waits_are_those_of_the_page() -> None:
    assert (1, 5, 20, *(60 * hours for hours in (1, 3, 7, 12))) == sending.WAITS
    assert "1, 5 and 20 minutes and 1, 3, 7 and 12 hours" in PAGE

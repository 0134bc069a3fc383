"""What the pages of webhooks say."""

import json
from collections.abc import Sequence
from urllib.parse import urlsplit

from policystudio.web.words import count, listing
from policystudio.webhooks.models import Delivery, Webhook


def host_of(webhook: Webhook) -> str:
    """The host that a webhook leads to."""
    return urlsplit(webhook.url).hostname or webhook.url


def answer_of(webhooks: Sequence[Webhook]) -> str:
    """How many there are, and whether they are told anything."""
    if not webhooks:
        return "Nobody: the account has no webhook."
    off = sum(not one.active for one in webhooks)
    failing = sum(one.active and one.failing_since is not None for one in webhooks)
    remarks = [f"{off} switched off"] if off else []
    remarks += [f"{failing} failing at present"] if failing else []
    return f"{count(len(webhooks), 'webhook')}{': ' + listing(remarks) if remarks else ''}."


def answer_of_webhook(webhook: Webhook) -> str:
    """Whether it is on, and whether what is sent arrives."""
    if not webhook.active:
        why = f": {webhook.stopped}" if webhook.stopped else ""
        return f"Nothing: it is switched off{why}."
    told = "everything" if "*" in webhook.events else listing([f"`{event}`" for event in webhook.events])
    if webhook.failing_since is not None:
        return f"It listens to {told}, but nothing has arrived since {webhook.failing_since:%d %b %Y %H:%M} UTC."
    return f"It listens to {told}."


def answer_of_delivery(delivery: Delivery, webhook: Webhook) -> str:
    """Whether it arrived, and what comes next."""
    tries = count(delivery.attempts, "attempt")
    what = delivery.error or (f"the answer was {delivery.status}" if delivery.status else "")
    if delivery.state == Delivery.State.SUCCEEDED:
        return f"Yes: {host_of(webhook)} answered {delivery.status}."
    if delivery.state == Delivery.State.FAILED:
        return f"No, after {tries}: {what}."
    if not webhook.active:
        return "Not yet: the webhook is switched off."
    if not delivery.attempts:
        return "Not yet: a worker is about to send it."
    return f"Not yet, after {tries}: {what}. It is tried again."


def body_of(delivery: Delivery) -> str:
    """What is sent, with line breaks."""
    return json.dumps(delivery.payload, indent=2, ensure_ascii=False, sort_keys=True)

"""What an account knows that a policy may name: ARNs, accounts, Regions in use, tags; for completion and the form."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from policystudio.accounts import selectors as accounts
from policystudio.accounts.models import Account
from policystudio.accounts.selectors import AnyUser
from policystudio.identities import selectors as identities
from policystudio.policies import selectors as policies
from policystudio.resources import selectors as resources
from policystudio.web.aws_names import REGIONS, SERVICE_PRINCIPALS

#: No list is longer; with more, the page is told that there are more.
MOST = 10_000
#: Of tags no more values are offered for one key.
VALUES = 50
#: In no more documents it is looked for what they mention.
DOCUMENTS = 2_000

_ARN = re.compile(r'"(arn:[a-z0-9-]+:[a-z0-9-]+:[^"\s]*)"')


def known_to(account: Account, user: AnyUser, drafted: Iterable[tuple[str, str]] = ()) -> dict[str, Any]:
    """The data that static/js/policy_catalogue.js reads: what the account, and of other accounts the user, knows.

    ``drafted`` are ARNs, each with its type, of what a change makes.
    """
    things = [*((arn, type_, {}) for arn, type_ in drafted), *_things(account)]
    own = {arn: type_ for arn, type_, _ in things[:MOST]}
    named = [(arn, f"{arn.split(':')[2]}:") for arn in mentioned(account) if arn not in own]
    organization = account.organization
    return {
        "account": account.number,
        "partition": account.partition,
        "organization": organization.org_id if organization else "",
        "accounts": list(accounts.accounts_visible_to(user).order_by("name").values_list("number", "name")),
        "regions": _regions(account, own),
        "services": list(SERVICE_PRINCIPALS),
        "arns": [*own.items(), *named[:MOST]],
        "more": len(things) > MOST or len(named) > MOST,
        "tags": _tags(tags for _, _, tags in things),
    }


def _things(account: Account) -> Iterator[tuple[str, str, Mapping[str, str]]]:
    """Resources, identities and policies: the ARN, its type as `service:type`, its tags."""
    for arn, type_, tags in resources.resources_of(account).values_list("arn", "type", "tags"):
        yield arn, f"sagemaker:{type_}", tags
    for arn, kind, tags in identities.identities_of(account).values_list("arn", "kind", "tags"):
        yield arn, f"iam:{kind}", tags
    for arn, tags in policies.policies_of(account).prefetch_related(None).values_list("arn", "tags"):
        yield arn, "iam:policy", tags


def mentioned(account: Account) -> Iterator[str]:
    """ARNs without wildcards that the account's own policies write: buckets, KMS keys, repositories."""
    texts = identities.policy_texts(account, DOCUMENTS)
    found = dict.fromkeys(arn for text in texts for arn in _ARN.findall(text))
    return (arn for arn in found if not set(arn) & set("*?$"))


def _regions(account: Account, arns: Iterable[str]) -> list[str]:
    """The Regions of the account's partition, those in use first."""
    used = sorted({arn.split(":")[3] for arn in arns} - {""})
    every = REGIONS.get(account.partition, ())
    return [*used, *(region for region in every if region not in used)]


def _tags(tagged: Iterable[Mapping[str, str]]) -> dict[str, list[str]]:
    values: dict[str, set[str]] = {}
    for tags in tagged:
        for key, value in tags.items():
            values.setdefault(key, set()).add(value)
    return {key: sorted(values[key])[:VALUES] for key in sorted(values)}

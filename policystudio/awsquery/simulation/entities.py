"""ARNs of those who can be asked about: IAM users, groups and roles, and accounts as owners."""

import re
from dataclasses import dataclass

from policystudio.awsquery.errors import invalid_input
from policystudio.engine.arn import Arn, is_account_id

_ENTITY = re.compile(r"(user|group|role)/(?:[!-~]+/)?[\w+=,.@-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entity:
    """A user, group or role of some account; whether there is one, nobody has asked yet."""

    arn: str
    kind: str
    name: str
    account: str
    partition: str


def entity_of(arn: str) -> Entity:
    """The entity that an ARN names; raises ``InvalidInput`` for a session, a root user, a service."""
    try:
        parsed = Arn.parse(arn)
    except ValueError:
        raise invalid_input(f"Invalid ARN: {arn}") from None
    is_iam = parsed.service == "iam" and not parsed.region and is_account_id(parsed.account)
    if not is_iam or not _ENTITY.fullmatch(parsed.resource):
        raise invalid_input(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
    kind, _, rest = parsed.resource.partition("/")
    return Entity(arn, kind, rest.rpartition("/")[2], parsed.account, parsed.partition)


def owner_of(text: str) -> str:
    """The account that ``ResourceOwner`` names, as `arn:aws:iam::111122223333:root` or by its 12 digits alone."""
    if is_account_id(text):
        return text
    try:
        parsed = Arn.parse(text)
    except ValueError:
        parsed = None
    if parsed is None or parsed.service != "iam" or parsed.resource != "root" or not is_account_id(parsed.account):
        raise invalid_input(f"Invalid ResourceOwner: {text} is not of the form arn:aws:iam::111122223333:root.")
    return parsed.account

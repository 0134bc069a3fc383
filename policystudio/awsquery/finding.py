"""What the reading operations share: the identity or policy that a request names, and operations of several kinds."""

import functools
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from policystudio.accounts.models import Role
from policystudio.accounts.selectors import may
from policystudio.awsquery import rows
from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.errors import access_denied, invalid_input, no_such_entity
from policystudio.awsquery.paging import Pager
from policystudio.awsquery.registry import Operation, operation
from policystudio.identities.models import Identity
from policystudio.identities.selectors import identity_named
from policystudio.policies.models import ManagedPolicy
from policystudio.policies.selectors import policy_by_arn

KindOperation = Callable[[Identity.Kind, str, Caller, Parameters], dict[str, Any]]

_policy_arn = re.compile(r"arn:aws(-[a-z0-9]+)*:iam::([0-9]{12}|aws):policy/[!-~]+", re.ASCII)
#: As many bytes of a tag's key stand in a marker, which has at most 320 characters.
_KEY_BYTES = 128


def reading(name: str) -> Callable[[Operation], Operation]:
    """Register a function as an operation that viewers of the caller's account may ask for."""

    def register(function: Operation) -> Operation:
        @operation(name)
        def checked(caller: Caller, parameters: Parameters) -> Mapping[str, Any]:
            if not may(caller.user, caller.account, Role.VIEWER):
                raise access_denied(
                    f"User: {caller.user.get_username()} is not authorized to perform: iam:{name} "
                    f"because it has no role in the account {caller.account.number}"
                )
            return function(caller, parameters)

        return function

    return register


def for_each_kind(template: str, *kinds: Identity.Kind) -> Callable[[KindOperation], KindOperation]:
    """Register a function as one operation for each kind of identity, all kinds where none is named.

    ``{}`` in the template is the kind. The function is told the kind and the name of the operation.
    """

    def register(function: KindOperation) -> KindOperation:
        for kind in kinds or tuple(Identity.Kind):
            name = template.format(kind.capitalize())
            reading(name)(functools.partial(function, kind, name))
        return function

    return register


def find_identity(caller: Caller, kind: Identity.Kind, parameters: Parameters) -> Identity:
    """The identity of the caller's account that `UserName`, `GroupName` or `RoleName` names; raises ``AwsError``."""
    name = parameters[f"{kind.capitalize()}Name"]
    try:
        return identity_named(caller.account, kind, name)
    except Identity.DoesNotExist:
        raise no_such_entity(f"The {kind} with name {name} cannot be found.") from None


def find_policy(
    caller: Caller, parameters: Parameters, missing: str = "Policy {} does not exist or is not attachable."
) -> ManagedPolicy:
    """The managed policy that `PolicyArn` names, as the caller's account has it; raises ``AwsError``."""
    arn = parameters["PolicyArn"]
    if _policy_arn.fullmatch(arn) is None:
        raise invalid_input(f"ARN {arn} is not valid.")
    try:
        return policy_by_arn(caller.account, arn)
    except ManagedPolicy.DoesNotExist:
        raise no_such_entity(missing.format(arn)) from None


def tag_page(pager: Pager, tags: Mapping[str, str]) -> dict[str, Any]:
    """A page of tags, in the order of their keys."""
    page, more = pager.cut_all(sorted(tags, key=_tag_place), _tag_place)
    return {"Tags": [rows.tag(key, tags[key]) for key in page]} | more


def _tag_place(key: str) -> tuple[str, ...]:
    """A key of other letters than ASCII's may be longer: its beginning and the digest of all of it make its place."""
    written = key.encode()
    return (written[:_KEY_BYTES].decode(errors="ignore"), hashlib.sha256(written).hexdigest()[:16])

"""Who the caller is."""

from collections.abc import Mapping
from typing import Any

from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.registry import operation
from policystudio.lib.stand_in_ids import stand_in_id


@operation("GetCallerIdentity", service="sts")
def get_caller_identity(caller: Caller, _parameters: Parameters) -> Mapping[str, Any]:
    """The client as a user of its account. AWS knows nobody of that name: the path says whose it is."""
    account = caller.account
    arn = f"arn:{account.partition}:iam::{account.number}:user/policy-studio/{caller.client.name}"
    return {"UserId": stand_in_id(arn), "Account": account.number, "Arn": arn}

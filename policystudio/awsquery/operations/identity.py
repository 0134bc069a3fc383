"""Who the caller is."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.registry import operation


@operation("GetCallerIdentity", service="sts")
def get_caller_identity(caller: Caller, _parameters: Parameters) -> Mapping[str, Any]:
    """The client as a user of its account. AWS knows nobody of that name: the path says whose it is."""
    account = caller.account
    return {
        "UserId": user_id(caller.user.get_username()),
        "Account": account.number,
        "Arn": f"arn:{account.partition}:iam::{account.number}:user/policy-studio/{caller.client.name}",
    }


def user_id(username: str) -> str:
    """An id in the form of AWS's for users, always the same for the same client."""
    return "AIDA" + base64.b32encode(hashlib.sha256(username.encode()).digest()).decode("ascii")[:17]

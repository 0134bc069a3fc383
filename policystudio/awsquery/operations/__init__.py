"""Every module of operations is imported here, which registers what it holds."""

from policystudio.awsquery.operations import (
    account,
    attached,
    context_keys,
    details,
    identities,
    identity,
    policies,
    profiles,
    simulate,
)

__all__ = [
    "account",
    "attached",
    "context_keys",
    "details",
    "identities",
    "identity",
    "policies",
    "profiles",
    "simulate",
]

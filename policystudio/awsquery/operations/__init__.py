"""Every module of operations is imported here, which registers what it holds."""

from policystudio.awsquery.operations import account, attached, details, identities, identity, policies

__all__ = ["account", "attached", "details", "identities", "identity", "policies"]

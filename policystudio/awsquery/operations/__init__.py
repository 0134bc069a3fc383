"""Every module of operations is imported here, which registers what it holds."""

from policystudio.awsquery.operations import account, attached, identities, identity, policies

__all__ = ["account", "attached", "identities", "identity", "policies"]

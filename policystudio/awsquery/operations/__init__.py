"""Every module of operations is imported here, which registers what it holds."""

from policystudio.awsquery.operations import identity

__all__ = ["identity"]

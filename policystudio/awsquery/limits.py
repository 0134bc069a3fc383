"""How many requests of a client are answered."""

from policystudio.awsquery.auth import Caller


def admit(caller: Caller, operation: str) -> None:
    """Raise ``errors.throttling()`` where the client has asked for more than is its share."""

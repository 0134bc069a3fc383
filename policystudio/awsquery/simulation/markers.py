"""Markers: at which action the next page of a simulation begins, good for the very request that was answered."""

import hashlib
import json

from django.core import signing

from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.errors import invalid_input

_SALT = "policystudio.awsquery.simulation.marker"
#: What may differ between the requests for two pages of one answer.
_FREE = ("Marker", "MaxItems")


def marker(caller: Caller, operation: str, parameters: Parameters, position: int) -> str:
    """An opaque text that stands for ``position``, a number of actions, in the answer to this very request."""
    return signing.dumps([_digest(caller, operation, parameters), position], salt=_SALT)


def position_of(caller: Caller, operation: str, parameters: Parameters) -> int | None:
    """The position that the request's ``Marker`` stands for, None without one.

    Raises ``InvalidInput`` for a marker of another request, another account, or of nobody's.
    """
    given = parameters.get("Marker")
    if given is None:
        return None
    try:
        digest, position = signing.loads(given, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise invalid_input("Invalid Marker: it is not one that was returned by this operation.") from None
    if digest != _digest(caller, operation, parameters):
        raise invalid_input("Invalid Marker: it was returned for a request with other parameters.")
    found: int = position
    return found


def _digest(caller: Caller, operation: str, parameters: Parameters) -> str:
    bound = {name: value for name, value in parameters.items() if name not in _FREE}
    text = json.dumps([caller.account.number, operation, bound], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]

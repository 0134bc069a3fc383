"""The operations that are offered: each a function of the caller and the decoded parameters."""

from collections.abc import Callable, Mapping
from typing import Any

from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.shapes import service as service_of

Operation = Callable[[Caller, Parameters], Mapping[str, Any]]

_OPERATIONS: dict[tuple[str, str], Operation] = {}


def operation(name: str, *, service: str = "iam") -> Callable[[Operation], Operation]:
    """Register a function as AWS's operation ``name``. It answers with the members of the output shape."""
    if name not in service_of(service).operation_names:
        raise ValueError(f"{service} has no operation {name}")

    def register(function: Operation) -> Operation:
        if (service, name) in _OPERATIONS:
            raise ValueError(f"{service}:{name} is registered twice")
        _OPERATIONS[service, name] = function
        return function

    return register


def find(service: str, name: str) -> Operation | None:
    """The function of an operation, None where it is not offered."""
    return _OPERATIONS.get((service, name))


def offered() -> list[tuple[str, str]]:
    """Service and name of every operation, sorted."""
    return sorted(_OPERATIONS)

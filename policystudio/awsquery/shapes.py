"""What AWS's SDK knows of its services: their operations, and the shape of every input and output."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

#: The services that are spoken here, by the version of their API: requests name the version alone.
VERSIONS = {"2010-05-08": "iam", "2011-06-15": "sts"}


@dataclass(frozen=True)
class Service:
    """One service as botocore describes it."""

    name: str
    model: ServiceModel

    @property
    def version(self) -> str:
        """The version of its API, a date."""
        return str(self.model.metadata["apiVersion"])

    @property
    def namespace(self) -> str:
        """The XML namespace of its answers."""
        return str(self.model.metadata["xmlNamespace"])

    @property
    def operation_names(self) -> frozenset[str]:
        """Every operation that AWS has."""
        return _operation_names(self.name)

    def operation(self, name: str) -> OperationModel:
        """An operation of ``operation_names``."""
        return _operation(self.name, name)


@cache
def service(name: str) -> Service:
    """``iam`` or ``sts``."""
    described: dict[str, Any] = Loader().load_service_model(name, "service-2")
    return Service(name, ServiceModel(described, name))


@cache
def _operation_names(name: str) -> frozenset[str]:
    return frozenset(service(name).model.operation_names)


@cache
def _operation(service_name: str, name: str) -> OperationModel:
    return service(service_name).model.operation_model(name)

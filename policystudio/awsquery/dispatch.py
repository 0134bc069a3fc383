"""From the parameters of a request to the operation that they name, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from botocore.model import OperationModel

from policystudio.awsquery import operations
from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import decode_parameters
from policystudio.awsquery.encode import response_as_json, response_document
from policystudio.awsquery.errors import AwsError
from policystudio.awsquery.query import of_operation
from policystudio.awsquery.registry import Operation, find
from policystudio.awsquery.shapes import VERSIONS, Service, service

#: Importing the modules of operations registers them.
MODULES = operations.__all__


@dataclass(frozen=True)
class Call:
    """An operation with the parameters as they came."""

    service: Service
    model: OperationModel
    function: Operation
    pairs: Mapping[str, str]

    def run(self, caller: Caller, request_id: str, *, as_json: bool = False) -> str:
        """The answer as XML, or as JSON; raises ``AwsError``."""
        result = self.function(caller, decode_parameters(self.model, self.pairs))
        if as_json:
            return response_as_json(self.model, result, request_id)
        return response_document(self.service, self.model, result, request_id)


def service_for(pairs: Mapping[str, str], scope: str = "") -> Service:
    """The service that the version names; without one, that of the signature's ``scope``, or IAM."""
    version = pairs.get("Version", "")
    if not version:
        return service(scope if scope in VERSIONS.values() else "iam")
    name = VERSIONS.get(version)
    if name is None:
        raise AwsError("NoSuchVersion", f"The requested version ({version[:64]}) is not valid.")
    return service(name)


def call_for(of: Service, pairs: Mapping[str, str]) -> Call:
    """The operation that ``Action`` names; raises ``AwsError`` where there is none, or it is not offered."""
    action = pairs.get("Action", "")
    if not action:
        message = "The request is missing an action: the parameter Action, in the query string or in a form as body."
        raise AwsError("MissingAction", message)
    if action not in of.operation_names:
        raise AwsError("InvalidAction", f"Could not find operation {action[:128]} for version {of.version}")
    function = find(of.name, action)
    if function is None:
        raise AwsError("InvalidAction", f"Policy Studio does not offer the operation {action} of version {of.version}")
    return Call(of, of.operation(action), function, of_operation(pairs))

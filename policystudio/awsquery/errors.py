"""Refusals in the words and the XML of AWS's Query protocol."""

import json
from http import HTTPStatus
from typing import Literal

from policystudio.awsquery.xml_text import element

Fault = Literal["Sender", "Receiver"]


class AwsError(Exception):
    """An answer that is a refusal: AWS's code, the HTTP status, and whose fault it is."""

    def __init__(self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST, fault: Fault = "Sender") -> None:
        super().__init__(message)
        self.code, self.message, self.status, self.fault = code, message, int(status), fault


def invalid_input(message: str) -> AwsError:
    """What is written is understood, but makes no sense to the operation."""
    return AwsError("InvalidInput", message)


def no_such_entity(message: str) -> AwsError:
    """What is named does not exist, or not in the caller's account."""
    return AwsError("NoSuchEntity", message, HTTPStatus.NOT_FOUND)


def validation_error(message: str) -> AwsError:
    """A parameter is missing, or is not what its shape says."""
    return AwsError("ValidationError", message)


def invalid_query_parameter(message: str) -> AwsError:
    """A parameter that the operation does not have, or that is given in a way that cannot be meant."""
    return AwsError("InvalidQueryParameter", message)


def policy_evaluation(message: str) -> AwsError:
    """The policies could not be evaluated, so there is no decision to report."""
    return AwsError("PolicyEvaluation", message, HTTPStatus.INTERNAL_SERVER_ERROR, "Receiver")


def throttling(message: str = "Rate exceeded") -> AwsError:
    """Too many requests; AWS's SDKs wait and try again."""
    return AwsError("Throttling", message)


def access_denied(message: str) -> AwsError:
    """The caller may not do this."""
    return AwsError("AccessDenied", message, HTTPStatus.FORBIDDEN)


def internal_failure() -> AwsError:
    """Something that was not foreseen; the log has what."""
    message = "The request processing has failed because of an unknown error, exception or failure."
    return AwsError("InternalFailure", message, HTTPStatus.INTERNAL_SERVER_ERROR, "Receiver")


def unavailable() -> AwsError:
    """The database does not answer; AWS's SDKs ask again."""
    message = "The request has failed due to a temporary failure of the server."
    return AwsError("ServiceUnavailable", message, HTTPStatus.SERVICE_UNAVAILABLE, "Receiver")


def error_as_json(error: AwsError, request_id: str) -> str:
    """The same as JSON, for those who ask for it."""
    told = {"Type": error.fault, "Code": error.code, "Message": error.message}
    return json.dumps({"Error": told, "RequestId": request_id})


def error_document(error: AwsError, namespace: str, request_id: str) -> str:
    """The XML that AWS's SDKs read an error from."""
    parts = (element("Type", error.fault), element("Code", error.code), element("Message", error.message))
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error>{"".join(parts)}</Error>'
        f"{element('RequestId', request_id)}</ErrorResponse>"
    )

"""The BinaryEquals operator: base64 texts compared byte for byte.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_BinaryEquals
"""

import base64
import binascii
from collections.abc import Mapping

from policystudio.engine.catalog.types import KeyType
from policystudio.engine.conditions.operator import Operator, Test, incomparable, without_variables


def decoded(text: str) -> bytes | None:
    """The bytes of a base64 text; None where it is not base64."""
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return None


def _test_for(value: str) -> Test:
    wanted = decoded(value)
    return incomparable if wanted is None else lambda text: decoded(text) == wanted


OPERATORS: Mapping[str, Operator] = {
    "BinaryEquals": Operator(without_variables(_test_for), frozenset({KeyType.BINARY}))
}

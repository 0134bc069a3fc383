"""Ids for users, groups, roles and policies that AWS has given none: told to tools that need one, and never kept.

Many tools tell things apart by their ids alone, so that two without any would become one.
"""

import base64
import hashlib

#: No id of AWS's begins like this: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
_PREFIX = "STUDIO"
_LENGTH = 21


def stand_in_id(arn: str) -> str:
    """The same id for the same ARN, everywhere."""
    letters = base64.b32encode(hashlib.sha256(arn.encode()).digest()).decode("ascii")
    return (_PREFIX + letters)[:_LENGTH]


def without_stand_in(written: str, arn: str) -> str:
    """An id that was read: none where it is the one that stands in for none."""
    return "" if written == stand_in_id(arn) else written

"""The patterns and lengths that AWS gives the names of IAM, Organizations and SageMaker things.

Written in the part of the regular expression language that Python, SQLite under Django and PostgreSQL read alike.
"""

import re

ACCOUNT_NUMBER = r"\A[0-9]{12}\Z"
PARTITION = r"\Aaws(-[a-z0-9]+)*\Z"
#: Users and roles; groups and managed policies.
SHORT_NAME = r"\A[A-Za-z0-9_+=,.@-]{1,64}\Z"
LONG_NAME = r"\A[A-Za-z0-9_+=,.@-]{1,128}\Z"
#: Inline policies: printable ASCII but for `* / ? \`. (The API's pattern is narrower, AWS's page on quotas says this.)
INLINE_POLICY_NAME = r"\A[!-)+-.0->@-\[\]-~]{1,128}\Z"
#: Paths of users, groups and roles: any printable ASCII; the path of a policy is narrower.
PATH = r"\A/([!-~]+/)?\Z"
POLICY_PATH = r"\A(/[A-Za-z0-9.,+@=_-]+)*/\Z"
VERSION_ID = r"\Av[1-9][0-9]*(\.[A-Za-z0-9-]*)?\Z"
DIGEST = r"\A[0-9a-f]{64}\Z"
ORGANIZATION_ID = r"\Ao-[a-z0-9]{10,32}\Z"
UNIT_ID = r"\A(r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})\Z"
ORGANIZATION_POLICY_ID = r"\Ap-[0-9a-zA-Z_]{8,128}\Z"

NAME_LENGTH = 128
PATH_LENGTH = 512
ARN_LENGTH = 2048
TAG_KEY_LENGTH = 128
TAG_VALUE_LENGTH = 256


def fits(pattern: str, text: str) -> bool:
    """Whether ``text`` follows one of the patterns above."""
    return re.search(pattern, text) is not None

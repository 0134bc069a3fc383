"""What the ARN of an IAM user, group, role or policy says: its kind, path and name."""

from dataclasses import dataclass

from policystudio.accounts.models import Account
from policystudio.engine.arn import Arn
from policystudio.lib import iam_names

KINDS = ("user", "group", "role", "policy")
#: Whose policies AWS manages itself, in the place of an account number.
AWS = "aws"

_NAMES = {
    "user": iam_names.SHORT_NAME,
    "role": iam_names.SHORT_NAME,
    "group": iam_names.LONG_NAME,
    "policy": iam_names.LONG_NAME,
}


@dataclass(frozen=True, slots=True)
class IamName:
    """A user, group, role or policy by what its ARN says; ``owner`` is an account number, or ``aws``."""

    kind: str
    path: str
    name: str
    owner: str


def iam_name(text: str, account: Account, *kinds: str) -> IamName:
    """Read the ARN of something of the account, of one of the ``kinds``; policies may be managed by AWS.

    Raises ``ValueError`` that says what is wrong and how to write it.
    """
    wanted = kinds or KINDS
    shown = f"`{text[:200]}`"
    how = f"write arn:{account.partition}:iam::{account.number}:{wanted[0]}/NAME"
    try:
        arn = Arn.parse(text)
    except ValueError:
        raise ValueError(f"{shown} is not an ARN: {how}") from None
    kind, _, rest = arn.resource.partition("/")
    if arn.service != "iam" or arn.region or arn.partition != account.partition or kind not in wanted:
        raise ValueError(f"{shown} is not the ARN of a {' or '.join(wanted)}: {how}")
    if arn.account != account.number and not (kind == "policy" and arn.account == AWS):
        raise ValueError(f"{shown} does not belong to the account {account.number}: {how}")
    path, _, name = rest.rpartition("/")
    path = f"/{path}/" if path else "/"
    if not iam_names.fits(_NAMES[kind], name):
        raise ValueError(f"`{name[:150]}` cannot be the name of a {kind}: use letters, digits and _+=,.@-")
    if len(path) > iam_names.PATH_LENGTH or not iam_names.fits(_path(kind, arn.account), path):
        raise ValueError(f"`{path[:150]}` cannot be the path of a {kind}: write it like /division/team/")
    return IamName(kind, path, name, arn.account)


def _path(kind: str, owner: str) -> str:
    return iam_names.POLICY_PATH if kind == "policy" and owner != AWS else iam_names.PATH

"""INVALID_ARN_ACCOUNT, ARN_ACCOUNT_NOT_ALLOWED, MISSING_ARN_ACCOUNT: the account of an ARN."""

from collections.abc import Iterator

from policystudio.engine.arn import is_account_id
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.resources import ResourceArn, resource_arns
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document

#: What stands for an account in ARNs of what AWS and its partners own.
_OWNERS = frozenset({"aws", "aws-managed", "aws-marketplace", "third-party", "amazon", "partner", "cloudfront"})

#: Services whose resources belong to one account each, so that an ARN without it matches nothing.
_OWNED = frozenset({"iam", "lambda", "sagemaker", "sns", "sqs"})


def check(document: Document) -> Iterator[Report]:
    """Accounts that are no 12 digits, that a service's ARNs do not have, and that are left out."""
    for arn in resource_arns(document):
        templates = arn.forms()
        if arn.account and not has_wildcard(arn.account):
            yield from _named(arn, {account for _, account, _ in templates})
        elif not arn.account and arn.service in _OWNED and all(account for _, account, _ in templates):
            yield "MISSING_ARN_ACCOUNT", "The resource ARN is missing an account id: write its 12 digits.", at(arn.node)


def _named(arn: ResourceArn, accounts: set[str]) -> Iterator[Report]:
    if accounts == {""}:
        message = f"The service {arn.service} does not support an account id in the resource ARN: leave it empty."
        yield "ARN_ACCOUNT_NOT_ALLOWED", message, at(arn.node)
    elif not is_account_id(arn.account) and arn.account not in _OWNERS | accounts:
        message = f"The account id `{arn.account}` is not valid: write 12 digits."
        yield "INVALID_ARN_ACCOUNT", message, at(arn.node)


RULE = Rule(
    "ARN account",
    {
        "INVALID_ARN_ACCOUNT": FindingType.ERROR,
        "ARN_ACCOUNT_NOT_ALLOWED": FindingType.ERROR,
        "MISSING_ARN_ACCOUNT": FindingType.ERROR,
    },
    check,
)

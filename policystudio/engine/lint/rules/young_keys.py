"""USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES: a key that the requests of few services carry."""

from collections.abc import Iterator, Mapping

from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Statement

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-vpceaccount,
#: as of 2026: those that carry all three keys, and those that carry the organization alone.
_ALL = frozenset(
    [
        "acm-pca",
        "applicationinsights",
        "apprunner",
        "athena",
        "cloudformation",
        "comprehendmedical",
        "compute-optimizer",
        "datasync",
        "discovery",
        "dynamodb",
        "ebs",
        "ecr",
        "ecs",
        "firehose",
        "gamelift",
        "healthlake",
        "iam",
        "iotfleetwise",
        "iotwireless",
        "kinesisanalytics",
        "kms",
        "lambda",
        "medical-imaging",
        "omics",
        "payment-cryptography",
        "polly",
        "rbin",
        "rekognition",
        "route53",
        "s3",
        "scheduler",
        "servicediscovery",
        "servicequotas",
        "shield",
        "ssm-contacts",
        "storagegateway",
        "textract",
        "transcribe",
        "transfer",
    ]
)
_ORGANIZATION = _ALL | frozenset(
    [
        "b2bi",
        "cassandra",
        "cognito-identity",
        "dms",
        "ds-data",
        "identitystore",
        "iottwinmaker",
        "network-firewall",
        "pricing",
        "ses",
        "sms-voice",
        "sqs",
        "workmail",
    ]
)
KEYS: Mapping[str, frozenset[str]] = {
    "aws:vpceaccount": _ALL,
    "aws:vpceorgid": _ORGANIZATION,
    "aws:vpceorgpaths": _ALL,
}
#: The action of these services whose requests carry none of the keys all the same.
_WITHOUT = "iam:passrole"


def check(document: Document) -> Iterator[Report]:
    """Every such key beside an action of another service, of any service, or of all but some."""
    for statement in document.statements:
        for condition in statement.conditions:
            services = KEYS.get(condition.name)
            if services is not None and not _is_scoped(statement, services):
                message = (
                    f"Requests of few services carry the condition key `{condition.key.text}`: hold the statement to"
                    " actions of services that support it."
                )
                yield "USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES", message, at(condition.key)


def _is_scoped(statement: Statement, services: frozenset[str]) -> bool:
    if "NotAction" in statement.elements:
        return False
    for action in statement.actions:
        prefix = action.text.partition(":")[0].lower()
        if has_wildcard(prefix) or prefix not in services or action.text.lower() == _WITHOUT:
            return False
    return True


RULE = Rule("Keys of few services", {"USE_CONDITION_KEY_ONLY_WITH_SUPPORTED_SERVICES": FindingType.WARNING}, check)

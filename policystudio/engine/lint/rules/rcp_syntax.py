"""RCP_SYNTAX_ERROR_PRINCIPAL, _ALLOW, _NOTACTION, _ACTION: what resource control policies may not say."""

from collections.abc import Iterator

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import FindingType
from policystudio.engine.lint.rule import Report, Rule, at
from policystudio.engine.lint.tree import Document, Statement

#: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html#rcp-supported-services
SERVICES = frozenset(
    [
        "aoss",
        "appconfig",
        "appstream",
        "autoscaling",
        "autoscaling-plans",
        "budgets",
        "clouddirectory",
        "cloudfront",
        "cloudsearch",
        "cloudtrail-data",
        "codeartifact",
        "codebuild",
        "codecommit",
        "codepipeline",
        "cognito-identity",
        "cognito-idp",
        "comprehend",
        "comprehendmedical",
        "compute-optimizer",
        "cost-optimization-hub",
        "dax",
        "dsql",
        "dynamodb",
        "ecr",
        "ecr-public",
        "events",
        "firehose",
        "fis",
        "fms",
        "gamelift",
        "health",
        "inspector-scan",
        "kendra",
        "kinesisvideo",
        "kms",
        "logs",
        "memorydb",
        "networkmonitor",
        "notifications",
        "opensearch",
        "pca-connector-ad",
        "personalize",
        "polly",
        "pricing",
        "resource-groups",
        "rolesanywhere",
        "s3",
        "secretsmanager",
        "servicediscovery",
        "signin",
        "sqs",
        "sts",
        "support",
        "swf",
        "textract",
        "timestream-influxdb",
        "transcribe",
        "transfer",
        "translate",
        "wafv2",
        "workspaces",
        "xray",
    ]
)


def check(document: Document) -> Iterator[Report]:
    """Every statement."""
    for statement in document.statements:
        for key, value in statement.node.members():
            if key.text == "NotPrincipal" or (key.text == "Principal" and not (value.is_text and value.text == "*")):
                message = 'Resource control policies only support "*" in the Principal element.'
                yield "RCP_SYNTAX_ERROR_PRINCIPAL", message, at(value)
            if key.text == "NotAction":
                yield "RCP_SYNTAX_ERROR_NOTACTION", "Resource control policies do not support NotAction.", at(value)
        if statement.effect == "Allow":
            yield from _allow(statement)
        for action in statement.actions:
            prefix = action.text.partition(":")[0].lower()
            if prefix not in SERVICES and (prefix != "*" or statement.effect == "Deny"):
                message = f"Resource control policies do not support the service of `{action.text}`."
                yield "RCP_SYNTAX_ERROR_ACTION", message, at(action)


def _allow(statement: Statement) -> Iterator[Report]:
    message = 'An Allow of a resource control policy is about all resources ("*") and has no condition.'
    narrowed = [node for node in statement.resources if node.text != "*"]
    block = statement.elements.get("Condition")
    if block is not None:
        narrowed.append(block)
    if narrowed:
        yield "RCP_SYNTAX_ERROR_ALLOW", message, at(*narrowed)


RULE = Rule(
    "Syntax of resource control policies",
    {
        "RCP_SYNTAX_ERROR_PRINCIPAL": FindingType.ERROR,
        "RCP_SYNTAX_ERROR_ALLOW": FindingType.ERROR,
        "RCP_SYNTAX_ERROR_NOTACTION": FindingType.ERROR,
        "RCP_SYNTAX_ERROR_ACTION": FindingType.ERROR,
    },
    check,
    frozenset({PolicyKind.RESOURCE_CONTROL}),
)

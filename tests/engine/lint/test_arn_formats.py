"""Every ARN format that AWS publishes: an ARN of it is right in every field."""

import re

import pytest

from policystudio.engine.catalog.load import load_arn_templates
from policystudio.engine.lint.registry import RULES
from tests.engine.lint.helpers import allow, found, policy

ARN_RULES = sorted(name for name in RULES if name.startswith("arn_"))
_FIELDS = ("arn", "aws", "sqs", "us-east-1", "111122223333", "x1")


def example(template: str) -> str:
    """An ARN of the format: a lone variable stands for what its field holds, one within a field for a name."""
    fields = template.split(":", 5)
    plain = [_FIELDS[at] if re.fullmatch(r"\$\{[^}]*\}", field) else field for at, field in enumerate(fields)]
    return re.sub(r"\$\{[^}]*\}", "x1", ":".join(plain))


@pytest.mark.parametrize("rule", ARN_RULES)
def test_no_format_of_aws_is_found_wrong(rule: str) -> None:
    arns = sorted({example(template) for template in load_arn_templates()})
    assert len(arns) > 2000
    assert found(rule, policy(allow("s3:GetObject", arns))) == []

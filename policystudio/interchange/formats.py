"""The formats in which a change leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from policystudio.interchange.aws_cli import write_cli
from policystudio.interchange.change_json import write_json
from policystudio.interchange.cloudformation import write_cloudformation
from policystudio.interchange.edits import Change, Written
from policystudio.interchange.terraform import write_terraform


def _write_document(change: Change) -> Written:
    return Written(change.document)


@dataclass(frozen=True, slots=True)
class Format:
    """A format: the ending of its files, what it is called, its media type and its writer."""

    ending: str
    label: str
    media_type: str
    write: Callable[[Change], Written]


FORMATS = {
    one.ending: one
    for one in (
        Format("json", "JSON", "application/json", write_json),
        Format("sh", "AWS CLI", "text/x-shellscript", write_cli),
        Format("tf.json", "Terraform", "application/json", write_terraform),
        Format("cfn.yaml", "CloudFormation (YAML)", "application/yaml", partial(write_cloudformation, yaml=True)),
        Format("cfn.json", "CloudFormation (JSON)", "application/json", write_cloudformation),
    )
}

#: The text of a single policy, exactly as it is.
DOCUMENT = Format("policy.json", "Policy document", "application/json", _write_document)

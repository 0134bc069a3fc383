"""Templates, and what they make, as plain JSON; docs/templates.md describes it."""

from typing import Any

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.registry import lint
from policystudio.engine.source import Source
from policystudio.policies.templates.checking import check_promises
from policystudio.policies.templates.template import Rendered, Template


def template_as_json(template: Template) -> dict[str, Any]:
    """A template with its parameters."""
    return {
        "id": template.id,
        "version": template.version,
        "title": template.title,
        "group": str(template.group),
        "can": template.sentence,
        "activities": [activity.id for activity in template.activities],
        "parameters": [
            {
                "name": parameter.name,
                "title": parameter.title,
                "help": parameter.help,
                "example": parameter.example,
                "most": parameter.most,
                "required": parameter.name in template.required,
            }
            for parameter in template.parameters
        ],
        "one_of": list(template.one_of),
    }


def details_as_json(template: Template) -> dict[str, Any]:
    """A template with everything that its documents may allow, and what it promises."""
    return {
        **template_as_json(template),
        "sagemaker": [{"action": action, "resource_type": kind} for action, kind in sorted(template.declared)],
        "other_services": sorted(template.declared_beyond),
        "promises": [{"can": one.can, "said": one.said, "action": one.action} for one in template.promises],
    }


def rendered_as_json(template: Template, rendered: Rendered) -> dict[str, Any]:
    """What a template made: documents with their findings, the trust policy, and each promise as it was tried."""
    return {
        "template": template.id,
        "version": template.version,
        "parameters": rendered.values.as_parameters(),
        "documents": [
            {
                "text": document.text,
                "size": document.size,
                "about": list(document.about),
                "findings": _findings(document.text, PolicyKind.IDENTITY),
            }
            for document in rendered.documents
        ],
        "trust_policy": rendered.trust or None,
        "promises": [
            {
                "can": one.promise.can,
                "said": one.promise.said,
                "action": one.promise.action,
                "resource": one.resource,
                "kept": one.kept,
            }
            for one in check_promises(template, rendered)
        ],
        "left_out": [{"action": action, "resource_type": kind} for action, kind in rendered.left_out],
    }


def _findings(text: str, kind: PolicyKind) -> list[dict[str, Any]]:
    source = Source(text)
    return [finding.as_json(source) for finding in lint(text, kind)]

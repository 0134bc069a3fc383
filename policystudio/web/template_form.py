"""The form of a template: its parameters with what the account has to offer, and what is made of them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from policystudio.accounts.models import Account
from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import Finding
from policystudio.engine.lint.registry import lint
from policystudio.engine.parse import parse_policy
from policystudio.engine.source import Source
from policystudio.identities import selectors as identities
from policystudio.lib.quotas import MANAGED_POLICY_SIZE
from policystudio.policies.selectors import TemplateStanding
from policystudio.policies.templates.build import document_of
from policystudio.policies.templates.checking import check_promises, session_of
from policystudio.policies.templates.parameters import Parameter, ParameterError, Parameters
from policystudio.policies.templates.template import Rendered, Template
from policystudio.simulator.document_grants import LEVELS, grants_of
from policystudio.web.known import mentioned
from policystudio.web.policy_text import Line, lines_of
from policystudio.web.text_diff import TextDiff, text_diff
from policystudio.web.words import count

#: What the form asks for first; the rest opens in place where nothing of it is given.
_FIXED = ("account", "partition")
_OFFERED = 40
#: Findings about where a document cannot be: it is meant for a managed policy.
_INLINE = frozenset({"STUDIO_TOO_LARGE_FOR_USER_INLINE", "STUDIO_TOO_LARGE_FOR_GROUP_INLINE"})


@dataclass(frozen=True)
class Field:
    """A parameter as it is asked for. ``choices`` are offered with whether they are chosen; ``text`` is the rest."""

    parameter: Parameter
    required: bool
    text: str
    choices: Sequence[tuple[str, bool]]
    problems: Sequence[str]

    @property
    def rows(self) -> int:
        """How tall a field for several values is."""
        return min(8, max(2, self.text.count("\n") + 1))


@dataclass(frozen=True)
class ShownDocument:
    """One document with its size and what there is to find in it."""

    number: int
    about: Sequence[str]
    size: int
    text: str
    lines: Sequence[Line]
    findings: Sequence[tuple[int, Finding]]


def given_in(template: Template, account: Account, sent: QueryDict) -> Parameters:
    """The parameters in a form or an address. Account and partition are those of the page."""
    found: Parameters = {"account": account.number, "partition": account.partition}
    for parameter in template.parameters:
        values = [value.replace("\0", "").strip() for value in sent.getlist(parameter.name)]
        values = [value for value in values if value]
        if parameter.name not in _FIXED and values:
            found[parameter.name] = values if parameter.takes_several else values[0]
    return found


def fields_of(
    template: Template, account: Account, given: Parameters, problems: Iterable[tuple[str, str]] = ()
) -> list[Field]:
    """The parameters to ask for, in their order."""
    offered = _offered(template, account)
    told = list(problems)
    return [
        _field(template, parameter, given, offered.get(parameter.name, ()), told)
        for parameter in template.parameters
        if parameter.name not in _FIXED
    ]


def _field(
    template: Template,
    parameter: Parameter,
    given: Parameters,
    offered: Sequence[str],
    problems: list[tuple[str, str]],
) -> Field:
    value = given.get(parameter.name, "")
    values = value.split() if isinstance(value, str) and parameter.takes_several else value
    chosen = [part for one in values for part in one.split()] if not isinstance(values, str) else [values]
    choices = [(one, one in chosen) for one in offered]
    rest = [one for one in chosen if one not in offered]
    told = [message for name, message in problems if name == parameter.name]
    return Field(parameter, parameter.name in template.required, "\n".join(rest), choices, told)


def _offered(template: Template, account: Account) -> Mapping[str, Sequence[str]]:
    """What the account has that a parameter can be: roles that SageMaker may assume, and what its policies name."""
    found: dict[str, Sequence[str]] = {}
    if "roles" in template.takes:
        found["roles"] = identities.roles_trusting(account, "sagemaker.amazonaws.com", _OFFERED)
    wanted = {"buckets", "kms-keys", "repositories"} & set(template.takes)
    if wanted:
        arns = list(mentioned(account))
        found["buckets"] = _some(arn.split(":", 5)[5].partition("/")[0] for arn in arns if ":s3:::" in arn)
        found["kms-keys"] = _some(arn for arn in arns if _is(arn, "kms", account) and ":key/" in arn)
        found["repositories"] = _some(arn for arn in arns if arn.split(":")[2] == "ecr" and ":repository/" in arn)
    return {
        name: [value for value in values if not template_problem(template, name, value)]
        for name, values in found.items()
    }


def template_problem(template: Template, name: str, value: str) -> str:
    """What is wrong with one value of a parameter by itself; empty where it can be one."""
    parameter = next((one for one in template.parameters if one.name == name), None)
    return parameter.problem(value) if parameter else "unknown"


def _is(arn: str, service: str, account: Account) -> bool:
    parts = arn.split(":")
    return parts[2] == service and parts[4] == account.number


def _some(values: Iterable[str]) -> list[str]:
    return sorted(dict.fromkeys(value for value in values if value))[:_OFFERED]


def preview_of(template: Template, account: Account, given: Parameters) -> dict[str, Any]:
    """What the template makes, for the page; or, where it cannot, ``problems`` by parameter."""
    try:
        rendered = template.render(given)
    except ParameterError as error:
        return {"problems": error.problems, "waiting": all("needed" in message for _, message in error.problems)}
    promises = check_promises(template, rendered)
    return {
        "documents": list(_documents(rendered)),
        "trust": lines_of(rendered.trust) if rendered.trust else (),
        "trust_findings": lint(rendered.trust, PolicyKind.TRUST) if rendered.trust else (),
        "quota": MANAGED_POLICY_SIZE,
        "promises": [(one.promise.said, one.promise.can, one.kept) for one in promises],
        "broken": [one for one in promises if not one.kept],
        "left_out": sorted({action for action, _ in rendered.left_out}),
        **_grants(rendered, account),
    }


def _documents(rendered: Rendered) -> Iterator[ShownDocument]:
    for number, document in enumerate(rendered.documents, 1):
        source = Source(document.text)
        findings = [
            (source.position(finding.places[0].start).line, finding)
            for finding in lint(document.text)
            if finding.code not in _INLINE
        ]
        text = document.text
        yield ShownDocument(number, document.about, document.size, text, lines_of(text), findings)


def _grants(rendered: Rendered, account: Account) -> dict[str, Any]:
    """What all documents together allow in SageMaker, as the simulator says it."""
    policy = parse_policy(document_of(rendered.documents))
    found = grants_of(policy, account.partition, account.number, session_of(rendered.values))
    said = (
        f"Allows {found.possible:,} of SageMaker's {found.total:,} actions, in whole or in part."
        if found.possible
        else "Allows nothing of SageMaker itself."
    )
    return {"grants": said, "levels": LEVELS, "rows": [kind for kind in found.types if kind.is_touched]}


# --- What was made ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MadeFrom:
    """How a linked policy is told of on its page."""

    standing: TemplateStanding
    state: str
    letter: str
    parameters: Sequence[tuple[str, str]]
    difference: TextDiff | None


def made_from(standing: TemplateStanding) -> MadeFrom:
    """The policy's template, its parameters, whether it is in step, and what differs."""
    parameters = [
        (name, ", ".join(value) if isinstance(value, list) else str(value))
        for name, value in standing.use.parameters.items()
        if name not in _FIXED
    ]
    difference = (
        text_diff(_set_as_made(standing.text or ""), standing.made) if standing.differs and standing.made else None
    )
    return MadeFrom(standing, state_of(standing), letter_of(standing), parameters, difference)


def _set_as_made(text: str) -> str:
    """The text with the line breaks and indentation of what templates make, so that only what it says differs."""
    try:
        return json.dumps(json.loads(text), indent=2)
    except (ValueError, RecursionError):
        return text


def state_of(standing: TemplateStanding) -> str:
    """In words how a policy stands to its template."""
    if standing.text is None:
        return "there is no such policy any more"
    said = ["edited since it was made"] if standing.drifted else []
    if standing.problem:
        said.append(standing.problem)
    elif standing.newer:
        said.append("the template has a newer version")
    elif not standing.drifted and standing.differs:
        said.append("the template makes another text by now")
    return ", and ".join(said) or "in step"


def letter_of(standing: TemplateStanding) -> str:
    """The sign for it: in step, or with something to do."""
    return "A" if standing.in_step else "C"


def how_many(templates: Sequence[Template]) -> str:
    """How many templates there are, by what they are for."""
    by_group: dict[str, int] = {}
    for template in templates:
        by_group[template.group] = by_group.get(template.group, 0) + 1
    return ", ".join(count(number, name, _PLURALS.get(name, "")) for name, number in by_group.items())


_PLURALS = {"activity": "activities"}

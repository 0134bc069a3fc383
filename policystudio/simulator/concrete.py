"""The matrix of one concrete resource: what each identity may do on this very ARN, in this very context."""

import re
from collections.abc import Iterable, Mapping
from functools import cache

from policystudio.accounts.models import Account
from policystudio.engine import globs
from policystudio.engine.arn import Arn
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.types import Column
from policystudio.engine.decision import Verdict
from policystudio.resources.models import Resource
from policystudio.simulator.question import Question
from policystudio.simulator.selectors import (
    MatrixPage,
    Row,
    catalog,
    columns_of,
    concrete_request,
    condition_keys,
    problems_of,
    subject_reader,
)
from policystudio.simulator.stacks import Subject, SubjectReader, Values, bearers

LETTERS = {Verdict.ALLOWED: "A", Verdict.EXPLICIT_DENY: "E", Verdict.IMPLICIT_DENY: "I"}


class NoSuchTypeError(ValueError):
    """No SageMaker resource type has such an ARN."""


@cache
def _arn_patterns() -> tuple[tuple[str, globs.Matcher], ...]:
    """Each resource type with what its ARNs look like."""
    patterns = ((item.name, re.sub(r"\$\{[^}]*\}", "*", item.arn)) for item in catalog().resource_types)
    return tuple((name, globs.matcher(globs.resource_parts(globs.parse(pattern)))) for name, pattern in patterns)


def types_of(resource: str) -> frozenset[str]:
    """The resource types whose ARNs look like this one; ``*`` for the lone ``*``. Raises ``NoSuchTypeError``."""
    if resource == "*":
        return frozenset({"*"})
    try:
        Arn.parse(resource)
    except ValueError as error:
        raise NoSuchTypeError(f"{error}, or `*` for actions without a resource type") from None
    found = frozenset(name for name, matches in _arn_patterns() if matches(resource))
    if not found:
        raise NoSuchTypeError(f"no SageMaker resource type has an ARN like `{resource}`")
    return found


def concrete_matrix(account: Account, question: Question, resource: str) -> MatrixPage:
    """Every identity of the question against every action that fits the resource, decided as concrete requests.

    Context keys that neither the question gives nor the identity has are absent, so that each cell is allowed,
    explicitly or implicitly denied, or undecided where a policy could not be read. Raises ``NoSuchTypeError``.
    """
    types = types_of(resource)
    _, wanted = columns_of(question.columns)
    columns = tuple(column for column in wanted if column.resource_type in types)
    reader = subject_reader(account, question)
    subjects = reader.subjects(bearers(reader.source, question.identities))
    context = with_facts_of(resource, tags_of(account, [resource]).get(resource, {}), question.context)
    rows = tuple(_row(reader, subject, columns, resource, context) for subject in subjects)
    if question.verdicts:
        rows = tuple(row for row in rows if not question.verdicts.isdisjoint(row.verdicts))
    return MatrixPage(columns, rows, len(rows), 0, len(rows), tuple(problems_of(reader)))


def tags_of(account: Account, resources: Iterable[str]) -> dict[str, Mapping[str, str]]:
    """The tags of those of the resources (ARNs) that are known here."""
    return dict(Resource.objects.filter(account=account, arn__in=set(resources)).values_list("arn", "tags"))


def with_facts_of(resource: str, tags: Mapping[str, str], context: Mapping[str, Values]) -> dict[str, Values]:
    """``context`` with what a request on the resource carries besides: its tags, and its Region as the one asked.

    SageMaker's endpoints are regional, so a request about an ARN went to the Region in it. ``context`` wins; a key
    with no values in it stays absent.
    """
    facts = {f"{prefix}:ResourceTag/{key}": (str(tags[key]),) for key in tags for prefix in ("aws", "sagemaker")}
    region = Arn.parse(resource).region if resource != "*" else ""
    if region:
        facts["aws:RequestedRegion"] = (region,)
    named = {key.lower() for key in context}
    return {**{key: values for key, values in facts.items() if key.lower() not in named}, **context}


def _row(
    reader: SubjectReader, subject: Subject, columns: tuple[Column, ...], resource: str, context: Mapping[str, Values]
) -> Row:
    bearer = subject.bearer
    unreadable = subject.row.unreadable_identity or subject.row.unreadable_around
    if unreadable:
        letters = "U" * len(columns)
    else:
        requests = (concrete_request(reader, subject, column.action, resource, context) for column in columns)
        verdicts = (authorize(subject.row.stack, request, condition_keys()).verdict for request in requests)
        letters = "".join(LETTERS[verdict] for verdict in verdicts)
    return Row(bearer.arn, bearer.kind, bearer.name, bearer.path, bearer.tags, "", letters, bearer.id)

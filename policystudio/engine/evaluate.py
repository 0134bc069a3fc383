"""One policy against one request: what each of its statements does."""

from collections.abc import Iterator

from policystudio.engine import variables
from policystudio.engine.catalog.types import ConditionKeys
from policystudio.engine.conditions import condition_holds, keys_read
from policystudio.engine.decision import Element, Layer, StatementTrace
from policystudio.engine.document import Condition, Policy, Statement
from policystudio.engine.match import failed_element, resource_may_match
from policystudio.engine.request import Context, NamedPolicy, Request


def evaluate(
    policy: NamedPolicy,
    request: Request,
    layer: Layer,
    keys: ConditionKeys,
    level: int | None = None,
    *,
    has_boundary: bool = False,
) -> tuple[StatementTrace, ...]:
    """The trace of every statement of ``policy``, in its order. The request's context is taken as it is.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
    """
    return tuple(
        _trace(policy, statement, request, layer, keys, level, has_boundary) for statement in policy.policy.statements
    )


def failed_conditions(
    statement: Statement, context: Context, keys: ConditionKeys, variables_enabled: bool
) -> tuple[Condition, ...]:
    """The conditions of a statement that do not hold."""
    return tuple(
        condition
        for condition in statement.conditions
        if not condition_holds(condition, context, keys, variables_enabled)
    )


def missing_keys(policy: Policy, statement: Statement, context: Context) -> tuple[str, ...]:
    """The keys that a statement reads and ``context`` does not have, as the policy writes them, each once."""
    missing: dict[str, str] = {}
    for name in written_keys(policy, statement):
        if not context.values_of(name.lower()):
            missing.setdefault(name.lower(), name)
    return tuple(missing.values())


def _trace(
    policy: NamedPolicy,
    statement: Statement,
    request: Request,
    layer: Layer,
    keys: ConditionKeys,
    level: int | None,
    has_boundary: bool,
) -> StatementTrace:
    document = policy.policy
    failed = failed_element(document, statement, request, has_boundary)
    unmet: tuple[Condition, ...] = ()
    missing: tuple[str, ...] = ()
    if failed is None:
        unmet = failed_conditions(statement, request.context, keys, document.has_variables)
        failed = Element.CONDITION if unmet else None
    if failed in (None, Element.CONDITION) or (failed is Element.RESOURCE and may_match(document, statement, request)):
        missing = missing_keys(document, statement, request.context)
    return StatementTrace(layer, policy.name, statement, failed is None, failed, unmet, missing, level)


def may_match(policy: Policy, statement: Statement, request: Request) -> bool:
    """Whether only variables without value keep every entry of Resource from matching."""
    return policy.has_variables and any(
        "${" in entry and resource_may_match(entry, request.resource, request.context, variables_enabled=True)
        for entry in statement.resources
    )


def written_keys(policy: Policy, statement: Statement) -> Iterator[str]:
    """The keys that a statement's conditions and variables read, as it writes them."""
    for condition in statement.conditions:
        yield from keys_read(condition, policy.has_variables)
    if policy.has_variables:
        for text in (*statement.resources, *statement.not_resources):
            yield from variables.written_names(text)

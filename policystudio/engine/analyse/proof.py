"""Proof that a change allows what is asked and nothing else: both directions, over every request of the principal."""

from dataclasses import dataclass, replace

from policystudio.engine.analyse.asked import Asked, stated
from policystudio.engine.analyse.compare import compare, difference
from policystudio.engine.analyse.comparison import Effective, Undecided, Values, Witness
from policystudio.engine.analyse.fix import Fix
from policystudio.engine.analyse.obstacles import policy_with
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.conditions import condition_holds
from policystudio.engine.document import Effect, PolicyKind, Statement
from policystudio.engine.exact.facts import Facts
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, PrincipalType
from policystudio.engine.source import Position, Span

_NOWHERE = Position(0, 1, 1)


@dataclass(frozen=True, slots=True)
class Proof:
    """What a change changes besides what is asked: a request newly allowed, one newly denied, as far as there are any.

    ``undecided`` says why one of them is not known.
    """

    wider: Witness | None = None
    lost: Witness | None = None
    undecided: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing becomes allowed but what is asked, and nothing becomes denied."""
        return self.wider is None and self.lost is None and not self.undecided


def prove(stack: PolicyStack, fix: Fix, facts: Facts) -> Proof:
    """Compare the policies before and after a change, for the principal who asks.

    What is asked is denied again in the changed policies: all that they then allow and the others do not is more than
    was asked. What is told of resources that the action does not act on, or of values that no key has, does not count.
    """
    principal = fix.asked.principal
    before, after = Effective(stack, facts, principal), Effective(fix.stack, facts, principal)
    guarded = _guarded(fix)
    reasons: list[str] = []
    wider = None if guarded is None else _found(before, Effective(guarded, facts, principal), reasons)
    if guarded is None:
        reasons.append("nothing of these policies could deny again what is asked")
    lost = _found(after, before, reasons)
    return Proof(wider, lost, next(iter(reasons), ""))


def _found(before: Effective, after: Effective, reasons: list[str]) -> Witness | None:
    """A request that ``after`` allows and ``before`` does not."""
    try:
        first = difference(before, after)
        if first is None or is_request(first):
            return first
        changes = compare(before, after).changes
    except (Undecided, ValueError) as error:
        reasons.append(str(error))
        return None
    found = [change.newly_allowed for change in changes if change.newly_allowed is not None]
    reasons += [change.undecided for change in changes if change.undecided]
    return next((witness for witness in found if is_request(witness)), None)


def is_request(witness: Witness) -> bool:
    """Whether there is such a request: its action acts on such a resource, its keys have values of their types."""
    if not all(_is_readable(key, values) for key, values in witness.context.items()):
        return False
    catalog = load_sagemaker()
    known = catalog.action(witness.action) if witness.action.lower().startswith(f"{catalog.service}:") else None
    if known is None or known.resource_types is None:
        return True
    if witness.resource == "*" or not known.resource_types:
        return (witness.resource == "*") is not bool(known.resource_types)
    names = {taken.name for taken in known.resource_types}
    return any(_has_shape(item.arn, witness.resource) for item in catalog.resource_types if item.name in names)


def _is_readable(key: str, values: Values) -> bool:
    """Whether a key may have these values: a date is a date and not an empty text. What is readable equals itself."""
    keys = load_condition_keys()
    context = Context({key: values})
    return all(condition_holds(one, context, keys, variables_enabled=True) for one in stated(key, values, keys))


def _has_shape(template: str, resource: str) -> bool:
    """Whether an ARN is one that a format gives: as many parts, the same words between its placeholders."""
    wanted, given = template.split(":", 5), resource.split(":", 5)
    if len(given) != len(wanted) or wanted[2] != given[2]:
        return False
    if not given[3] or (wanted[4] and not given[4]):
        return False
    shape, name = wanted[5].split("/"), given[5].split("/")
    fits = (part.startswith("${") or part == own for part, own in zip(shape, name, strict=False))
    return len(shape) == len(name) and all(name) and all(fits)


def _guarded(fix: Fix) -> PolicyStack | None:
    """The changed stack with a statement that denies what is asked; None where no layer of it could say that."""
    caller, stack = fix.asked.principal, fix.stack
    if caller is None or caller.type in (
        PrincipalType.USER,
        PrincipalType.ROLE_SESSION,
        PrincipalType.FEDERATED_USER_SESSION,
    ):
        return replace(stack, identity_policies=(*stack.identity_policies, _guard(fix.asked, PolicyKind.IDENTITY)))
    levels = stack.service_control_policies
    if caller.type is PrincipalType.ROOT_USER and levels and not caller.in_management_account:
        first = (*levels[0], _guard(fix.asked, PolicyKind.SERVICE_CONTROL))
        return replace(stack, service_control_policies=(first, *levels[1:]))
    return None


def _guard(asked: Asked, kind: PolicyKind) -> NamedPolicy:
    statement = Statement(
        index=0,
        sid=None,
        effect=Effect.DENY,
        principals=(),
        not_principals=(),
        actions=(asked.action,),
        not_actions=(),
        resources=(asked.resource,),
        not_resources=(),
        conditions=asked.conditions(with_principal=False),
        span=Span(_NOWHERE, _NOWHERE),
    )
    return NamedPolicy("what is asked", policy_with([statement], "2012-10-17", kind))

"""What publishing a change would do now, or what keeps it from it, each problem with its edit, place and fix."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from policystudio.accounts.models import Account, OrganizationPolicyTarget
from policystudio.changes.models import Edit
from policystudio.changes.selectors.words import headline, short_name
from policystudio.changes.services.applying import ApplyError, apply, in_order
from policystudio.changes.services.limits import Use, uses
from policystudio.changes.services.standing import standing
from policystudio.changes.services.states import World
from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import API_CHARACTERS, PolicyError, parse_policy

Kind = Edit.Kind


@dataclass(frozen=True, slots=True)
class EditProblem:
    """Something that keeps a change from being published.

    ``code`` is ``syntax`` (with ``line`` and ``column`` of the text), ``moved`` (``now`` is what stands there instead
    of the base), ``refused``, ``quota`` or ``empty``. ``edit`` is None where it is about the change as a whole.
    """

    code: str
    message: str
    edit: Edit | None = None
    line: int = 0
    column: int = 0
    now: dict[str, Any] | None = None

    def __str__(self) -> str:
        place = f"line {self.line}, column {self.column}: " if self.line else ""
        return f"{headline(self.edit)}: {place}{self.message}" if self.edit else self.message


class ChangeRefusedError(ValueError):
    """A change cannot be proposed or published as it is; ``problems`` are all that is in the way."""

    def __init__(self, problems: tuple[EditProblem, ...]) -> None:
        self.problems = problems
        super().__init__(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


@dataclass(frozen=True, slots=True)
class Plan:
    """What the edits make of what they touch, the quotas that they use, and what is in the way."""

    world: World
    uses: tuple[Use, ...]
    problems: tuple[EditProblem, ...]


def plan(account: Account, edits: Iterable[Edit]) -> Plan:
    """Apply the edits in memory to what the account holds now. Nothing is written."""
    listed = in_order(list(edits))
    problems: list[EditProblem] = []
    if not listed:
        problems.append(EditProblem("empty", "the change has no edits: add one"))
    for edit in listed:
        problems += _of_text(edit)
    problems += _against_each_other(listed)
    world = World(account)
    world.fetch(listed)
    for edit in listed:
        now = standing(world, edit)
        if now != edit.base:
            problems.append(EditProblem("moved", moved(edit, now), edit, now=now))
            continue
        try:
            apply(world, edit)
        except ApplyError as error:
            problems.append(EditProblem("refused", str(error), edit))
    problems += _without_scp(world, listed)
    used = uses(world)
    for use in used:
        if use.is_beyond:
            problems.append(EditProblem("quota", str(use), _edit_about(listed, use.about)))
    return Plan(world, tuple(used), tuple(problems))


def moved(edit: Edit, now: dict[str, Any] | None) -> str:
    """What the base of an edit became, in words."""
    if now is None:
        return "what it was begun on is not there any more"
    if edit.base is None:
        return "it was begun where nothing stood, and now something does"
    if "text" in now:
        return "the text was changed since the edit was begun"
    if "tags" in now and edit.kind == Kind.TAGS:
        return f"the tags were changed since the edit was begun: they are {_tags(now['tags'])}"
    if "policy" in now:
        return f"the boundary is {short_name(now['policy'])} now"
    return "what goes with it was changed since the edit was begun"


def _tags(tags: dict[str, str]) -> str:
    return ", ".join(f"{key} = {value}" for key, value in sorted(tags.items())) or "none"


def _of_text(edit: Edit) -> Iterator[EditProblem]:
    kind = edit.policy_kind
    if kind is None:
        return
    try:
        parse_policy(edit.text, kind, max_characters=API_CHARACTERS)
    except PolicyError as error:
        for problem in error.problems:
            start = problem.span.start
            yield EditProblem("syntax", problem.message, edit, start.line, start.column)


_REMOVALS = {
    Kind.IDENTITY_DELETE: "identity",
    Kind.MANAGED_POLICY_DELETE: "policy",
    Kind.ORGANIZATION_POLICY_DELETE: "organization policy",
}


def _against_each_other(edits: list[Edit]) -> Iterator[EditProblem]:
    """Edits of what the same change removes; of identities also what they have, which goes with them."""
    removed = {edit.target for edit in edits if edit.kind in _REMOVALS}
    inline = {(edit.target, edit.name) for edit in edits if edit.kind == Kind.INLINE_POLICY_DELETE}
    for edit in edits:
        parts = edit.kind in (Kind.ORGANIZATION_DETACH, *_REMOVALS)
        if edit.target in removed and not parts:
            message = f"the change also removes `{short_name(edit.target)}`: take one of the two out"
            yield EditProblem("refused", message, edit)
        if edit.kind == Kind.INLINE_POLICY and (edit.target, edit.name) in inline:
            yield EditProblem("refused", "the change also removes this inline policy: take one of the two out", edit)


def _without_scp(world: World, edits: list[Edit]) -> Iterator[EditProblem]:
    """AWS keeps at least one service control policy on every root, unit and account where the type is enabled."""
    policies = world.organization_policies
    for edit in edits:
        if edit.kind != Kind.ORGANIZATION_DETACH or edit.target not in policies.after:
            continue
        policy = policies.after[edit.target] or policies.before[edit.target]
        if policy is None or policy.kind != PolicyKind.SERVICE_CONTROL:
            continue
        ours = any(one and one.kind == policy.kind and edit.other in one.targets for one in policies.after.values())
        key = "account__number" if edit.other.isdigit() else "unit__unit_id"
        rows = OrganizationPolicyTarget.objects.filter(
            policy__organization=world.account.organization, policy__kind=policy.kind, **{key: edit.other}
        )
        if not ours and not rows.exclude(policy__policy_id__in=list(policies.after)).exists():
            message = f"AWS leaves no place without a service control policy: attach another one to `{edit.other}`"
            yield EditProblem("refused", message, edit)


def _edit_about(edits: list[Edit], about: str) -> Edit | None:
    return next((edit for edit in edits if edit.target == about), None)

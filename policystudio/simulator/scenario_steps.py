"""The single permissions of an operation, each put to the engine: verdict, requests, and what stands in the way."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from policystudio.accounts.models import Account
from policystudio.engine.analyse.scenario import PASS_ROLE, Need, Plan
from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.scenarios import load_scenario_facts
from policystudio.engine.decision import Layer, Verdict
from policystudio.engine.document import Effect, PolicyKind
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy
from policystudio.simulator.concrete import tags_of
from policystudio.simulator.permissions import Permission, column_of, permission_matrix, row_for
from policystudio.simulator.scenario_question import ScenarioQuestion
from policystudio.simulator.selectors import condition_keys
from policystudio.simulator.sentences import sentence
from policystudio.simulator.stacks import Subject, SubjectReader
from policystudio.simulator.why import Explainer, Why

Values = tuple[str, ...]
_NEVER = frozenset({CellVerdict.EXPLICIT_DENY, CellVerdict.IMPLICIT_DENY})
#: How the note of a step begins that the call does not need after all.
NOT_NEEDED = "not needed"
#: The note of a step that depends on a role that is not chosen yet.
PERHAPS_NOT_NEEDED = "unless the execution role may do it itself"
#: How many combinations of resources are tried for one request that fulfils every step.
_TRIES = 64
_REGION_KEY = "aws:requestedregion"
#: Resources of other services, by the name under which a person gives them.
_ALIASES = {"key": "volume-key"}
#: What else has a say in access to a service's resources, and is not known here.
RESOURCE_POLICIES = {
    "s3": "The bucket's policy may allow or deny as well.",
    "kms": "The key's policy must let the account's policies decide, as a new key's does; it may deny as well.",
    "ecr": "The repository's policy may allow or deny as well.",
    "secretsmanager": "The secret's policy may allow or deny as well.",
    "elasticfilesystem": "The file system's policy may allow or deny as well.",
}


@dataclass(frozen=True, slots=True)
class Blame:
    """A layer that stands in the way: it denies, or it does not allow."""

    layer: Layer
    name: str
    policies: tuple[str, ...]
    denies: bool


@dataclass(frozen=True, slots=True)
class Example:
    """One request context in which every step is allowed, with the resource of each step."""

    context: Mapping[str, Values]
    resources: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One permission with its verdict.

    ``known`` are the context keys that its request surely has, or, without values, has not. ``resource`` is what it
    was asked on: an ARN, a pattern, an ARN format, or ``*``. ``counts`` tells that the call needs it in any case that
    is asked about, ``note`` why not, or what else is to be known.
    """

    need: Need
    resource: str
    known: Mapping[str, Values]
    why: Why
    letter: CellVerdict
    sentence: str
    blames: tuple[Blame, ...]
    counts: bool
    is_own: bool
    note: str = ""

    @property
    def weight(self) -> CellVerdict:
        """What the step contributes to the whole: nothing against it where it is not needed, or perhaps not."""
        if self.note.startswith(NOT_NEEDED):
            return CellVerdict.ALLOWED
        if self.note == PERHAPS_NOT_NEEDED and self.letter in _NEVER:
            return CellVerdict.CONDITIONAL
        return self.letter

    @property
    def caution(self) -> str:
        """What the verdict does not know: policies of resources of other services."""
        return RESOURCE_POLICIES.get(self.need.action.partition(":")[0], "")


class CallFacts:
    """What is known of every request of the call: its tags, what it leaves out, the resources that it names."""

    def __init__(self, account: Account, asked: ScenarioQuestion, plan: Plan) -> None:
        self.asked, self.plan = asked, plan
        self.context = {key.lower() for key in asked.question.context}
        self.tags = tags_of(account, asked.resources.values())
        self.call = self.of_call()

    def of_call(self) -> dict[str, Values]:
        """Keys of the request to SageMaker."""
        known: dict[str, Values] = {}
        for name in self.asked.not_given:
            known |= {key.lower(): () for key in load_scenario_facts().switches[name].absent}
        if self.asked.tags:
            known |= {f"aws:requesttag/{key.lower()}": (value,) for key, value in self.asked.tags.items()}
            known["aws:tagkeys"] = tuple(self.asked.tags)
        if self.tags_are_known:
            known["aws:requesttag/"] = ()
        key = self.asked.resources.get("volume-key", "")
        if key and "*" not in key:
            known |= dict.fromkeys(("sagemaker:volumekmskey", "sagemaker:volumekmskeyarn"), (key,))
        return known

    @property
    def tags_are_known(self) -> bool:
        """Whether it is known which tags the call passes."""
        return bool(self.asked.tags) or "tags" in self.asked.not_given

    def for_need(self, need: Need) -> dict[str, Values]:
        """What is known of the request for one permission. What the person says of the context goes first."""
        known: dict[str, Values] = {}
        if need.is_sagemaker:
            known = {**self.call, **self.of_resource(need)}
        elif need.action == PASS_ROLE:
            known = {"aws:requesttag/": (), "aws:tagkeys": ()}
            made = self.asked.resources.get(self.plan.created_type, "")
            if made and "*" not in made:
                known["iam:associatedresourcearn"] = (made,)
        said = {key: values for key, values in known.items() if not self.is_said(key)}
        return {**said, **need.known}

    def is_said(self, key: str) -> bool:
        """Whether the question's own context speaks of the key, or of one under a prefix."""
        return key in self.context or (key.endswith("/") and any(one.startswith(key) for one in self.context))

    def of_resource(self, need: Need) -> dict[str, Values]:
        """The tags of a resource that exists, or that is made with them; what makes it needs no tag yet."""
        named = self.asked.resources.get(need.resource_type, "")
        prefixes = ("aws:resourcetag/", "sagemaker:resourcetag/")
        made = need.resource_type == self.plan.created_type
        if made and need.action == f"sagemaker:{self.plan.operation}" and self.tags_are_known:
            tags: Mapping[str, str] = self.asked.tags
        elif not made and named in self.tags:
            tags = self.tags[named]
        else:
            return {}
        known: dict[str, Values] = dict.fromkeys(prefixes, ())
        return known | {f"{prefix}{key.lower()}": (str(value),) for prefix in prefixes for key, value in tags.items()}

    def resource_of(self, need: Need) -> str:
        """The ARN that a need is about: the named one, or the format of its type."""
        if need.action == PASS_ROLE:
            return self.asked.role or need.arn
        if "iam:awsservicename" in need.known:
            return need.arn
        name = need.resource_type
        return self.asked.resources.get(_ALIASES.get(name, name)) or self.asked.resources.get(name) or need.arn


class Checker:
    """Puts permissions of one identity to the engine, those alike together."""

    def __init__(self, reader: SubjectReader, subject: Subject, region: str) -> None:
        self.reader, self.subject, self.region = reader, subject, region

    def steps(self, needs: Sequence[Need], facts: CallFacts) -> Iterator[Step]:
        """The needs in their order, each with its answer."""
        permissions = [
            Permission(need.action, need.resource_type, facts.resource_of(need), facts.for_need(need)) for need in needs
        ]
        given = facts.asked.given
        for need, permission, found in zip(needs, permissions, self.explained(permissions), strict=True):
            counts = not need.switch or need.switch in given or need.action == PASS_ROLE
            own = need.action.partition(":")[2] == facts.plan.operation
            said, blames = self.said(found, need), blames_of(found)
            yield Step(need, permission.arn, permission.known, found, found.letter, said, blames, counts, own)

    def explained(self, permissions: Sequence[Permission]) -> list[Why]:
        """An explanation for each permission, in order."""
        alike: dict[tuple[object, ...], list[int]] = {}
        for index, one in enumerate(permissions):
            alike.setdefault((one.service, tuple(sorted(one.known.items()))), []).append(index)
        found: dict[int, Why] = {}
        for indexes in alike.values():
            group = [permissions[index] for index in indexes]
            matrix = permission_matrix(self.reader.account, group, self.region)
            subject = replace(self.subject, row=row_for(self.subject.row, group[0].known))
            for place, index in enumerate(indexes):
                column = column_of(matrix, group, place)
                policy = key_policy(self.reader.account) if group[place].service == "kms" else None
                found[index] = _decided(Explainer(self.reader, subject, matrix, column, policy).explain())
        return [found[index] for index in range(len(permissions))]

    @staticmethod
    def said(found: Why, need: Need) -> str:
        """The verdict of a permission in words."""
        return sentence(found.cell, replace(found.column, resource_type=need.resource_type), found.residue)


def key_policy(account: Account) -> NamedPolicy:
    """The policy that AWS gives a new key: it lets the policies of its account decide.

    https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    """
    root = f"arn:{account.partition}:iam::{account.number}:root"
    statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    return NamedPolicy("key policy", parse_policy(json.dumps({"Statement": statement}), PolicyKind.RESOURCE))


def _decided(found: Why) -> Why:
    """Without requests where nothing could be decided: what the policies that can be read say proves nothing."""
    undecided = found.letter is CellVerdict.UNDECIDED and not (found.cell.allowed or found.cell.denied)
    return replace(found, allowed=None, denied=None) if undecided else found


def blames_of(found: Why) -> tuple[Blame, ...]:
    """What stands in the way of a permission that is never allowed; nothing for one that can be."""
    if found.letter not in _NEVER:
        return ()
    side = found.denied or found.allowed
    denying = {
        (trace.layer, trace.policy, trace.level)
        for trace in (side.decision.traces if side else ())
        if trace.matched and trace.statement.effect is Effect.DENY
    }
    result, level = [], -1
    for layer in found.layers:
        level += layer.layer is Layer.SERVICE_CONTROL
        at = level if layer.layer is Layer.SERVICE_CONTROL else None
        denies = tuple(name for name in layer.policies if (layer.layer, name, at) in denying)
        # A Deny that matches the example alone says nothing of a permission that nobody allows.
        if denies and CellVerdict.EXPLICIT_DENY in (found.letter, layer.letter):
            result.append(Blame(layer.layer, layer.name, denies, True))
        elif layer.letter in _NEVER:
            result.append(Blame(layer.layer, layer.name, layer.policies, layer.letter is CellVerdict.EXPLICIT_DENY))
    if found.letter is CellVerdict.EXPLICIT_DENY:
        result.sort(key=lambda blame: not blame.denies)
    return tuple(result)


def joint_example(checker: Checker, steps: Sequence[Step]) -> Example | None:
    """One context, and one resource for each type, with which every step is allowed, confirmed by the plain decision.

    Made of the requests that are allowed for the steps one by one. None where these do not fit together, where a step
    has no such request, or where every context will do.
    """
    if any(step.why.allowed is None or step.letter in _NEVER for step in steps):
        return None
    context: dict[str, Values] = {}
    for step in steps:
        if step.why.allowed is not None:
            context = {**step.why.allowed.example.context, **context}
    region = next((values[0] for name, values in context.items() if name.lower() == _REGION_KEY and values), "")
    for resources in islice(_choices(steps), _TRIES):
        chosen = {name: _in_region(arn, region) for name, arn in resources.items()} if region else resources
        if all(_allowed(checker, step, chosen[step.need.resource_type], context) for step in steps):
            return Example(context, tuple(chosen.items()))
    return None


def _in_region(arn: str, region: str) -> str:
    """The same resource in the Region that the request goes to."""
    parts = arn.split(":", 5)
    return ":".join([*parts[:3], region, *parts[4:]]) if len(parts) == 6 and parts[3] else arn


def _choices(steps: Iterable[Step]) -> Iterator[dict[str, str]]:
    """Combinations of the resources that the steps name, one for each type."""
    by_type: dict[str, dict[str, None]] = {}
    for step in steps:
        if step.why.allowed is not None:
            by_type.setdefault(step.need.resource_type, {})[step.why.allowed.example.resource] = None
    for chosen in product(*by_type.values()):
        yield dict(zip(by_type, chosen, strict=True))


def _allowed(checker: Checker, step: Step, resource: str, context: Mapping[str, Values]) -> bool:
    """Whether the step is allowed in the joint context, as far as its own request can carry it."""
    side = step.why.allowed
    if side is None:
        return False
    closed = tuple(key for key in step.known if key.endswith("/")) or ("\0",)
    carried = {
        name: values
        for name, values in context.items()
        if not (name.lower() in step.known or name.lower().startswith(closed))
        and (step.is_own or name.lower().startswith("aws:") or name in side.example.context)
    }
    own = side.request.context
    merged = Context({**{key: own.values_of(key) for key in own}, **carried})
    policy = key_policy(checker.reader.account) if step.need.action.startswith("kms:") else None
    stack = replace(checker.subject.row.stack, resource_policy=policy)
    request = replace(side.request, resource=resource, context=merged)
    return authorize(stack, request, condition_keys()).verdict is Verdict.ALLOWED

"""Operations, not only actions: every permission that one call of an API operation needs, on what, and when."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from policystudio.engine.catalog.load import load_operations, load_sagemaker, load_services
from policystudio.engine.catalog.scenarios import ScenarioFacts, load_scenario_facts
from policystudio.engine.catalog.types import NO_TYPE, Action, Operation

SAGEMAKER = "sagemaker"
PASS_ROLE = "iam:PassRole"  # noqa: S105 -- an action, no password
ADD_TAGS = "sagemaker:AddTags"
CREATE_SERVICE_LINKED_ROLE = "iam:CreateServiceLinkedRole"
#: Who assumes the execution roles of operations for which AWS names nobody else.
SERVICE_PRINCIPAL = "sagemaker.amazonaws.com"
_ANY_RESOURCE = "arn:${Partition}:sagemaker:${Region}:${Account}:${AnyWithSlashes}"

Values = tuple[str, ...]


class UnknownOperation(LookupError):
    """Neither AWS's table of operations nor the catalogue of actions knows it."""

    def __init__(self, name: str, near: str = "") -> None:
        hint = f"did you mean {near}?" if near else "write it as its API does, such as CreateTrainingJob"
        super().__init__(f"SageMaker has no operation `{name}`: {hint}")


@dataclass(frozen=True, slots=True)
class Need:
    """One permission of the caller on one type of resource.

    ``arn`` is the format of the resource's ARN (``*`` for an action without a resource). ``required`` is False for a
    type that counts only if the call names such a resource. ``switch`` names the circumstance under which the
    permission is needed, empty for always. ``known`` are the condition keys that this check always carries.
    ``unless_role_allows``: not needed where the execution role may do it itself.
    """

    action: str
    resource_type: str
    arn: str
    required: bool = True
    switch: str = ""
    known: Mapping[str, Values] = field(default_factory=dict)
    unless_role_allows: bool = False

    @property
    def is_sagemaker(self) -> bool:
        """Whether the action is SageMaker's own."""
        return self.action.startswith(f"{SAGEMAKER}:")


@dataclass(frozen=True, slots=True)
class Plan:
    """An operation with all that a call of it needs.

    ``created_type`` is the type of the resource that it makes, empty where it makes none. ``passes_role_to`` is the
    service that is to assume the role that the call passes, empty where it passes none. ``source_arn`` is the format of
    the ``aws:SourceArn`` with which the service does, and ``source_page`` where AWS says so: empty where it is taken
    to be the resource itself. ``one_of`` tells that the call is about one of several types, whichever is named.
    """

    operation: str
    needs: tuple[Need, ...]
    created_type: str
    passes_role_to: str
    source_arn: str
    source_page: str
    one_of: bool = False

    @property
    def switches(self) -> tuple[str, ...]:
        """The switches that some permission depends on, in the order of the data."""
        used = {need.switch for need in self.needs}
        return tuple(name for name in load_scenario_facts().switches if name in used)


def operation_names() -> tuple[str, ...]:
    """Every operation that can be asked about, by name."""
    return tuple(sorted({*load_operations(), *(action.name for action in load_sagemaker().actions)}))


def find_operation(name: str) -> str:
    """The operation's name in AWS's spelling; ``sagemaker:`` may stand before it. Raises ``UnknownOperation``."""
    bare = name.strip().rpartition(":")[2].lower()
    for known in operation_names():
        if known.lower() == bare:
            return known
    near = get_close_matches(name.rpartition(":")[2], operation_names(), 1)
    raise UnknownOperation(name, *near)


def plan(name: str) -> Plan:
    """What a call of the operation needs. Raises ``UnknownOperation``.

    AWS's table of operations and the dependent actions of the service authorization reference are taken together:
    https://docs.aws.amazon.com/sagemaker/latest/dg/api-permissions-reference.html
    """
    return _Planner(find_operation(name)).plan()


class _Planner:
    def __init__(self, name: str) -> None:
        self.name = name
        self.facts: ScenarioFacts = load_scenario_facts()
        self.catalog = load_sagemaker()
        self.operation: Operation | None = load_operations().get(name)
        self.action: Action | None = self.catalog.action(name)
        self.created = self.created_type()

    def plan(self) -> Plan:
        """All needs: the action itself, what depends on it, tags, the role."""
        own = list(self.own())
        others = [need for action in self.other_actions() for need in self.other(action)]
        passed_to = self.passes_role_to()
        source = self.facts.source_arns.get(self.name)
        arn = source.arn if source else self.arn_of(self.created) if self.created else ""
        return Plan(
            self.name,
            (*own, *others, *self.tagging(), *self.passing(passed_to)),
            self.created,
            passed_to,
            arn,
            source.page if source else "",
            len(own) > 1 and not any(need.required for need in own),
        )

    def own(self) -> Iterator[Need]:
        """The action that the operation is named after, on each of its types: required ones first."""
        if self.action is None:
            yield from self.of_another_service()
            return
        yield from self.on_types(f"{SAGEMAKER}:{self.action.name}", self.action)

    def on_types(self, name: str, action: Action, switch: str = "") -> Iterator[Need]:
        """One of SageMaker's actions on its types. The types of some AWS has not published: they may be any."""
        if action.resource_types is None:
            yield Need(name, NO_TYPE, _ANY_RESOURCE, switch=switch)
        elif not action.resource_types:
            yield Need(name, NO_TYPE, "*", switch=switch)
        for taken in sorted(action.resource_types or (), key=lambda taken: not taken.required):
            yield Need(name, taken.name, self.arn_of(taken.name), taken.required, switch)

    def of_another_service(self) -> Iterator[Need]:
        """An operation of SageMaker's geospatial service, which has a prefix of its own."""
        permission = self.operation.permissions[0].action if self.operation else self.name
        types = load_services()[permission.partition(":")[0]].resource_types
        arns = self.operation.resources if self.operation else ()
        for arn in arns:
            name = next((name for name, known in types.items() if _head(known) == _head(arn)), NO_TYPE)
            yield Need(permission, name, types.get(name, "*"), len(arns) == 1)

    def other_actions(self) -> list[str]:
        """The further actions of both sources, each once; tags and the role are told apart from them."""
        own = {self.name.lower()}
        found = [permission.action for permission in self.operation.permissions] if self.operation else []
        found += self.dependents()
        once = {name.lower(): name for name in reversed(found)}
        later = (ADD_TAGS.lower(), PASS_ROLE.lower())
        return [name for key, name in reversed(once.items()) if key not in later and key.rpartition(":")[2] not in own]

    def dependents(self) -> list[str]:
        """The dependent actions of the reference, which lists them for the action or for the first of its types."""
        if self.action is None:
            return []
        by_type = [name for taken in self.action.resource_types or () for name in taken.dependent_actions]
        return list(dict.fromkeys([*self.action.dependent_actions, *by_type]))

    def other(self, name: str) -> Iterator[Need]:
        """A further action on the resource types that it takes, with what is known of when it is needed."""
        when = self.when(name)
        switch = self.facts.switch_for(when) if when else self.facts.dependents.get((self.name, name.lower()), "")
        action = self.catalog.action(name)
        if action is not None:
            yield from (need for need in self.on_types(f"{SAGEMAKER}:{action.name}", action, switch) if need.required)
            return
        linked = self.facts.service_linked_roles.get(self.name)
        if name == CREATE_SERVICE_LINKED_ROLE and linked is not None:
            arn = f"arn:${{Partition}}:iam::${{Account}}:role/aws-service-role/{linked.service}/{linked.name}"
            yield Need(name, "role", arn, switch=switch, known={"iam:awsservicename": (linked.service,)})
            return
        service, _, _ = name.partition(":")
        types = load_services()[service].resource_types
        taken = self.facts.actions[name.lower()].types if name.lower() in self.facts.actions else ()
        unless = "does not itself allow" in when
        for resource_type in taken:
            yield Need(name, resource_type, types[resource_type], switch=switch, unless_role_allows=unless)
        if not taken:
            yield Need(name, NO_TYPE, "*", switch=switch)

    def when(self, name: str) -> str:
        """AWS's words for when the operation needs the action; empty for always."""
        permissions = self.operation.permissions if self.operation else ()
        return next((item.when for item in permissions if item.action.lower() == name.lower()), "")

    def tagging(self) -> Iterator[Need]:
        """AddTags on what is made, with the operation as ``sagemaker:TaggingAction``.

        Where AWS's table itself names AddTags it is needed always, else when tags are passed.
        """
        named = {item.action for item in self.operation.permissions} if self.operation else set()
        if self.name == "AddTags" or (ADD_TAGS not in self.dependents() and ADD_TAGS not in named):
            return
        known = {"sagemaker:taggingaction": (self.name,)}
        tagged = self.created or NO_TYPE
        arn = self.arn_of(tagged) if self.created else _ANY_RESOURCE
        yield Need(ADD_TAGS, tagged, arn, switch="" if ADD_TAGS in named else "tags", known=known)

    def passing(self, service: str) -> Iterator[Need]:
        """iam:PassRole, with the service that is to assume the role."""
        if service:
            role = load_services()["iam"].resource_types["role"]
            yield Need(PASS_ROLE, "role", role, switch="role", known={"iam:passedtoservice": (service,)})

    def passes_role_to(self) -> str:
        """The service that is handed a role; the table of operations knows calls that the reference does not."""
        if self.action is not None and self.action.passes_role_to:
            return self.action.passes_role_to[0]
        named = {item.action for item in self.operation.permissions} if self.operation else set()
        return SERVICE_PRINCIPAL if PASS_ROLE in named else ""

    def arn_of(self, type_name: str) -> str:
        """The ARN format of one of SageMaker's types."""
        found = self.catalog.resource_type(type_name)
        return found.arn if found else "*"

    def created_type(self) -> str:
        """The type that the operation makes; empty where it makes none.

        The reference does not say which of several types that is: the name of the operation does.
        """
        verb = re.match("Create|Import", self.name)
        if verb is None or self.action is None:
            return ""
        taken = self.action.resource_types or ()
        candidates = [item.name for item in taken if item.required] or [item.name for item in taken]
        noun = re.sub("(?<=[a-z0-9])(?=[A-Z])", "-", self.name[verb.end() :]).lower()
        best = max(candidates, key=lambda name: _fits(name, noun), default="")
        exact, ends, begins = _fits(best, noun) if best else (False, False, 0)
        tagged = ADD_TAGS in self.dependents()
        return best if exact or ends or (tagged and (begins or len(candidates) == 1)) else ""


def _fits(name: str, noun: str) -> tuple[bool, bool, int]:
    """How well a type's name fits what an operation is said to make: exactly, as its last words, as its first ones."""
    begins = noun.startswith(name) and "presigned" not in noun
    return name == noun, name.endswith(f"-{noun}"), len(name) if begins else 0


def _head(arn: str) -> str:
    """What stands before the first slash of an ARN's resource part."""
    return arn.split(":", 5)[-1].partition("/")[0]

"""What a recorded call needed: its actions, each on the resources that the record names."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from policystudio.engine import globs
from policystudio.engine.arn import Arn
from policystudio.engine.catalog.load import load_operations, load_sagemaker, load_service_actions
from policystudio.engine.catalog.types import Action, ResourceType
from policystudio.lib.strict_json import JsonValue
from policystudio.simulator.usage.events import Event

SERVICE = "sagemaker"
PASS_ROLE = "iam:PassRole"  # noqa: S105 -- the name of an action
ADD_TAGS = "sagemaker:AddTags"
#: Of an action with more required types than this, a call touches one or two: those that the record names.
_FEW_TYPES = 3
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+")
_KEY = re.compile(r"arn:[\w-]+:kms:[\w-]+:\d{12}:key/.+")
_KEY_ID = re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})")
#: What AWS's table of operations says of a permission that only some calls need, and when a call is one of them.
_VPC = frozenset({"a VPC is specified"})
_CUSTOMER_KEY = frozenset({"a customer encryption key is specified", "a customer managed KMS key is specified"})
_VPC_KEYS = frozenset({"vpcconfig", "vpcid", "subnetid", "subnetids", "subnets"})
_SERVICE_ROLE = "iam:CreateServiceLinkedRole"


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that a call needed. ``conditions`` are (operator, key, value) that the call is known to meet.

    ``narrowed`` is False where the record does not tell the resource, so that the pattern is wider than the call.
    """

    action: str
    resource: str
    conditions: tuple[tuple[str, str, str], ...] = ()
    narrowed: bool = True


@dataclass(frozen=True, slots=True)
class Needs:
    """All that one call needed; ``unclear`` are sentences about what cannot be told from the record."""

    event: Event
    needs: tuple[Need, ...]
    unclear: tuple[str, ...] = ()


@dataclass
class _Finder:
    """Reads one event."""

    event: Event
    partition: str
    account: str
    texts: dict[str, list[str]] = field(default_factory=dict)
    arns: dict[str, None] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for key, text in _texts(self.event.parameters):
            self.texts.setdefault(key, []).append(text)
        answered = (text for _, text in _texts(self.event.response))
        given = (text for texts in self.texts.values() for text in texts)
        self.arns = dict.fromkeys(text for text in (*self.event.resources, *answered, *given) if text[:4] == "arn:")


def needs_of(event: Event, partition: str, account: str) -> Needs | None:
    """What the call needed; None where its action is not known, or is no matter of SageMaker's."""
    finder = _Finder(event, partition, account)
    if event.service != SERVICE:
        if event.by_service != f"{SERVICE}.amazonaws.com":
            return None
        found = _on_behalf(finder)
        return Needs(event, (found,)) if found else None
    action = load_sagemaker().action(event.name)
    if action is None:
        return None
    needs = [*_of_action(finder, action), *_passed(finder, action), *_tagged(finder, action), *_further(finder, action)]
    return Needs(event, tuple(dict.fromkeys(needs)), tuple(finder.unclear))


def _of_action(finder: _Finder, action: Action) -> Iterator[Need]:
    """The action itself on each resource that the record names."""
    name = f"{SERVICE}:{action.name}"
    taken = action.resource_types
    if not taken:
        yield Need(name, "*", narrowed=taken is not None)
        return
    catalog, found, missing = load_sagemaker(), False, []
    for item in taken:
        resource_type = catalog.resource_type(item.name)
        if resource_type is None:
            continue
        resources = list(_resources(finder, resource_type))
        found = found or bool(resources)
        yield from (Need(name, resource, narrowed=exact) for resource, exact in resources)
        if not resources and item.required:
            missing.append(resource_type)
    if not found and not missing:
        missing = [kind for item in taken if (kind := catalog.resource_type(item.name)) is not None]
    if not found and len(missing) > _FEW_TYPES:
        yield Need(
            name, f"arn:{finder.partition}:{SERVICE}:{finder.event.region or '*'}:{finder.account}:*", narrowed=False
        )
    elif len(missing) <= _FEW_TYPES:
        yield from (Need(name, _filled(finder, one, {}), narrowed=False) for one in missing)


def _resources(finder: _Finder, resource_type: ResourceType) -> Iterator[tuple[str, bool]]:
    """The resources of a type that the record names, and whether each is named whole.

    An ARN of the record goes before one that is put together: SageMaker writes names in ARNs in lower case.
    """
    pattern = globs.parse(_filled(finder, resource_type, {}, anywhere=True))
    arns = [arn for arn in finder.arns if globs.matches(pattern, arn) and _is_one(arn, resource_type.arn)]
    yield from ((arn, True) for arn in arns)
    known = {variable: _named(finder, resource_type, variable) for variable in _own_variables(resource_type)}
    if not any(known.values()):
        return
    made = _filled(finder, resource_type, {variable: value for variable, value in known.items() if value})
    if any(arn.lower() == made.lower() or globs.matches(globs.parse(made.lower()), arn.lower()) for arn in arns):
        return
    whole = all(known.values())
    yield made, whole
    if made.rpartition(":")[2] != made.rpartition(":")[2].lower():
        start, colon, name = made.rpartition(":")
        yield f"{start}{colon}{name.lower()}", whole


def _is_one(arn: str, template: str) -> bool:
    """Whether an ARN has as many steps as the template: ``app/…`` has four, ``model-card/…/export-job/…`` too."""
    return arn.count("/") == template.count("/")


def _own_variables(resource_type: ResourceType) -> list[str]:
    return [name for name in _VARIABLE.findall(resource_type.arn) if name not in ("Partition", "Region", "Account")]


def _filled(finder: _Finder, resource_type: ResourceType, values: Mapping[str, str], *, anywhere: bool = False) -> str:
    """The template of a type with these values; what is not known is a wildcard."""
    place = {"Partition": finder.partition, "Region": finder.event.region or "*", "Account": finder.account}
    known = {**({} if anywhere else place), **values}
    return _VARIABLE.sub(lambda match: known.get(match[1], "*"), resource_type.arn)


def _named(finder: _Finder, resource_type: ResourceType, variable: str) -> str:
    """The value of a template's variable among the parameters of the call; empty where there is none."""
    kind = resource_type.name.replace("-", "")
    wanted = {variable.lower()}
    if variable.endswith("Name") and variable == _own_variables(resource_type)[-1]:
        wanted.add(f"{kind}name")
    for key in wanted:
        for text in finder.texts.get(key, ()):
            if text and not text.startswith("arn:") and not set(text) & set("*?:/${}"):
                return text
    return ""


def _passed(finder: _Finder, action: Action) -> Iterator[Need]:
    """iam:PassRole for every role that the call hands over."""
    if not action.passes_role_to:
        return
    to = tuple(("StringEquals", "iam:PassedToService", service) for service in action.passes_role_to)
    for role in _matching(finder, _ROLE):
        yield Need(PASS_ROLE, role, to)


def _tagged(finder: _Finder, action: Action) -> Iterator[Need]:
    """sagemaker:AddTags where a call that creates something gives it tags."""
    tags = finder.event.parameters.get("tags")
    dependent = {name for item in action.resource_types or () for name in item.dependent_actions}
    if not tags or ADD_TAGS not in dependent | set(action.dependent_actions):
        return
    for item in action.resource_types or ():
        if ADD_TAGS not in item.dependent_actions:
            continue
        resource_type = load_sagemaker().resource_type(item.name)
        if resource_type is None:
            continue
        found = list(_resources(finder, resource_type)) or [(_filled(finder, resource_type, {}), False)]
        yield from (Need(ADD_TAGS, resource, narrowed=exact) for resource, exact in found)


def _further(finder: _Finder, action: Action) -> Iterator[Need]:
    """What AWS's table of operations asks for beside: for a VPC, for keys, for service-linked roles."""
    operation = load_operations().get(action.name)
    if operation is None:
        return
    keys = list(_keys(finder))
    for permission in operation.permissions:
        service, _, _ = permission.action.partition(":")
        if service == SERVICE or permission.action == PASS_ROLE:
            continue
        if permission.action == _SERVICE_ROLE:
            yield _service_role(finder)
        elif not permission.when or (permission.when in _VPC and _VPC_KEYS & finder.texts.keys()):
            yield Need(permission.action, "*", narrowed=False)
        elif permission.when in _CUSTOMER_KEY:
            needs = keys if service == "kms" else [("*", False)] if keys else []
            yield from (Need(permission.action, resource, narrowed=exact) for resource, exact in needs)
        elif service == "kms" and (keys or "endpoint" in permission.when):
            finder.unclear.append(f"{permission.action} may be needed: {permission.when}")


def _service_role(finder: _Finder) -> Need:
    """SageMaker's service-linked role, the only one that its calls make."""
    name = f"{SERVICE}.amazonaws.com"
    role = f"arn:{finder.partition}:iam::{finder.account}:role/aws-service-role/{name}/*"
    return Need(_SERVICE_ROLE, role, (("StringLike", "iam:AWSServiceName", name),))


def _keys(finder: _Finder) -> Iterator[tuple[str, bool]]:
    """The KMS keys that the parameters name; an alias may be any key of the account."""
    for key, texts in finder.texts.items():
        if not key.endswith(("kmskeyid", "kmskey", "kmskeyarn")):
            continue
        for text in filter(None, texts):
            start = f"arn:{finder.partition}:kms:{finder.event.region or '*'}:{finder.account}:key/"
            if _KEY.fullmatch(text):
                yield text, True
            else:
                yield (f"{start}{text}", True) if _KEY_ID.fullmatch(text) else (f"{start}*", False)


def _matching(finder: _Finder, pattern: re.Pattern[str]) -> list[str]:
    given = (text for texts in finder.texts.values() for text in texts)
    return list(dict.fromkeys(text for text in given if pattern.fullmatch(text)))


def _on_behalf(finder: _Finder) -> Need | None:
    """A call of another service that SageMaker made in the principal's name, which needs the principal's permission."""
    service = finder.event.service
    names = _by_lower(service)
    name = names.get(finder.event.name.lower())
    if name is None:
        return None
    for arn in finder.event.resources:
        try:
            if Arn.parse(arn).service == service:
                return Need(f"{service}:{name}", arn)
        except ValueError:
            continue
    return Need(f"{service}:{name}", "*", narrowed=False)


@cache
def _by_lower(service: str) -> Mapping[str, str]:
    return {name.lower(): name for name in load_service_actions().get(service, ())}


def _texts(value: JsonValue | Mapping[str, JsonValue], key: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a tree with the key, in lower case, that it stands under; an object's own key counts, too."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if isinstance(item, Mapping) and item:
                yield name.lower(), ""
            yield from _texts(item, name.lower())


def principals_of(events: Iterable[Event]) -> dict[str, int]:
    """How many calls each principal made to SageMaker, or SageMaker in its name; most first."""
    counts: dict[str, int] = {}
    for event in events:
        if event.principal and SERVICE in (event.service, event.by_service.partition(".")[0]):
            counts[event.principal] = counts.get(event.principal, 0) + 1
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))

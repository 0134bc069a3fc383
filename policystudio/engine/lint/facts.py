"""What rules ask about AWS's services: which actions and condition keys there are, and which belong together."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from policystudio.engine import globs
from policystudio.engine.catalog.load import (
    load_arn_templates,
    load_authorization,
    load_condition_keys,
    load_service_prefixes,
    load_services,
)
from policystudio.engine.catalog.types import KeyType
from policystudio.engine.effort import step

RESOURCE_TAG = "aws:resourcetag/"
REQUEST_TAG = "aws:requesttag/"
TAG_KEYS = "aws:tagkeys"

#: Services that AWS's reference does not name (any more) and that its policies do: what they have is not known. Whether
#: AWS's check takes offence is not known either, so nothing is said of them.
UNKNOWN_SERVICES = frozenset(
    [
        "application-cost-profiler",
        "assurance",
        "builderid",
        "datazonecontrol",
        "deepcomposer",
        "deeplens",
        "deepracer",
        "elastic-inference",
        "gamesparks",
        "iot1click",
        "iotroborunner",
        "iotthingsgraph",
        "macie",
        "mobilehub",
        "sagemaker-groundtruth-synthetic",
        "sumerian",
        "supportrecommendations",
        "zocalo",
    ]
)


#: Actions that AWS's reference leaves out and its own examples of policies name:
#: https://github.com/aws-samples/resource-control-policy-examples
_BESIDE_REFERENCE: Mapping[str, tuple[str, ...]] = {"rolesanywhere": ("CreateSession",)}


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """An action: its name as AWS writes it, and the condition keys of its requests, each in lower case up to its
    variable part. ``keys`` is None where AWS has not published them.
    """

    name: str
    keys: frozenset[str] | None
    takes_resources: bool = True

    def supports(self, key: str) -> bool:
        """Whether requests may carry the key, given in lower case; a key that is not known counts as carried."""
        if self.keys is None:
            return True
        return key in self.keys or any(prefix[-1:] in "/:" and key.startswith(prefix) for prefix in self.keys)


def services() -> frozenset[str]:
    """The prefixes of all services."""
    return load_service_prefixes()


@cache
def actions(prefix: str) -> Mapping[str, ActionFacts]:
    """The actions of a service by their names in lower case."""
    found: dict[str, ActionFacts] = {}
    service = load_services().get(prefix)
    for names in service.actions.values() if service else ():
        found.update((name.lower(), ActionFacts(name, None)) for name in names)
    found.update((name.lower(), ActionFacts(name, None)) for name in _BESIDE_REFERENCE.get(prefix, ()))
    authorization = load_authorization(prefix)
    if authorization:
        types = {name: _shortened(keys) for name, (_, keys) in authorization.resource_types.items()}
        for name, (taken, keys) in authorization.actions.items():
            every = _shortened(keys).union(*(types.get(each, frozenset()) for each in taken))
            found[name.lower()] = ActionFacts(name, every, bool(taken))
    return found


def _shortened(keys: frozenset[str]) -> frozenset[str]:
    return frozenset(key.partition("${")[0].lower() for key in keys)


@lru_cache(maxsize=20_000)
def expand(pattern: str) -> tuple[ActionFacts, ...]:
    """The actions that an entry ``service:Name`` means; empty for unknown ones, and where the service is a pattern."""
    prefix, colon, name = pattern.lower().partition(":")
    known = actions(prefix) if colon else {}
    if "*" not in name and "?" not in name:
        return (known[name],) if name in known else ()
    matches = globs.matcher(globs.parse(name))
    return tuple(facts for lowered, facts in known.items() if matches(lowered))


def action_matches(pattern: str, action: str) -> bool:
    """Whether an entry of Action means the action, in any letter case."""
    step()
    lowered, wanted = pattern.lower(), action.lower()
    # Most entries are of another service: that is seen without reading their wildcards.
    prefix = lowered.partition(":")[0]
    if "*" not in prefix and "?" not in prefix and prefix != wanted.partition(":")[0]:
        return False
    return _matches(lowered, wanted)


@lru_cache(maxsize=20_000)
def _matches(pattern: str, action: str) -> bool:
    return globs.matcher(globs.parse(pattern))(action)


@lru_cache(maxsize=20_000)
def key_type(key: str) -> tuple[KeyType, bool] | None:
    """The type of a condition key's values and whether it has several; None for a key that is not known."""
    own = max(_own_types(key.lower()), default=None, key=lambda found: found[0])
    if own is not None:
        return own[1]
    found = load_condition_keys().get(key)
    return None if found is None else (found.type, found.multi_valued)


def _own_types(key: str) -> Iterator[tuple[int, tuple[KeyType, bool]]]:
    """What the service itself says of its key, which is younger than the table of all keys; each with how much of the
    key it names, as ``events:Metadata/${Key}/Matcher`` is also an ``events:Metadata/${Key}``.
    """
    authorization = load_authorization(key.partition(":")[0])
    for name, kind in authorization.condition_keys.items() if authorization else ():
        step()
        head, variable, rest = name.lower().partition("${")
        tail = rest.partition("}")[2]
        if key == head if not variable else (key.startswith(head) and key.endswith(tail) and key != head + tail):
            yield len(head) + len(tail), kind


@cache
def provider_keys() -> frozenset[str]:
    """The keys of identity providers that AWS lists by name, in lower case: what requests to assume a role carry."""
    sts = load_authorization("sts")
    names = (name.lower() for name in sts.condition_keys) if sts else ()
    return frozenset(name for name in names if "${" not in name and not name.startswith(("sts:", "iam:", "aws:")))


@cache
def arn_templates(service: str) -> tuple[tuple[str, str, str], ...]:
    """Region, account and resource of the ARN formats that name a service, their variables as ``*``."""
    return tuple(sorted(_all_templates().get(service, ())))


@cache
def _all_templates() -> Mapping[str, set[tuple[str, str, str]]]:
    found: dict[str, set[tuple[str, str, str]]] = {}
    for arn in load_arn_templates():
        parts = arn.split(":", 5)
        if len(parts) == 6:
            region, account, resource = (with_stars(part) for part in parts[3:])
            found.setdefault(parts[2], set()).add((region, account, resource))
    return found


def with_stars(template: str) -> str:
    """A template with ``*`` for each of its variables."""
    parts = []
    while "${" in template:
        head, _, rest = template.partition("${")
        parts.append(f"{head}*")
        template = rest.partition("}")[2]
    return "".join((*parts, template))


def is_arn_service(service: str) -> bool:
    """Whether ARNs may name the service: that of actions, or one that resources alone have."""
    return service in services() or service in _all_templates()


@cache
def has_condition_keys(prefix: str) -> bool:
    """Whether keys of the service's own are published."""
    authorization = load_authorization(prefix)
    return bool(authorization and authorization.condition_keys)

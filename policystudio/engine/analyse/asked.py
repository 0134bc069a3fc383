"""What is asked to become allowed: an action on resources, by somebody, in some context; as elements of a statement."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from policystudio.engine import globs
from policystudio.engine.analyse.comparison import Values
from policystudio.engine.catalog.load import load_condition_keys, load_service_actions
from policystudio.engine.catalog.types import NO_TYPE, Catalog, ConditionKeys, KeyType
from policystudio.engine.document import Condition, Quantifier
from policystudio.engine.exact.signatures import Cover
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.globs import Parts
from policystudio.engine.match import resource_matches
from policystudio.engine.request import Context, Principal, PrincipalType

#: The key that names one principal. It is that of the role for every session of a role.
PRINCIPAL_KEY = "aws:PrincipalArn"
#: The operators that compare a key's value to one text as a whole, and those that hold for any other value.
_OPERATORS = {
    KeyType.STRING: ("StringEquals", "StringNotEquals"),
    KeyType.ARN: ("ArnEquals", "ArnNotEquals"),
    KeyType.NUMERIC: ("NumericEquals", "NumericNotEquals"),
    KeyType.DATE: ("DateEquals", "DateNotEquals"),
    KeyType.IP_ADDRESS: ("IpAddress", "NotIpAddress"),
    KeyType.BOOL: ("Bool", "Bool"),
    KeyType.BINARY: ("BinaryEquals", ""),
}


@dataclass(frozen=True)
class Asked:
    """One action on the resources that ``resource`` names, as a Resource element writes them.

    ``universe`` are the same resources. ``context`` is what the person said of the request: keys with their values,
    no values for a key that is absent. ``principal`` asks; None where nobody in particular does (a group).
    ``reach`` are the resources of every type that the action takes, in any Region; ``neighbours`` the other actions on
    the asked resources. Both are None where AWS's catalogue is not at hand.
    """

    action: str
    resource: str
    universe: ResourceUniverse
    context: Mapping[str, Values] = field(default_factory=dict)
    principal: Principal | None = None
    reach: tuple[ResourceUniverse, ...] | None = None
    neighbours: tuple[str, ...] | None = None

    def cover(self, pattern: Parts) -> Cover:
        """How much of what is asked a pattern matches."""
        return self.universe.cover(pattern)

    def contains(self, entry: str) -> bool:
        """Whether every resource of this account that an entry of a statement names is asked about, for sure.

        What stands for any account or partition is read as this one. A star of the asked pattern takes in whatever
        wildcards the entry has in its place, so that the entry can be matched as if it were an ARN.
        """
        own = ("arn", self.universe.partition, None, None, self.universe.account, None)
        parts = entry.split(":", len(own) - 1)
        if len(parts) < len(own):
            return entry == self.resource
        known = [mine if mine and part == "*" else part for part, mine in zip(parts, own, strict=True)]
        return resource_matches(self.resource, ":".join(known), Context(), variables_enabled=False)

    def beyond(self, pattern: Parts) -> bool | None:
        """Whether the action can be done on resources that a pattern matches besides those asked; None: unknown."""
        if self.reach is None:
            return None
        template = self.universe.template
        others = [each for each in self.reach if each.template != template or self.universe.region]
        return any(each.cover(pattern) is not Cover.NONE for each in others)

    def fills(self, pattern: Parts) -> bool:
        """Whether a pattern matches every resource that the action can be done on."""
        return bool(self.reach) and all(each.cover(pattern) is Cover.ALL for each in self.reach or ())

    def conditions(self, *, with_principal: bool) -> tuple[Condition, ...]:
        """The conditions under which it is asked, and if wanted who asks."""
        keys = load_condition_keys()
        found = [one for key, values in self.context.items() for one in stated(key, values, keys)]
        return (*found, *(stated(PRINCIPAL_KEY, (self.caller,), keys) if with_principal and self.caller else ()))

    def opposites(self, *, with_principal: bool) -> Iterator[Condition]:
        """Conditions of which at least one holds in every context other than the asked one."""
        keys = load_condition_keys()
        if with_principal and self.caller:
            yield from denied(PRINCIPAL_KEY, (self.caller,), keys)
        for key, values in self.context.items():
            yield from denied(key, values, keys)

    @property
    def caller(self) -> str:
        """The value of ``aws:PrincipalArn``; empty where nobody in particular asks."""
        known = (PrincipalType.USER, PrincipalType.ROLE_SESSION, PrincipalType.ROOT_USER)
        if self.principal is None or self.principal.type not in (*known, PrincipalType.FEDERATED_USER_SESSION):
            return ""
        return self.principal.role_arn or self.principal.arn


def asked_type(
    catalog: Catalog, action: str, resource_type: str, *, partition: str, account: str, region: str = ""
) -> Asked:
    """Every resource of a type in an account, in any Region or in one. Raises ``KeyError`` for an unknown type."""
    template = NO_TYPE if resource_type == NO_TYPE else _templates(catalog)[resource_type]
    universe = ResourceUniverse(template, partition, account, region)
    resource = pattern_of(universe)
    # A star takes in slashes: `device-fleet/*` is about the devices of fleets as well.
    pattern = globs.resource_parts(globs.parse(resource))
    every = _universes(catalog, partition, account)
    meeting = [name for name, universe_of in every if universe_of.cover(pattern) is not Cover.NONE]
    return Asked(
        action,
        resource,
        universe,
        reach=_reach(catalog, action, partition, account),
        neighbours=_neighbours(catalog, action, [*meeting, resource_type]),
    )


def asked_resource(catalog: Catalog, action: str, resource: str, *, partition: str, account: str) -> Asked:
    """One resource, by its ARN, or the lone ``*``."""
    universe = ResourceUniverse(resource, partition, account)
    fitting = [name for name, universe_of in _universes(catalog, partition, account) if _has(universe_of, resource)]
    return Asked(
        action,
        resource if resource == NO_TYPE else literal(resource, wildcards=True),
        universe,
        reach=_reach(catalog, action, partition, account),
        neighbours=_neighbours(catalog, action, fitting),
    )


def pattern_of(universe: ResourceUniverse) -> str:
    """What a Resource element says for all of a type: its ARN format with a star for each placeholder."""
    return ":".join("".join(part if isinstance(part, str) else "*" for part in each) for each in universe.segments)


def literal(text: str, *, wildcards: bool = False) -> str:
    """``text`` as a policy writes it so that nothing in it is read as a variable, nor as a wildcard."""
    text = text.replace("${", "${$}{")
    if not wildcards:
        return text
    return "".join(f"${{{char}}}" if char in "*?" else char for char in text)


def stated(key: str, values: Values, keys: ConditionKeys) -> tuple[Condition, ...]:
    """The least conditions that hold where a key has these values: for several, some of them and no other."""
    if not values:
        return (_null(key, absent=True),)
    kind, several = _kind(key, values, keys)
    operator = _OPERATORS[kind][0]
    written = tuple(_value(value, kind) for value in values)
    if several:
        every = Condition(Quantifier.FOR_ALL_VALUES, operator, False, key, written)
        return every, _null(key, absent=False)
    return (Condition(Quantifier.NONE, operator, False, key, written),)


def denied(key: str, values: Values, keys: ConditionKeys) -> tuple[Condition, ...]:
    """Conditions of which one holds wherever those of ``stated`` do not; none where the operators cannot say that."""
    if not values:
        return (_null(key, absent=False),)
    kind, several = _kind(key, values, keys)
    operator = _OPERATORS[kind][1]
    if not operator:
        return ()
    written = tuple(_value(value, kind) for value in values)
    if several:
        some = Condition(Quantifier.FOR_ANY_VALUE, operator, False, key, written)
        return some, _null(key, absent=True)
    if kind is KeyType.BOOL:
        other = "false" if values[0].lower() == "true" else "true"
        return (Condition(Quantifier.NONE, operator, True, key, (other,)),)
    return (Condition(Quantifier.NONE, operator, False, key, written),)


def _null(key: str, *, absent: bool) -> Condition:
    return Condition(Quantifier.NONE, "Null", False, key, ("true" if absent else "false",))


def _kind(key: str, values: Values, keys: ConditionKeys) -> tuple[KeyType, bool]:
    """The type of a key, and whether its conditions need a set operator."""
    known = keys.get(key)
    several = len(values) > 1 or bool(known and known.multi_valued)
    return known.type if known else KeyType.STRING, several


def _value(value: str, kind: KeyType) -> str:
    return literal(value, wildcards=kind is KeyType.ARN) if kind in (KeyType.STRING, KeyType.ARN) else value


def _templates(catalog: Catalog) -> dict[str, str]:
    return {item.name: item.arn for item in catalog.resource_types}


def _universes(catalog: Catalog, partition: str, account: str) -> Iterator[tuple[str, ResourceUniverse]]:
    for name, template in {**_templates(catalog), NO_TYPE: NO_TYPE}.items():
        yield name, ResourceUniverse(template, partition, account)


def _has(universe: ResourceUniverse, resource: str) -> bool:
    """Whether a resource is of a type; by the pattern of its ARNs."""
    if NO_TYPE in (resource, universe.template):
        return resource == universe.template
    return resource_matches(pattern_of(universe), resource, Context(), variables_enabled=False)


def _reach(catalog: Catalog, action: str, partition: str, account: str) -> tuple[ResourceUniverse, ...] | None:
    known = catalog.action(action) if action.lower().startswith(f"{catalog.service}:") else None
    if known is None or known.resource_types is None:
        return None
    names = [taken.name for taken in known.resource_types] or [NO_TYPE]
    return tuple(found for name, found in _universes(catalog, partition, account) if name in names)


def _neighbours(catalog: Catalog, action: str, types: Sequence[str]) -> tuple[str, ...] | None:
    """The other actions on resources of these types; actions whose types AWS has not published may be among them."""
    if not types or not action.lower().startswith(f"{catalog.service}:"):
        return None
    wanted = set(types)
    found = [
        f"{catalog.service}:{one.name}"
        for one in catalog.actions
        if one.resource_types is None or wanted & ({taken.name for taken in one.resource_types} or {NO_TYPE})
    ]
    return tuple(name for name in found if name.lower() != action.lower())


def known_actions(service: str) -> list[str]:
    """The full names of a service's actions; none for a service that the catalogue does not know."""
    return [f"{service}:{name}" for name in load_service_actions().get(service, ())]

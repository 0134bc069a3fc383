"""What a comparison looks at: the resources of its places, and which context keys vary for which actions."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

from policystudio.engine import globs
from policystudio.engine.analyse.comparison import Effective
from policystudio.engine.authorize import TRUST_ACTIONS
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker, load_services
from policystudio.engine.catalog.types import NO_TYPE, Column
from policystudio.engine.document import Statement
from policystudio.engine.exact.facts import Facts, is_service_key, keys_read
from policystudio.engine.exact.terms import Place, TermBuilder, place_of
from policystudio.engine.exact.texts import ANY_TEXT
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.globs import Parts, Wild

#: The account and Region of examples where nothing names them.
_ACCOUNT, _REGION = "111122223333", "us-east-1"
_SEGMENT = (Wild.ONE, Wild.SEGMENT)
_KEYS = "arn:*:kms:*:*:key/*"
_WITHOUT_COLONS = frozenset({"sagemaker"})


@dataclass(frozen=True)
class Scope:
    """The places of a question: the lone ``*``, and ARNs, those of KMS keys apart from all others.

    With a principal these are the resources of its own account (or of the one that the facts name): the account in an
    ARN is that one, or empty, or ``aws``, as for what has no account in its ARN.
    """

    partition: str
    account: str
    facts: Facts

    def places(self, service: str, *, keys_apart: bool = True) -> list[tuple[Place, bool]]:
        """The places, each with whether its resources need a policy of their own that allows.

        Unless KMS keys are looked at apart, they are among the others, and it is not told.
        """
        star = place_of(ResourceUniverse(NO_TYPE, self.partition, self.account))
        hints = self.hints(service)
        result: list[tuple[Place, bool]] = []
        for shape in self.shapes():
            keys, others = _key_patterns()
            parts = (((), keys, False), (others, (), True)) if keys_apart else (((), (), False),)
            for required, excluded, needs in parts:
                inside, outside = frozenset({shape, *required}), _no_arns().union(excluded)
                result.append((Place(ANY_TEXT, inside, outside, hints, without_colons=_WITHOUT_COLONS), needs))
        # Most services act on ARNs; an example of theirs reads better with one.
        return [*result, (star, False)] if hints else [(star, False), *result]

    def shapes(self) -> list[Parts]:
        """What the ARNs look like."""
        head = ("arn:", *_SEGMENT, ":", *_SEGMENT, ":", Wild.SEGMENT, ":")
        if not self.account:
            return [globs.normal((*head, Wild.SEGMENT, ":", Wild.ONE, Wild.ANY))]
        own = (f"arn:{self.partition}:", *_SEGMENT, ":", Wild.SEGMENT, ":")
        return [globs.normal((*own, f"{account}:", Wild.ONE, Wild.ANY)) for account in (self.account, "", "aws")]

    def hints(self, service: str) -> tuple[str, ...]:
        """ARNs of the service's resource types that read well."""
        return _hints(service, self.partition or "aws", self.account or _ACCOUNT)

    def column(self, resource_type: str) -> Place:
        """The resources of a type of SageMaker's."""
        return _column(resource_type, self.partition, self.account)


@lru_cache(maxsize=5_000)
def _column(resource_type: str, partition: str, account: str) -> Place:
    if resource_type == NO_TYPE:
        return place_of(ResourceUniverse(NO_TYPE, partition, account))
    template = _templates()[resource_type]
    hint = _filled(template, partition or "aws", account or _ACCOUNT)
    return place_of(ResourceUniverse(template, partition, account), (hint,))


def scope_of(effective: Effective) -> Scope:
    """The scope of a stack: everything for a bare document, the principal's account otherwise."""
    if effective.principal is None:
        return Scope("", "", effective.facts)
    owner = effective.facts.value_of("aws:resourceaccount")
    return Scope(effective.principal.partition, owner[0] if owner else effective.principal.account, effective.facts)


def needs_resource_policy(action: str) -> bool:
    """Whether an action needs an Allow of the resource's own policy whatever the resource."""
    return action.lower() in TRUST_ACTIONS


@cache
def _key_patterns() -> tuple[frozenset[Parts], frozenset[Parts]]:
    pattern = frozenset({globs.resource_parts(globs.parse(_KEYS))})
    return pattern, pattern


@cache
def _no_arns() -> frozenset[Parts]:
    """Texts without partition or service, and SageMaker's ARNs with a colon in a name: there are none."""
    colon = ("arn:", Wild.SEGMENT, ":sagemaker:", Wild.SEGMENT, ":", Wild.SEGMENT, ":", Wild.ANY, ":", Wild.ANY)
    return frozenset({("arn::", Wild.ANY), ("arn:", Wild.SEGMENT, "::", Wild.ANY), colon})


@cache
def _templates() -> dict[str, str]:
    return {item.name: item.arn for item in load_sagemaker().resource_types}


@lru_cache(maxsize=5_000)
def _hints(service: str, partition: str, account: str) -> tuple[str, ...]:
    found = load_services().get(service)
    templates = found.resource_types.values() if found else ()
    return tuple(_filled(template, partition, account) for template in templates)


def _filled(template: str, partition: str, account: str) -> str:
    """A resource of a type: ``arn:aws:sagemaker:us-east-1:111122223333:model/example``."""
    known = {"${Partition}": partition, "${Account}": account, "${Region}": _REGION}
    for placeholder, value in known.items():
        template = template.replace(placeholder, value)
    while "${" in template:
        head, _, rest = template.partition("${")
        template = f"{head}example{rest.partition('}')[2]}"
    return template


class Keys:
    """Which keys of some statements vary: builders of terms, one for each set of keys that are never sent."""

    def __init__(self, facts: Facts, statements: Iterable[tuple[Statement, bool]]) -> None:
        self.facts = facts
        read = {key for statement, modern in statements for key in keys_read(statement, modern)}
        self.read = frozenset(key for key in read if not facts.knows(key))
        self.service_keys = frozenset(filter(is_service_key, self.read))
        self._absent: dict[tuple[str, str | None], frozenset[str]] = {}
        self._builders: dict[frozenset[str], TermBuilder] = {}

    def builder(self, absent: frozenset[str]) -> TermBuilder:
        """The builder for requests that never carry ``absent``."""
        found = self._builders.get(absent)
        if found is None:
            free = self.read - absent
            found = self._builders[absent] = TermBuilder(self.facts, load_condition_keys(), free.__contains__)
        return found

    def absent(self, action: str, resource_type: str | None = None) -> frozenset[str]:
        """The keys that the service never sends for an action (and type); known of SageMaker alone."""
        asked = action, resource_type
        if asked not in self._absent:
            self._absent[asked] = never_sent(action, resource_type, self.service_keys)
        return self._absent[asked]


def never_sent(action: str, resource_type: str | None, keys: frozenset[str]) -> frozenset[str]:
    """Those of some services' keys that are never sent for an action (and type); known of SageMaker alone."""
    catalog = load_sagemaker()
    service, _, name = action.partition(":")
    if service.lower() != catalog.service or not keys:
        return frozenset()
    found = catalog.action(name)
    known = (found.resource_types or ()) if found else ()
    types = [resource_type] if resource_type else [item.name for item in known]
    sent = frozenset().union(*(catalog.keys_for(name, item) for item in types or [NO_TYPE]))
    return frozenset(key for key in keys if not _is_sent(key, sent))


@cache
def columns_by_action() -> dict[str, list[Column]]:
    """SageMaker's cells by action; not those of actions whose types AWS has not published."""
    result: dict[str, list[Column]] = {}
    for column in load_sagemaker().columns():
        if column.types_known:
            result.setdefault(column.action, []).append(column)
    return result


def _is_sent(key: str, sent: frozenset[str]) -> bool:
    family, slash, _ = key.partition("/")
    return key in sent or (bool(slash) and f"{family}/" in sent)

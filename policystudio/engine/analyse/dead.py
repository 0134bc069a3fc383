"""What the catalogue alone shows to be dead: actions that do not exist, resources on which the actions do not act."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from policystudio.engine import globs, variables
from policystudio.engine.analyse.actions import known_actions
from policystudio.engine.analyse.elements import Element, Part
from policystudio.engine.arn import PARTS
from policystudio.engine.catalog.load import load_sagemaker, load_service_actions, load_services
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.engine.document import Statement
from policystudio.engine.exact.signatures import Cover, TooLarge
from policystudio.engine.exact.texts import ANY_TEXT, find_text
from policystudio.engine.exact.universe import ResourceUniverse
from policystudio.engine.globs import Parts
from policystudio.engine.parse.report import suggestion


@dataclass(frozen=True, slots=True)
class Dead:
    """An element that cannot matter, by what the catalogue knows.

    ``part`` tells what does not exist: the action, or a resource for it. ``near`` is an action that may have been
    meant. ``types`` are SageMaker's resource types on which the actions act, ``*`` for an action without a resource,
    and other services by their prefix (``s3:``).
    """

    element: Element
    part: Part
    near: str = ""
    types: tuple[str, ...] = ()


def dead_elements(policy: int, statement: Statement, *, modern: bool) -> Iterator[Dead]:
    """The dead elements of a statement; all entries of a list where the statement as a whole is dead."""
    number = statement.index
    known = known_actions()
    for part in (Part.ACTION, Part.NOT_ACTION):
        for index, text in enumerate(statement.actions if part is Part.ACTION else statement.not_actions):
            if not known.mask(text):
                yield Dead(Element(policy, number, part, index), Part.ACTION, nearest(text))
    if statement.resources:
        yield from _without_resource(policy, statement, modern)
    if statement.resources or statement.not_resources:
        yield from _without_type(policy, statement, modern)


def nearest(pattern: str) -> str:
    """A known action whose name, or beginning, is close to that of a pattern which matches none; else empty."""
    service, colon, name = pattern.partition(":")
    services = load_service_actions()
    if not colon:
        return ""
    if service.lower() not in services:
        found = suggestion(service, tuple(services))
        return f"{found}:{name}" if found and known_actions().mask(f"{found}:{name}") else ""
    names = services[service.lower()]
    bare = name.strip("*")
    if "*" in bare or "?" in bare or not bare:
        return ""
    if bare == name:
        found = suggestion(name, names)
        return f"{service}:{found}" if found else ""
    # Of a name that ends with a star, the stretch before it: `CreateModell*` means `CreateModel*`.
    starts = tuple({each[:length] for each in names for length in range(len(bare) - 2, len(bare) + 3) if length > 2})
    whole = suggestion(bare, names)
    found = whole or suggestion(bare, starts)
    return f"{service}:{'*' if name.startswith('*') else ''}{found}*" if found else ""


# SageMaker's actions, whose resource types are known one by one.


def _without_resource(policy: int, statement: Statement, modern: bool) -> Iterator[Dead]:
    """Entries of Action whose actions act on nothing that the statement's resources match."""
    patterns = _patterns(statement.resources, modern)
    if any(globs.matches(pattern, NO_TYPE) for pattern in patterns):
        return
    for index, text in enumerate(statement.actions):
        names = _sagemaker_names(text)
        if not names:
            continue
        types = [_types_of(name) for name in names]
        if any(found is None for found in types):
            continue
        taken = tuple(dict.fromkeys(each for found in types for each in found or ()))
        if not any(_meets(pattern, each) for each in taken for pattern in patterns):
            yield Dead(Element(policy, statement.index, Part.ACTION, index), Part.RESOURCE, types=taken)


def _sagemaker_names(pattern: str) -> tuple[str, ...]:
    """The actions that a pattern matches, where all of them are SageMaker's; else none."""
    known = known_actions()
    mask = known.mask(pattern)
    own = known.mask(f"{load_sagemaker().service}:*")
    return () if not mask or mask & ~own else tuple(known.listed(mask))


@cache
def _types_of(action: str) -> tuple[str, ...] | None:
    """The resource types of one of SageMaker's actions, ``*`` for one without; None where AWS has not said."""
    found = load_sagemaker().action(action)
    if found is None or found.resource_types is None:
        return None
    return tuple(item.name for item in found.resource_types) or (NO_TYPE,)


@lru_cache(maxsize=20_000)
def _meets(pattern: Parts, resource_type: str) -> bool:
    """Whether a pattern matches some resource of one of SageMaker's types."""
    if resource_type == NO_TYPE:
        return globs.matches(pattern, NO_TYPE)
    found = load_sagemaker().resource_type(resource_type)
    if found is None:
        return True
    try:
        return ResourceUniverse(found.arn, "", "").cover(pattern) is not Cover.NONE
    except TooLarge:
        return True


# Resources, for the actions of all services.


def _without_type(policy: int, statement: Statement, modern: bool) -> Iterator[Dead]:
    """Entries of Resource and NotResource that match no resource on which the statement's actions act."""
    known = known_actions()
    mask = known.of(statement)
    part = Part.RESOURCE if statement.resources else Part.NOT_RESOURCE
    if not mask:
        return  # nothing is known of the resources of actions that the catalogue does not have
    for index, pattern in enumerate(_patterns(statement.resources or statement.not_resources, modern)):
        types = None if globs.matches(pattern, NO_TYPE) else _missed_types(pattern, mask)
        if types is not None:
            yield Dead(Element(policy, statement.index, part, index), Part.RESOURCE, types=types)


@lru_cache(maxsize=20_000)
def _missed_types(pattern: Parts, mask: int) -> tuple[str, ...] | None:
    """The types on which the actions act, where the pattern matches no resource of them; None where it may match one.

    Of services other than SageMaker the catalogue knows which resource types there are, not which action takes which.
    """
    catalog, known = load_sagemaker(), known_actions()
    own = known.mask(f"{catalog.service}:*")
    missed: dict[str, None] = {}
    for action in known.listed(mask & own):
        types = _types_of(action)
        if types is None or any(_meets(pattern, each) for each in types):
            return None
        missed |= dict.fromkeys(types)
    others = _services_of(mask & ~own)
    segment = _service_segment(pattern)
    if not segment or any(service not in _typed() and service == segment for service in others):
        return None
    for service, templates in _by_segment().get(segment, {}).items():
        if service not in others:
            continue
        if any(_overlap(pattern, template) for template in templates):
            return None
    return (*missed, *sorted(f"{service}:" for service in others))


def _service_segment(pattern: Parts) -> str:
    """The service that an ARN pattern names; empty where it names none."""
    segments = globs.split_segments(pattern)
    found = segments[2] if segments else ()
    return found[0].lower() if len(found) == 1 and isinstance(found[0], str) else ""


@cache
def _typed() -> frozenset[str]:
    """The services whose resource types are known."""
    return frozenset(prefix for prefix, service in load_services().items() if service.resource_types)


@cache
def _by_segment() -> dict[str, dict[str, list[Parts]]]:
    """The formats of ARNs by the service that they name, then by the service whose actions act on them."""
    result: dict[str, dict[str, list[Parts]]] = {}
    for prefix, service in load_services().items():
        for template in service.resource_types.values():
            pattern = _format(template)
            named = template.split(":")[2] if template.count(":") >= PARTS - 1 else ""
            for segment in _typed() | {named} if "$" in named else {named}:
                result.setdefault(segment.lower(), {}).setdefault(prefix, []).append(pattern)
    return result


def _format(template: str) -> Parts:
    """An ARN format with a star for each of its placeholders."""
    while "${" in template:
        head, _, rest = template.partition("${")
        template = f"{head}*{rest.partition('}')[2]}"
    return globs.resource_parts(globs.parse(template))


@lru_cache(maxsize=50_000)
def _overlap(pattern: Parts, template: Parts) -> bool:
    try:
        return find_text(frozenset({pattern, template}), frozenset(), ANY_TEXT) is not None
    except TooLarge:
        return True


@lru_cache(maxsize=5_000)
def _services_of(mask: int) -> frozenset[str]:
    return frozenset(name.partition(":")[0] for name in known_actions().listed(mask))


def _patterns(texts: Sequence[str], modern: bool) -> list[Parts]:
    """Entries as patterns, with anything for a variable."""
    return [variables.expand_resource_widely(text, modern) for text in texts]

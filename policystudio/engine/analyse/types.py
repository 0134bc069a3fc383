"""The resource types of all services: which of them a resource of an action is."""

from functools import lru_cache

from policystudio.engine import globs
from policystudio.engine.catalog.load import load_services
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.engine.globs import Matcher


def type_of(action: str, resource: str) -> str:
    """The type of a resource among those of the action's service; empty where it is none of them."""
    return NO_TYPE if resource == NO_TYPE else _type_of(action.partition(":")[0].lower(), resource)


@lru_cache(maxsize=5_000)
def _type_of(service: str, resource: str) -> str:
    return next((name for name, matches in _matchers(service) if matches(resource)), "")


@lru_cache(maxsize=500)
def _matchers(service: str) -> tuple[tuple[str, Matcher], ...]:
    known = load_services().get(service)
    if known is None:
        return ()
    return tuple((name, globs.matcher(_pattern(template))) for name, template in known.resource_types.items())


def _pattern(template: str) -> globs.Parts:
    """An ARN format with a star for each of its placeholders."""
    while "${" in template:
        head, _, rest = template.partition("${")
        template = f"{head}*{rest.partition('}')[2]}"
    return globs.resource_parts(globs.parse(template))

"""`EvalResourceName`: the ARN template of the resource type that an action takes, `*` where none is known."""

import re
from collections.abc import Sequence
from functools import lru_cache

from policystudio.engine import globs
from policystudio.engine.catalog.load import load_authorization

_VARIABLE = re.compile(r"\$\{[^}]*\}")


def template_for(action: str, resources: Sequence[str]) -> str:
    """The type of the first resource that is of one of the action's types; else the action's type, if it has but one.

    Which of several types is meant, nobody can tell where `*` was simulated: that is `*` then.
    """
    templates = _templates(action.lower())
    for resource in resources:
        for template in templates:
            if _matcher(template)(resource):
                return template
    return templates[0] if len(templates) == 1 else "*"


@lru_cache(maxsize=20_000)
def takes_no_resource(action: str) -> bool:
    """Whether AWS's reference knows the action, and that requests of it name no resource."""
    prefix, _, name = action.lower().partition(":")
    return _types_by_action(prefix).get(name) == ()


@lru_cache(maxsize=20_000)
def _templates(action: str) -> tuple[str, ...]:
    """The templates of the types that an action (in lower case) takes, in the order of AWS's reference."""
    prefix, _, name = action.partition(":")
    known = load_authorization(prefix)
    if known is None:
        return ()
    types = _types_by_action(prefix).get(name, ())
    return tuple(known.resource_types[one][0] for one in types if one in known.resource_types)


@lru_cache(maxsize=500)
def _types_by_action(prefix: str) -> dict[str, tuple[str, ...]]:
    known = load_authorization(prefix)
    return {name.lower(): types for name, (types, _) in known.actions.items()} if known else {}


@lru_cache(maxsize=20_000)
def _matcher(template: str) -> globs.Matcher:
    return globs.matcher(globs.resource_parts(globs.parse(_VARIABLE.sub("*", template))))

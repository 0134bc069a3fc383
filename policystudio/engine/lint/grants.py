"""How a statement comes to allow an action on everything: by name, by pattern or by exception. Shared by two rules."""

from collections.abc import Callable, Iterator

from policystudio.engine.lint import facts
from policystudio.engine.lint.patterns import has_wildcard
from policystudio.engine.lint.rule import Report, at
from policystudio.engine.lint.tree import Document, Node, Statement

#: The operators that hold a single-valued key to names, without prefix and suffix.
_NAMING = frozenset({"stringequals", "stringequalsignorecase", "stringlike"})


def is_named_by(statement: Statement, key: str) -> bool:
    """Whether a condition holds ``key`` to whole names: without wildcards, and where the key is missing it fails."""
    return any(
        condition.name == key
        and condition.base in _NAMING
        and not condition.if_exists
        and condition.quantifier != "forallvalues"
        and not any(has_wildcard(value.text) for value in condition.values)
        for condition in statement.conditions
    )


def reports(
    document: Document, action: str, prefix: str, is_broad: Callable[[str], bool], key: str
) -> Iterator[Report]:
    """The findings about ``action`` where it is allowed on resources that ``is_broad`` says are too many.

    Their codes begin with ``prefix`` and name what has the wildcard, in AWS's words.
    """
    for statement in document.statements:
        if statement.effect != "Allow" or is_named_by(statement, key):
            continue
        for ending, nodes in _granted(statement, action, is_broad):
            message = (
                f"This allows {action} on more resources than are named: list their ARNs"
                f" or add a condition on {key} to the statement."
            )
            yield f"{prefix}_{ending}", message, at(*nodes)


def _granted(
    statement: Statement, action: str, is_broad: Callable[[str], bool]
) -> Iterator[tuple[str, tuple[Node, ...]]]:
    """The ending of the code and the nodes that it is about."""
    named = tuple(node for node in statement.actions if node.text.lower() == action.lower())
    wild = tuple(
        node for node in statement.actions if has_wildcard(node.text) and facts.action_matches(node.text, action)
    )
    spared = statement.texts("NotAction")
    everything_else = spared if not any(facts.action_matches(node.text, action) for node in spared) else ()
    if not (named or wild or everything_else):
        return
    broad = tuple(resource for resource in statement.resources if is_broad(resource.text))
    excepted = statement.texts("NotResource")
    if not broad and not excepted:
        return
    if named:
        yield ("WITH_STAR_IN_RESOURCE", (*named, *broad)) if broad else ("WITH_NOT_RESOURCE", (*named, *excepted))
    if wild:
        ending = "WITH_STAR_IN_ACTION_AND_RESOURCE" if broad else "WITH_STAR_IN_ACTION_AND_NOT_RESOURCE"
        yield ending, (*wild, *(broad or excepted))
    if everything_else:
        ending = "WITH_STAR_IN_RESOURCE_AND_NOT_ACTION" if broad else "WITH_NOT_ACTION_AND_NOT_RESOURCE"
        yield ending, (*everything_else, *(broad or excepted))

"""Policy variables: ``${key}``, ``${key, 'default'}`` and the escapes ``${*}``, ``${?}``, ``${$}``.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from policystudio.engine import globs
from policystudio.engine.arn import PARTS
from policystudio.engine.effort import TooLongError, step
from policystudio.engine.globs import Parts, Wild
from policystudio.engine.request import Context

# Each alternative stops at the next "$", "{" or quote, so the search is linear in the text whatever it holds.
_VARIABLE = re.compile(r"\$\{(?:(?P<escape>[*?$])|(?P<name>[^{}$,']+)(?:, *'(?P<default>[^']*)')?)\}")

#: How long a text may become. A policy's text names a variable some 20,000 times, and a value may be of any length.
LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Variable:
    """One ``${...}``. An escape has no name, and the character that it stands for as its default."""

    source: str
    name: str
    default: str | None


#: A text cut up: stretches between variables as they are written, and the variables.
Tokens = tuple[str | Variable, ...]


@lru_cache(maxsize=50_000)
def tokens(text: str) -> Tokens:
    """Cut ``text`` at its variables. What does not read as a variable (``${`` without end) is ordinary text."""
    if "${" not in text:
        return (text,)
    result: list[str | Variable] = []
    end = 0
    for match in _VARIABLE.finditer(text):
        result.append(text[end : match.start()])
        default = match["escape"] or match["default"]
        result.append(Variable(match[0], match["name"] or "", default))
        end = match.end()
    result.append(text[end:])
    return tuple(token for token in result if token != "")


def written_names(text: str) -> Iterator[str]:
    """The keys that variables in ``text`` read, as they are written."""
    for token in tokens(text):
        if isinstance(token, Variable) and token.name:
            yield token.name


@lru_cache(maxsize=50_000)
def names(text: str) -> frozenset[str]:
    """The keys, in lower case, that variables in ``text`` read."""
    return frozenset(name.lower() for name in written_names(text))


def value_of(variable: Variable, context: Context) -> str | None:
    """What stands for a variable; None where it has neither value nor default.

    A key with an empty value has no value. Only single-valued keys can be variables, so several values are none, and
    no default replaces them.
    """
    values = context.values_of(variable.name.lower()) if variable.name else ()
    if len(values) > 1:
        return None
    return values[0] if values and values[0] else variable.default


def expand(text: str, context: Context, enabled: bool) -> Parts | None:
    """``text`` as a pattern with its variables replaced; None where one has neither value nor default.

    What is substituted is literal, wildcards in it included. Where variables are not ``enabled`` (2008-10-17) each
    ``${...}`` is literal text.
    """
    return _parts(tokens(text), context, enabled, colons=PARTS)


def expand_resource(text: str, context: Context, enabled: bool) -> Parts | None:
    """As ``expand``, for an entry of Resource or NotResource read as an ARN pattern.

    A variable is one only behind the fifth colon; before that it is literal text, which no ARN has.
    """
    before, rest = _cut(text, enabled)
    if not rest:
        return before
    parts = _parts(rest, context, enabled, colons=PARTS)
    return None if parts is None else globs.normal((*before, *parts))


def expand_resource_loosely(text: str, context: Context, enabled: bool) -> Parts:
    """As ``expand_resource``, but a variable without value matches anything: what some value might make of it."""
    before, rest = _cut(text, enabled)
    return globs.normal((*before, *(_parts(rest, context, enabled, colons=PARTS, unknown=Wild.ANY) or ())))


@lru_cache(maxsize=50_000)
def _cut(text: str, enabled: bool) -> tuple[Parts, Tokens]:
    """An entry of Resource up to its first variable, as an ARN pattern, and what follows, behind five colons."""
    pieces = tokens(text)
    before: list[str | Wild] = []
    colons = 0
    for number, token in enumerate(pieces):
        if isinstance(token, Variable):
            if enabled and colons >= PARTS - 1:
                return globs.resource_parts(globs.normal(before)), pieces[number:]
            before.append(token.source)
        else:
            before += globs.parse(token)
            colons += token.count(":")
    return globs.resource_parts(globs.normal(before)), ()


def expand_resource_widely(text: str, enabled: bool) -> Parts:
    """As ``expand_resource_loosely`` where nothing is known: what any values of its variables might make of it."""
    bare = (
        Variable(one.source, one.name, None) if isinstance(one, Variable) and one.name else one for one in tokens(text)
    )
    parts = _parts(tuple(bare), Context(), enabled, colons=0, unknown=Wild.ANY)
    return globs.resource_parts(parts or ())


def written_with(text: str, context: Context) -> str:
    """``text`` with the variables that have a value replaced, written so that it reads as a pattern again.

    What is substituted stays literal: its ``*``, ``?`` and ``$`` become ``${*}``, ``${?}`` and ``${$}``.
    """
    return "".join([token if isinstance(token, str) else _written(token, context) for token in tokens(text)])


def _written(variable: Variable, context: Context) -> str:
    step()
    value = value_of(variable, context) if variable.name and context.values_of(variable.name.lower()) else None
    return variable.source if value is None else "".join([f"${{{c}}}" if c in "*?$" else c for c in value])


def expand_literal(text: str, context: Context, enabled: bool) -> str | None:
    """``text`` with its variables replaced, for operators without wildcards; None as for ``expand``."""
    result: list[str] = []
    length = 0
    for token in tokens(text):
        value = _replacement(token, context, enabled) if isinstance(token, Variable) else token
        if value is None:
            return None
        result.append(value)
        length = _bounded(length + len(value))
    return "".join(result)


def _parts(pieces: Tokens, context: Context, enabled: bool, colons: int, unknown: Wild | None = None) -> Parts | None:
    """The pattern of ``pieces``; ``colons`` stand before them, and fewer than five keep variables literal.

    ``unknown`` stands for a variable without value; where it is None the whole has none.
    """
    result: list[str | Wild] = []
    length = 0
    for token in pieces:
        if isinstance(token, str):
            result += globs.parse(token)
            colons += token.count(":")
            continue
        value = _replacement(token, context, enabled and colons >= PARTS - 1)
        part = unknown if value is None else value
        if part is None:
            return None
        result.append(part)
        length = _bounded(length + len(value or ""))
    return globs.normal(result)


def _bounded(length: int) -> int:
    """The length that an expansion has come to; raises ``TooLongError`` before anything so long is built."""
    step()
    if length > LONGEST:
        raise TooLongError(f"a text of a policy has more than {LONGEST:,} characters once its variables are replaced")
    return length


def _replacement(variable: Variable, context: Context, enabled: bool) -> str | None:
    return value_of(variable, context) if enabled else variable.source

"""Templates of Terraform's: text with `${expression}` in it, in heredocs and in the JSON syntax."""

from collections.abc import Callable

from policystudio.interchange.hcl_syntax import Expression, Literal, Other, Pieces
from policystudio.interchange.values import Place, ReadError

_ESCAPES = ("$${", "%%{")


def template(text: str, place: Place, parse: Callable[[str, Place], Expression]) -> Expression:
    """The template that a text is; ``parse`` reads the expressions in it."""
    parts: list[str | Expression] = [""]
    at = 0
    while at < len(text):
        start = _next_sign(text, at)
        _add(parts, text[at:start])
        if text.startswith(_ESCAPES, start):
            _add(parts, text[start + 1 : start + 3])
            at = start + 3
        elif text.startswith(("${", "%{"), start):
            end = end_of(text, start + 2, place)
            inside = text[start + 2 : end].strip("~")
            parts.append(parse(inside, place) if text[start] == "$" else Other(text[start : end + 1], place))
            at = end + 1
        else:
            _add(parts, text[start : start + 1])
            at = start + 1
    whole = [part for part in parts if part != ""] or [""]
    if len(whole) == 1:
        # A template of one expression is that expression's value, whatever its type.
        return Literal(whole[0], place) if isinstance(whole[0], str) else whole[0]
    return Pieces(tuple(whole), place)


def _add(parts: list[str | Expression], text: str) -> None:
    if isinstance(parts[-1], str):
        parts[-1] += text
    else:
        parts.append(text)


def _next_sign(text: str, at: int) -> int:
    places = [found for sign in "$%" if (found := text.find(sign, at)) >= 0]
    return min(places, default=len(text))


def end_of(text: str, at: int, place: Place) -> int:
    """Where the brace closes that was opened before ``at``; texts in between may have braces and templates."""
    # What is open: `{` an object or a template's expression, `"` a text.
    open_ones = ["{"]
    while at < len(text):
        char = text[at]
        if open_ones[-1] == '"':
            if char == "\\":
                at += 1
            elif char == '"':
                open_ones.pop()
            elif text.startswith(_ESCAPES, at):
                at += 2
            elif text.startswith(("${", "%{"), at):
                open_ones.append("{")
                at += 1
        elif char == '"':
            open_ones.append('"')
        elif char == "{":
            open_ones.append("{")
        elif char == "}":
            open_ones.pop()
            if not open_ones:
                return at
        at += 1
    raise ReadError("an expression that `${` begins has no `}`: close it, or write `$${` for the characters", place)

"""Terraform's own syntax, read by python-hcl2's grammar into blocks and expressions."""

import re
from collections.abc import Iterator
from functools import cache
from typing import cast

import hcl2.parser
from hcl2.postlexer import PostLexer
from lark import Lark, Token, Tree
from lark.exceptions import LarkError, UnexpectedInput

from policystudio.engine.effort import step
from policystudio.interchange.hcl_syntax import (
    Block,
    Body,
    Call,
    Expression,
    Items,
    Literal,
    Other,
    Pairs,
    Pieces,
    Reference,
)
from policystudio.interchange.hcl_template import template
from policystudio.interchange.values import MAX_DEPTH, Place, ReadError
from policystudio.lib.strict_json import Number

Node = Tree[Token]

_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([nrt"\\])|(.?))', re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
#: The grammar looks for the end of a heredoc in time that grows with the square of such a run.
_LONG_SPACE = re.compile(r"\s{200}")
_SPACE = ("new_line_or_comment",)


class _Steps(PostLexer):
    """The grammar's own, with a step for each token: half a megabyte of brackets is read for many seconds."""

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """The tokens that the parser gets."""
        for token in super().process(stream):
            step()
            yield token


@cache
def _parser() -> Lark:
    """The grammar of python-hcl2. Its own function would keep the tables in a file beside the package."""
    return Lark.open(
        "hcl2.lark", rel_to=hcl2.parser.__file__, parser="lalr", propagate_positions=True, postlex=_Steps()
    )


def read_hcl(text: str) -> Body:
    """The blocks of a file; raises ``ReadError`` with the place."""
    if space := _LONG_SPACE.search(text):
        raise ReadError("200 blanks or empty lines in a row: take some out", _place_of(text, space.start()))
    (body,) = _parsed(text, Place(), inside=False).children
    return _Reader(text).body(cast("Node", body))


def read_expression(text: str, place: Place) -> Expression:
    """An expression out of a template; every place in it is ``place``."""
    source = f"value = ({text})"
    (body,) = _parsed(source, place, inside=True).children
    reader = _Reader(source, place)
    attributes = reader.body(cast("Node", body)).attributes
    if list(attributes) != ["value"]:
        raise ReadError(f"`${{{text[:80]}}}` is not one expression", place)
    return attributes["value"]


def _parsed(text: str, place: Place, *, inside: bool) -> Node:
    try:
        return _parser().parse(text + "\n")
    except UnexpectedInput as error:
        where = place if inside else _place_of(text, max(error.pos_in_stream or 0, 0))
        found = text[error.pos_in_stream or 0 :][:20].partition("\n")[0].strip()
        what = f"`{found}` is not expected here" if found else "the file ends, or a line ends, too early"
        raise ReadError(f"{what}: this is not Terraform's syntax", where) from None
    except LarkError:
        raise ReadError("this is not Terraform's syntax", place) from None


def _place_of(text: str, at: int) -> Place:
    return Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))


class _Reader:
    """Turns the grammar's tree into blocks and expressions."""

    def __init__(self, text: str, place: Place | None = None) -> None:
        self._text = text
        self._fixed = place
        self._depth = 0

    def body(self, node: Node) -> Body:
        """A body; an attribute may stand in it once."""
        body = Body(self._place(node))
        self._enter(body.place)
        for child in _trees(node):
            if child.data == "attribute":
                key, value = _parts(child)
                name = _name(key)
                if name in body.attributes:
                    raise ReadError(f"`{name}` stands twice in one block: keep one of them", self._place(child))
                body.attributes[name] = self.expression(value)
            elif child.data == "block":
                body.blocks.append(self._block(child))
        self._depth -= 1
        return body

    def _block(self, node: Node) -> Block:
        *labels, body = _parts(node)
        names = []
        for label in labels:
            named = self._string(label) if label.data == "string" else Literal(_name(label), self._place(label))
            if not isinstance(named, Literal):
                raise ReadError("the label of a block cannot be a template", self._place(label))
            names.append(str(named.value))
        return Block(names[0], tuple(names[1:]), self.body(body), self._place(node))

    def expression(self, node: Node) -> Expression:
        """Any expression."""
        step()
        self._enter(self._place(node))
        result = self._expression(node)
        self._depth -= 1
        return result

    def _expression(self, node: Node) -> Expression:
        place = self._place(node)
        if node.data in ("expr_term", "interpolation"):
            parts = _parts(node)
            if len(parts) == 1:
                # Only brackets make the value of a term deeper than the term.
                is_plain = len(node.children) == 1
                return self._expression(parts[0]) if is_plain else self.expression(parts[0])
        elif node.data == "string":
            return self._string(node)
        elif node.data in ("int_lit", "float_lit", "unary_op"):
            text = "".join(map(str, node.scan_values(lambda _: True)))
            return Literal(Number(text), place) if _JSON_NUMBER.fullmatch(text) else self._other(node)
        elif node.data == "literal_value":
            return Literal({"true": True, "false": False}.get(str(node.children[0])), place)
        elif node.data in ("heredoc_template", "heredoc_template_trim"):
            return template(_heredoc(str(node.children[0])), place, read_expression)
        elif node.data == "tuple":
            return Items(tuple(self.expression(child) for child in _parts(node)), place)
        elif node.data == "object":
            return Pairs(tuple(self._pair(child) for child in _parts(node)), place)
        elif node.data == "function_call":
            return self._call(node)
        elif steps := self._steps(node):
            return Reference(tuple(steps), self._source(node), place)
        return self._other(node)

    def _pair(self, node: Node) -> tuple[Expression, Expression]:
        key, value = _parts(node)
        (inside,) = _parts(key) or [key]
        first = inside.children[0] if inside.children else None
        if isinstance(first, Tree) and first.data == "identifier":
            name: Expression = Literal(_name(first), self._place(key))
        elif inside.data == "keyword":
            name = Literal(_name(inside), self._place(key))
        else:
            name = self.expression(inside)
        return name, self.expression(value)

    def _call(self, node: Node) -> Expression:
        name, *arguments = _parts(node)
        if any(isinstance(child, Token) and child.type == "COLONS" for child in node.children):
            return self._other(node)
        given = arguments[0] if arguments else None
        if given is not None and any(isinstance(child, Token) and child.type == "ELLIPSIS" for child in given.children):
            return self._other(node)
        values = tuple(self.expression(child) for child in _parts(given)) if given is not None else ()
        return Call(_name(name), values, self._place(node))

    def _steps(self, node: Node) -> "list[str | Expression]":
        """The steps of a reference; empty where the expression is none."""
        if node.data == "identifier":
            return [_name(node)]
        if node.data == "expr_term" and len(_parts(node)) == 1:
            return self._steps(_parts(node)[0])
        if node.data not in ("get_attr_expr_term", "index_expr_term"):
            return []
        base, step = _parts(node)
        self._enter(self._place(node))
        steps = self._steps(base)
        self._depth -= 1
        if not steps:
            return []
        if step.data == "get_attr":
            return [*steps, _name(_parts(step)[0])]
        if step.data == "short_index":
            return [*steps, Literal(Number(str(step.children[-1])), self._place(step))]
        return [*steps, self.expression(_parts(step)[0])]

    def _string(self, node: Node) -> Expression:
        place = self._place(node)
        parts: list[str | Expression] = []
        for part in _trees(node):
            (child,) = part.children
            if isinstance(child, Token):
                parts.append(_unescaped(str(child), child.type, self._place(part)))
            elif child.data == "interpolation":
                parts.append(self.expression(child))
            else:
                parts.append(self._other(child))
        if all(isinstance(part, str) for part in parts):
            return Literal("".join(map(str, parts)), place)
        single = parts[0]
        return single if len(parts) == 1 and not isinstance(single, str) else Pieces(tuple(parts), place)

    def _other(self, node: Node) -> Other:
        return Other(self._source(node), self._place(node))

    def _source(self, node: Node) -> str:
        source = " ".join(self._text[node.meta.start_pos : node.meta.end_pos].split())
        return source if len(source) <= 80 else f"{source[:77]}…"

    def _place(self, node: Node) -> Place:
        if self._fixed is not None:
            return self._fixed
        return Place() if node.meta.empty else Place(node.meta.line, node.meta.column)

    def _enter(self, place: Place) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ReadError(f"nested more than {MAX_DEPTH} levels deep", place)


def _trees(node: Node) -> list[Node]:
    return [child for child in node.children if isinstance(child, Tree)]


def _parts(node: Node) -> list[Node]:
    """The children that mean something."""
    return [child for child in _trees(node) if child.data not in _SPACE]


def _name(node: Node) -> str:
    return str(node.children[0])


def _heredoc(token: str) -> str:
    """The lines between the marks; `<<-` takes the common indentation away."""
    first, *lines = token.rstrip("\n").split("\n")
    lines = lines[:-1]
    if first.startswith("<<-"):
        margin = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
        lines = [line[margin:] for line in lines]
    return "".join(f"{line}\n" for line in lines)


def _unescaped(text: str, kind: str, place: Place) -> str:
    if kind in ("ESCAPED_INTERPOLATION", "ESCAPED_DIRECTIVE"):
        # The grammar looks for the next brace, wherever it is.
        if "\n" in text or re.search(r'(?<!\\)"', text) or "${" in text[3:] or "%{" in text[3:]:
            raise ReadError(f"`{text[:3]}` has no `}}` in its text, which is not understood here: add one", place)
        text = text[1:]
    return _ESCAPE.sub(lambda match: _character(match, place), text)


def _character(match: re.Match[str], place: Place) -> str:
    code = match[1] or match[2]
    if code:
        number = int(code, 16)
        if number == 0 or 0xD800 <= number <= 0xDFFF or number > 0x10FFFF:
            raise ReadError(f"`{match[0]}` is not a character", place)
        return chr(number)
    if match[3]:
        return _CONTROLS[match[3]]
    raise ReadError(f"`{match[0]}` means nothing in Terraform: write a backslash as two", place)

"""A policy's text as rules look at it: statements, actions, resources, conditions and principals with their places.

Nothing is refused here: what has the wrong shape is passed over, and the rules about shapes report it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from policystudio.engine.document import PolicyKind
from policystudio.engine.lint.finding import Path, Place, Step
from policystudio.engine.parse.report import Report
from policystudio.engine.parse.text import Value, read
from policystudio.engine.source import Problem, Source

_OPERATOR = re.compile(r"(?:(?P<quantifier>ForAllValues|ForAnyValue):)?(?P<base>[A-Za-z]+?)(?P<suffix>IfExists)?", re.I)

#: Places of JSON numbers, words and texts alike: what a condition's value may be.
SCALARS = frozenset({"string", "number", "true", "false"})


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the document and its path."""

    value: Value
    path: Path

    @property
    def text(self) -> str:
        """The contents of a text; numbers and words as written."""
        return self.value.text

    @property
    def is_text(self) -> bool:
        """Whether this is a JSON string."""
        return self.value.type == "string"

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return Place(self.path, self.value.start, self.value.end)

    def members(self) -> Iterator[tuple["Node", "Node"]]:
        """The members of an object: each key, then its value."""
        for key, member in self.value.members:
            yield Node(key, (*self.path, (Step.KEY, key.text))), Node(member, (*self.path, (Step.VALUE, key.text)))

    def items(self) -> tuple["Node", ...]:
        """The items of an array; a value that is none by itself."""
        if self.value.type != "array":
            return (self,)
        return tuple(Node(item, (*self.path, (Step.INDEX, index))) for index, item in enumerate(self.value.items))

    def texts(self) -> tuple["Node", ...]:
        """The texts among the items."""
        return tuple(item for item in self.items() if item.is_text)


@dataclass(frozen=True)
class Condition:
    """One key of one operator of a Condition block."""

    operator: Node
    key: Node
    value: Node

    @cached_property
    def values(self) -> tuple[Node, ...]:
        """The scalar values."""
        return tuple(item for item in self.value.items() if item.value.type in SCALARS)

    @cached_property
    def _parts(self) -> tuple[str, str, bool]:
        match = _OPERATOR.fullmatch(self.operator.text)
        if match is None:
            return "", self.operator.text.lower(), False
        return (match["quantifier"] or "").lower(), match["base"].lower(), bool(match["suffix"])

    @property
    def quantifier(self) -> str:
        """``forallvalues``, ``foranyvalue``, or nothing."""
        return self._parts[0]

    @property
    def base(self) -> str:
        """The operator without prefix and suffix, in lower case."""
        return self._parts[1]

    @property
    def if_exists(self) -> bool:
        """Whether the operator ends with ``IfExists``."""
        return self._parts[2]

    @cached_property
    def name(self) -> str:
        """The key in lower case."""
        return self.key.text.lower()


@dataclass(frozen=True)
class Statement:
    """One statement: an object of the Statement element."""

    node: Node

    @cached_property
    def elements(self) -> dict[str, Node]:
        """The values by the names of their elements; of an element that stands twice the last."""
        return {key.text: value for key, value in self.node.members()}

    @property
    def effect(self) -> str:
        """The text of Effect; empty without one."""
        effect = self.elements.get("Effect")
        return effect.text if effect is not None and effect.is_text else ""

    def texts(self, element: str) -> tuple[Node, ...]:
        """The texts of an element that may hold one or several."""
        node = self.elements.get(element)
        return () if node is None else node.texts()

    @cached_property
    def actions(self) -> tuple[Node, ...]:
        """What Action names."""
        return self.texts("Action")

    @cached_property
    def resources(self) -> tuple[Node, ...]:
        """What Resource names."""
        return self.texts("Resource")

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """Every key of every operator."""
        block = self.elements.get("Condition")
        if block is None:
            return ()
        return tuple(
            Condition(operator, key, value)
            for operator, keys in block.members()
            if keys.value.type == "object"
            for key, value in keys.members()
        )

    def variable_places(self) -> Iterator[Node]:
        """The texts in which variables count: resources and the values of conditions."""
        yield from self.resources
        yield from self.texts("NotResource")
        for condition in self.conditions:
            yield from condition.values

    @cached_property
    def principals(self) -> tuple[tuple[str, Node], ...]:
        """The names of Principal, each with the key that it stands under; ``*`` for the lone ``"*"``."""
        return tuple(self._principals("Principal"))

    def _principals(self, element: str) -> Iterator[tuple[str, Node]]:
        node = self.elements.get(element)
        if node is None:
            return
        if node.is_text:
            yield "*", node
        for key, names in node.members():
            for name in names.texts():
                yield key.text, name


@dataclass(frozen=True)
class Document:
    """A policy document of a kind; ``root`` is None where its text is not JSON."""

    source: Source
    kind: PolicyKind
    root: Node | None
    problems: tuple[Problem, ...]

    @classmethod
    def read(cls, text: str, kind: PolicyKind) -> "Document":
        """Read a text; whatever it is, without an error."""
        report = Report(Source(text))
        value = read(report)
        return cls(report.source, kind, None if value is None else Node(value, ()), report.problems)

    @property
    def flaw(self) -> Problem | None:
        """What keeps the text from being JSON; None where it is. A key that stands twice does not."""
        return next((problem for problem in self.problems if problem.code != "duplicate_key"), None)

    @cached_property
    def elements(self) -> dict[str, Node]:
        """The values of the policy's elements by name."""
        return {} if self.root is None else {key.text: value for key, value in self.root.members()}

    @cached_property
    def statements(self) -> tuple[Statement, ...]:
        """The statements that are objects."""
        node = self.elements.get("Statement")
        if node is None:
            return ()
        return tuple(Statement(item) for item in node.items() if item.value.type == "object")

    @cached_property
    def plain_denies(self) -> tuple[Statement, ...]:
        """The Deny statements that always hold: those without a condition."""
        return tuple(each for each in self.statements if each.effect == "Deny" and "Condition" not in each.elements)

    @property
    def size(self) -> int:
        """The characters that count against a quota: all but white space."""
        return sum(len(part) for part in self.source.text.split())

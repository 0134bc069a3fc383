"""Policies among the inputs of an evaluation: read, named, and cached; what is wrong is collected with its place."""

import json
import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from policystudio.engine.document import Policy, PolicyKind
from policystudio.engine.parse import PolicyError, parse_policy
from policystudio.engine.request import Levels, NamedPolicy
from policystudio.lib.said import Contrary
from policystudio.lib.strict_json import JsonPath, JsonValue, dumps, kind_of, write_path

_T = TypeVar("_T")
#: What is well written by itself, and not beside the rest of the document.
_CONTRARY = ("duplicate_sid",)
_NOT_IAM = re.compile("[^\x00-\xff]")


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One thing that is wrong in an input; ``path`` is its place, such as ``identity_policies[0].Statement[1]``.

    Line and column count from 1. Those of a document that stands in the input as a value are its own, ``inner``: the
    message tells them.
    """

    path: str
    message: str
    line: int = 0
    column: int = 0
    inner: bool = False

    def __str__(self) -> str:
        if self.line and not self.path:
            return f"line {self.line}, column {self.column}: {self.message}"
        return f"`{self.path}`: {self.message}" if self.path else self.message


@dataclass(slots=True)
class PolicyCache:
    """Keeps the documents read last, so that a document that stands on many lines is parsed once."""

    size: int = 4096
    _policies: OrderedDict[tuple[PolicyKind, str], Policy] = field(default_factory=OrderedDict)

    def parse(self, text: str, kind: PolicyKind) -> Policy:
        """The policy of ``text``; raises ``PolicyError`` where it cannot be read."""
        policy = self._policies.get((kind, text))
        if policy is None:
            policy = self._policies[kind, text] = parse_policy(text, kind)
            if len(self._policies) > self.size:
                self._policies.popitem(last=False)
        else:
            self._policies.move_to_end((kind, text))
        return policy


@dataclass(slots=True)
class PolicyReader:
    """Reads policies out of JSON values. A method answers something usable in any case and adds to ``problems``."""

    cache: PolicyCache
    problems: list[InputProblem] = field(default_factory=list)

    def problem(self, path: JsonPath, message: str, line: int = 0, column: int = 0) -> None:
        """Note one thing that is wrong."""
        self.problems.append(InputProblem(write_path(path), message, line, column, inner=bool(line)))

    def levels(self, value: JsonValue, path: JsonPath, kind: PolicyKind) -> Levels | None:
        """The levels of an organization, root first; None where the account is in none."""
        if value is None:
            return None

        def read(level: JsonValue, place: JsonPath) -> tuple[NamedPolicy, ...]:
            if not isinstance(level, list):
                self.problem(
                    place, f"must be a list, the policies of one level of the organization, not {kind_of(level)}"
                )
                return ()
            return self.policies(level, place, kind)

        return tuple(self.items(value, path, read))

    def policies(self, value: JsonValue, path: JsonPath, kind: PolicyKind) -> tuple[NamedPolicy, ...]:
        """A list of policies; none where it is null."""

        def read(item: JsonValue, place: JsonPath) -> NamedPolicy | None:
            if item is None:
                self.problem(place, "must be a policy document, not null")
            return self.policy(item, place, kind)

        return tuple(policy for policy in self.items(value, path, read) if policy is not None)

    def policy(self, value: JsonValue, path: JsonPath, kind: PolicyKind) -> NamedPolicy | None:
        """A document as an object, as its JSON text, or as ``{name, document}`` with either of them.

        A document given as an object gets the text that writes it on one line; spans refer to that text.
        """
        name = write_path(path)
        if isinstance(value, dict) and "document" in value:
            name = self._name(value, path) or name
            path, value = (*path, "document"), value["document"]
        elif value is None:
            return None
        if not isinstance(value, dict | str):
            self.problem(path, f"must be a policy document (an object or its JSON text), not {kind_of(value)}")
            return None
        try:
            return NamedPolicy(name, self.cache.parse(value if isinstance(value, str) else _text_of(value), kind))
        except PolicyError as error:
            for problem in error.problems:
                start = problem.span.start
                steps = (step for step in problem.path if step != "#key")
                said = f"line {start.line}, column {start.column}: {problem.message}"
                said = Contrary(said) if problem.code in _CONTRARY else said
                self.problem((*path, *steps), said, start.line, start.column)
            return None

    def _name(self, value: dict[str, JsonValue], path: JsonPath) -> str:
        for key in value:
            if key not in ("name", "document"):
                self.problem((*path, key), "unknown input: a named policy has a `name` and a `document`")
        given = value.get("name")
        if given is None:
            return ""
        if isinstance(given, str) and given:
            return given
        self.problem((*path, "name"), f"must be a text that is not empty, not {kind_of(given) if given else 'empty'}")
        return ""

    def items(self, value: JsonValue, path: JsonPath, read: Callable[[JsonValue, JsonPath], _T]) -> list[_T]:
        """Each item of a list, read; none where it is null."""
        if value is None:
            return []
        if not isinstance(value, list):
            self.problem(path, f"must be a list, not {kind_of(value)}")
            return []
        return [read(item, (*path, number)) for number, item in enumerate(value)]


def _text_of(document: dict[str, JsonValue]) -> str:
    """The document on one line. Characters that IAM takes as escapes alone (beyond U+00FF) stand as escapes."""
    return _NOT_IAM.sub(lambda found: json.dumps(found[0])[1:-1], dumps(document))

"""The document and its statements: which elements there are, which each kind of policy must and may have."""

import re
from dataclasses import dataclass, field

from policystudio.engine.document import Condition, Effect, Policy, PolicyKind, PrincipalEntry, Statement
from policystudio.engine.parse.conditions import read_conditions
from policystudio.engine.parse.patterns import action_problem, resource_problem
from policystudio.engine.parse.principals import read_principals
from policystudio.engine.parse.report import MAX_CHARACTERS, Report, shown, suggestion
from policystudio.engine.parse.text import Value, read
from policystudio.engine.source import Path, Problem, Source, Span

VERSIONS = ("2012-10-17", "2008-10-17")

_POLICY_ELEMENTS = ("Version", "Id", "Statement")
_STATEMENT_ELEMENTS = (
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
)

_NAMES = {
    PolicyKind.IDENTITY: "an identity policy",
    PolicyKind.RESOURCE: "a resource policy",
    PolicyKind.TRUST: "a trust policy",
    PolicyKind.SERVICE_CONTROL: "a service control policy",
    PolicyKind.RESOURCE_CONTROL: "a resource control policy",
}

#: The elements that a kind of policy may not have, and why.
_FORBIDDEN = {
    PolicyKind.IDENTITY: {
        "Id": "only policies of resources have one",
        "Principal": "the principal is the identity that the policy is attached to",
        "NotPrincipal": "the principal is the identity that the policy is attached to",
    },
    PolicyKind.RESOURCE: {},
    PolicyKind.TRUST: {
        "Resource": "the resource is the role itself",
        "NotResource": "the resource is the role itself",
        "NotPrincipal": "name the principals in `Principal`",
    },
    PolicyKind.SERVICE_CONTROL: {
        "Principal": "it holds for every principal of the account",
        "NotPrincipal": "it holds for every principal of the account",
    },
    PolicyKind.RESOURCE_CONTROL: {
        "NotPrincipal": 'write `"Principal": "*"` and a condition',
        "NotAction": "name the actions in `Action`",
    },
}

#: The elements of which a statement must have one. A resource policy may leave its resource out where the service
#: lets it (repositories, secrets): the statement is then about the resource that has the policy.
_REQUIRED = {
    PolicyKind.IDENTITY: (("Action", "NotAction"), ("Resource", "NotResource")),
    PolicyKind.RESOURCE: (("Principal", "NotPrincipal"), ("Action", "NotAction")),
    PolicyKind.TRUST: (("Principal", "NotPrincipal"), ("Action", "NotAction")),
    PolicyKind.SERVICE_CONTROL: (("Action", "NotAction"), ("Resource", "NotResource")),
    PolicyKind.RESOURCE_CONTROL: (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")),
}
_EXCLUSIVE = (("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource"))

#: IAM's own documents hold these characters alone; other services keep their policies themselves and are not so strict.
_IAM_KINDS = (PolicyKind.IDENTITY, PolicyKind.TRUST)
_NOT_IAM = re.compile("[^\x00-\xff\ufeff\ud800-\udfff]+")
_SID = re.compile("[A-Za-z0-9]*")


class PolicyError(ValueError):
    """A document that is not a policy; ``problems`` are all of its problems in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__(problems)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


def parse_policy(text: str, kind: PolicyKind = PolicyKind.IDENTITY, *, max_characters: int = MAX_CHARACTERS) -> Policy:
    """Read a policy document of the given kind.

    ``max_characters`` is ``API_CHARACTERS`` for what a person wants to send to AWS.

    Raises ``PolicyError`` with every problem, each with its place; never anything else, whatever the text. The grammar
    is https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html, and where IAM is known to
    refuse a document that the grammar allows, so does this.
    """
    report = Report(Source(text))
    root = read(report, max_characters)
    if kind in _IAM_KINDS and len(text) <= max_characters:
        _check_characters(text, report)
    policy = None if root is None else _PolicyReader(report, kind).policy(root)
    if report.problems or policy is None:
        raise PolicyError(report.problems)
    return policy


def _check_characters(text: str, report: Report) -> None:
    for match in _NOT_IAM.finditer(text):
        message = f"{shown(match.group())} is outside of the characters that IAM allows (up to U+00FF)"
        report.add_at("character", f"{message}: write it as `\\u` escapes", match.start(), match.end())


@dataclass(slots=True)
class _Elements:
    """The elements of a policy or statement by name. ``is_whole`` where none of them can have been missed."""

    values: dict[str, Value]
    is_whole: bool
    path: Path
    place: Value
    meant: set[str] = field(default_factory=set)


class _PolicyReader:
    """Reads one document; what is wrong goes to the report, and reading goes on."""

    def __init__(self, report: Report, kind: PolicyKind) -> None:
        self._report = report
        self._kind = kind
        self._sids: dict[str, int] = {}

    def policy(self, root: Value) -> Policy | None:
        if root.type != "object":
            if not self._report.problems:
                self._report.add("type", f"a policy is a JSON object, `{{…}}`, not {_a(root)}", root)
            return None
        elements = self._elements(root, (), _POLICY_ELEMENTS, "policy")
        self._check_forbidden(elements)
        version = self._version(elements)
        identifier = self._text(elements, "Id")
        statements = self._statements(elements)
        return Policy(self._report.source.text, self._kind, version, statements, identifier)

    def _elements(self, value: Value, path: Path, known: tuple[str, ...], what: str) -> _Elements:
        elements = _Elements({}, not value.damaged, path, value)
        for key, member in value.members:
            name = key.text
            if name in known:
                elements.values.setdefault(name, member)
                continue
            meant = suggestion(name, known)
            if value.damaged and not meant:
                continue  # where a key is not JSON, its value may have been read as a key
            hint = (
                f": did you mean `{meant}`?" if meant else f": a {what} has {', '.join(f'`{each}`' for each in known)}"
            )
            self._report.add("unknown_element", f"unknown element {shown(name)}{hint}", key, (*path, name))
            elements.meant.add(meant)
        return elements

    def _check_forbidden(self, elements: _Elements) -> None:
        for name, reason in _FORBIDDEN[self._kind].items():
            if name in elements.values:
                message = f"`{name}` is not allowed in {_NAMES[self._kind]}: {reason}"
                self._report.add("forbidden_element", message, elements.values[name], (*elements.path, name))

    def _version(self, elements: _Elements) -> str:
        value = elements.values.get("Version")
        if value is None:
            return VERSIONS[1]
        if value.text not in VERSIONS or value.type != "string":
            message = f"unknown version {shown(value.text)}: write `2012-10-17`"
            self._add_unless_damaged("version", message, value, ("Version",))
        return value.text

    def _text(self, elements: _Elements, name: str) -> str | None:
        value = elements.values.get(name)
        if value is None:
            return None
        if value.type != "string":
            message = f"`{name}` must be text, not {_a(value)}"
            self._add_unless_damaged("type", message, value, (*elements.path, name))
        return value.text

    def _statements(self, elements: _Elements) -> tuple[Statement, ...]:
        value = elements.values.get("Statement")
        path: Path = ("Statement",)
        if value is None:
            if elements.is_whole and "Statement" not in elements.meant:
                self._report.add("missing_element", "the policy has no `Statement`", elements.place)
            return ()
        if value.type == "object":
            span = self._report.source.span(value.start + 1, value.end)
            return (self._statement(value, path, 0, span),)
        if value.type != "array":
            message = f"`Statement` must be a statement or a list of statements, not {_a(value)}"
            self._add_unless_damaged("type", message, value, path)
            return ()
        if not value.items and not value.damaged:
            self._report.add("empty", "`Statement` is an empty list: write at least one statement", value, path)
        return self._statement_list(value, path)

    def _statement_list(self, value: Value, path: Path) -> tuple[Statement, ...]:
        statements = []
        before = value.start + 1
        for index, item in enumerate(value.items):
            if self._report.is_full:
                break
            if item.type == "object":
                span = self._report.source.span(before, item.end)
                statements.append(self._statement(item, (*path, index), index, span))
            else:
                message = f"a statement is a JSON object, `{{…}}`, not {_a(item)}"
                self._add_unless_damaged("type", message, item, (*path, index))
            before = item.end
        return tuple(statements)

    def _statement(self, value: Value, path: Path, index: int, span: Span) -> Statement:
        elements = self._elements(value, path, _STATEMENT_ELEMENTS, "statement")
        self._check_forbidden(elements)
        self._check_combinations(elements)
        return Statement(
            index=index,
            sid=self._sid(elements, index),
            effect=self._effect(elements),
            principals=self._principals(elements, "Principal"),
            not_principals=self._principals(elements, "NotPrincipal"),
            actions=self._patterns(elements, "Action"),
            not_actions=self._patterns(elements, "NotAction"),
            resources=self._patterns(elements, "Resource"),
            not_resources=self._patterns(elements, "NotResource"),
            conditions=self._conditions(elements),
            span=span,
        )

    def _check_combinations(self, elements: _Elements) -> None:
        allowed = [name for name in elements.values if name not in _FORBIDDEN[self._kind]]
        for plain, negated in _EXCLUSIVE:
            if plain in allowed and negated in allowed:
                message = f"`{plain}` and `{negated}` may not stand in one statement: remove one, or write two"
                self._add_combination(message, elements, negated)
        effect = elements.values.get("Effect")
        if "NotPrincipal" in allowed and effect is not None and effect.text == Effect.ALLOW:
            message = '`NotPrincipal` is supported with `"Effect": "Deny"` alone: name the principals in `Principal`'
            self._add_combination(message, elements, "NotPrincipal")
        if elements.is_whole:
            self._check_missing(elements)

    def _add_combination(self, message: str, elements: _Elements, name: str) -> None:
        self._report.add("combination", message, elements.values[name], (*elements.path, name))

    def _check_missing(self, elements: _Elements) -> None:
        for names in (("Effect",), *_REQUIRED[self._kind]):
            if not any(name in elements.values or name in elements.meant for name in names):
                wanted = " or ".join(f"`{name}`" for name in names if name not in _FORBIDDEN[self._kind])
                self._report.add("missing_element", f"the statement has no {wanted}", elements.place, elements.path)

    def _sid(self, elements: _Elements, index: int) -> str | None:
        sid = self._text(elements, "Sid")
        if not sid or self._kind is not PolicyKind.IDENTITY or elements.values["Sid"].type != "string":
            return sid
        value, path = elements.values["Sid"], (*elements.path, "Sid")
        if not _SID.fullmatch(sid):
            message = f"Sid {shown(sid)}: only the letters A–Z and a–z and digits are allowed in an identity policy"
            self._add_unless_damaged("sid", message, value, path)
        first = self._sids.setdefault(sid, index)
        if first != index:
            message = f"Sid {shown(sid)} is already that of statement {first + 1}: a Sid must be unique in its policy"
            self._add_unless_damaged("duplicate_sid", message, value, path)
        return sid

    def _effect(self, elements: _Elements) -> Effect:
        value = elements.values.get("Effect")
        if value is None:
            return Effect.DENY
        if value.type != "string" or value.text not in ("Allow", "Deny"):
            found = shown(value.text) if value.type == "string" else _a(value)
            message = f"`Effect` must be `Allow` or `Deny`, not {found}"
            self._add_unless_damaged("effect", message, value, (*elements.path, "Effect"))
            return Effect.DENY
        return Effect(value.text)

    def _principals(self, elements: _Elements, name: str) -> tuple[PrincipalEntry, ...]:
        value = elements.values.get(name)
        if value is None or name in _FORBIDDEN[self._kind]:
            return ()
        return read_principals(value, (*elements.path, name), self._kind, self._report)

    def _patterns(self, elements: _Elements, name: str) -> tuple[str, ...]:
        """The values of Action, Resource and their Not- forms: one text or a list of them, never an empty one."""
        value = elements.values.get(name)
        if value is None or name in _FORBIDDEN[self._kind]:
            return ()
        path = (*elements.path, name)
        if value.type == "array":
            if not value.items and not value.damaged:
                message = f"`{name}` is an empty list: write at least one value, or remove the statement"
                self._report.add("empty", message, value, path)
            found = [(item, (*path, index)) for index, item in enumerate(value.items)]
        else:
            found = [(value, path)]
        return tuple(self._pattern(item, item_path, name) for item, item_path in found)

    def _pattern(self, value: Value, path: Path, name: str) -> str:
        if value.type != "string":
            self._add_unless_damaged("type", f"`{name}` must be text or a list of texts, not {_a(value)}", value, path)
            return ""
        if name in ("Action", "NotAction"):
            problem = action_problem(value.text, self._kind)
        else:
            problem = resource_problem(value.text)
        if problem:
            self._add_unless_damaged(*problem, value, path)
        return value.text

    def _conditions(self, elements: _Elements) -> tuple[Condition, ...]:
        value = elements.values.get("Condition")
        return () if value is None else read_conditions(value, (*elements.path, "Condition"), self._report)

    def _add_unless_damaged(self, code: str, message: str, value: Value, path: Path) -> None:
        """A value that is not JSON has its problem already."""
        if not value.damaged:
            self._report.add(code, message, value, path)


def _a(value: Value) -> str:
    """The kind of a value as a message names it."""
    names = {"object": "an object", "array": "a list", "string": "text", "number": "a number", "null": "null"}
    return names.get(value.type, "a boolean")

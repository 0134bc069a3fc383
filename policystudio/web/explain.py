"""A Why as the page shows it: layers in words, statements as excerpts with what matters marked, links that go on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from django.urls import reverse

from policystudio.accounts.models import Account, OrganizationPolicy
from policystudio.accounts.selectors import organization_levels
from policystudio.engine.decision import Element, Layer, Verdict
from policystudio.engine.document import Condition, Effect, Statement
from policystudio.engine.match import action_matches, resource_matches
from policystudio.engine.parse import places
from policystudio.engine.request import Request
from policystudio.engine.source import Path, Span
from policystudio.identities import selectors as identities
from policystudio.identities.models import Identity
from policystudio.simulator.question import Question
from policystudio.simulator.sentences import Residue
from policystudio.simulator.together import said
from policystudio.simulator.why import Side, Why, WhyLayer, WhyStatement
from policystudio.web import words
from policystudio.web.asking import Asked
from policystudio.web.policy_text import Line, Mark, lines_of

SAYS = {
    "A": "allows",
    "S": "allows some resources",
    "C": "allows under conditions",
    "E": "explicit deny",
    "I": "does not allow",
    "U": "undecided",
}
DECISIONS = {
    Verdict.ALLOWED: ("allowed", "A"),
    Verdict.IMPLICIT_DENY: ("implicit deny", "I"),
    Verdict.EXPLICIT_DENY: ("explicit deny", "E"),
}
LAYER_NAMES = {
    Layer.SERVICE_CONTROL: "service control policy",
    Layer.BOUNDARY: "permissions boundary",
    Layer.IDENTITY: "identity policy",
}


@dataclass(frozen=True)
class LayerRow:
    """One layer: what it is, what it says, and the policies in it as (name, address) pairs."""

    name: str
    letter: str
    says: str
    policies: Sequence[tuple[str, str]] = ()
    more: str = ""


@dataclass(frozen=True)
class Excerpt:
    """One statement in its policy. ``without`` is the question with that policy taken away, as an address."""

    policy: str
    address: str
    layer: str
    through: str
    sid: str
    effect: str
    line: int
    lines: Sequence[Line]
    role: str
    kept: str
    without: str


@dataclass(frozen=True)
class Example:
    """A concrete request with its plain decision."""

    resource: str
    context: Sequence[tuple[str, str]]
    verdict: str
    letter: str


@dataclass(frozen=True)
class Part:
    """What one layer allows, or what is denied: alternatives, each with its resources and conditions."""

    title: str
    alternatives: Sequence[Residue]


_ALLOWS: Mapping[Layer | None, str] = {
    Layer.SERVICE_CONTROL: "The organization allows it",
    Layer.BOUNDARY: "and the boundary allows it",
    Layer.IDENTITY: "and identity policies allow it",
}


class Explained:
    """What the template of a Why needs, worked out as it asks."""

    def __init__(self, account: Account, asked: Asked, why: Why) -> None:
        self.account, self.asked, self.why = account, asked, why
        self._levels = organization_levels(account, OrganizationPolicy.Kind.SERVICE_CONTROL) or ()

    @property
    def action(self) -> str:
        """The action without its service."""
        return self.why.column.action.partition(":")[2]

    @property
    def type(self) -> str:
        """The resource type; empty for an action that has none."""
        return "" if self.why.column.resource_type == "*" else self.why.column.resource_type

    def layers(self) -> list[LayerRow]:
        """The layers that take part in the decision, the organization's level by level, then those that do not."""
        plain = [one for one in self.why.layers if one.layer is Layer.SERVICE_CONTROL and one.letter == "A"]
        rows = [self._layer(layer) for layer in self.why.layers if layer not in plain]
        if plain:
            policies = {policy: address for one in plain for policy, address in self._layer(one).policies}
            levels = f" ({words.count(len(plain), 'level')})"
            rows.insert(0, LayerRow("Organization", "A", f"{SAYS['A']}{levels}", list(policies.items())))
        named = {layer.layer for layer in self.why.layers}
        if Layer.SERVICE_CONTROL not in named:
            rows.insert(0, LayerRow("Organization", "", self._no_organization()))
        if Layer.BOUNDARY not in named:
            rows.insert(-1, LayerRow("Boundary", "", "none"))
        rows.append(LayerRow("Resource policy", "", "none known"))
        if self.why.bearer.kind == "role":
            rows.append(LayerRow("Session policy", "", "none passed"))
        return rows

    def _no_organization(self) -> str:
        if self.account.is_management:
            return "does not limit its management account"
        if self.why.bearer.service_linked:
            return "does not limit service-linked roles"
        return "no service control policy" if self.account.organization else "none known"

    def _layer(self, layer: WhyLayer) -> LayerRow:
        names = {
            Layer.SERVICE_CONTROL: f"Organization, {layer.name}",
            Layer.BOUNDARY: "Boundary",
            Layer.IDENTITY: "Identity",
        }
        says = SAYS[layer.letter]
        if layer.letter in ("S", "C") and layer.denies:
            says = "denies some resources" if layer.letter == "S" else "allows or denies under conditions"
        if layer.layer is Layer.IDENTITY and self.why.bearer.kind == "root":
            says = "the root user is allowed by default"
        if self.why.letter == "U" and "could not be read" in self.why.cell.undecided:
            says += ", as far as it could be read"
        speaking = [(name, self._address_in(layer, name)) for name in layer.policies if self._speaks(layer, name)]
        silent = len(layer.policies) - len(speaking)
        if silent and speaking and layer.layer is Layer.IDENTITY:
            says_more = f"{words.count(silent, 'other policy says', 'other policies say')} nothing of it"
            return LayerRow(names[layer.layer], layer.letter, says, speaking, says_more)
        policies = speaking or [(name, self._address_in(layer, name)) for name in layer.policies]
        return LayerRow(names.get(layer.layer, layer.name), layer.letter, says, policies)

    def _speaks(self, layer: WhyLayer, name: str) -> bool:
        """Whether a statement of the policy bears on the cell."""
        return any(one.layer is layer.layer and one.policy.name == name for one in self.why.statements)

    def _address_in(self, layer: WhyLayer, name: str) -> str:
        """The page of a layer's policy, by what its statements say of where they stand."""
        if layer.layer is Layer.SERVICE_CONTROL:
            return self._organization_policy(layer.name, name)
        found = (one for one in self.why.statements if one.layer is layer.layer and one.policy.name == name)
        return next((self._address(one, with_line=False) for one in found), "")

    def _organization_policy(self, level: str, name: str) -> str:
        for one in self._levels:
            for policy in one.policies if level in (one.name, one.id) else ():
                if policy.name == name:
                    return reverse("web:organization-policy", args=[self.account.number, policy.pk])
        return ""

    @property
    def opening(self) -> str:
        """The verdict by itself."""
        return words.sentence(words.WORDS[self.why.letter])

    @property
    def sign(self) -> str:
        """The verdict's sign."""
        return words.SIGNS[self.why.letter]

    @property
    def rest(self) -> str:
        """What the sentence says beyond the verdict."""
        said = self.why.sentence
        for opening in (words.WORDS[self.why.letter], words.WORDS[self.why.letter].partition(" ")[0]):
            if said.lower().startswith(opening):
                said = said[len(opening) :].lstrip(":. ")
                break
        return words.sentence(said) if said else ""

    @property
    def together(self) -> str:
        """What the action comes to with the other resource types that it requires; empty where there is no other."""
        return "" if self.why.together is None else said(self.why.together, self.why.column.resource_type)

    def parts(self) -> list[Part]:
        """Where and when it is allowed and denied: a list for each layer that does not allow all of it."""
        if self.why.letter not in ("S", "C"):
            return []
        found: dict[tuple[Layer, int | None], list[Residue]] = {}
        for item in self.why.residue:
            if item.effect is Effect.ALLOW:
                found.setdefault((item.layer, item.level), []).append(item)
        narrow = [(layer, items) for (layer, _), items in found.items() if not any(item.everywhere for item in items)]
        parts = [Part(_ALLOWS[layer] if len(narrow) > 1 else "Allowed", _distinct(items)) for layer, items in narrow]
        denies = [item for item in self.why.residue if item.effect is Effect.DENY]
        return [*parts, Part("Denied" if parts else "Allowed, but denied", _distinct(denies))] if denies else parts

    def excerpts(self) -> list[Excerpt]:
        """The statements that decide, Deny first and the identity's own before what limits them, then near ones.

        A policy that is attached at several levels of the organization is shown once.
        """
        ordered = sorted(self.why.statements, key=_weight)
        once: dict[tuple[Layer, str, str, int], WhyStatement] = {}
        for one in ordered:
            once.setdefault((one.layer, one.policy.name, one.policy.policy.text, one.trace.statement.index), one)
        return [self._excerpt(one) for one in once.values()]

    def _excerpt(self, found: WhyStatement) -> Excerpt:
        text, statement = found.policy.policy.text, found.trace.statement
        start = statement.span.start.offset
        start += len(text[start:]) - len(text[start:].lstrip(", \t\r\n"))
        requests = [side.request for side in (self.why.allowed, self.why.denied) if side]
        marks = marks_of(found, self.why.column.action, requests)
        return Excerpt(
            policy=found.policy.name,
            address=self._address(found, with_line=True),
            layer=LAYER_NAMES.get(found.layer, ""),
            through=self._through(found),
            sid=statement.sid or "",
            effect=statement.effect,
            line=found.first_line,
            lines=lines_of(text, marks, start=start, end=statement.span.end.offset),
            role=_role(found),
            kept=found.kept,
            without=self._without(found),
        )

    def _through(self, found: WhyStatement) -> str:
        through = found.attached.through if found.attached else ""
        return through.rpartition("/")[2]

    def _address(self, found: WhyStatement, *, with_line: bool) -> str:
        """Where the statement's policy can be read; empty for one that is only tried."""
        line = f"L{found.first_line}" if with_line else ""
        if found.layer is Layer.SERVICE_CONTROL:
            page = self._organization_policy(found.policy.attached_to, found.policy.name)
            return f"{page}#{line}" if page and line else page
        attached = found.attached
        if attached is None:
            return ""
        if attached.policy_id is not None:
            page = reverse("web:policy", args=[self.account.number, attached.policy_id])
            return f"{page}#{line}" if line else page
        if attached.kind != "inline":
            return ""
        owner = self._owner(attached.through)
        if owner is None:
            return ""
        page = reverse("web:identity", args=[self.account.number, owner])
        return f"{page}#{quote(inline_anchor(attached.name))}{line}"

    def _owner(self, through: str) -> int | None:
        """The identity that an inline policy is part of: the one asked about, or the group that it comes through."""
        if not through:
            return self.why.bearer.id
        try:
            return identities.identity_by_arn(self.account, through).pk
        except Identity.DoesNotExist:
            return None

    def _without(self, found: WhyStatement) -> str:
        """The simulator without the statement's policy; organization policies cannot be tried away."""
        if found.layer is Layer.SERVICE_CONTROL or found.attached is None or found.attached.kind == "what-if":
            return ""
        key = "boundary" if found.layer is Layer.BOUNDARY else found.attached.key
        what_if = self.asked.question.what_if
        changed = replace(what_if, exclude=tuple(dict.fromkeys((*what_if.exclude, key))))
        return self.address(question=replace(self.asked.question, what_if=changed))

    def examples(self) -> list[Example]:
        """The requests on both sides: one that is allowed, one that is not. Where nothing is decided: those found."""
        if self.why.letter == "U" and not (self.why.cell.allowed or self.why.cell.denied):
            return []
        return [_example(side) for side in (self.why.allowed, self.why.denied) if side]

    def missing(self) -> list[tuple[str, str]]:
        """The context keys that could decide, each with the address that asks for its value."""
        given = {key.lower() for key in self.asked.question.context}
        missing = [key for key in self.why.missing_context_keys if key.lower() not in given]
        return [(key, self.address(edit=key)) for key in missing]

    def address(self, *, question: Question | None = None, edit: str = "") -> str:
        """The simulator with this Why open, with another question or the form of a key open."""
        asked = replace(self.asked, question=question or self.asked.question, edit=edit)
        return f"{reverse('web:simulator', args=[self.account.number])}{asked.query()}"

    @property
    def page(self) -> str:
        """The page of this Why alone."""
        asked = replace(self.asked, opened=(), page=1, edit="")
        return f"{reverse('web:why', args=[self.account.number])}{asked.query()}"


def inline_anchor(name: str) -> str:
    """The prefix of the lines of an inline policy on the page of its identity."""
    return f"{name}-"


def _distinct(items: Iterable[Residue]) -> list[Residue]:
    """The same resources and conditions once, whichever policies say so."""
    return list({(item.resources, item.excluded, item.conditions): item for item in items}.values())


def _weight(found: WhyStatement) -> tuple[bool, bool, int]:
    """What is read first."""
    layers = (Layer.IDENTITY, Layer.BOUNDARY, Layer.SERVICE_CONTROL)
    matched = bool(found.matched_allowed or found.matched_denied)
    rank = layers.index(found.layer) if found.layer in layers else len(layers)
    return not matched, found.trace.statement.effect is Effect.ALLOW, rank


def _role(found: WhyStatement) -> str:
    """What a statement did for the two requests."""
    if found.matched_allowed and found.matched_denied:
        return "matches both requests"
    if found.matched_allowed:
        return "matches the request that is allowed" if found.matched_denied is not None else "matches"
    if found.matched_denied:
        return "matches the request that is not allowed" if found.matched_allowed is not None else "matches"
    return "nearly matches"


def _example(side: Side) -> Example:
    said, letter = DECISIONS[side.decision.verdict]
    context = [(key, ", ".join(values) or "absent") for key, values in side.example.context.items()]
    return Example(side.request.resource, context, said, letter)


def marks_of(found: WhyStatement, action: str, requests: Iterable[Request]) -> list[Mark]:
    """The stretches of the policy's text that bear on the cell: what matched, or what kept it from matching."""
    where = places(found.policy.policy.text)
    statement = found.trace.statement
    root: Path = ("Statement", statement.index)
    if (*root, "Effect") not in where:
        root = ("Statement",)
    paths = [*_action_paths(statement, action), *_resource_paths(found, statement, list(requests))]
    spans = [where.get((*root, *path)) for path in paths]
    spans += [span for path in _condition_paths(found) for span in _in_any_case(where, (*root, *path))]
    return [(span.start.offset, span.end.offset) for span in spans if span is not None]


def _action_paths(statement: Statement, action: str) -> Iterator[Path]:
    for name, entries in (("Action", statement.actions), ("NotAction", statement.not_actions)):
        for index, entry in enumerate(entries):
            if name == "NotAction" or action_matches(entry, action):
                yield (name, index)
                if len(entries) == 1:
                    yield (name,)


def _resource_paths(found: WhyStatement, statement: Statement, requests: list[Request]) -> Iterator[Path]:
    """The resources that fit a request; all of them where it is the resources that keep the statement out."""
    policy = found.policy.policy
    all_of_them = found.trace.failed in (Element.RESOURCE, Element.NOT_RESOURCE)
    for name, entries in (("Resource", statement.resources), ("NotResource", statement.not_resources)):
        for index, entry in enumerate(entries):
            fits = any(resource_matches(entry, one.resource, one.context, policy.has_variables) for one in requests)
            if (fits and entry != "*") or all_of_them:
                yield (name, index)
                if len(entries) == 1:
                    yield (name,)


def _condition_paths(found: WhyStatement) -> Iterator[Path]:
    """The keys of the conditions: those that did not hold, else all of them."""
    conditions: Iterable[Condition] = found.trace.failed_conditions or found.trace.statement.conditions
    for condition in conditions:
        yield ("Condition", condition.name, condition.key)


def _in_any_case(where: Mapping[Path, Span], path: Path) -> Iterator[Span]:
    """A condition's key and values: the operator may be written in another letter case than AWS's."""
    wanted = [str(part).lower() for part in path]
    for candidate, span in where.items():
        plain = candidate[:-1] if candidate[-1:] == ("#key",) else candidate
        if len(plain) == len(path) and [str(part).lower() for part in plain] == wanted:
            yield span

"""What is asked about an operation, and how it stands in a URL: the same parameters for page, REST and command."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from policystudio.engine.analyse.scenario import Plan, UnknownOperation, plan
from policystudio.engine.arn import Arn
from policystudio.engine.catalog.scenarios import load_scenario_facts
from policystudio.lib.said import Absent, Contrary
from policystudio.simulator.question import (
    ListQuery,
    Query,
    Question,
    QuestionError,
    question_from_query,
    question_to_query,
)

#: Parameters that are those of the simulator's question.
SHARED = ("region", "context", "exclude", "add", "at", "change")
PARAMETERS = ("operation", "identity", "role", "resource", "tag", "with", "without", *SHARED)
_MOST_TAGS = 50
_TAGS, _ROLE = "tags", "role"


@dataclass(frozen=True)
class ScenarioQuestion:
    """Can this identity run this operation?

    ``resources`` maps a resource type, or a place of the execution role (``input``), to an ARN or a pattern of ARNs.
    ``given`` and ``not_given`` are the switches that the call is known to have and known not to have; of the others
    nothing is known. ``question`` holds Region, context, what-if, and the moment or the change
    that is asked about.
    """

    operation: str
    identity: str
    role: str = ""
    resources: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    given: frozenset[str] = frozenset()
    not_given: frozenset[str] = frozenset()
    question: Question = field(default_factory=Question)

    @property
    def plan(self) -> Plan:
        """What the operation needs."""
        return plan(self.operation)


def resource_names(planned: Plan) -> tuple[str, ...]:
    """The names under which resources can be given: the types of the operation, and places of its execution role."""
    facts = load_scenario_facts()
    types = [need.resource_type for need in planned.needs if need.resource_type not in ("*", "role")]
    needs = facts.execution_roles.get(planned.operation)
    used = {place for group in needs.groups for _, place in group.permissions} if needs else set()
    used |= {facts.places[name].bucket_of for name in used if name in facts.places}
    if "key" in types:
        types[:] = [name for name in types if name != "key"]
        used.add("volume-key")
    places = [name for name, place in facts.places.items() if name in used and not place.bucket_of]
    return tuple(dict.fromkeys([*types, *places]))


def scenario_from_query(query: Query) -> ScenarioQuestion:
    """Read a query string; raises ``QuestionError`` naming every parameter that was not understood."""
    reader = _Reader(query)
    asked = reader.read()
    if reader.problems or asked is None:
        raise QuestionError(reader.problems)
    return asked


def scenario_to_query(asked: ScenarioQuestion) -> list[tuple[str, str]]:
    """The parameters that give the question again; what the tags and the role imply is not said twice."""
    implied = {*([_TAGS] if asked.tags else []), *([_ROLE] if asked.role else [])}
    pairs = [("operation", asked.operation), ("identity", asked.identity)]
    pairs += [("role", asked.role)] if asked.role else []
    pairs += [("resource", f"{name}={arn}") for name, arn in asked.resources.items()]
    pairs += [("tag", f"{key}={value}") for key, value in asked.tags.items()]
    pairs += [("with", name) for name in _ordered(asked.given - implied - _of_resources(asked.resources))]
    pairs += [("without", name) for name in _ordered(asked.not_given)]
    return pairs + question_to_query(asked.question)


def _ordered(names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [name for name in load_scenario_facts().switches if name in wanted]


def _of_resources(resources: Mapping[str, str]) -> frozenset[str]:
    """The switches that naming a resource implies."""
    places = load_scenario_facts().places
    return frozenset(places[name].switch for name in resources if name in places and places[name].switch)


class _Reader:
    def __init__(self, query: Query) -> None:
        self.query = query
        self.problems: list[tuple[str, str]] = []

    def read(self) -> ScenarioQuestion | None:
        """The question, or None where there is no operation to ask about."""
        operation, identity, role = self.one("operation"), self.one("identity"), self.one("role")
        question = self.shared()
        tags = self.pairs("tag")
        if len(tags) > _MOST_TAGS:
            self.problems.append(("tag", f"a resource has at most {_MOST_TAGS} tags"))
        given, not_given = self.switches("with"), self.switches("without")
        for name in ("operation", "identity"):
            if not self.one(name):
                self.problems.append((name, "is needed"))
        self.arn("identity", identity)
        self.arn("role", role)
        planned = self.planned(operation)
        if planned is None:
            return None
        if role and not planned.passes_role_to:
            self.problems.append(("role", Contrary(f"{planned.operation} passes no role: leave it out")))
        resources = self.resources(planned)
        given |= {*([_TAGS] if tags else []), *([_ROLE] if role else [])} | _of_resources(resources)
        for name in _ordered(given & not_given):
            self.problems.append(
                ("without", Contrary(f"`{name}` cannot be left out: the call has it by its other parameters"))
            )
        return ScenarioQuestion(planned.operation, identity, role, resources, tags, given, not_given - given, question)

    def one(self, name: str) -> str:
        values = [value.strip() for value in self.query.getlist(name) if value.strip()]
        if len(set(values)) > 1:
            self.problems.append((name, "give it once"))
        return values[-1] if values else ""

    def shared(self) -> Question:
        pairs = [(name, value) for name in SHARED for value in self.query.getlist(name)]
        try:
            return question_from_query(ListQuery(pairs))
        except QuestionError as error:
            self.problems += error.problems
            return Question()

    def planned(self, operation: str) -> Plan | None:
        if not operation:
            return None
        try:
            return plan(operation)
        except UnknownOperation as error:
            self.problems.append(("operation", Absent(str(error))))
            return None

    def pairs(self, name: str) -> dict[str, str]:
        result: dict[str, str] = {}
        for entry in self.query.getlist(name):
            key, equals, value = entry.partition("=")
            if not entry.strip():
                continue
            if not equals or not key.strip():
                self.problems.append((name, f"`{entry}` is not key=value"))
            else:
                result[key.strip()] = value.strip()
        return result

    def switches(self, name: str) -> frozenset[str]:
        known = load_scenario_facts().switches
        values = frozenset(value.strip() for value in self.query.getlist(name) if value.strip())
        for value in sorted(values - known.keys()):
            self.problems.append((name, f"`{value}` is not one of {', '.join(known)}"))
        return values & known.keys()

    def resources(self, planned: Plan) -> dict[str, str]:
        names = resource_names(planned)
        result = {}
        for name, arn in self.pairs("resource").items():
            if name not in names:
                choice = f"is not one of {', '.join(names)}" if names else "is not needed: name no resource"
                self.problems.append(("resource", Absent(f"`{name}` {choice}")))
            elif arn:
                self.arn("resource", arn)
                if "?" in arn or "$" in arn:
                    message = f"`{arn}`: use `*` for what may be anything, `?` and `${{}}` are not read here"
                    self.problems.append(("resource", message))
                result[name] = arn
        return result

    def arn(self, name: str, arn: str) -> None:
        try:
            if arn:
                Arn.parse(arn)
        except ValueError as error:
            self.problems.append((name, str(error)))

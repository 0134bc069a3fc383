"""What is asked of "who can": an action on an ARN, or on any of an ARN pattern, and how far to look."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from policystudio.accounts.models import Account
from policystudio.engine import globs
from policystudio.engine.arn import PARTS, is_account_id
from policystudio.engine.authorize import TRUST_ACTIONS
from policystudio.engine.catalog.load import load_sagemaker, load_service_actions, load_services
from policystudio.engine.exact.asked import AskedUniverse
from policystudio.engine.exact.signatures import Cover
from policystudio.engine.nearest import nearest
from policystudio.lib.said import Absent, Contrary
from policystudio.simulator.assuming import is_role
from policystudio.simulator.question import (
    ABSENT,
    LETTERS,
    ListQuery,
    Question,
    QuestionError,
    question_from_query,
    question_to_query,
)

DEFAULT_HOPS = 3
MAX_HOPS = 5
PARAMETERS = ("action", "resource", "hops", "context", "at", "change", "verdict", "direct")
_LONGEST = 2048
_MOST_WILDCARDS = 10
Values = tuple[str, ...]


@dataclass(frozen=True)
class WhoCanQuestion:
    """An action on ``resource`` (an ARN, an ARN pattern, or ``*``), which the account ``owner`` owns.

    ``context`` holds known keys (without values: absent), ``verdicts`` and ``direct`` choose among the answers.
    ``at`` is the moment that is asked about, ``change`` the number of a change that is taken for published.
    """

    action: str
    resource: str
    owner: str
    hops: int = DEFAULT_HOPS
    context: Mapping[str, Values] = field(default_factory=dict)
    verdicts: frozenset[str] = frozenset()
    direct: bool = False
    at: datetime | None = None
    change: int | None = None

    @property
    def moment(self) -> Question:
        """Of when it is asked, as a question of the simulator."""
        return Question(at=self.at, change=self.change)

    @property
    def service(self) -> str:
        """The prefix of the action's service."""
        return self.action.partition(":")[0]

    @property
    def by_trust(self) -> bool:
        """Whether a role's trust policy decides about the action."""
        return self.action.lower() in TRUST_ACTIONS

    @property
    def everything(self) -> "WhoCanQuestion":
        """The same question without the choice among its answers."""
        return replace(self, verdicts=frozenset(), direct=False)

    @cached_property
    def types(self) -> tuple[str, ...]:
        """SageMaker's resource types on which the action works and of which the resource may be."""
        action = load_sagemaker().action(self.action)
        names = [] if action is None else [taken.name for taken in action.resource_types or ()]
        return types_like(self.resource, names)

    def sends(self, key: str) -> bool:
        """Whether requests for the action may carry a service's context key (in lower case).

        Of SageMaker's actions the catalogue tells. Of others any key of their own service may come along, and those
        of an identity provider (``saml:sub``, ``accounts.google.com:aud``), which stay with a federated session.
        """
        if self.service == "sagemaker":
            names = load_sagemaker().action(self.action)
            types = self.types or ("*",)
            found = {name for one in types for name in load_sagemaker().keys_for(self.action, one)} if names else set()
            family, slash, _ = key.partition("/")
            return key in found or bool(slash and f"{family}/" in found)
        prefix = key.partition(":")[0]
        return prefix in (self.service, "saml") or "." in prefix

    @property
    def colons(self) -> bool:
        """Whether names of the resource's service may hold colons."""
        service = load_services().get(self._of_service)
        if service is None or service.prefix.startswith("s3"):
            return True
        return any(arn.count(":") >= PARTS for arn in service.resource_types.values())

    @property
    def regional(self) -> bool:
        """Whether every ARN of the resource's service tells a Region."""
        service = load_services().get(self._of_service)
        arns = () if service is None else service.resource_types.values()
        return bool(arns) and all(arn.split(":")[3] for arn in arns)

    @property
    def _of_service(self) -> str:
        return self.resource.split(":")[2] if self.resource != "*" else self.service


def who_can_to_query(question: WhoCanQuestion) -> list[tuple[str, str]]:
    """The parameters that give the question again; nothing for what is at its default."""
    pairs = [("action", question.action), ("resource", question.resource)]
    pairs += [("hops", str(question.hops))] if question.hops != DEFAULT_HOPS else []
    for key, values in question.context.items():
        pairs += [("context", f"{key}={value}") for value in values] or [("context", f"{ABSENT}{key}")]
    pairs += question_to_query(question.moment)
    pairs += [("verdict", letter) for letter in sorted(question.verdicts)]
    return pairs + ([("direct", "1")] if question.direct else [])


def every_one_of(account: Account, type_name: str, region: str = "") -> str:
    """The pattern of every ARN of one of SageMaker's types in an account, and in a Region if one is given."""
    found = load_sagemaker().resource_type(type_name)
    text = "" if found is None else found.arn
    known = {"${Partition}": account.partition, "${Account}": account.number, "${Region}": region or "*"}
    for placeholder, value in known.items():
        text = text.replace(placeholder, value)
    return _as_pattern(text)


def types_like(resource: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of SageMaker's resource types of which an ARN may be, or one of a pattern of ARNs."""
    formats = {name: load_sagemaker().resource_type(name) for name in names}
    universe = AskedUniverse(resource, "", "", colons=False)
    return tuple(
        name
        for name, item in formats.items()
        if item and universe.cover(globs.resource_parts(globs.parse(_as_pattern(item.arn)))) is not Cover.NONE
    )


def _as_pattern(template: str) -> str:
    """An ARN format with a star for each placeholder."""
    parts = template.split("${")
    return parts[0] + "".join(f"*{part.partition('}')[2]}" for part in parts[1:])


def who_can_question(account: Account, values: Mapping[str, Sequence[str]]) -> WhoCanQuestion:
    """Read the parameters ``action``, ``resource``, ``hops``, ``context``, ``at``, ``change``, ``verdict`` and
    ``direct``.

    Raises ``QuestionError`` with everything that was not understood.
    """
    reader = _Reader(account, values)
    action, moment = reader.action(), reader.moment()
    question = WhoCanQuestion(
        action=action,
        resource=reader.resource(action),
        owner=reader.owner,
        hops=reader.hops(),
        context=reader.context(),
        verdicts=reader.verdicts(),
        direct=reader.flag("direct"),
        at=moment.at,
        change=moment.change,
    )
    if question.by_trust and question.resource and not is_role(question.resource):
        said = "name one role, by its ARN: who may assume it is decided by its own trust policy"
        reader.problem("resource", Contrary(said))
    if reader.problems:
        raise QuestionError(reader.problems)
    return question


class _Reader:
    def __init__(self, account: Account, values: Mapping[str, Sequence[str]]) -> None:
        self.account, self.values = account, values
        self.owner = account.number
        self.problems: list[tuple[str, str]] = []

    def problem(self, name: str, text: str) -> None:
        self.problems.append((name, text))

    def many(self, name: str) -> list[str]:
        return [value.strip() for value in self.values.get(name, ()) if value.strip()]

    def one(self, name: str) -> str:
        found = self.many(name)
        if len(found) > 1:
            self.problem(name, "give it once")
        return found[-1] if found else ""

    def action(self) -> str:
        text = self.one("action")
        service, colon, name = text.partition(":")
        if not colon or not service or not name:
            self.problem("action", f"`{text[:80]}` is not an action, such as sagemaker:DeleteEndpoint")
            return ""
        if set(text) & set("*?"):
            self.problem("action", f"`{text[:80]}` is a pattern: ask about one action")
            return ""
        names = load_service_actions().get(service.lower())
        if names is None:
            near = nearest(service, load_service_actions())
            hint = f": did you mean `{near}`?" if near else ""
            self.problem("action", Absent(f"no AWS service has the prefix `{service[:40]}`{hint}"))
            return ""
        known = {one.lower(): one for one in names}
        if name.lower() not in known:
            near = nearest(name, known.values())
            hint = f": did you mean `{service.lower()}:{near}`?" if near else ""
            self.problem("action", Absent(f"`{service.lower()}` has no action `{name[:80]}`{hint}"))
            return ""
        return f"{service.lower()}:{known[name.lower()]}"

    def resource(self, action: str) -> str:
        text = self.one("resource") or "*"
        if text == "*":
            return self._any(action)
        parts = text.split(":", PARTS - 1)
        if len(parts) < PARTS or parts[0] != "arn" or not parts[5]:
            self.problem(
                "resource", f"`{text[:200]}` is not an ARN of six parts, nor the `*` of actions without a type"
            )
            return ""
        if len(text) > _LONGEST or sum(text.count(mark) for mark in "*?") > _MOST_WILDCARDS:
            self.problem("resource", f"at most {_LONGEST} characters with {_MOST_WILDCARDS} wildcards")
            return ""
        if set(parts[1] + parts[2]) & set("*?"):
            self.problem("resource", "partition and service of the ARN must be written out")
            return ""
        if parts[1] != self.account.partition:
            self.problem("resource", Contrary(f"`{parts[1][:40]}` is another partition than that of the account"))
            return ""
        return self._of_account(parts)

    def _any(self, action: str) -> str:
        """What ``*`` stands for: every resource of the one type on which SageMaker's action works, else itself."""
        known = load_sagemaker().action(action) if action.startswith("sagemaker:") else None
        patterns = [every_one_of(self.account, item.name) for item in (known.resource_types or () if known else ())]
        if len(patterns) > 1:
            self.problem(
                "resource",
                Contrary(
                    f"name the resource: {action} works on several types. Every one of a type is a pattern, such as "
                    f"{' or '.join(patterns[:2])}"
                ),
            )
        return patterns[0] if patterns else "*"

    def _of_account(self, parts: list[str]) -> str:
        """The ARN with the account that owns it: this one where the ARN names none, or a pattern that it fits."""
        number = parts[4]
        if is_account_id(number):
            self.owner = number
        elif set(number) & set("*?"):
            if not globs.matches(globs.parse(number), self.account.number):
                said = f"`{number[:40]}` is not this account: write the 12 digits of another one"
                self.problem("resource", Contrary(said))
            parts = [*parts[:4], self.account.number, parts[5]]
        elif number not in ("", "aws"):
            self.problem("resource", f"`{number[:40]}` is not an account of 12 digits")
        return ":".join(parts)

    def hops(self) -> int:
        text = self.one("hops")
        if not text:
            return DEFAULT_HOPS
        if not (text.isascii() and text.isdigit() and len(text) < 3 and int(text) <= MAX_HOPS):
            self.problem("hops", f"`{text[:20]}` is not a number from 0 to {MAX_HOPS}")
            return DEFAULT_HOPS
        return int(text)

    def context(self) -> dict[str, Values]:
        result: dict[str, Values] = {}
        for entry in self.many("context"):
            key, equals, value = entry.partition("=")
            if entry.startswith(ABSENT) and ":" in entry:
                result[entry.removeprefix(ABSENT).strip()] = ()
            elif not equals or ":" not in key or not value:
                self.problem("context", f"`{entry[:80]}` is not key=value, or {ABSENT}key for an absent key")
            else:
                result[key.strip()] = (*result.get(key.strip(), ()), value)
        return result

    def moment(self) -> Question:
        pairs = [(name, value) for name in ("at", "change") for value in self.many(name)]
        try:
            return question_from_query(ListQuery(pairs))
        except QuestionError as error:
            self.problems += error.problems
            return Question()

    def verdicts(self) -> frozenset[str]:
        letters = frozenset("".join(self.many("verdict")))
        for letter in sorted(letters - LETTERS):
            self.problem("verdict", f"`{letter}` is not one of the letters A S C E I U")
        return letters & LETTERS

    def flag(self, name: str) -> bool:
        text = self.one(name).lower()
        if text not in ("", "0", "1", "false", "true", "on"):
            self.problem(name, f"`{text[:20]}` is not 1 or 0")
        return text in ("1", "true", "on")

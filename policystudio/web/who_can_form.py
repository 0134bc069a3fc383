"""The form of the page Who can: what it sends becomes one canonical address, a link that can be sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from policystudio.accounts.models import Account
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.resources import selectors as resources
from policystudio.simulator.question import ABSENT
from policystudio.simulator.who_can_question import DEFAULT_HOPS, MAX_HOPS, PARAMETERS, types_like

Pairs = list[tuple[str, str]]
#: More resources than these are not offered while typing.
MOST_OFFERED = 500
#: Actions of other services that go with SageMaker's.
_OTHERS = ("sts:AssumeRole", "iam:PassRole", "s3:GetObject", "s3:PutObject", "kms:Decrypt", "kms:CreateGrant")
#: Only the form has this field: a context key a line.
_KEYS = "keys"
_HOPS = {0: "none: only by their own policies", 1: "1 role"}
_LEVELS = ("Write", "Tagging", "Read", "List")


@dataclass(frozen=True)
class Sent:
    """What an address or a form says: parameters of the question. ``from_form`` tells to send it on."""

    pairs: Pairs
    from_form: bool

    def values(self, name: str) -> list[str]:
        """All values of one parameter."""
        return [value for key, value in self.pairs if key == name]

    def value(self, name: str) -> str:
        """One value of a parameter, or empty."""
        return next(iter(self.values(name)), "")

    @property
    def lists(self) -> Mapping[str, list[str]]:
        """The parameters as a question takes them."""
        return {name: self.values(name) for name, _ in self.pairs}

    def query(self, **changes: str) -> str:
        """The address's query with single parameters set, or taken out where they are empty."""
        kept = [(name, value) for name, value in self.pairs if name not in changes]
        return f"?{urlencode(_ordered([*kept, *((name, value) for name, value in changes.items() if value)]))}"


def read(account: Account, get: QueryDict) -> Sent:
    """Read an address or a submitted form. What is no parameter of the page is passed over."""
    pairs: Pairs = []
    for name, values in get.lists():
        kept = [value.strip() for value in values if value.strip() and "\0" not in value]
        if name == _KEYS:
            pairs += [("context", line.strip()) for value in kept for line in value.splitlines() if line.strip()]
        elif name == "action":
            pairs += [(name, _action(value)) for value in kept]
        elif name == "resource":
            pairs += [(name, _resource(account, value)) for value in kept]
        elif name in PARAMETERS and (name, kept) != ("hops", [str(DEFAULT_HOPS)]):
            pairs += [(name, value) for value in kept]
    return Sent(_ordered(pairs), _KEYS in get or "ask" in get)


def _ordered(pairs: Iterable[tuple[str, str]]) -> Pairs:
    order = {name: index for index, name in enumerate(PARAMETERS)}
    return sorted(dict.fromkeys(pairs), key=lambda pair: order[pair[0]])


def _action(written: str) -> str:
    """SageMaker's actions may be written without their service."""
    known = load_sagemaker().action(written)
    return f"sagemaker:{known.name}" if known is not None and ":" not in written else written


def _resource(account: Account, written: str) -> str:
    """`endpoint/prod-1` as the pattern of such ARNs in any Region; else as it is written."""
    kind, slash, name = written.partition("/")
    if slash and name and load_sagemaker().resource_type(kind) is not None:
        return f"arn:{account.partition}:sagemaker:*:{account.number}:{written}"
    return written


def fields(account: Account, sent: Sent) -> dict[str, object]:
    """What the form shows."""
    hops = sent.value("hops") or str(DEFAULT_HOPS)
    return {
        "action": sent.value("action"),
        "resource": sent.value("resource"),
        "hops": [
            (str(number), _HOPS.get(number, f"{number} roles"), str(number) == hops) for number in range(MAX_HOPS + 1)
        ],
        "keys": "\n".join(sent.values("context")),
        "absent": ABSENT,
        "actions": [f"sagemaker:{action.name}" for action in load_sagemaker().actions] + list(_OTHERS),
        "resources": list(resources.resources_of(account).values_list("arn", flat=True)[:MOST_OFFERED]),
        "kept": [(name, value) for name, value in sent.pairs if name in ("change", "verdict", "direct")],
        "at": sent.value("at"),
    }


def actions_on(resource: str) -> list[tuple[str, list[str]]]:
    """SageMaker's actions on a resource by access level, those that change something first."""
    catalog = load_sagemaker()
    types = set(types_like(resource, [item.name for item in catalog.resource_types]))
    found: dict[str, list[str]] = {}
    for column in catalog.columns():
        if column.resource_type in types:
            found.setdefault(column.access_level, []).append(column.action)
    levels = sorted(found, key=lambda level: _LEVELS.index(level) if level in _LEVELS else len(_LEVELS))
    return [(level, sorted(set(found[level]))) for level in levels]

"""The form of the page Scenarios: what it sends becomes one canonical address, a link that can be sent."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from policystudio.accounts.models import Account
from policystudio.engine.analyse.scenario import UnknownOperation, operation_names, plan
from policystudio.engine.catalog.scenarios import load_scenario_facts
from policystudio.identities import selectors as identities
from policystudio.simulator.question import ABSENT
from policystudio.simulator.scenario_question import PARAMETERS, resource_names
from policystudio.web.packing import UnpackError, pack, unpack

Pairs = list[tuple[str, str]]
#: Fields that only the form has; an address with one of them is sent on to the canonical one.
_LINES = {"tags": "tag", "keys": "context", "resources": "resource"}
_RESOURCE, _SWITCH = "resource.", "switch."
STATES = (("", "unknown"), ("with", "yes"), ("without", "no"))
#: More types of resource than these are asked for in one field, a line each.
MOST_FIELDS = 12
#: More identities than these are not offered while typing; their names and ARNs are understood all the same.
MOST_OFFERED = 500


@dataclass(frozen=True)
class Sent:
    """What an address or a form says. ``pairs`` is what a scenario reads, ``from_form`` whether to send it on."""

    pairs: Pairs
    from_form: bool
    problems: tuple[str, ...] = ()

    def values(self, name: str) -> list[str]:
        """All values of one parameter."""
        return [value for key, value in self.pairs if key == name]

    def value(self, name: str) -> str:
        """One value of a parameter, or empty."""
        return next(iter(self.values(name)), "")

    def query(self, **changes: str) -> str:
        """The address's query with single parameters set, or taken out where they are empty."""
        kept = [(name, value) for name, value in self.pairs if name not in changes]
        changed = [*kept, *((name, value) for name, value in changes.items() if value)]
        return f"?{urlencode([packed(*pair) for pair in ordered(changed)])}" if changed else ""


def packed(name: str, value: str) -> tuple[str, str]:
    """A parameter as it stands in the address: the text of an added policy is packed."""
    return ("try", pack(value)) if name == "add" and not value.startswith("arn:") else (name, value)


def ordered(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """The parameters in the order in which addresses have them, each once."""
    order = {name: index for index, name in enumerate(PARAMETERS)}
    return sorted(dict.fromkeys(pairs), key=lambda pair: order[pair[0]])


def read(account: Account, get: QueryDict) -> Sent:
    """Read an address or a submitted form. What is no parameter of the page is passed over."""
    problems: list[str] = []
    pairs: Pairs = []
    for name, values in get.lists():
        kept = [value.strip() for value in values if value.strip() and "\0" not in value]
        if name in ("identity", "role"):
            pairs += [(name, _arn(account, value, name, problems)) for value in kept]
        elif name in PARAMETERS:
            pairs += [(name, value) for value in kept]
        elif name == "try":
            pairs += list(_unpacked(kept, problems))
        elif name in _LINES:
            pairs += [(_LINES[name], line.strip()) for value in kept for line in value.splitlines() if line.strip()]
        elif name.startswith(_RESOURCE):
            pairs += [("resource", f"{name.removeprefix(_RESOURCE)}={value}") for value in kept]
        elif name.startswith(_SWITCH):
            pairs += [(value, name.removeprefix(_SWITCH)) for value in kept if value in ("with", "without")]
    from_form = any(name in _LINES or name.startswith((_RESOURCE, _SWITCH)) or name == "ask" for name in get)
    return Sent(ordered(_of_operation(pairs)), from_form, tuple(problems))


def _unpacked(values: Iterable[str], problems: list[str]) -> Iterable[tuple[str, str]]:
    for value in values:
        try:
            yield "add", unpack(value)
        except UnpackError as error:
            problems.append(str(error))


def _arn(account: Account, written: str, field: str, problems: list[str]) -> str:
    """The ARN of an identity that is written as `user/ana` or `ana`; what nobody is called stays as it is."""
    if written.startswith("arn:"):
        return written
    if written in ("root", "root user") and field == "identity":
        return f"arn:{account.partition}:iam::{account.number}:root"
    kind, _, name = written.rpartition("/")
    found = identities.arns_called(account, name, kind or ("role" if field == "role" else ""))
    if len(found) == 1:
        return found[0]
    what = "role" if field == "role" else "user or role"
    problem = f"several are called `{written}`: write the ARN" if found else f"no {what} is called `{written}`"
    problems.append(f"{problem} in {account.name}")
    return written


def _of_operation(pairs: Pairs) -> Pairs:
    """Without role, resources and circumstances of another operation, which the form still had in its fields."""
    operation = next((value for name, value in pairs if name == "operation"), "")
    try:
        planned = plan(operation)
    except UnknownOperation:
        return pairs
    names, switches = resource_names(planned), offered_switches(operation)
    return [
        (name, value)
        for name, value in pairs
        if not (name == "role" and not planned.passes_role_to)
        and not (name == "resource" and value.partition("=")[0] not in names)
        and not (name in ("with", "without") and value not in switches)
    ]


def offered_switches(operation: str) -> list[str]:
    """The circumstances that matter to an operation or to its execution role."""
    facts = load_scenario_facts()
    needs = facts.execution_roles.get(operation)
    used = {*plan(operation).switches, *(group.switch for group in (needs.groups if needs else ()))}
    return [name for name in facts.switches if name in used]


def fields(account: Account, sent: Sent) -> dict[str, object]:
    """What the form shows."""
    operation = sent.value("operation")
    try:
        names = resource_names(plan(operation)) if operation else ()
        switches = offered_switches(operation) if operation else []
    except UnknownOperation:
        names, switches = (), []
    resources = dict(value.partition("=")[::2] for value in sent.values("resource"))
    return {
        "operation": operation,
        "identity": sent.value("identity"),
        "role": sent.value("role"),
        "region": sent.value("region"),
        "tags": "\n".join(sent.values("tag")),
        "keys": "\n".join(sent.values("context")),
        "resources": [(name, _label(name), resources.get(name, "")) for name in names],
        "in_lines": "\n".join(sent.values("resource")) if len(names) > MOST_FIELDS else None,
        "example": f"{names[0]}=arn:…" if names else "",
        "types": ", ".join(names),
        "switches": [_switch(name, sent) for name in switches if not _is_implied(name, sent)],
        "kept": [packed(name, value) for name, value in sent.pairs if name in ("exclude", "add", "change")],
        "at": sent.value("at"),
        "absent": ABSENT,
        "offered": identities.principals_offered(account, MOST_OFFERED),
        "operations": operation_names(),
    }


def _label(name: str) -> str:
    place = load_scenario_facts().places.get(name)
    return f"{place.text[:1].upper()}{place.text[1:]}" if place else name


def _switch(name: str, sent: Sent) -> dict[str, object]:
    chosen = next((state for state in ("with", "without") if name in sent.values(state)), "")
    states = [(state, label, state == chosen) for state, label in STATES]
    return {"name": name, "text": load_scenario_facts().switches[name].text, "states": states}


def _is_implied(name: str, sent: Sent) -> bool:
    """Whether another field says already that the call has it."""
    return (name == "tags" and bool(sent.value("tag"))) or (name == "role" and bool(sent.value("role")))

"""Who can do an action, in words: the answer, what each way takes, what stands in the way."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from policystudio.engine.decision import Layer
from policystudio.engine.document import Condition, Effect, Quantifier
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator.residues import narrow_layers
from policystudio.simulator.scenario_words import obstacle_words
from policystudio.simulator.sentences import BY_LAYER, Residue, describe, part, short
from policystudio.simulator.trusts import Step
from policystudio.simulator.what_can_words import left_by
from policystudio.simulator.who_can import Answer, Found
from policystudio.simulator.who_can_evidence import Chain, Evidence
from policystudio.simulator.who_can_question import WhoCanQuestion

_NEVER = frozenset({CellVerdict.EXPLICIT_DENY, CellVerdict.IMPLICIT_DENY})
_SHOWN = 3
#: How a sentence begins with a capital; names keep their letters.
_CAPITAL = ("the ", "nobody", "account ", "anyone", "whoever")
#: Keys that people speak of by another name; families end with a slash.
NAMES = {
    "sts:externalid": "ExternalId",
    "aws:multifactorauthpresent": "MFA",
    "aws:multifactorauthage": "age of the MFA",
    "aws:sourceip": "source address",
    "aws:vpcsourceip": "source address",
    "aws:sourcevpc": "VPC",
    "aws:sourcevpce": "VPC endpoint",
    "aws:principalorgid": "organization",
    "aws:principalorgpaths": "organizational unit",
    "aws:principaltag/": "tag of the caller",
    "aws:requesttag/": "session tag",
    "aws:resourcetag/": "tag of the resource",
    "sagemaker:resourcetag/": "tag of the resource",
    "aws:principalarn": "caller",
    "aws:principalaccount": "account of the caller",
    "aws:sourceaccount": "account that a service acts for",
    "aws:sourcearn": "resource that a service acts for",
    "aws:requestedregion": "Region",
    "aws:currenttime": "time",
    "sts:rolesessionname": "session name",
    "sts:sourceidentity": "source identity",
    "saml:": "claim of the identity provider",
}
#: What is said instead of "when `key` is …", for a condition that must hold of a key that is there.
_MFA, _MFA_AGE = "signed in with MFA", "with MFA of the last "
_PHRASES = {
    ("sts:externalid", "StringEquals"): "with the ExternalId {}",
    ("sts:externalid", "StringLike"): "with an ExternalId like {}",
    ("aws:multifactorauthage", "NumericLessThan"): f"{_MFA_AGE}{{}} seconds",
    ("aws:multifactorauthage", "NumericLessThanEquals"): f"{_MFA_AGE}{{}} seconds",
    ("aws:sourceip", "IpAddress"): "from {}",
    ("aws:vpcsourceip", "IpAddress"): "from {}",
    ("aws:sourcevpc", "StringEquals"): "from VPC {}",
    ("aws:sourcevpce", "StringEquals"): "through VPC endpoint {}",
    ("aws:principalorgid", "StringEquals"): "from organization {}",
    ("aws:sourceaccount", "StringEquals"): "on behalf of account {}",
    ("aws:sourcearn", "StringEquals"): "on behalf of {}",
    ("aws:sourcearn", "StringLike"): "on behalf of {}",
    ("aws:sourcearn", "ArnEquals"): "on behalf of {}",
    ("aws:sourcearn", "ArnLike"): "on behalf of {}",
    ("aws:requestedregion", "StringEquals"): "in {}",
    ("sts:rolesessionname", "StringEquals"): "with the session name {}",
    ("sts:rolesessionname", "StringLike"): "with a session name like {}",
    ("sts:sourceidentity", "StringEquals"): "with the source identity {}",
}


# --- Conditions ------------------------------------------------------------------------------------------------------


def name_of(key: str) -> str:
    """How people call what a context key is about; empty for a key that has no other name."""
    lowered = key.lower()
    family, slash, _ = lowered.partition("/")
    provider = lowered.partition(":")[0]
    if "." in provider or provider == "saml":
        return NAMES["saml:"]
    return NAMES.get(lowered) or NAMES.get(f"{family}{slash}", "")


def phrase(rule: Condition) -> str:
    """A condition that must hold: `signed in with MFA`, `from 203.0.113.0/24`, else `when aws:… is …`."""
    key = rule.key.lower()
    if not rule.if_exists and rule.quantifier is Quantifier.NONE:
        values = [value.lower() for value in rule.values]
        if (key, rule.operator, values) == ("aws:multifactorauthpresent", "Bool", ["true"]):
            return _MFA
        if (key, rule.operator, values) == ("sts:externalid", "Null", ["false"]):
            return "with an ExternalId"
        found = _PHRASES.get((key, rule.operator))
        if found is not None and len(rule.values) <= _SHOWN:
            return found.format(_listing(rule.values, "or"))
    return f"when {describe(rule)}"


def _has_phrase(rule: Condition) -> bool:
    return not phrase(rule).startswith("when ")


def phrases(rules: Iterable[Condition]) -> str:
    """Several that must hold together; what is said with `when` comes last."""
    found = list(dict.fromkeys(map(phrase, rules)))
    plain = [one for one in found if not one.startswith("when ")]
    if any(one.startswith(_MFA_AGE) for one in plain):
        plain = [one for one in plain if one != _MFA]
    when = [one.removeprefix("when ") for one in found if one.startswith("when ")]
    return ", ".join([*plain, *([f"when {' and '.join(when)}"] if when else [])])


def limits(residue: Sequence[Residue]) -> str:
    """Where and when something is allowed; empty where nothing limits it."""
    layers, said_already = narrow_layers(residue), set[str]()
    ways: dict[str, Layer] = {}
    for items in layers:
        ways.setdefault(_ways(items), items[0].layer)
        said_already |= set.intersection(*({phrase(rule) for rule in item.rules} for item in items))
    said = " and ".join(f"{BY_LAYER.get(layer, '') if len(ways) > 1 else ''}{text}" for text, layer in ways.items())
    only: dict[str, Condition] = {}
    never: dict[str, None] = {}
    for item in (item for item in residue if item.effect is Effect.DENY):
        left = left_by(item)
        if left is None or (_has_phrase(item.rules[0]) and not _has_phrase(left)):
            never[_way(item)] = None
        elif phrase(left) not in said_already:
            only[phrase(left)] = left
    parts = [
        said,
        f"only {phrases(only.values())}" if only else "",
        *(f"but not {one}" for one in list(never)[:_SHOWN]),
    ]
    return ", ".join(filter(None, parts))


def _ways(items: Sequence[Residue]) -> str:
    found = list(dict.fromkeys(_way(item) for item in items))
    more = f"; or in {len(found) - _SHOWN} more ways" if len(found) > _SHOWN else ""
    return "; or ".join(found[:_SHOWN]) + more


def _way(item: Residue) -> str:
    on = part(replace(item, conditions=())) if item.patterns else ""
    return " ".join(text for text in (on, phrases(item.rules)) if text) or "on all"


def rules_of(residue: Iterable[Residue]) -> list[tuple[Residue, Condition]]:
    """Every condition that counts, with its statement, each once."""
    found = {(item.effect, rule): (item, rule) for item in residue for rule in item.rules}
    return list(found.values())


# --- Ways ------------------------------------------------------------------------------------------------------------


def text_of(evidence: Evidence) -> str:
    """A cell in words: `allowed signed in with MFA`, `is denied by service control policy …`."""
    cell = evidence.cell
    if cell.verdict is CellVerdict.UNDECIDED:
        return f"undecided: {cell.undecided}"
    if cell.verdict in _NEVER:
        return obstacle_words(evidence.blames) if evidence.blames else evidence.reason or "is never allowed"
    return f"allowed {takes_of(evidence)}".strip()


def takes_of(evidence: Evidence) -> str:
    """What it takes, besides what the policies say as well; empty where it takes nothing."""
    if evidence.cell.undecided:
        return f"undecided: {evidence.cell.undecided}"
    said = limits(evidence.residue) if evidence.cell.verdict is not CellVerdict.ALLOWED else ""
    besides = f"if {evidence.besides}" if evidence.besides else ""
    return ", ".join(filter(None, (said, besides)))


def step_text(step: Step, evidence: Evidence, home: str) -> str:
    """One role and what it takes to assume it: `role/operator of account 4444… with the ExternalId q-7`."""
    role = step.role.rpartition("/")[2]
    number = step.role.split(":")[4]
    where = f" of account {number}" if number != home else ""
    who = f"a role{where}" if role == "*" else f"role/{role}{where}"
    takes = takes_of(evidence)
    return f"{who} ({takes})" if takes else who


def chain_text(chain: Chain, home: str) -> str:
    """A chain in words: `assumes role/hub, then role/operator (with the ExternalId q-7)`, and what the last one can."""
    steps = ", then ".join(step_text(step, evidence, home) for step, evidence in chain.steps)
    end = text_of(chain.end)
    last = "" if chain.end.cell.verdict is CellVerdict.ALLOWED or "*" in chain.steps[-1][0].role else f"; there {end}"
    return f"assumes {steps}{last}"


# --- The whole -------------------------------------------------------------------------------------------------------


def called(row: Found, home: str = "") -> str:
    """Somebody by name: `user/ana`, `the root user`, with the account where it is not ``home``."""
    if row.outsider is not None:
        return row.name
    name = "the root user" if row.kind == "root" else f"{row.kind}/{row.name}"
    return f"{name} of account {row.account}" if home and row.account != home else name


def resource_text(question: WhoCanQuestion) -> str:
    """What is asked about, without what goes without saying: `endpoint/prod-1 in eu-west-1`."""
    return "" if question.resource == "*" else short(question.resource)


def question_of(question: WhoCanQuestion) -> str:
    """The title: the question."""
    name, what = question.action.partition(":")[2], resource_text(question)
    action = name if question.service == "sagemaker" else question.action
    return f"Who can {action} on {what}?" if what else f"Who can {action}?"


def answer_of(answer: Answer) -> str:
    """The first line: who can, by name where they are few, else how many."""
    home = answer.account.number
    able = [row for row in answer.rows if row.is_possible and row.verdict is not CellVerdict.UNDECIDED]
    doubts = [row for row in answer.rows if row.verdict is CellVerdict.UNDECIDED]
    people = [row for row in able if row.kind != "group"]
    if not people:
        said = "nobody can" if not doubts else "nobody surely can"
    elif len(people) <= _SHOWN:
        said = f"{_listing([_who(row, home) for row in people], 'and')} can"
    else:
        said = f"{len(people):,} can: {_listing(list(_numbers(people)), 'and')}"
        kinds = list(_kinds(people, home))
        said += f"; of these {_listing(kinds, 'and')}" if kinds else ""
    more = [f"{len(doubts):,} {'is' if len(doubts) == 1 else 'are'} undecided"] if doubts else []
    most = answer.question.hops
    more += [f"more than {most} role{'s' * (most != 1)} one after the other would let others in"] if answer.cut else []
    text = f"{said}; {'; '.join(more)}" if more else said
    return f"{text[:1].upper()}{text[1:]}." if text.startswith(_CAPITAL) else f"{text}."


def _who(row: Found, home: str) -> str:
    how = "" if row.verdict is CellVerdict.ALLOWED else _HOW[row.verdict]
    roles = "" if row.hops == 0 else "by assuming roles" if row.hops > 1 else "by assuming a role"
    said = ", ".join(text for text in (how, roles) if text)
    return f"{called(row, home)} ({said})" if said else called(row, home)


_HOW = {CellVerdict.SOME: "on some of the resources", CellVerdict.CONDITIONAL: "under conditions"}


def _numbers(rows: Sequence[Found]) -> Iterator[str]:
    """How many have which verdict."""
    verdicts = Counter(row.verdict for row in rows)
    for verdict, text in ((CellVerdict.ALLOWED, "always"), *_HOW.items()):
        if verdicts[verdict]:
            yield f"{verdicts[verdict]:,} {text}"


def _kinds(rows: Sequence[Found], home: str) -> Iterator[str]:
    """How many need roles, come from other accounts, or are no identities."""
    by_roles = sum(1 for row in rows if row.hops)
    others = sum(1 for row in rows if row.outsider is None and row.account != home)
    outside = sum(1 for row in rows if row.outsider is not None)
    if by_roles:
        yield f"{by_roles:,} only by assuming roles"
    if others:
        yield f"{others:,} from other accounts"
    if outside:
        yield f"{outside:,} {'that is no identity' if outside == 1 else 'that are no identities'} here"


def _listing(words: Sequence[str], conjunction: str) -> str:
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"

"""Whom a trust policy means: the accounts, organizations, networks and web identities that it names concretely."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import ip_network

from policystudio.engine.document import Condition, Policy, Quantifier

_TWELVE_DIGITS = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
#: As large as this, a range of addresses is open to everybody, as S3 reads "public".
#: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
_WIDE_RANGES = {4: 8, 6: 32}
_NAMES_TRIED = 12
_ACCOUNTS_TRIED = 6


@dataclass(frozen=True, slots=True)
class Provider:
    """An identity provider at which anybody may sign in.

    ``controls`` are the claims that tell its customers apart; other claims of its tokens are the caller's choice.
    ``built_in``: every account trusts it without setting it up.
    """

    controls: frozenset[str]
    built_in: bool = False


_REPOSITORY = frozenset(
    {
        "sub",
        "actor",
        "actor_id",
        "enterprise",
        "enterprise_id",
        "job_workflow_ref",
        "repository",
        "repository_id",
        "repository_owner",
        "repository_owner_id",
    }
)
_SUBJECT, _AUDIENCE = frozenset({"sub"}), frozenset({"aud", "sub"})
#: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html and, for those that
#: are built in, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
SHARED_PROVIDERS: Mapping[str, Provider] = {
    "cognito-identity.amazonaws.com": Provider(_AUDIENCE, True),
    "accounts.google.com": Provider(frozenset({"aud", "email", "oaud", "sub"}), True),
    "graph.facebook.com": Provider(frozenset({"app_id", "id"}), True),
    "www.amazon.com": Provider(frozenset({"app_id", "user_id"}), True),
    "token.actions.githubusercontent.com": Provider(_REPOSITORY),
    "oidc-configuration.audit-log.githubusercontent.com": Provider(_SUBJECT),
    "vstoken.actions.githubusercontent.com": Provider(_SUBJECT),
    "gitlab.com": Provider(_SUBJECT),
    "agent.buildkite.com": Provider(_SUBJECT),
    "oidc.codefresh.io": Provider(_SUBJECT),
    "studio.datachain.ai/api": Provider(_SUBJECT),
    "api.pulumi.com/oidc": Provider(_AUDIENCE),
    "sandboxes.cloud": Provider(_AUDIENCE),
    "scalr.io": Provider(_SUBJECT),
    "tokens.cloud.shisho.dev": Provider(_SUBJECT),
    "app.terraform.io": Provider(_SUBJECT),
    "proidc.upbound.io": Provider(_SUBJECT),
    "oidc.vercel.com": Provider(_AUDIENCE),
}

_PLAIN = re.compile("(?!)")
#: Keys whose values are given to one customer alone, with the beginning of a value that tells whose it is.
_TRUSTED: Mapping[str, re.Pattern[str]] = {
    "aws:principalorgid": _PLAIN,
    "aws:principalorgpaths": re.compile(r"[^/*?$]+/"),
    "aws:userid": re.compile(r"[^:*?$]+:"),
    "aws:sourcevpc": _PLAIN,
    "aws:sourcevpce": _PLAIN,
    "aws:vpceaccount": _PLAIN,
    "aws:vpceorgid": _PLAIN,
    "aws:vpceorgpaths": re.compile(r"[^/*?$]+/"),
}
#: Keys whose values are ARNs, which tell by their account whose they are.
_ARNS = frozenset({"aws:sourcevpcarn", "aws:federatedprovider", "aws:chatbotsourcearn"})
_CLAIMS: Mapping[str, re.Pattern[str]] = {
    "sub": re.compile(r"[^:*?$]+:[^:/*?$]+[:/]"),
    "repository": re.compile(r"[^/*?$]+/"),
    "job_workflow_ref": re.compile(r"[^/*?$]+/"),
}
#: Claims that every token has.
_ALWAYS = frozenset({"app_id", "aud", "id", "sub", "user_id"})
_LISTS = ("aws:principalorgpaths", "aws:vpceorgpaths")
_SOURCE_IP = "aws:sourceip"
_FOLDING = ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase")


def accounts_named(trust: Policy) -> frozenset[str]:
    """The 12-digit numbers that the policy holds anywhere."""
    return frozenset(_TWELVE_DIGITS.findall(trust.text))


def providers_read(policies: Iterable[Policy]) -> list[str]:
    """The identity providers whose claims the policies read, by name."""
    keys = (
        condition.key for policy in policies for statement in policy.statements for condition in statement.conditions
    )
    heads = dict.fromkeys(key.lower().rpartition(":")[0] for key in keys)
    # What has a blank, a star or an ARN's beginning is no name of a provider: no request has such a key.
    return [head for head in heads if "." in head and not set(head) & set(" *") and not head.startswith("arn:")]


def never_of_outsiders(trust: Policy, organization: str, provider: str) -> Iterator[Condition]:
    """Conditions that hold for no request of an outsider, about the keys that the policy reads.

    ``organization`` is that of the role's account; ``provider`` that of a web identity, or empty.
    """
    by_key: dict[str, list[Condition]] = {}
    for statement in trust.statements:
        for condition in statement.conditions:
            by_key.setdefault(condition.key.lower(), []).append(in_one_case(condition, provider))
    owners = {"aws:principalorgid": organization, "aws:principalorgpaths": f"{organization}/"}
    for key, conditions in by_key.items():
        beginning = _beginning(key, provider)
        if key == _SOURCE_IP:
            yield from _addresses(conditions)
        elif key in _ARNS:
            yield from _accounts(conditions)
        elif beginning is not None:
            values = {value for item in conditions if item.operator != "Null" for value in item.values}
            if key in owners:
                values.add(owners[key])
            yield from _insiders(conditions, values, beginning)
        if provider and key.startswith(f"{provider}:") and key.rpartition(":")[2] in _ALWAYS:
            yield Condition(Quantifier.NONE, "Null", False, conditions[0].key, ("true",))


def _beginning(key: str, provider: str) -> re.Pattern[str] | None:
    """How values of a key begin that belong to one customer; None for a key that says nothing about customers."""
    head, colon, claim = key.rpartition(":")
    if provider and colon and head == provider:
        return _CLAIMS.get(claim, _PLAIN) if claim in SHARED_PROVIDERS[provider].controls else None
    return _TRUSTED.get(key)


def _insiders(conditions: list[Condition], values: set[str], beginning: re.Pattern[str]) -> Iterator[Condition]:
    key = conditions[0].key
    quantifier = Quantifier.FOR_ANY_VALUE if key.lower() in _LISTS else Quantifier.NONE
    owned = {found[0] for value in values if (found := beginning.match(value))}
    plain = {value for value in values if not set(value) & set("*?$") and not beginning.match(value)}
    if owned:
        patterns = tuple(f"{text}*" for text in sorted(owned))
        yield Condition(quantifier, "StringLike", False, key, patterns)
    if plain:
        yield Condition(quantifier, "StringEquals", False, key, tuple(sorted(plain)))


def _accounts(conditions: list[Condition]) -> Iterator[Condition]:
    """ARNs of the accounts that are named."""
    arns = (value.split(":", 5) for item in conditions for value in item.values)
    named = dict.fromkeys(parts[4] for parts in arns if len(parts) == 6 and _TWELVE_DIGITS.fullmatch(parts[4]))
    if named:
        patterns = tuple(f"arn:*:*:*:{number}:*" for number in named)
        yield Condition(Quantifier.NONE, "ArnLike", False, conditions[0].key, patterns)


def in_one_case(condition: Condition, provider: str) -> Condition:
    """A comparison in any letter case as one in the case in which AWS and the providers write such values."""
    if condition.operator not in _FOLDING or _beginning(condition.key.lower(), provider) is None:
        return condition
    operator = condition.operator.removesuffix("IgnoreCase")
    upper = condition.key.lower() == "aws:userid"
    values = tuple(value.upper() if upper else value.lower() for value in condition.values)
    return replace(condition, operator=operator, values=values)


def _addresses(conditions: list[Condition]) -> Iterator[Condition]:
    """The ranges that are not open to everybody."""
    narrow = []
    for value in dict.fromkeys(value for item in conditions for value in item.values):
        try:
            network = ip_network(value, strict=False)
        except ValueError:
            continue
        if network.prefixlen >= _WIDE_RANGES[network.version]:
            narrow.append(value)
    if narrow:
        yield Condition(Quantifier.NONE, "IpAddress", False, conditions[0].key, tuple(narrow))


def outsider_accounts(trust: Policy, account: str, others: Iterable[Policy] = ()) -> list[str]:
    """Account numbers that the policy does not name: any one, and those that its patterns for accounts match.

    ``others`` are policies that must not name them either.
    """
    named = frozenset({account}).union(*map(accounts_named, (trust, *others)))
    fresh = next(number for digit in "987654321" for number in _numbers(digit) if number not in named)
    found = [fresh]
    for value in _values_of(trust, ("aws:principalaccount", "aws:principalarn")):
        parts = value.split(":", 5)
        pattern = parts[4] if len(parts) == 6 else value
        number = _filled(pattern)
        if number and number not in named:
            found.append(number)
    return list(dict.fromkeys(found))[:_ACCOUNTS_TRIED]


def _numbers(digit: str) -> Iterator[str]:
    """Numbers that are easy to tell from real ones, however many of them a policy names."""
    for tail in range(1_000):
        yield f"{digit * 9}{(int(digit * 3) - tail) % 1_000:03}"


def _filled(pattern: str) -> str:
    """Twelve digits that match a pattern of digits and wildcards; empty where there are none."""
    if not set(pattern) & set("*?") or not set(pattern) <= set("0123456789*?"):
        return ""
    missing = 12 - len(pattern.replace("*", ""))
    if missing < 0 or (missing and "*" not in pattern):
        return ""
    return pattern.replace("*", "9" * missing, 1).replace("*", "").replace("?", "9")


def outsider_names(trust: Policy) -> list[str]:
    """What outsiders may be called in their own account: `user/…` and `role/…`, as patterns of the policy want it."""
    found = ["role/outsider", "user/outsider"]
    for value in _values_of(trust, ("aws:principalarn",)):
        match = re.search(r"(?::|^|\*)(role|user)/(.*)$", value)
        if match:
            found.append(f"{match[1]}/{_spelled(match[2])}")
    found += [f"user/{_spelled(value)}" for value in _values_of(trust, ("aws:username",))]
    return list(dict.fromkeys(found))[:_NAMES_TRIED]


def _spelled(pattern: str) -> str:
    return pattern.replace("*", "outsider").replace("?", "x") or "outsider"


def _values_of(trust: Policy, keys: tuple[str, ...]) -> Iterator[str]:
    for statement in trust.statements:
        for condition in statement.conditions:
            if condition.key.lower() in keys and condition.operator != "Null":
                yield from condition.values

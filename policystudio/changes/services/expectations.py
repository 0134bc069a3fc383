"""Writes of expectations: what every change of an account must keep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from django.db import transaction
from django.db.models import CharField
from django.utils import timezone

from policystudio.accounts.models import Account, Role
from policystudio.audit import services as audit
from policystudio.changes.models import Expectation
from policystudio.changes.services.locking import By, require
from policystudio.engine.analyse.actions import known_actions
from policystudio.engine.arn import Arn
from policystudio.engine.parse.patterns import resource_problem
from policystudio.engine.request import LONGEST_CONTEXT_VALUE, MOST_CONTEXT_VALUES

_FIELDS = ("demand", "identity", "tag_key", "tag_value", "action", "resource", "context", "reason")
_KINDS = ("user", "group", "role")
_MOST_KEYS, _LONGEST_KEY = 50, 2_048


class ExpectationError(ValueError):
    """An expectation cannot be kept as it is written. ``problems`` are (field, sentence) pairs, all of them."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{name}: {sentence}" for name, sentence in problems))


class StaleExpectationError(ValueError):
    """Somebody else wrote the expectation in between; ``present`` is what stands there now."""

    def __init__(self, present: Expectation) -> None:
        self.present = present
        super().__init__(
            f"the expectation was written by {present.updated_by_name} in between: it is at version {present.version}"
        )


@dataclass(frozen=True)
class Wanted:
    """An expectation as somebody writes it; the fields are those of the model."""

    demand: str
    action: str
    resource: str
    identity: str = ""
    tag_key: str = ""
    tag_value: str | None = None
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)
    reason: str = ""


@transaction.atomic
def expectation_create(*, account: Account, by: By, wanted: Wanted) -> Expectation:
    """Keep a new expectation. Raises ``PermissionDenied`` where ``by`` is no author, and ``ExpectationError``."""
    require(by, account, Role.AUTHOR)
    values, now = _checked(account, wanted), timezone.now()
    made = Expectation.objects.create(
        account=account, created_at=now, updated_at=now, updated_by_name=audit.actor_name(by), **values
    )
    audit.record(
        actor=by,
        action="expectation.created",
        target=account.number,
        account=account.number,
        details={"id": made.pk, "after": values},
    )
    return made


@transaction.atomic
def expectation_update(
    *, expectation: Expectation, by: By, expected_version: int | None, wanted: Wanted
) -> Expectation:
    """Write an expectation anew. Raises as ``expectation_create``, and ``StaleExpectationError``."""
    account = expectation.account
    require(by, account, Role.AUTHOR)
    found = Expectation.objects.select_for_update().get(pk=expectation.pk)
    if expected_version is not None and expected_version != found.version:
        raise StaleExpectationError(found)
    values = _checked(account, wanted)
    before = {name: getattr(found, name) for name in _FIELDS}
    if values == before:
        return found
    for name, value in values.items():
        setattr(found, name, value)
    found.version += 1
    found.updated_at, found.updated_by_name = timezone.now(), audit.actor_name(by)
    found.save()
    details = {"id": found.pk, "before": before, "after": values}
    audit.record(actor=by, action="expectation.changed", target=account.number, account=account.number, details=details)
    return found


@transaction.atomic
def expectation_remove(*, expectation: Expectation, by: By, expected_version: int | None = None) -> None:
    """Give an expectation up. Raises ``PermissionDenied`` where ``by`` is no author, and ``StaleExpectationError``."""
    account = expectation.account
    require(by, account, Role.AUTHOR)
    found = Expectation.objects.select_for_update().filter(pk=expectation.pk).first()
    if found is None:
        return
    if expected_version is not None and expected_version != found.version:
        raise StaleExpectationError(found)
    details = {"id": found.pk, "before": {name: getattr(found, name) for name in _FIELDS}}
    found.delete()
    audit.record(actor=by, action="expectation.removed", target=account.number, account=account.number, details=details)


def _checked(account: Account, wanted: Wanted) -> dict[str, object]:
    """The fields of the row; raises ``ExpectationError`` with everything that is wrong."""
    problems: list[tuple[str, str]] = []
    if wanted.demand not in Expectation.Demand.values:
        problems.append(("demand", f"must be one of {', '.join(Expectation.Demand.values)}"))
    problems += _who(account, wanted)
    problems += _action(wanted.action)
    problems += _resource(wanted.resource)
    problems += _context(wanted.context)
    if len(wanted.reason) > _length("reason") or "\0" in wanted.reason:
        problems.append(("reason", f"must have at most {_length('reason'):,} characters, without NUL"))
    if problems:
        raise ExpectationError(problems)
    values = {name: getattr(wanted, name) for name in _FIELDS}
    return {**values, "context": {key: list(given) for key, given in wanted.context.items()}}


def _who(account: Account, wanted: Wanted) -> list[tuple[str, str]]:
    if bool(wanted.identity) == bool(wanted.tag_key):
        return [("identity", "name one identity by its ARN, or a tag that identities bear, not both")]
    if wanted.identity and wanted.tag_value is not None:
        return [("tag_value", "belongs to a tag: leave it out where one identity is named")]
    if wanted.identity:
        return _identity(account, wanted.identity)
    problems = []
    if len(wanted.tag_key) > _length("tag_key") or "\0" in wanted.tag_key:
        problems.append(("tag_key", f"must have at most {_length('tag_key')} characters, without NUL"))
    if len(wanted.tag_value or "") > _length("tag_value") or "\0" in (wanted.tag_value or ""):
        problems.append(("tag_value", f"must have at most {_length('tag_value')} characters, without NUL"))
    return problems


def _identity(account: Account, written: str) -> list[tuple[str, str]]:
    hint = f"write the ARN of a user, group, role or the root user of account {account.number}"
    try:
        arn = Arn.parse(written)
    except ValueError as error:
        return [("identity", str(error))]
    kind, slash, name = arn.resource.partition("/")
    known = arn.resource == "root" or (kind in _KINDS and slash and name)
    if arn.service != "iam" or arn.account != account.number or not known or set(written) & set("*?\0"):
        return [("identity", f"`{written[:200]}` is none: {hint}")]
    return [] if len(written) <= _length("identity") else [("identity", "is too long for an ARN")]


def _action(written: str) -> list[tuple[str, str]]:
    if len(written) > _length("action"):
        return [("action", f"must have at most {_length('action')} characters")]
    known = known_actions()
    if known.mask(written):
        return []
    near = known.nearest(written)
    hint = f": did you mean `{near}`?" if near else ": write one such as sagemaker:CreateModel or sagemaker:Delete*"
    return [("action", f"no action that is known here matches `{written}`{hint}")]


def _resource(written: str) -> list[tuple[str, str]]:
    found = resource_problem(written)
    if found is not None:
        return [("resource", found[1])]
    if "${" in written or "\0" in written or len(written) > _length("resource"):
        return [("resource", "write an ARN, with or without wildcards, or `*`; variables have no meaning here")]
    return []


def _context(given: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    problems = []
    if len(given) > _MOST_KEYS:
        problems.append(("context", f"has {len(given)} keys, at most {_MOST_KEYS} are looked at"))
    if len({key.lower() for key in given}) < len(given):
        problems.append(("context", "names a key twice; letter case does not tell keys apart"))
    for key, values in given.items():
        if not key or len(key) > _LONGEST_KEY or ":" not in key or "\0" in key:
            problems.append(("context", f"`{key[:100]}` is no context key, such as aws:RequestedRegion"))
        if len(values) > MOST_CONTEXT_VALUES or any(len(one) > LONGEST_CONTEXT_VALUE or "\0" in one for one in values):
            said = (
                f"has at most {MOST_CONTEXT_VALUES} values of at most {LONGEST_CONTEXT_VALUE:,} characters, without NUL"
            )
            problems.append(("context", f"`{key[:100]}` {said}"))
    return problems


def _length(name: str) -> int:
    return cast("CharField[str, str]", Expectation._meta.get_field(name)).max_length or 0

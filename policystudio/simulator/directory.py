"""What an account holds whatever is asked about: its identities, and how policies reach them.

That of now is kept in the process as long as the account has the same revision: only the first question reads it.
"""

import json
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from threading import Lock
from typing import Protocol

from django.db.models import TextField
from django.db.models.functions import Cast

from policystudio.accounts.models import Account
from policystudio.identities.models import GroupMembership, Identity, PolicyAttachment
from policystudio.lib import metrics
from policystudio.policies.models import ManagedPolicy, PolicyVersion
from policystudio.policies.selectors import actions_by_digest
from policystudio.simulator.content import Content, Source
from policystudio.simulator.stacks import Bearer, root_bearer

#: How many identities of all accounts together stay in a process.
_KEPT_ROWS = 50_000
#: Up to this many policies are asked for by id; above, all attachments are read.
_BY_ID_LIMIT = 1_000
_KINDS = ("user", "group", "role")


class Directory(Protocol):
    """What every question needs of an account."""

    @property
    def rows(self) -> Sequence[Bearer]:
        """Everyone by kind and name, the root user last."""

    @property
    def names(self) -> Mapping[int, str]:
        """The names of managed policies, by id."""

    @property
    def documents(self) -> Mapping[int, tuple[str, str | None]]:
        """By managed policy the digest of its document in force, and which actions that is about."""

    @property
    def gaps(self) -> Mapping[int, Sequence[str]]:
        """What is not known of identities, by id."""

    @property
    def groups(self) -> Mapping[int, tuple[int, ...]]:
        """The groups of each user who is in any."""

    def attached(self, policies: Collection[int]) -> dict[int, Sequence[int]]:
        """For each of the managed policies the identities that have it attached."""


class ContentDirectory:
    """The directory of an account as it was, or as a change would make it."""

    def __init__(self, content: Content) -> None:
        rows = sorted(content.rows.values(), key=lambda row: (_KINDS.index(row.kind), row.name.lower()))
        self.rows: Sequence[Bearer] = (*rows, root_bearer(content.account))
        self.names: Mapping[int, str] = {pk: row.name for pk, row in content.policies.items()}
        digests = {pk: row.digest for pk, row in content.policies.items() if row.digest}
        told = actions_by_digest(digests.values())
        self.documents: Mapping[int, tuple[str, str | None]] = {
            pk: (digest, told.get(digest)) for pk, digest in digests.items()
        }
        self.gaps: Mapping[int, Sequence[str]] = {pk: row.gaps for pk, row in content.rows.items() if row.gaps}
        self.groups: Mapping[int, tuple[int, ...]] = {
            user: tuple(groups) for user, groups in content.groups.items() if groups
        }
        self._having: dict[int, list[int]] = {}
        for identity, policies in content.attached.items():
            for policy in policies:
                self._having.setdefault(policy, []).append(identity)

    def attached(self, policies: Collection[int]) -> dict[int, Sequence[int]]:
        """For each of the managed policies the identities that have it attached."""
        return {pk: self._having.get(pk, ()) for pk in policies}


class PresentDirectory:
    """The identities of one account as they are. What not every question needs is read when the first one does."""

    def __init__(self, account: Account) -> None:
        self.account_id = account.pk
        self.rows = _rows(account)
        self.names = dict(ManagedPolicy.objects.filter(account=account).order_by().values_list("id", "name"))
        versions = PolicyVersion.objects.filter(is_default=True, policy__account=account).order_by()
        documents = versions.values_list("policy_id", "document_id", "document__actions")
        #: By managed policy the digest of its document in force, and which actions that is about.
        self.documents = {pk: (digest, told) for pk, digest, told in documents}
        gaps = Identity.objects.filter(account=account).exclude(gaps=[]).order_by()
        self.gaps: dict[int, list[str]] = dict(gaps.values_list("id", "gaps"))
        self._attached: dict[int, list[int]] = {}

    @cached_property
    def groups(self) -> Mapping[int, tuple[int, ...]]:
        """The groups of each user who is in any."""
        query = GroupMembership.objects.filter(user__account=self.account_id).order_by()
        return gathered(query.values_list("user_id", "group_id"))

    def attached(self, policies: Collection[int]) -> dict[int, Sequence[int]]:
        """For each of the managed policies the identities that have it attached."""
        missing = [pk for pk in policies if pk not in self._attached]
        if missing:
            query = PolicyAttachment.objects.order_by()
            if len(missing) <= _BY_ID_LIMIT:
                query = query.filter(policy__in=missing)
            else:
                query, missing = query.filter(policy__account=self.account_id), list(self.names)
            found: dict[int, list[int]] = {pk: [] for pk in missing}
            for policy, identity in query.values_list("policy_id", "identity_id"):
                found.setdefault(policy, []).append(identity)
            self._attached |= found
        return {pk: self._attached[pk] for pk in policies}


def gathered(pairs: Iterable[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    """All that each of the first numbers is paired with, in order: one object for those with the same."""
    result: dict[int, tuple[int, ...]] = {}
    longer: dict[tuple[tuple[int, ...], int], tuple[int, ...]] = {}
    for number, more in pairs:
        before = result.get(number, ())
        found = longer.get((before, more))
        if found is None:
            found = longer[before, more] = (*before, more)
        result[number] = found
    return result


class _Directories:
    """The directories of this process that were asked for last, by account and revision."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[int, object], PresentDirectory] = OrderedDict()
        self._lock = Lock()

    def get(self, account: Account) -> PresentDirectory:
        key = (account.pk, account.revision)
        with self._lock:
            found = self._kept.get(key)
            metrics.looked_up("directory", found=found is not None)
            if found is not None:
                self._kept.move_to_end(key)
                return found
        found = PresentDirectory(account)
        with self._lock:
            for old in [one for one in self._kept if one[0] == account.pk]:
                del self._kept[old]
            self._kept[key] = found
            while len(self._kept) > 1 and sum(len(one.rows) for one in self._kept.values()) > _KEPT_ROWS:
                self._kept.popitem(last=False)
        return found

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()


_directories = _Directories()


def directory(source: Source) -> Directory:
    """The directory of an account; that of now as of its revision."""
    return ContentDirectory(source) if isinstance(source, Content) else _directories.get(source.account)


def forget_directories() -> None:
    """Forget every directory, as a new process has none."""
    _directories.clear()


def _rows(account: Account) -> tuple[Bearer, ...]:
    """Everyone of the account by kind and name, the root user last."""
    fields = ("id", "kind", "path", "name", "arn", "unique_id", "boundary_id", "trust_document_id", "service_linked")
    query = Identity.objects.filter(account=account).order_by().annotate(told=Cast("tags", TextField()))
    by_kind: dict[str, list[Bearer]] = {"user": [], "group": [], "role": []}
    for told, pk, kind, path, name, arn, unique_id, boundary, trust, linked in query.values_list("told", *fields):
        row = Bearer(pk, kind, path, name, arn, unique_id, _tags(told), boundary, trust, linked)
        by_kind[kind].append(row)
    for rows in by_kind.values():
        rows.sort(key=lambda row: row.name.lower())
    return (*by_kind["user"], *by_kind["group"], *by_kind["role"], root_bearer(account))


@lru_cache(maxsize=20_000)
def _tags(told: str) -> Mapping[str, str]:
    """Tags from their JSON: few are distinct among many identities."""
    tags: dict[str, str] = json.loads(told)
    return tags

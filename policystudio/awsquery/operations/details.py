"""GetAccountAuthorizationDetails: all of an account, page by page."""

from typing import Any

from django.db.models import QuerySet

from policystudio.audit import services as audit
from policystudio.awsquery import rows
from policystudio.awsquery.auth import Caller
from policystudio.awsquery.decode import Parameters
from policystudio.awsquery.finding import reading
from policystudio.awsquery.operations.policies import policy_place, policy_place_of
from policystudio.awsquery.paging import Pager, read_pager
from policystudio.identities.models import Identity
from policystudio.identities.selectors import identities_after, uses_of, with_documents, with_profiles
from policystudio.identities.selectors import sizes_of as sizes_of_identities
from policystudio.policies.models import ManagedPolicy
from policystudio.policies.selectors import managed_policies, policies_after, with_versions
from policystudio.policies.selectors import sizes_of as sizes_of_policies

Found = Identity | ManagedPolicy

#: In the order of the answer: the value of `Filter` and the list that it is about.
_SECTIONS = {
    "User": "UserDetailList",
    "Group": "GroupDetailList",
    "Role": "RoleDetailList",
    "LocalManagedPolicy": "Policies",
    "AWSManagedPolicy": "Policies",
}
#: Characters of documents on a page. One with more ends earlier than `MaxItems` says, as AWS's may; an import may have
#: brought documents of any size.
PAGE_CHARACTERS = 4_000_000


@reading("GetAccountAuthorizationDetails")
def get_account_authorization_details(caller: Caller, parameters: Parameters) -> dict[str, Any]:
    """Users, groups, roles, the account's own policies, then AWS's, each by name."""
    pager = read_pager("GetAccountAuthorizationDetails", caller.account.number, parameters, fields=3)
    wanted = parameters.get("Filter") or list(_SECTIONS)
    _tell(caller)
    page = _Page(pager, PAGE_CHARACTERS)
    for number, section in enumerate(_SECTIONS):
        if section in wanted and page.has_room and pager.reaches(number):
            place = policy_place_of(pager.place_in(number))
            if section in ("LocalManagedPolicy", "AWSManagedPolicy"):
                policies = managed_policies(caller.account, aws=section == "AWSManagedPolicy")
                page.add_policies(section, policies_after(policies, place))
            else:
                page.add_identities(section, identities_after(caller.account, section.lower(), name=place.name))
    items, more = pager.cut(page.found, _place, goes_on=page.is_full)
    return {key: [] for key in _SECTIONS.values()} | _details(items) | more


class _Page:
    """What a page holds so far, each row with its section and all that is told of it."""

    def __init__(self, pager: Pager, characters: int) -> None:
        self.pager = pager
        self.characters = characters
        self.found: list[tuple[str, Found]] = []
        self.is_full = False

    @property
    def has_room(self) -> bool:
        """Whether another row would be wanted."""
        return not self.is_full and len(self.found) < self.pager.most

    def add_identities(self, section: str, identities: QuerySet[Identity]) -> None:
        """The next users, groups or roles."""
        count = self._fitting(list(sizes_of_identities(identities)[: self._room]))
        whole = with_documents(identities)
        whole = with_profiles(whole) if section == "Role" else whole
        self.found += [(section, row) for row in whole[:count]]

    def add_policies(self, section: str, policies: QuerySet[ManagedPolicy]) -> None:
        """The next managed policies."""
        count = self._fitting(list(sizes_of_policies(policies)[: self._room]))
        self.found += [(section, row) for row in with_versions(policies)[:count]]

    @property
    def _room(self) -> int:
        return self.pager.most - len(self.found)

    def _fitting(self, sizes: list[int]) -> int:
        """How many of the next rows, whose documents have these sizes, fit; the first of a page always does."""
        for index, size in enumerate(sizes):
            self.characters -= size
            if self.characters < 0 and (index or self.found):
                self.is_full = True
                return index
        return len(sizes)


def _tell(caller: Caller) -> None:
    """Whoever takes all of an account out stands in the audit record: once an hour, however many pages there are."""
    number = caller.account.number
    details = {"format": "GetAccountAuthorizationDetails"}
    audit.record_use(actor=caller.user, action="account.exported", target=number, account=number, details=details)


def _place(item: tuple[str, Found]) -> tuple[str, ...]:
    section, row = item
    number = str(list(_SECTIONS).index(section))
    return (number, *policy_place(row)) if isinstance(row, ManagedPolicy) else (number, row.name.lower(), "0")


def _details(page: list[tuple[str, Found]]) -> dict[str, list[Any]]:
    attachments, boundaries = uses_of([row for _, row in page if isinstance(row, ManagedPolicy)])
    details: dict[str, list[Any]] = {}
    for section, row in page:
        if isinstance(row, ManagedPolicy):
            members = _policy(row, attachments.get(row.pk, 0), boundaries.get(row.pk, 0))
        else:
            members = rows.detailed(row)
        details.setdefault(_SECTIONS[section], []).append(members)
    return details


def _policy(policy: ManagedPolicy, attachments: int, boundaries: int) -> dict[str, Any]:
    versions = rows.newest_first(policy.versions.all())
    default = next((version.version_id for version in versions if version.is_default), None)
    members = rows.managed(policy, default, attachments, boundaries)
    details = [rows.version(version) for version in versions]
    return members | {"Description": policy.description or None, "PolicyVersionList": details}

"""Joins what an export says in different places: attachments to policies, users to groups, boundaries to policies.

What is named but not there is reported, and leaves those it concerns undecided, never with less than they may have.
"""

from collections import Counter
from dataclasses import replace

from policystudio.awssync.snapshot.export import Export
from policystudio.awssync.snapshot.identity_items import partition_of
from policystudio.awssync.snapshot.policy_items import owner_of, policy_named_by
from policystudio.awssync.snapshot.records import AccountRecord, IdentityRecord, PolicyRecord, ProfileRecord
from policystudio.awssync.snapshot.report import Code, Place, Report
from policystudio.lib import quotas


def link_export(export: Export, report: Report) -> None:
    """Give every account the policies that its identities name, and take out of identities what cannot be."""
    for account in export.accounts.values():
        linker = _Linker(account, report)
        linker.add_aws_policies(export.aws_policies)
        for identity in account.identities.values():
            linker.link(identity)
        # A file that goes on may show further uses; one of several accounts counts AWS's policies in one of them.
        if not export.truncated:
            _compare_counts(account, alone=len(export.accounts) == 1)
        _check_quotas(account, report)


class _Linker:
    def __init__(self, account: AccountRecord, report: Report) -> None:
        self.account = account
        self.report = report
        self.in_export: frozenset[str] = frozenset()
        self.profiles: dict[str, str] = {}

    def add_aws_policies(self, policies: dict[str, PolicyRecord]) -> None:
        """AWS's own policies are the account's, too, as its export told them."""
        for arn, policy in policies.items():
            if partition_of(arn) == self.account.partition:
                self.account.policies[arn] = replace(policy)
        self.in_export = frozenset(self.account.policies)

    def link(self, identity: IdentityRecord) -> None:
        """Resolve what the identity names."""
        identity.attached = [arn for arn in identity.attached if self._is_known(identity, arn, Code.POLICY_UNKNOWN)]
        if identity.boundary and not self._is_known(identity, identity.boundary, Code.BOUNDARY_UNKNOWN):
            identity.boundary = ""
        identity.groups = [name for name in identity.groups if self._is_group(identity, name)]
        identity.profiles = [profile for profile in identity.profiles if self._is_free(identity, profile)]

    def _is_known(self, identity: IdentityRecord, arn: str, unknown: Code) -> bool:
        """Whether the account can have this policy; one that is only named is added without versions."""
        what = "permissions boundary" if unknown is Code.BOUNDARY_UNKNOWN else "attached policy"
        if arn not in self.account.policies:
            policy = policy_named_by(arn, identity.place)
            wrong = self._what_is_wrong_with(arn, policy)
            if policy is None or wrong:
                code = Code.ARN_MALFORMED if policy is None else Code.POLICY_FOREIGN
                self.report.add(code, f"its {what} `{arn[:200]}` {wrong}", identity.place, identity.arn)
                identity.gaps.append(f"its {what} `{arn[:200]}` {wrong}")
                return False
            self.account.policies[arn] = policy
        if arn not in self.in_export:
            message = f"its {what} `{arn}` has no document in the export: what it may do is undecided"
            group = f"{self.account.number} {arn}"
            self.report.add_grouped(unknown, message, identity.place, identity.arn, group)
        return True

    def _what_is_wrong_with(self, arn: str, policy: PolicyRecord | None) -> str:
        if policy is None:
            return "is not the ARN of a managed policy"
        if owner_of(arn) not in ("aws", self.account.number) or partition_of(arn) != self.account.partition:
            return "belongs to another account, which AWS does not allow"
        return ""

    def _is_free(self, identity: IdentityRecord, profile: ProfileRecord) -> bool:
        """Whether no role before has an instance profile of this name, which letter case does not tell apart."""
        holder = self.profiles.setdefault(profile.name.lower(), identity.arn)
        if holder != identity.arn:
            message = f"instance profile `{profile.name}` has the role `{holder}` already: it was left out"
            self.report.add(Code.ITEM_TWICE, message, profile.place, identity.arn)
        return holder == identity.arn

    def _is_group(self, identity: IdentityRecord, name: str) -> bool:
        if ("group", name.lower()) in self.account.identities:
            return True
        message = f"its group `{name[:128]}` is not in the export: what the user may do is undecided"
        group = f"{self.account.number} {name}"
        self.report.add_grouped(Code.GROUP_UNKNOWN, message, identity.place, identity.arn, group)
        identity.gaps.append(f"its group `{name[:128]}` is not in the export")
        return False


def _compare_counts(account: AccountRecord, *, alone: bool) -> None:
    """How many uses of each policy AWS counted beyond those that the file shows, which may be a part of the account."""
    attached = Counter(arn for identity in account.identities.values() for arn in identity.attached)
    bounding = Counter(identity.boundary for identity in account.identities.values())
    for arn, policy in account.policies.items():
        if alone or not policy.is_aws_managed:
            policy.attachments_beyond = _beyond(policy.attachment_count, attached[arn])
            policy.boundary_uses_beyond = _beyond(policy.boundary_count, bounding[arn])


def _beyond(told: int | None, shown: int) -> int:
    return 0 if told is None else told - shown


def _check_quotas(account: AccountRecord, report: Report) -> None:
    counts = Counter(identity.kind for identity in account.identities.values())
    counts["policy"] = sum(not policy.is_aws_managed for policy in account.policies.values())
    for kind, allowed in quotas.IN_AN_ACCOUNT.items():
        if counts[kind] > allowed:
            message = f"the account has {counts[kind]:,} of the kind {kind}, AWS allows {allowed:,}"
            report.add(Code.QUOTA_EXCEEDED, message, Place(), account.number)

"""Changes and single policies as the formats of other tools have them."""

from collections.abc import Iterable

from policystudio.accounts.models import Account, OrganizationPolicy
from policystudio.changes.models import Change as ChangeRow
from policystudio.changes.models import Edit as EditRow
from policystudio.changes.selectors import edits_of
from policystudio.changes.transfer.known import known_before, known_of, targets_above
from policystudio.identities.models import Identity
from policystudio.identities.selectors import bearers_of, bounded_by, identity_by_arn
from policystudio.interchange.edits import Change, Edit, Written
from policystudio.interchange.formats import DOCUMENT, FORMATS, Format
from policystudio.policies.models import ManagedPolicy, PolicyVersion


def formats_for(*, is_single: bool) -> tuple[Format, ...]:
    """The formats in which a change leaves; a single policy leaves as its document besides."""
    return (DOCUMENT, *FORMATS.values()) if is_single else tuple(FORMATS.values())


def written_as(change: Change, ending: str) -> tuple[Format, Written]:
    """A change in a format; raises ``KeyError`` for an ending that is none, and ``NotExpressibleError``."""
    form = DOCUMENT if ending == DOCUMENT.ending else FORMATS[ending]
    return form, form.write(change)


def as_change(row: ChangeRow) -> Change:
    """A change with all its edits, for the account as it is, or as it was before the change was published."""
    rows = list(edits_of(row))
    edits = tuple(_edit(one) for one in rows)
    if row.state == ChangeRow.State.PUBLISHED:
        known = known_before(row.account, rows, edits)
    else:
        known = known_of(row.account, edits)
    return Change(row.title, edits, known, row.description)


def as_managed_policy(policy: ManagedPolicy, version: PolicyVersion | None) -> Change:
    """A managed policy with one version of its document, and whom it is attached to or bounds."""
    edits = []
    if version is not None and not policy.is_aws_managed:
        data = {"path": policy.path, "name": policy.name}
        if policy.description:
            data["description"] = policy.description
        edits.append(Edit("managed-policy", policy.arn, text=version.document.text, data=data))
    if policy.tags and not policy.is_aws_managed:
        edits.append(Edit("tags", policy.arn, data={"tags": policy.tags}))
    edits += [Edit("attach", one.arn, other=policy.arn) for one in bearers_of(policy)]
    edits += [Edit("boundary", one.arn, other=policy.arn) for one in bounded_by(policy)]
    text = version.document.text if version is not None else ""
    return _single(policy.account, f"Policy {policy.name}", edits, text)


def as_inline_policy(identity: Identity, name: str) -> Change:
    """An inline policy; raises ``InlinePolicy.DoesNotExist``."""
    policy = identity.inline_policies.select_related("document").get(name=name)
    edit = Edit("inline-policy", identity.arn, name, text=policy.document.text)
    return _single(identity.account, f"Inline policy {name} of {identity.name}", [edit], policy.document.text)


def as_trust_policy(role: Identity) -> Change:
    """The trust policy of a role."""
    text = role.trust_document.text if role.trust_document else ""
    return _single(role.account, f"Trust policy of {role.name}", [Edit("trust-policy", role.arn, text=text)], text)


def as_identity(account: Account, arn: str) -> Change:
    """All that an identity has of its own: trust policy, boundary, tags, policies, groups."""
    identity = identity_by_arn(account, arn)
    edits = []
    if identity.trust_document:
        edits.append(Edit("trust-policy", arn, text=identity.trust_document.text))
    if identity.boundary:
        edits.append(Edit("boundary", arn, other=identity.boundary.arn))
    if identity.tags:
        edits.append(Edit("tags", arn, data={"tags": identity.tags}))
    inline = identity.inline_policies.select_related("document").order_by("name")
    edits += [Edit("inline-policy", arn, one.name, text=one.document.text) for one in inline]
    edits += [Edit("attach", arn, other=one.arn) for one in identity.managed_policies.order_by("name")]
    edits += [Edit("join-group", arn, other=one.arn) for one in identity.groups.order_by("name")]
    return _single(account, f"{identity.kind.title()} {identity.name}", edits, "")


def as_organization_policy(account: Account, policy: OrganizationPolicy) -> Change:
    """A service or resource control policy with where it is attached above the account."""
    data = {"kind": policy.kind, "name": policy.name}
    if policy.description:
        data["description"] = policy.description
    edits = [Edit("organization-policy", policy.policy_id, text=policy.text, data=data)]
    places = targets_above(account, policy)
    edits += [Edit("organization-attach", policy.policy_id, other=place) for place in places]
    return _single(account, f"Organization policy {policy.name}", edits, policy.text)


def _single(account: Account, title: str, edits: Iterable[Edit], document: str) -> Change:
    given = tuple(edits)
    return Change(title, given, known_of(account, given), document=document)


def _edit(row: EditRow) -> Edit:
    return Edit(row.kind, row.target, row.name, row.other, row.text, row.data)

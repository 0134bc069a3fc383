"""Rolling back brings the rows to what they were, and notices what was changed since."""

import pytest
from django.core.exceptions import PermissionDenied

from policystudio.accounts.models import OrganizationPolicy, OrganizationPolicyTarget
from policystudio.changes import services
from policystudio.changes.models import Change
from policystudio.policies.models import PolicyVersion
from tests import factories
from tests.changes.conftest import Lab, allow
from tests.changes.steps import problems, published
from tests.support.account_rows import snapshot

TRUST = factories.as_text(factories.TRUST_SAGEMAKER)


def publish(lab: Lab, change: Change) -> Change:
    services.change_propose(change=change, by=lab.author)
    services.change_approve(change=change, by=lab.approver)
    return services.change_publish(change=change, by=lab.approver)


def roll_back(lab: Lab, change: Change) -> Change:
    return services.change_roll_back(change=change, by=lab.author)


def state() -> dict[str, object]:
    """The rows without what publishing counts up: versions that are not in force, and dates."""
    rows = snapshot()
    rows["documents"] = rows["versions"] = None
    rows["policies"] = {key: value[:4] for key, value in rows["policies"].items()}
    rows["identities"] = {key: value[:3] for key, value in rows["identities"].items()}
    rows["texts"] = set(PolicyVersion.objects.filter(is_default=True).values_list("policy__arn", "document__text"))
    return rows


def test_everything_that_was_made_and_changed_goes_back(lab: Lab) -> None:
    factories.make_inline_policy(lab.trainer, allow("s3:*"), "buckets")
    factories.make_inline_policy(lab.ana, allow("s3:*"), "mine")
    before = state()
    new, user, group = (lab.arn(rest) for rest in ("policy/team/new", "user/team/bo", "group/team"))
    change = published(
        lab,
        {"kind": "managed-policy", "target": new, "text": allow("a:*"), "data": {"description": "d"}},
        {"kind": "managed-policy", "target": lab.look.arn, "text": allow("b:*")},
        {"kind": "tags", "target": new, "data": {"tags": {"a": ""}}},
        {"kind": "identity", "target": user, "data": {"tags": {"team": "x"}}},
        {"kind": "identity", "target": group},
        {"kind": "attach", "target": user, "other": new},
        {"kind": "attach", "target": lab.ana.arn, "other": new},
        {"kind": "boundary", "target": lab.ana.arn, "other": lab.look.arn},
        {"kind": "join-group", "target": lab.ana.arn, "other": group},
        {"kind": "leave-group", "target": lab.ana.arn, "other": lab.scientists.arn},
        {"kind": "detach", "target": lab.scientists.arn, "other": lab.look.arn},
        {"kind": "inline-policy", "target": lab.ana.arn, "name": "new", "text": allow("c:*")},
        {"kind": "inline-policy", "target": lab.ana.arn, "name": "mine", "text": allow("d:*")},
        {"kind": "inline-policy-delete", "target": lab.trainer.arn, "name": "buckets"},
        {"kind": "trust-policy", "target": lab.trainer.arn, "text": TRUST.replace("sagemaker.", "glue.")},
        {"kind": "tags", "target": lab.ana.arn, "data": {"tags": {"a": "b"}}},
    )
    assert state() != before
    draft = roll_back(lab, change)
    assert (draft.state, draft.reverts, draft.title) == ("draft", change, "Roll back #1: Look closer")
    assert not problems(draft)
    back = publish(lab, draft)
    assert state() == before
    publish(lab, roll_back(lab, back))  # forward again
    assert state() != before


def test_what_was_removed_comes_back(lab: Lab) -> None:
    lab.trainer.boundary = factories.make_managed_policy(lab.account, "limit")
    lab.trainer.tags = {"team": "x"}
    lab.trainer.save()
    factories.make_inline_policy(lab.trainer, allow("s3:*"), "buckets")
    factories.attach(lab.trainer, lab.look)
    lab.look.tags = {"a": "b"}
    lab.look.save()
    before = state()
    change = published(
        lab,
        {"kind": "managed-policy-delete", "target": lab.look.arn},
        *({"kind": "identity-delete", "target": one.arn} for one in (lab.ana, lab.scientists, lab.trainer)),
    )
    publish(lab, roll_back(lab, change))
    assert state() == before


def test_what_was_changed_since_is_merged(lab: Lab) -> None:
    first = published(lab, {"kind": "managed-policy", "target": lab.look.arn, "text": allow("a:*")})
    published(lab, {"kind": "managed-policy", "target": lab.look.arn, "text": allow("a:*", "arn:aws:s3:::x")})
    draft = roll_back(lab, first)
    assert [code for code, _ in problems(draft)] == ["moved"]
    merge = services.edit_merge(draft.edits.get())
    assert merge is not None
    # Both lines stand beside each other, and the statement was changed by both: nobody but its author can tell.
    assert not merge.is_possible
    assert merge.now == {"text": allow("a:*", "arn:aws:s3:::x")}


def test_only_what_is_published_is_rolled_back_and_by_authors_alone(lab: Lab) -> None:
    draft = services.change_create(account=lab.account, by=lab.author, title="Look")
    with pytest.raises(services.ChangeStateError, match="draft: only one that is published"):
        roll_back(lab, draft)
    change = published(lab, {"kind": "attach", "target": lab.ana.arn, "other": lab.look.arn})
    with pytest.raises(PermissionDenied):
        services.change_roll_back(change=change, by=lab.viewer)


def test_a_policy_goes_back_to_an_earlier_version(lab: Lab) -> None:
    published(lab, {"kind": "managed-policy", "target": lab.look.arn, "text": allow("a:*")})
    edit = services.policy_roll_back(policy=lab.look, version_id="v1", by=lab.author)
    assert (edit.text, edit.base) == (allow("sagemaker:List*"), {"text": allow("a:*")})
    assert edit.change.title == "Roll back look to v1"
    publish(lab, edit.change)
    assert lab.look.versions.get(is_default=True).version_id == "v3"
    with pytest.raises(PolicyVersion.DoesNotExist):
        services.policy_roll_back(policy=lab.look, version_id="v9", by=lab.author)


def test_organization_policies_go_back(lab: Lab) -> None:
    organization = factories.make_organization()
    root = organization.units.get()
    unit = factories.make_unit(root)
    lab.account.unit = unit
    lab.account.save()
    old, gone = (
        factories.make_organization_policy(organization, targets=(root,), name=name) for name in ("old", "gone")
    )
    narrow = {"kind": "organization-policy", "target": "new:narrow", "text": allow("s3:*"), "data": {"kind": "scp"}}

    def standing() -> set[tuple[str, ...]]:
        policies = set(OrganizationPolicy.objects.values_list("kind", "name", "description", "text"))
        return policies | set(OrganizationPolicyTarget.objects.values_list("policy__name", "unit__unit_id"))

    before = standing()
    change = published(
        lab,
        narrow,
        {"kind": "organization-attach", "target": "new:narrow", "other": unit.unit_id},
        {"kind": "organization-policy", "target": old.policy_id, "text": allow("a:*"), "data": {"name": "older"}},
        {"kind": "organization-detach", "target": gone.policy_id, "other": root.unit_id},
        {"kind": "organization-policy-delete", "target": gone.policy_id},
    )
    draft = roll_back(lab, change)
    assert [code for code, _ in problems(draft)] == ["refused"]  # the unit had none before
    assert f"attach another one to `{unit.unit_id}`" in problems(draft)[0][1]
    OrganizationPolicyTarget.objects.create(policy=old, unit=unit)
    publish(lab, draft)
    assert standing() == before | {("old", unit.unit_id)}

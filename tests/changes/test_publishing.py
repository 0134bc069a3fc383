"""Publishing: the rows say what the edits said, all of them or none, and only on what they were begun on."""

from typing import Any

import pytest

from policystudio.accounts.models import Account, OrganizationPolicy, Role
from policystudio.audit.models import AuditEntry
from policystudio.changes import services
from policystudio.identities.models import Identity
from policystudio.policies.models import Document, ManagedPolicy
from tests import factories
from tests.changes.conftest import Lab, allow
from tests.changes.steps import approved, drafted, problems, published
from tests.support.account_rows import snapshot

TRUST = factories.as_text(factories.TRUST_SAGEMAKER)


def managed(lab: Lab, action: str, target: str = "", **values: Any) -> dict[str, Any]:
    return {"kind": "managed-policy", "target": target or lab.look.arn, "text": allow(action), **values}


def test_a_new_version_is_in_force_and_the_oldest_spare_one_makes_room(lab: Lab) -> None:
    before = lab.account.revision
    change = published(lab, managed(lab, "s3:*"))
    assert (change.state, change.published_by_name) == ("published", "petra")
    assert change.edits.get().outcome == {"version": "v2"}
    for action in ("a:1", "a:2", "a:3"):
        published(lab, managed(lab, action))
    assert sorted(lab.look.versions.values_list("version_id", flat=True)) == ["v1", "v2", "v3", "v4", "v5"]
    last = published(lab, managed(lab, "a:4"))
    assert sorted(lab.look.versions.values_list("version_id", flat=True)) == ["v2", "v3", "v4", "v5", "v6"]
    assert last.edits.get().outcome == {"version": "v6", "dropped": ["v1"]}
    default = lab.look.versions.get(is_default=True)
    assert (default.version_id, default.document.text, default.document.actions) == ("v6", allow("a:4"), "a:4")
    assert not Document.objects.filter(text=allow("sagemaker:List*")).exists()
    assert Account.objects.get(pk=lab.account.pk).revision != before


def test_the_version_in_force_is_never_dropped(lab: Lab) -> None:
    for number in range(2, 6):
        document = factories.make_document(allow(f"a:{number}"))
        lab.look.versions.create(version_id=f"v{number}", document=document)
    published(lab, managed(lab, "b:*"))  # v1 was in force until now
    assert sorted(lab.look.versions.values_list("version_id", flat=True)) == ["v1", "v3", "v4", "v5", "v6"]


def test_everything_at_once(lab: Lab) -> None:
    factories.make_inline_policy(lab.trainer, allow("s3:*"), "buckets")
    new, user, role, group = (lab.arn(rest) for rest in ("policy/team/new", "user/team/bo", "role/run", "group/team"))
    change = published(
        lab,
        {"kind": "join-group", "target": user, "other": group},
        {"kind": "attach", "target": user, "other": new},
        {"kind": "boundary", "target": user, "other": lab.look.arn},
        managed(lab, "sagemaker:*", new, data={"description": "for bo"}),
        {"kind": "identity", "target": user, "data": {"tags": {"team": "x"}}},
        {"kind": "identity", "target": role, "text": TRUST},
        {"kind": "identity", "target": group},
        {"kind": "inline-policy", "target": role, "name": "logs", "text": allow("logs:*")},
        {"kind": "inline-policy-delete", "target": lab.trainer.arn, "name": "buckets"},
        {"kind": "trust-policy", "target": lab.trainer.arn, "text": TRUST.replace("sagemaker.", "glue.")},
        {"kind": "leave-group", "target": lab.ana.arn, "other": lab.scientists.arn},
        {"kind": "detach", "target": lab.scientists.arn, "other": lab.look.arn},
        {"kind": "tags", "target": lab.ana.arn, "data": {"tags": {"a": "b"}}},
        {"kind": "tags", "target": lab.look.arn, "data": {"tags": {"c": ""}}},
    )
    bo = Identity.objects.get(arn=user, created_at=change.published_at)
    assert (bo.kind, bo.path, bo.name, bo.tags) == ("user", "/team/", "bo", {"team": "x"})
    assert [one.arn for one in bo.groups.all()] == [group]
    assert [(one.arn, one.path, one.description) for one in bo.managed_policies.all()] == [(new, "/team/", "for bo")]
    assert bo.boundary == lab.look
    run = Identity.objects.get(arn=role)
    assert run.trust_document == factories.make_document(TRUST, "trust")
    assert run.inline_policies.get().document.text == allow("logs:*")
    lab.trainer.refresh_from_db()
    assert "glue." in getattr(lab.trainer.trust_document, "text", "")
    assert not lab.trainer.inline_policies.exists()
    assert not Document.objects.filter(text=allow("s3:*")).exists()
    assert not lab.scientists.attachments.exists()
    assert not lab.ana.groups.exists()
    lab.ana.refresh_from_db()
    lab.look.refresh_from_db()
    assert (lab.ana.tags, lab.look.tags) == ({"a": "b"}, {"c": ""})


def test_what_is_removed_takes_with_it_what_hangs_on_it(lab: Lab) -> None:
    factories.make_inline_policy(lab.scientists, allow("s3:*"), "buckets")
    published(
        lab,
        {"kind": "managed-policy-delete", "target": lab.look.arn},
        {"kind": "identity-delete", "target": lab.scientists.arn},
        {"kind": "identity-delete", "target": lab.trainer.arn},
    )
    assert [one.arn for one in Identity.objects.all()] == [lab.ana.arn]
    assert not ManagedPolicy.objects.exists()
    assert not Document.objects.exists()
    assert not lab.ana.groups.exists()


def test_the_audit_record_tells_before_and_after(lab: Lab) -> None:
    published(lab, managed(lab, "s3:*"), {"kind": "attach", "target": lab.ana.arn, "other": lab.look.arn})
    entry = AuditEntry.objects.get(action="change.published")
    assert (entry.actor, entry.target, entry.details["change"]) == ("petra", "111122223333", 1)
    before, after = entry.details["before"], entry.details["after"]
    assert (before[lab.look.arn]["text"], after[lab.look.arn]["text"]) == (allow("sagemaker:List*"), allow("s3:*"))
    assert (before[lab.ana.arn]["attached"], after[lab.ana.arn]["attached"]) == ([], [lab.look.arn])


def test_a_base_that_moved_stops_all_of_it(lab: Lab) -> None:
    change = approved(lab, managed(lab, "s3:*"), {"kind": "tags", "target": lab.ana.arn, "data": {"tags": {"a": "b"}}})
    lab.ana.tags = {"team": "y"}
    lab.ana.save()
    before = snapshot()
    with pytest.raises(services.ChangeRefusedError) as caught:
        services.change_publish(change=change, by=lab.approver)
    (problem,) = caught.value.problems
    assert (problem.code, problem.now) == ("moved", {"tags": {"team": "y"}})
    assert str(problem) == "Edit tags of user/ana: the tags were changed since the edit was begun: they are team = y"
    change.refresh_from_db()
    assert change.state == "approved"
    assert snapshot() == before


@pytest.mark.parametrize(
    ("move", "message"),
    [
        ("text", "the text was changed since the edit was begun"),
        ("gone", "what it was begun on is not there any more"),
        ("there", "it was begun where nothing stood, and now something does"),
        ("boundary", "the boundary is policy/other now"),
    ],
)
def test_it_says_what_became_of_the_base(lab: Lab, move: str, message: str) -> None:
    other = factories.make_managed_policy(lab.account, "other")
    lab.trainer.boundary = lab.look
    lab.trainer.save()
    edits = {
        "text": managed(lab, "s3:*"),
        "gone": {"kind": "detach", "target": lab.scientists.arn, "other": lab.look.arn},
        "there": {"kind": "attach", "target": lab.ana.arn, "other": lab.look.arn},
        "boundary": {"kind": "boundary", "target": lab.trainer.arn, "other": ""},
    }
    change = drafted(lab, edits[move])
    assert not problems(change)
    lab.look.versions.update(document=factories.make_document(allow("x:*")))
    lab.scientists.attachments.all().delete()
    factories.attach(lab.ana, lab.look)
    Identity.objects.filter(pk=lab.trainer.pk).update(boundary=other)
    assert problems(change) == [("moved", f"{problems(change)[0][1].partition(':')[0]}: {message}")]


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([{"kind": "attach", "target": "user/nobody", "other": "policy/look"}], "`user/nobody` is not in research"),
        ([{"kind": "attach", "target": "user/ana", "other": "policy/nothing"}], "policy/nothing` is not in research"),
        ([{"kind": "inline-policy-delete", "target": "user/ana", "name": "x"}], "has no inline policy `x`"),
        ([{"kind": "detach", "target": "user/ana", "other": "policy/look"}], "does not have `policy/look`"),
        ([{"kind": "identity", "target": "user/team/ANA"}], "has a user called `ana` already"),
        (
            [{"kind": "identity", "target": "user/a/x"}, {"kind": "identity", "target": "user/b/X"}],
            "called `x` already",
        ),
        ([{"kind": "identity", "target": "group/x", "data": {"tags": {"a": ""}}}], "a group has no tags"),
        ([{"kind": "identity", "target": "role/aws-service-role/x", "text": TRUST}], "a service alone creates roles"),
        ([{"kind": "managed-policy", "target": "policy/team/LOOK", "text": allow("*")}], "a policy called `look`"),
        ([{"kind": "managed-policy-delete", "target": "policy/look"}], "still attached to"),
        ([{"kind": "trust-policy", "target": "role/linked", "text": TRUST}], "is a service-linked role"),
        (
            [
                {"kind": "identity-delete", "target": "user/ana"},
                {"kind": "attach", "target": "user/ana", "other": "policy/look"},
            ],
            "the change also removes `user/ana`",
        ),
        (
            [
                {"kind": "inline-policy", "target": "user/ana", "name": "x", "text": allow("*")},
                {"kind": "inline-policy-delete", "target": "user/ana", "name": "x"},
            ],
            "the change also removes this inline policy",
        ),
    ],
)
def test_what_cannot_be_applied_is_not_proposed(lab: Lab, edits: list[dict[str, Any]], message: str) -> None:
    factories.make_identity(lab.account, "role", "linked", service_linked=True)
    full = [
        {key: lab.arn(value) if key in ("target", "other") else value for key, value in one.items()} for one in edits
    ]
    with pytest.raises(services.ChangeRefusedError) as caught:
        services.change_propose(change=drafted(lab, *full), by=lab.author)
    assert message in str(caught.value)


def test_quotas_are_kept(lab: Lab) -> None:
    long = allow("sagemaker:" + "x" * 6_144)
    inline = {"kind": "inline-policy", "target": lab.ana.arn, "name": "long"}
    many = [factories.make_managed_policy(lab.account) for _ in range(11)]
    change = drafted(
        lab,
        {**managed(lab, "x"), "text": long},
        {**inline, "text": allow("sagemaker:" + "y" * 2_048)},
        *({"kind": "attach", "target": lab.scientists.arn, "other": policy.arn} for policy in many),
        {"kind": "tags", "target": lab.trainer.arn, "data": {"tags": {f"k{n}": "" for n in range(51)}}},
    )
    found = problems(change)
    assert {code for code, _ in found} == {"quota"}
    said = " ".join(message for _, message in found)
    assert "policy/look would have 6,2" in said
    assert "AWS allows 6,144" in said
    assert "user/ana would have 2," in said
    assert "group/scientists would have 12 attached policies: AWS allows 10" in said
    assert "role/trainer would have 51 tags: AWS allows 50" in said


def test_what_was_beyond_a_quota_before_does_not_stop_others(lab: Lab) -> None:
    for _ in range(12):
        factories.attach(lab.scientists, factories.make_managed_policy(lab.account))
    assert not problems(drafted(lab, {"kind": "detach", "target": lab.scientists.arn, "other": lab.look.arn}))


def test_white_space_counts_in_organization_policies_alone(lab: Lab) -> None:
    organization = factories.make_organization()
    lab.account.unit = organization.units.get()
    lab.account.save()
    spaced = allow("s3:*") + " " * 10_240
    wall = {"kind": "organization-policy", "target": "new:wall", "data": {"kind": "scp", "name": "wall"}}
    found = problems(drafted(lab, {**managed(lab, "x"), "text": spaced}, {**wall, "text": spaced}))
    assert [code for code, _ in found] == ["quota"]
    assert "wall would have 10,3" in found[0][1]


def test_organization_policies(lab: Lab) -> None:
    organization = factories.make_organization()
    root = organization.units.get()
    unit = factories.make_unit(root)
    lab.account.unit = unit
    lab.account.save()
    production = factories.make_account("222222222222", "production", unit=root)
    for person, role in ((lab.author, Role.AUTHOR), (lab.approver, Role.APPROVER)):
        factories.make_membership(person, production, role)
    old = factories.make_organization_policy(organization, targets=(root, unit), name="old")
    attach = {"kind": "organization-attach", "target": "new:narrow"}
    change = published(
        lab,
        {"kind": "organization-policy", "target": "new:narrow", "text": allow("s3:*"), "data": {"description": "d"}},
        {**attach, "other": root.unit_id},
        {**attach, "other": production.number},
        {"kind": "organization-detach", "target": old.policy_id, "other": root.unit_id},
        {
            "kind": "organization-policy",
            "target": old.policy_id,
            "text": allow("sagemaker:*"),
            "data": {"name": "older"},
        },
    )
    new = OrganizationPolicy.objects.get(name="narrow")
    assert (new.kind, new.text, new.description, new.problems) == ("scp", allow("s3:*"), "d", None)
    assert change.edits.get(target="new:narrow", kind="organization-policy").outcome == {"policy_id": new.policy_id}
    assert {(one.unit, one.account) for one in new.targets.all()} == {(root, None), (None, production)}
    old.refresh_from_db()
    assert (old.name, old.text, [one.unit for one in old.targets.all()]) == ("older", allow("sagemaker:*"), [unit])
    revisions = {organization.revision, lab.account.revision, production.revision}
    for row in (organization, lab.account, production):
        row.refresh_from_db()
    assert not revisions & {organization.revision, lab.account.revision, production.revision}
    last = drafted(lab, {"kind": "organization-detach", "target": old.policy_id, "other": unit.unit_id})
    assert "AWS leaves no place without a service control policy" in problems(last)[0][1]
    removal = {"kind": "organization-policy-delete", "target": old.policy_id}
    assert "still attached to" in problems(drafted(lab, removal))[0][1]


def test_a_document_that_another_policy_has_stays(lab: Lab) -> None:
    factories.make_inline_policy(lab.ana, allow("sagemaker:List*"))
    published(lab, {"kind": "detach", "target": lab.scientists.arn, "other": lab.look.arn})
    published(lab, {"kind": "managed-policy-delete", "target": lab.look.arn})
    assert Document.objects.filter(text=allow("sagemaker:List*")).exists()

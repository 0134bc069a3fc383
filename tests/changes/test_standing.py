"""What was read at once stands there exactly as what is read for one edit alone."""

from policystudio.changes import services
from policystudio.changes.models import Edit
from policystudio.changes.selectors import present
from policystudio.changes.services.standing import standing
from policystudio.changes.services.states import World
from tests import factories
from tests.changes.conftest import Lab, allow


def test_both_say_the_same_of_every_kind(lab: Lab) -> None:
    organization = factories.make_organization()
    root = organization.units.get()
    lab.account.unit = root
    lab.account.save()
    scp = factories.make_organization_policy(organization, targets=(root, lab.account))
    factories.make_inline_policy(lab.ana, allow("s3:*"), "mine")
    factories.make_inline_policy(lab.ana, allow("a:*"), "also")
    unread = factories.make_managed_policy(lab.account, "unread", None)
    lab.ana.boundary, lab.ana.tags = lab.look, {"a": "b"}
    lab.ana.save()
    targets = [*(one.arn for one in (lab.ana, lab.scientists, lab.trainer, lab.look, unread)), lab.arn("user/no")]
    targets += [lab.arn("policy/no"), scp.policy_id, "new:x", "p-nothing123"]
    others = ["", lab.look.arn, lab.scientists.arn, root.unit_id, lab.account.number, lab.arn("group/no")]
    edits = [
        Edit(kind=kind, target=target, name=name, other=other)
        for kind in Edit.Kind.values
        for target in targets
        for other in others
        for name in ("", "mine", "no")
    ]
    world = World(lab.account)
    world.fetch(edits)
    told = [(edit, standing(world, edit)) for edit in edits]
    assert sum(found is not None for _, found in told) > 100
    for edit, found in told:
        assert found == present(lab.account, edit.kind, edit.target, edit.name, edit.other), edit


def test_a_change_of_many_edits_is_read_in_few_queries(lab: Lab, django_assert_max_num_queries) -> None:
    change = services.change_create(account=lab.account, by=lab.author, title="x")
    for _ in range(30):
        user = factories.make_identity(lab.account, "user")
        services.edit_put(
            change=change, by=None, expected_version=None, kind="attach", target=user.arn, other=lab.look.arn
        )
    with django_assert_max_num_queries(12):
        assert not services.plan(lab.account, change.edits.all()).problems

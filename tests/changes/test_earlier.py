"""Every text that a policy had can be told, and be gone back to."""

from datetime import timedelta

import pytest
from django.utils import timezone

from policystudio.changes import services
from policystudio.changes.selectors import earlier_texts
from tests import factories
from tests.changes.conftest import Lab, allow
from tests.changes.steps import published

TRUST = factories.as_text(factories.TRUST_SAGEMAKER)


@pytest.fixture(autouse=True)
def _read(lab: Lab) -> None:
    lab.account.read_at = timezone.now() - timedelta(days=1)
    lab.account.unit = factories.make_organization().units.get()
    lab.account.save()


def test_texts_of_all_kinds_are_told_and_gone_back_to(lab: Lab) -> None:
    assert lab.account.unit is not None
    root = lab.account.unit
    scp = factories.make_organization_policy(root.organization, allow("a:0"), targets=(root,))
    factories.make_inline_policy(lab.ana, allow("a:0"), "mine")
    first = {
        ("managed-policy", lab.look.arn, ""): allow("sagemaker:List*"),
        ("inline-policy", lab.ana.arn, "mine"): allow("a:0"),
        ("trust-policy", lab.trainer.arn, ""): TRUST,
        ("organization-policy", scp.policy_id, ""): scp.text,
    }
    second = {key: TRUST.replace("sagemaker.", "glue.") if "trust" in key[0] else allow("b:1") for key in first}
    published(
        lab,
        *(
            {"kind": kind, "target": target, "name": name, "text": second[kind, target, name]}
            for kind, target, name in first
        ),
    )
    published(lab, {"kind": "tags", "target": lab.ana.arn, "data": {"tags": {"a": "b"}}})  # no new text
    for (kind, target, name), text in first.items():
        found = earlier_texts(lab.account, kind, target, name)
        told = [one.text for one in found]
        if kind == "organization-policy":  # of an organization that was never imported, nothing is known before
            assert told == [second[kind, target, name]]
            continue
        assert told == [second[kind, target, name], text], kind
        assert (found[0].until, found[1].until) == (None, found[0].since)
        edit = services.text_roll_back(
            account=lab.account, by=lab.author, kind=kind, target=target, name=name, record=found[1].record
        )
        assert (edit.text, edit.base) == (text, {"text": second[kind, target, name]})
        assert edit.change.title.startswith("Roll back ")


def test_what_was_never_recorded_is_not_gone_back_to(lab: Lab) -> None:
    with pytest.raises(LookupError):
        services.text_roll_back(
            account=lab.account, by=lab.author, kind="managed-policy", target=lab.look.arn, record=1
        )
    for kind, target in (("tags", lab.ana.arn), ("nonsense", "x"), ("managed-policy", "\0")):
        assert earlier_texts(lab.account, kind, target) == []


def test_what_was_removed_and_came_back_has_two_stretches(lab: Lab) -> None:
    key = {"target": lab.ana.arn, "name": "x"}
    for text in ("a:1", "a:2"):
        published(lab, {"kind": "inline-policy", **key, "text": allow(text)})
        published(lab, {"kind": "inline-policy-delete", **key})
    found = earlier_texts(lab.account, "inline-policy", lab.ana.arn, "x")
    assert [one.text for one in found] == [allow("a:2"), allow("a:1")]
    assert all(one.until is not None for one in found)

"""Publishing policies that were made from templates: they remember it."""

from typing import Any

import pytest

from policystudio.changes import services
from policystudio.changes.services import EditError
from policystudio.policies.models import TemplateUse
from policystudio.policies.templates import library
from policystudio.policies.templates.library import TEMPLATES
from policystudio.policies.templates.link import Link, digest_of
from tests.changes.conftest import Lab, allow
from tests.changes.steps import approved, drafted, published

NAME = "execution-training"


def linked(lab: Lab, part: int = 0) -> Link:
    """A link to a template that makes an execution role."""
    parameters = {"account": lab.account.number, "buckets": ["churn-data"]}
    return Link(TEMPLATES[NAME], TEMPLATES[NAME].version, parameters, part)


def managed(lab: Lab, **values: Any) -> dict[str, Any]:
    link = linked(lab)
    made = {"kind": "managed-policy", "target": lab.arn("policy/made"), "text": link.text()}
    return {**made, "data": {"template": link.as_json()}, **values}


def test_a_new_role_and_its_policy_remember_the_template(lab: Lab) -> None:
    link, role = linked(lab), lab.arn("role/made")
    trust = {"kind": "identity", "target": role, "text": link.text(trust=True), "data": {"template": link.as_json()}}
    published(lab, trust, managed(lab), {"kind": "attach", "target": role, "other": lab.arn("policy/made")})
    uses = {use.kind: use for use in TemplateUse.objects.all()}
    assert uses.keys() == {"trust-policy", "managed-policy"}
    assert uses["trust-policy"].target == role
    assert uses["trust-policy"].digest == digest_of(link.text(trust=True))
    use = uses["managed-policy"]
    assert (use.template, use.version, use.part, use.parameters) == (NAME, link.version, 0, link.parameters)
    assert use.digest == digest_of(link.text())
    published(lab, {"kind": "managed-policy", "target": use.target, "text": allow("s3:*")})
    assert TemplateUse.objects.get(kind="managed-policy").digest == use.digest


def test_what_goes_is_forgotten(lab: Lab) -> None:
    link, role = linked(lab), lab.arn("role/made")
    trust = {"kind": "identity", "target": role, "text": link.text(trust=True), "data": {"template": link.as_json()}}
    published(lab, trust, managed(lab))
    published(lab, {"kind": "identity-delete", "target": role})
    assert [use.kind for use in TemplateUse.objects.all()] == ["managed-policy"]
    published(lab, {"kind": "managed-policy-delete", "target": lab.arn("policy/made")})
    assert not TemplateUse.objects.exists()


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("x", "a template is told by"),
        ({"id": "nothing", "version": 1, "parameters": {}}, "no template `nothing`"),
        ({"id": NAME, "version": 0, "parameters": {}}, "`version` must be"),
        ({"id": NAME, "version": True, "parameters": {}}, "`version` must be"),
        ({"id": NAME, "version": 99, "parameters": {}}, "`version` must be"),
        ({"id": NAME, "version": 1, "parameters": {"buckets": 5}}, "`parameters` must be texts"),
        ({"id": NAME, "version": 1, "parameters": {}}, "does not take these parameters: account: is needed"),
        ({"id": NAME, "version": 1, "parameters": {}, "part": -1}, "`part` must be"),
        ({"id": NAME, "version": 1, "parameters": {}, "more": 1}, "a template is told by"),
    ],
)
def test_what_is_no_link_is_refused(lab: Lab, link: Any, said: str) -> None:
    with pytest.raises(EditError, match=r"data\.template") as raised:
        drafted(lab, managed(lab, data={"template": link}))
    assert said in str(raised.value)


def test_a_link_to_a_document_that_there_is_not_is_refused(lab: Lab) -> None:
    with pytest.raises(EditError, match="there is none of number 3"):
        drafted(lab, managed(lab, data={"template": linked(lab, part=2).as_json()}))
    with pytest.raises(EditError, match="nothing else"):
        drafted(lab, {"kind": "tags", "target": lab.look.arn, "data": {"template": {}, "tags": {}}})


def test_a_template_that_is_gone_when_the_change_is_published_is_not_kept(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = approved(lab, managed(lab))
    monkeypatch.setattr(library, "TEMPLATES", {})
    published_change = services.change_publish(change=change, by=lab.approver)
    assert published_change.state == "published"
    assert not TemplateUse.objects.exists()

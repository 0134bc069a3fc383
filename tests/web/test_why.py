"""Why: the panel beside the grid, the page of its own, the summary of a type."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from policystudio.accounts.models import Account
from tests import factories
from tests.web.conftest import Lab, allow, words_of

BASE = "/accounts/111122223333/simulator/"


def address(arn: str, action: str, kind: str, *more: tuple[str, str]) -> str:
    pairs = [("why", arn), ("why_type", kind), *([("why_action", f"sagemaker:{action}")] if action else []), *more]
    return f"{BASE}why/?{urlencode(pairs)}"


def say(client: Client, *asked: Any) -> str:
    response = client.get(address(*asked))
    assert response.status_code == 200, response.content[:300]
    return words_of(response)


def marked(client: Client, *asked: Any) -> list[str]:
    return re.findall(r"<mark>(.*?)</mark>", client.get(address(*asked)).content.decode().replace("&quot;", '"'))


@pytest.mark.parametrize(
    ("action", "kind", "title"),
    [
        ("DescribeModel", "model", "Why can user/ana call DescribeModel on model?"),
        ("CreateModel", "model", "Where can user/ana call CreateModel on model?"),
        ("DeleteModel", "model", "When can user/ana call DeleteModel on model?"),
        ("CreateEndpoint", "endpoint", "Why can user/ana not call CreateEndpoint on endpoint?"),
        ("ListModels", "*", "Why can user/ana call ListModels?"),
    ],
)
def test_the_title_is_the_question(vic: Client, lab: Lab, action: str, kind: str, title: str) -> None:
    assert f"<h1>{title}</h1>" in vic.get(address(lab.ana.arn, action, kind)).content.decode()


def test_what_is_allowed_names_its_statement_its_policy_and_its_group(vic: Client, lab: Lab) -> None:
    said = say(vic, lab.ana.arn, "DescribeModel", "model")
    assert "Allowed." in said
    assert "look , line 4" in said
    assert "Identity policy through group scientists; matches." in said
    assert '"sagemaker:Describe*"' in marked(vic, lab.ana.arn, "DescribeModel", "model")


def test_the_part_that_is_allowed_is_named_with_a_request_on_each_side(vic: Client, lab: Lab) -> None:
    said = say(vic, lab.ana.arn, "CreateModel", "model")
    assert "Some resources. Allowed on model/ dev- *" in said
    assert "One request that is allowed, one that is not" in said
    assert "matches the request that is allowed" in said
    assert '"arn:aws:sagemaker:*:*:model/dev-*"' in marked(vic, lab.ana.arn, "CreateModel", "model")


def test_a_condition_is_said_in_words_and_its_key_can_be_set(vic: Client, lab: Lab) -> None:
    said = say(vic, lab.ana.arn, "DeleteModel", "model")
    assert "when aws:MultiFactorAuthPresent is true" in said
    assert "aws: MultiFactorAuthPresent is unknown." in said.replace(
        "aws: Multi Factor Auth Present", "aws: MultiFactorAuthPresent"
    )
    page = vic.get(address(lab.ana.arn, "DeleteModel", "model")).content.decode()
    link = re.search(r'<a href="([^"]*edit=aws%3AMultiFactorAuthPresent[^"]*)"', page)
    assert link is not None
    opened = vic.get(link[1].replace("&amp;", "&")).content.decode()
    assert re.search(r'<details class="chip" id="chip-ctx-0" open>', opened)


def test_context_that_is_set_counts(vic: Client, lab: Lab) -> None:
    known = ("context", "aws:MultiFactorAuthPresent=false")
    said = say(vic, lab.ana.arn, "DeleteModel", "model", known)
    assert "Why can user/ana not call DeleteModel on model?" in said
    assert "nearly matches: its condition does not hold: Bool on aws:MultiFactorAuthPresent" in said


def test_the_boundary_stands_among_the_layers(vic: Client, lab: Lab) -> None:
    said = say(vic, lab.trainer.arn, "CreateEndpoint", "endpoint")
    assert "Boundary does not allow · limit" in said
    assert "Identity allows · everything" in said
    assert "Implicit deny. What one layer allows, another does not." in said


def test_a_policy_can_be_tried_away_from_its_statement(vic: Client, lab: Lab) -> None:
    page = vic.get(address(lab.trainer.arn, "CreateTrainingJob", "training-job")).content.decode()
    links = [link.replace("&amp;", "&") for link in re.findall(r'<a href="([^"]*exclude=[^"]*)">Try without it', page)]
    assert [link for link in links if "exclude=boundary" in link]
    assert [link for link in links if "policy%2Feverything" in link]
    assert vic.get(links[0]).status_code == 200


def test_organization_policies_lead_to_their_page_and_are_not_tried_away(vic: Client, lab: Lab) -> None:
    organization = factories.make_organization()
    root = organization.units.get()
    Account.objects.filter(pk=lab.account.pk).update(unit=root)
    factories.make_organization_policy(organization, name="FullAWSAccess", targets=(root, lab.account))
    region = {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}
    deny = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": region}],
    }
    scp = factories.make_organization_policy(organization, deny, name="our-regions", targets=(root,))
    page = vic.get(address(lab.ana.arn, "DescribeModel", "model")).content.decode()
    assert f"/accounts/111122223333/organization-policies/{scp.pk}/#L4" in page
    said = say(vic, lab.ana.arn, "DescribeModel", "model")
    assert "Organization, Root allows or denies under conditions" in said
    assert "Allowed, but denied when aws:RequestedRegion is not eu-west-1" in said
    at = page.index("our-regions</a>, line 4")
    assert "Try without it" not in page[at : page.index("</div></div>", at)]


def test_dependent_permissions_are_told_with_their_verdict(vic: Client, lab: Lab) -> None:
    said = say(vic, lab.trainer.arn, "CreateTrainingJob", "training-job")
    assert "Also needed" in said
    assert "iam:PassRole" in said


def test_links_lead_to_the_line_in_the_policy(vic: Client, lab: Lab) -> None:
    page = vic.get(address(lab.ana.arn, "CreateModel", "model")).content.decode()
    assert f'href="/accounts/111122223333/identities/{lab.ana.pk}/#dev-models-L4"' in page
    there = vic.get(f"/accounts/111122223333/identities/{lab.ana.pk}/").content.decode()
    assert 'id="dev-models-L4"' in there


def test_a_type_without_an_action_is_summed_up_by_level(vic: Client, lab: Lab) -> None:
    said = say(vic, lab.ana.arn, "", "model")
    assert "What can user/ana do with model?" in said
    assert "6 actions: 2 allowed, 2 on some resources or under conditions." in said
    assert re.search(r"Write .*Create ?Model some resources", said)


def test_the_root_user_needs_no_statement(vic: Client, lab: Lab) -> None:
    said = say(vic, "arn:aws:iam::111122223333:root", "CreateModel", "model")
    assert "the root user is allowed by default" in said


def test_a_fragment_puts_the_cell_into_the_address_of_the_grid(vic: Client, lab: Lab) -> None:
    response = vic.get(address(lab.ana.arn, "CreateModel", "model"), headers={"HX-Request": "true"})
    assert response.headers["HX-Replace-Url"].startswith(f"{BASE}?why=arn")
    assert "<html" not in response.content.decode()
    again = vic.get(response.headers["HX-Replace-Url"]).content.decode()
    assert "Copy link" in again


@pytest.mark.parametrize(
    ("arn", "action", "kind", "said"),
    [
        ("arn:aws:iam::111122223333:user/gone", "CreateModel", "model", "has no identity"),
        ("arn:aws:iam::999999999999:user/ana", "CreateModel", "model", "has no identity"),
        ("", "FlyToTheMoon", "model", "does not act on"),
        ("", "CreateModel", "endpoint", "does not act on"),
        ("", "", "spaceship", "no action of type spaceship"),
    ],
)
def test_a_cell_that_is_not_there_is_said_to_be_gone(
    vic: Client, lab: Lab, arn: str, action: str, kind: str, said: str
) -> None:
    response = vic.get(address(arn or lab.ana.arn, action, kind))
    assert response.status_code == 404
    assert said in words_of(response)


def test_without_a_cell_the_grid_is_shown(vic: Client, lab: Lab) -> None:
    assert vic.get(f"{BASE}why/?kind=user").headers["Location"] == f"{BASE}?kind=user"


def test_what_cannot_be_known_is_undecided_and_says_why(vic: Client, lab: Lab) -> None:
    lost = factories.make_managed_policy(lab.account, "lost", None)
    factories.attach(lab.ana, lost)
    said = say(vic, lab.ana.arn, "CreateEndpoint", "endpoint")
    assert "Why is it undecided whether user/ana can call CreateEndpoint on endpoint?" in said
    assert "lost" in said


def test_policies_are_inert_text(vic: Client, lab: Lab) -> None:
    evil = allow("sagemaker:CreateModel", "arn:aws:sagemaker:*:*:model/<script>alert(1)</script>")
    evil["Statement"][0]["Condition"] = {
        "StringEquals": {"aws:RequestTag/<img src=x>": "</code><script>alert(2)</script>"}
    }
    factories.make_inline_policy(lab.scientists, evil, "evil")
    page = vic.get(address(lab.ana.arn, "CreateModel", "model")).content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "alert(2)" in page


def test_an_action_with_several_required_types_names_the_others_and_what_they_come_to(vic: Client, lab: Lab) -> None:
    half = allow("sagemaker:UpdateEndpoint", "arn:aws:sagemaker:*:*:endpoint/*")
    factories.make_inline_policy(lab.ana, half, "half")
    said = say(vic, lab.ana.arn, "UpdateEndpoint", "endpoint")
    assert (
        "UpdateEndpoint takes endpoint-config (implicit deny) as well, and is possible only where each allows it: "
        "together implicit deny. AWS's reference lists them all; a call may touch fewer."
    ) in said.replace("&#x27;", "'")
    assert "as well, and is possible only" not in say(vic, lab.ana.arn, "CreateModel", "model")
    factories.make_inline_policy(lab.ana, allow("sagemaker:Update*", "arn:aws:sagemaker:*:*:*/dev-*"), "rest")
    assert "endpoint-config (some resources) as well" in say(vic, lab.ana.arn, "UpdateEndpoint", "endpoint")
    many = say(vic, lab.ana.arn, "AddAssociation", "artifact")
    assert "action (implicit deny), context (implicit deny), experiment (implicit deny) and" in many


def test_a_key_that_the_service_never_sends_is_said_to_be_absent(vic: Client, lab: Lab) -> None:
    prefix = {"StringNotEquals": {"s3:prefix": "x"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}
    never = allow("sagemaker:StopTrainingJob")
    never["Statement"][0]["Condition"] = prefix
    factories.make_inline_policy(lab.ana, never, "never-sent")
    said = say(vic, lab.ana.arn, "StopTrainingJob", "training-job")
    assert "SageMaker never sends s3:prefix with this action, so conditions on it see an absent key." in said
    assert "when aws:MultiFactorAuthPresent is true" in said
    assert "when s3:prefix" not in said

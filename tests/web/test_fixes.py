"""The smallest change on the Why page and panel: what is shown, what the link tries, when there is nothing to show."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests import factories
from tests.web.conftest import Lab, allow, words_of

BASE = "/accounts/111122223333/simulator/"
OFFER = "The smallest change that would allow"


def page(client: Client, arn: str, action: str, kind: str, *more: tuple[str, str], panel: bool = False) -> Any:
    pairs = [("why", arn), ("why_type", kind), ("why_action", f"sagemaker:{action}"), *more]
    address = f"{BASE}?{urlencode(pairs)}" if panel else f"{BASE}why/?{urlencode(pairs)}"
    response = client.get(address)
    assert response.status_code == 200
    return response


def link(response: Any) -> str:
    found = re.search(r'<a href="([^"]*)">Try it</a>', response.content.decode())
    assert found is not None
    return unescape(found[1])


@pytest.mark.parametrize("panel", [False, True])
def test_the_statement_is_shown_with_the_verdict_before_and_after(vic: Client, lab: Lab, panel: bool) -> None:
    said = words_of(page(vic, lab.ana.arn, "CreateEndpoint", "endpoint", panel=panel))
    assert f"{OFFER} it" in said
    assert "No identity policy allows it: give this user an inline policy with this statement." in said
    assert '"Resource": "arn:aws:sagemaker:*:111122223333:endpoint/*"' in said
    assert "Evaluated again with this change: implicit deny → allowed." in said
    assert ("Nothing else changes for this identity." in said) is not panel


def test_the_link_tries_the_change_in_the_simulator(vic: Client, lab: Lab) -> None:
    for action, kind in (("CreateEndpoint", "endpoint"), ("CreateModel", "model"), ("DeleteModel", "model")):
        tried = vic.get(link(page(vic, lab.ana.arn, action, kind)))
        assert tried.status_code == 200
        said = words_of(tried)
        assert "Allowed." in said, action
        assert OFFER not in said


def test_an_edited_policy_is_tried_instead_of_the_one_that_is_there(vic: Client, lab: Lab) -> None:
    response = page(vic, lab.ana.arn, "CreateModel", "model")
    said = words_of(response)
    assert f"{OFFER} all of it" in said
    assert "of dev-models nearly allows it: add what is missing to it." in said
    assert "exclude=inline%3Aana%2Fdev-models" in link(response)
    removed = re.findall(r'<div class="line removed">.*?</code>', response.content.decode(), re.DOTALL)
    assert len(removed) == 1
    assert "removed: " in removed[0]


def test_a_boundary_is_shown_with_its_proof(vic: Client, lab: Lab) -> None:
    said = words_of(page(vic, lab.trainer.arn, "CreateModel", "model"))
    assert "Nothing in the permissions boundary limit allows it: add this statement to it." in said
    assert '"aws:PrincipalArn": "arn:aws:iam::111122223333:role/trainer"' in said
    assert "implicit deny → allowed. Nothing else changes for this identity." in said


def test_a_request_that_is_allowed_as_things_are_is_an_alternative(vic: Client, lab: Lab) -> None:
    said = words_of(page(vic, lab.ana.arn, "DeleteModel", "model"))
    assert "Or change nothing: a request on" in said
    assert "MultiFactorAuthPresent = true is allowed as things are." in said.replace(
        "Multi Factor Auth Present", "MultiFactorAuthPresent"
    )


def test_what_no_policy_can_allow_says_so(vic: Client, lab: Lab) -> None:
    path = "/aws-service-role/sagemaker.amazonaws.com/"
    role = factories.make_identity(lab.account, "role", "AWSServiceRoleForX", path=path, service_linked=True)
    said = words_of(page(vic, role.arn, "CreateModel", "model"))
    assert "There is none: AWS alone decides what a service-linked role may do" in said


def test_nothing_is_offered_where_nothing_is_missing_or_known(vic: Client, lab: Lab) -> None:
    assert OFFER not in words_of(page(vic, lab.ana.arn, "DescribeModel", "model"))
    gap = factories.make_identity(lab.account, "user", "gap", gaps=["an inline policy is missing"])
    factories.make_inline_policy(gap, allow("sagemaker:CreateModel"))
    assert OFFER not in words_of(page(vic, gap.arn, "CreateModel", "model"))


def test_a_change_on_top_of_a_what_if_keeps_it(vic: Client, lab: Lab) -> None:
    policy = factories.make_managed_policy(lab.account, "other", allow("sagemaker:CreateApp"))
    response = page(
        vic, lab.ana.arn, "CreateEndpoint", "endpoint", ("add", policy.arn), ("exclude", "inline:ana/dev-models")
    )
    address = link(response)
    assert urlencode([("add", policy.arn)]) in address
    assert "exclude=inline%3Aana%2Fdev-models" in address

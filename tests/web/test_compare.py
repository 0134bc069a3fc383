"""The Compare page: a what-if for identities, and two texts; words first, proof below, nothing lost on errors."""

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from policystudio.simulator import what_if
from policystudio.simulator.question import ListQuery, question_from_query
from tests import factories
from tests.web.conftest import Lab, allow, words_of

COMPARE = "/accounts/111122223333/compare/"
ANA = "arn:aws:iam::111122223333:user/people/ana"
TRAINER = "arn:aws:iam::111122223333:role/trainer"


def what(client: Client, **query: Any) -> Any:
    response = client.get(f"{COMPARE}?{urlencode(query, doseq=True)}")
    assert response.status_code == 200
    return response


def answer(response: Any) -> str:
    found = re.search(r'<p class="answer">(.*?)</p>', response.content.decode(), re.DOTALL)
    assert found is not None
    return found[1]


def arn_of(lab: Lab, name: str) -> str:
    return f"arn:aws:iam::111122223333:policy/{name}"


def test_without_a_change_it_asks_for_one(vic: Client, lab: Lab) -> None:
    response = what(vic)
    text = words_of(response)
    assert "What would a change of policies change?" in text
    assert "inline:ana/dev-models" in response.content.decode()
    assert response.context["boundaries"] is True


def test_what_one_identity_loses_is_said_first_and_shown_below(vic: Client, lab: Lab) -> None:
    response = what(vic, identity=ANA, exclude="inline:ana/dev-models")
    assert "What does this change for user/ana?" in words_of(response)
    assert answer(response) == "Gives user/ana nothing new. Takes access away: 1 cell."
    page = response.content.decode()
    row = response.context["sections"][0]["types"][0].rows[0]
    assert (row.direction, row.allowed) == ("newly denied", None)
    assert "model/dev-" in row.denied.resource
    assert "newly denied" in page
    # Its verdicts on both sides, each with its Why: the earlier one without the what-if.
    links = [match.replace("&amp;", "&") for match in re.findall(r'href="([^"]*/why/\?[^"]*)"', page)]
    asked = [parse_qs(urlsplit(link).query) for link in links]
    assert [one["why_action"] for one in asked] == [["sagemaker:CreateModel"]] * 2
    assert [one.get("exclude") for one in asked] == [None, ["inline:ana/dev-models"]]
    assert [vic.get(link).status_code for link in links] == [200, 200]
    assert re.findall(r"is ([a-z ]+) (?:before|after)", page) == ["some resources", "implicit deny"]


def test_what_one_identity_gains_counts_cells_and_other_services(vic: Client, lab: Lab) -> None:
    factories.make_managed_policy(lab.account, "more", allow(["sagemaker:CreateEndpoint", "s3:GetObject", "s3:Put*"]))
    response = what(vic, identity=ANA, add=arn_of(lab, "more"))
    assert re.fullmatch(
        r"Gives user/ana new access: \d cells? and \d+ actions of other services. Takes nothing away.", answer(response)
    )
    text = words_of(response)
    assert re.search(r"s3 newly allowed \d+ actions: GetObject", text)


def test_a_boundary_that_goes_changes_both_ways_where_it_changes(vic: Client, lab: Lab) -> None:
    response = what(vic, identity=TRAINER, exclude="boundary")
    found = response.context["sections"][0]
    assert answer(response).startswith("Gives role/trainer new access: ")
    assert found["folded"] is True
    assert "<details" in response.content.decode()


def test_an_identity_that_the_change_does_not_touch_stays_as_it_is(vic: Client, lab: Lab) -> None:
    response = what(vic, identity=TRAINER, exclude="inline:ana/dev-models")
    assert answer(response) == "Nothing: the policies of role/trainer stay as they are."
    response = what(vic, identity=ANA, add=arn_of(lab, "look"))
    assert answer(response) == "Nothing: user/ana can do what it could do before, and nothing else."


def test_many_identities_are_summed_up_and_each_leads_to_its_own(vic: Client, lab: Lab) -> None:
    response = what(vic, exclude=arn_of(lab, "look"))
    assert answer(response) == "It gives nobody new access and takes access away from 2 of 4 identities."
    assert {section["name"] for section in response.context["sections"]} == {"user/ana", "group/scientists"}
    section = response.context["sections"][0]
    assert response.context["brief"] is True
    assert '<th scope="row">' not in response.content.decode()
    alone = vic.get(f"{COMPARE}{section['only']}")
    assert f"for {section['name']}?" in words_of(alone)
    assert '<th scope="row">' in alone.content.decode()
    assert alone.context["sections"][0]["types"][0].summary == section["types"][0].summary


def test_a_text_in_the_address_is_compared_and_shown(vic: Client, lab: Lab) -> None:
    tried = vic.post(
        "/accounts/111122223333/simulator/what-if/",
        {"query": urlencode({"identity": ANA}), "policy": json.dumps(allow("sagemaker:DeleteModel"))},
    )
    simulator = vic.get(tried.headers["Location"])
    link = simulator.context["changes"]
    response = vic.get(link)
    assert answer(response) == "Gives user/ana new access: 1 cell. Takes nothing away."
    assert "sagemaker:DeleteModel" in words_of(response)
    row = response.context["sections"][0]["types"][0].rows[0]
    assert (row.before.letter, row.after.letter) == ("C", "A")
    assert row.allowed.context.get("aws:MultiFactorAuthPresent", ()) != ("true",)


def test_a_filter_that_leaves_one_identity_asks_about_that_one(vic: Client, lab: Lab) -> None:
    response = what(vic, name="ana", exclude="inline:ana/dev-models")
    assert "What does this change for user/ana?" in words_of(response)
    assert answer(what(vic, name="nobody-like-this", exclude="boundary")) == "Nothing: no identity is chosen."


def test_what_is_known_decides(vic: Client, lab: Lab) -> None:
    asked = {"identity": ANA, "exclude": "inline:ana/delete-with-mfa"}
    response = what(vic, **asked, context="aws:MultiFactorAuthPresent=false")
    assert answer(response) == "Nothing: user/ana can do what it could do before, and nothing else."
    assert "Takes access away: 1 cell." in answer(what(vic, **asked, context="aws:MultiFactorAuthPresent=true"))


def test_policies_that_cannot_be_read_leave_it_undecided(vic: Client, lab: Lab) -> None:
    broken = factories.make_inline_policy(lab.ana, allow("sagemaker:*"), "broken")
    broken.document = factories.make_document('{"Version": "2012-10-17", "Statement": [')
    broken.save()
    response = what(vic, identity=ANA, exclude="inline:ana/dev-models")
    assert answer(response) == "Undecided for user/ana: policy documents that could not be read: broken."


def test_a_what_if_that_names_no_policy_of_the_account_is_told(vic: Client, lab: Lab) -> None:
    response = what(vic, identity=ANA, add=arn_of(lab, "nowhere"))
    assert "the account has no managed policy" in words_of(response)


def test_more_identities_than_can_be_compared_are_counted(lab: Lab, monkeypatch) -> None:
    question = question_from_query(ListQuery([("exclude", arn_of(lab, "look"))]))
    monkeypatch.setattr(what_if, "MOST_IDENTITIES", 1)
    found = what_if.what_if_changes(lab.account, question)
    assert (found.total, len(found.found), found.left) == (4, 1, 1)
    monkeypatch.setattr(what_if, "MOST_IDENTITIES", 25)
    ticks = iter(range(0, 100, 10))
    found = what_if.what_if_changes(lab.account, question, clock=lambda: float(next(ticks)))
    assert (len(found.found), found.left) == (0, 2)


def test_a_region_leaves_out_what_changes_elsewhere(lab: Lab) -> None:
    # Deleting models depends on conditions already, deleting endpoints is denied: both stay so in another Region.
    west = allow(["sagemaker:DeleteModel", "sagemaker:DeleteEndpoint"], "arn:aws:sagemaker:us-west-2:*:*")
    factories.make_managed_policy(lab.account, "west", west)
    asked = [("identity", ANA), ("add", arn_of(lab, "west"))]
    for region, number in (("us-west-2", 2), ("eu-west-1", 0)):
        question = question_from_query(ListQuery([*asked, ("region", region)]))
        found = what_if.what_if_changes(lab.account, question).found
        assert [len(item.cells) for item in found] == [number]


# --- Two texts -------------------------------------------------------------------------------------------------------


def test_two_documents_are_compared(vic: Client, lab: Lab) -> None:
    before, after = allow("sagemaker:ListModels"), allow(["sagemaker:ListModels", "sagemaker:DeleteModel"])
    response = vic.post(COMPARE, {"before": json.dumps(before), "after": json.dumps(after)})
    assert response.status_code == 200
    text = words_of(response)
    assert "What changes between these two?" in text
    assert answer(response).startswith("New access: ")
    assert answer(response).endswith("No access is lost.")
    assert "Newly allowed, for example sagemaker:DeleteModel on arn:" in text
    assert [(row.action, row.direction) for row in response.context["compared"]["types"][0].rows] == [
        ("DeleteModel", "newly allowed")
    ]


def test_what_changes_nothing_is_said_so(vic: Client, lab: Lab) -> None:
    text = json.dumps(allow("s3:*"))
    response = vic.post(COMPARE, {"before": text, "after": json.dumps(allow("S3:*"))})
    assert answer(response) == "No new access. No access is lost."


def test_errors_have_lines_and_columns_and_the_texts_stay(vic: Client, lab: Lab) -> None:
    before = '{"Version": "2012-10-17",\n "Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]}'
    response = vic.post(COMPARE, {"before": before, "after": '{"<b>":'})
    assert response.status_code == 422
    text = words_of(response)
    assert "Before: Statement[0].Effect: line 2, column 27: " in text
    assert "After: line 1, column 8: " in text
    page = response.content.decode()
    assert "&lt;b&gt;" in page
    assert "<b>:" not in page
    assert response.context["texts"] == {"before": before, "after": '{"<b>":'}
    assert page.count('aria-invalid="true"') == 2


def test_objects_with_principals_are_compared_too(vic: Client, lab: Lab) -> None:
    side = {"principal": ANA, "identity_policies": [allow("sagemaker:*")]}
    after = {**side, "permissions_boundary": allow("sagemaker:List*")}
    response = vic.post(COMPARE, {"before": json.dumps(side), "after": json.dumps(after)})
    assert answer(response).startswith("No new access. Lost access: ")


@pytest.mark.parametrize("sides", [{}, {"before": "{}"}, {"before": "", "after": "x"}])
def test_an_incomplete_form_is_told_what_is_missing(vic: Client, lab: Lab, sides: dict[str, str]) -> None:
    response = vic.post(COMPARE, sides)
    assert response.status_code == 422
    assert response.context["errors"]


# --- The ways to it --------------------------------------------------------------------------------------------------


def test_the_simulator_and_the_identity_lead_to_it(vic: Client, lab: Lab) -> None:
    asked = urlencode({"level": "Write", "exclude": arn_of(lab, "look"), "verdict": "A"})
    simulator = vic.get(f"/accounts/111122223333/simulator/?{asked}")
    assert "What does this change?" in words_of(simulator)
    assert simulator.context["changes"] == f"{COMPARE}?{urlencode({'exclude': arn_of(lab, 'look')})}"
    assert "What does this change?" not in words_of(vic.get("/accounts/111122223333/simulator/"))
    page = vic.get(f"/accounts/111122223333/identities/{lab.ana.pk}/").content.decode()
    links = [match.replace("&amp;", "&") for match in re.findall(r'href="([^"]*/compare/\?[^"]*)"', page)]
    keys = {parse_qs(urlsplit(link).query)["exclude"][0] for link in links}
    assert keys == {"inline:ana/dev-models", "inline:ana/delete-with-mfa", arn_of(lab, "look")}
    assert [answer(vic.get(link)).startswith("Gives user/ana nothing new. Takes access away") for link in links] == [
        True,
        True,
        True,
    ]
    trainer = vic.get(f"/accounts/111122223333/identities/{lab.trainer.pk}/").content.decode()
    assert "exclude=boundary" in trainer

"""The simulator's page: filters, context and what-ifs change what the grid says, and stand in its address."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client

from policystudio.simulator.selectors import matrix
from policystudio.web.packing import unpack
from tests import factories
from tests.web.conftest import Lab, allow, words_of

BASE = "/accounts/111122223333/simulator/"
DELETE = [("type", "model"), ("action", "DeleteModel"), ("open", "model"), ("kind", "user")]


def labels(page: str) -> list[str]:
    return re.findall(r'<td class="w[^"]*" aria-label="([^"]+)"', page)


def names(page: str) -> list[str]:
    return re.findall(r'<tr data-identity="[^"]*" data-name="([^"]*)"', page)


def ask(client: Client, *pairs: tuple[str, str]) -> str:
    response = client.get(f"{BASE}?{urlencode(pairs)}", follow=True)
    assert response.status_code == 200, response.content[:300]
    return str(response.content.decode())


def test_every_identity_has_a_row_and_the_title_is_the_question(vic: Client, lab: Lab) -> None:
    page = ask(vic)
    assert names(page) == ["user/ana", "group/scientists", "role/trainer", "root user"]
    assert '<h1 id="title">Who can do what in research?</h1>' in page


def test_the_answer_is_computed_from_the_grid(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(BASE))
    assert "4 identities, 684 cells each. 2 can run training jobs; 1 can create endpoints; 1 can delete them." in said
    alone = words_of(vic.get(f"{BASE}?kind=user"))
    assert "1 identity, 684 cells each. Nobody can run training jobs; nobody can create endpoints." in alone


def test_the_cells_are_those_of_the_matrix(vic: Client, lab: Lab) -> None:
    asked = [("type", "model"), ("open", "model")]
    page = ask(vic, *asked)
    words = {"A": "allowed", "S": "some resources", "C": "depends on conditions", "I": "implicit deny"}
    from django.http import QueryDict

    from policystudio.web.asking import read_address

    expected = matrix(lab.account, read_address(QueryDict(urlencode(asked))).question)
    assert labels(page) == [words[letter] for row in expected.rows for letter in row.verdicts]


@pytest.mark.parametrize(
    ("pairs", "shown"),
    [
        ([("kind", "user"), ("kind", "role")], ["user/ana", "role/trainer"]),
        ([("name", "tr*")], ["role/trainer"]),
        ([("path", "/people/")], ["user/ana"]),
        ([("tag", "team=ml")], ["user/ana"]),
        ([("tag_key", "team"), ("tag_value", "")], ["user/ana"]),
        ([("identity", "arn:aws:iam::111122223333:role/trainer")], ["role/trainer"]),
        ([("verdict", "C"), ("type", "model")], ["user/ana"]),
    ],
)
def test_filters_choose_rows(vic: Client, lab: Lab, pairs: list[tuple[str, str]], shown: list[str]) -> None:
    assert names(ask(vic, *pairs)) == shown


def test_context_changes_the_verdict(vic: Client, lab: Lab) -> None:
    assert labels(ask(vic, *DELETE)) == ["depends on conditions"]
    assert labels(ask(vic, *DELETE, ("context", "aws:MultiFactorAuthPresent=true"))) == ["allowed"]
    assert labels(ask(vic, *DELETE, ("context", "aws:MultiFactorAuthPresent=false"))) == ["implicit deny"]
    assert labels(ask(vic, *DELETE, ("context", "!aws:MultiFactorAuthPresent"))) == ["implicit deny"]
    assert labels(ask(vic, *DELETE, ("preset", "mfa"))) == ["allowed"]


def test_a_policy_can_be_tried_away(vic: Client, lab: Lab) -> None:
    assert labels(ask(vic, *DELETE, ("exclude", "inline:ana/delete-with-mfa"))) == ["implicit deny"]
    boundary = [("kind", "role"), ("type", "endpoint"), ("action", "CreateEndpoint"), ("open", "endpoint")]
    assert labels(ask(vic, *boundary)) == ["implicit deny"]
    assert labels(ask(vic, *boundary, ("exclude", "boundary"))) == ["allowed"]


def test_a_policy_can_be_tried_on(vic: Client, lab: Lab) -> None:
    text = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sagemaker:Delete*", "Resource": "*"}}'
    response = vic.post(f"{BASE}what-if/", {"policy": text, "query": f"?{urlencode(DELETE)}"})
    assert response.status_code == 302
    parameters = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
    assert unpack(parameters["try"]) == text
    assert labels(vic.get(response.headers["Location"], follow=True).content.decode()) == ["allowed"]


def test_a_policy_that_is_none_is_shown_again_with_every_error(vic: Client, lab: Lab) -> None:
    text = '{"Version": "2012-10-17", "Statement": {"Effect": "Alow", "Action": "sagemaker", "Resource": "*"}}'
    response = vic.post(f"{BASE}what-if/", {"policy": text, "query": "?kind=user"})
    assert response.status_code == 422
    said = words_of(response)
    assert "line 1, column 51: " in said
    assert "line 1, column 69: " in said
    assert names(response.content.decode()) == ["user/ana"]
    assert "Alow" in response.content.decode()


def test_a_managed_policy_of_the_account_can_be_tried_on(vic: Client, lab: Lab) -> None:
    spare = factories.make_managed_policy(lab.account, "spare", allow("sagemaker:DeleteModel"))
    assert labels(ask(vic, *DELETE, ("add", spare.arn))) == ["allowed"]


def test_a_form_is_sent_on_to_its_canonical_address(vic: Client, lab: Lab) -> None:
    response = vic.get(f"{BASE}?submitted=1&kind=user&name=&path=&action=&region=&level=List&level=Write")
    assert response.status_code == 302
    assert response.headers["Location"] == f"{BASE}?kind=user&level=List&level=Write"
    assert vic.get(response.headers["Location"]).status_code == 200


def test_a_fragment_is_the_grid_alone_and_tells_its_address(vic: Client, lab: Lab) -> None:
    response = vic.get(f"{BASE}?submitted=1&kind=user&toggle=model", headers={"HX-Request": "true"})
    assert response.headers["HX-Push-Url"] == f"{BASE}?kind=user&open=model"
    assert "HX-Request" in response.headers["Vary"]
    assert "<html" not in response.content.decode()
    assert names(response.content.decode()) == ["user/ana"]


def test_what_is_not_understood_is_told_and_the_rest_counts(vic: Client, lab: Lab) -> None:
    page = ask(vic, ("kind", "user"), ("type", "spaceship"))
    assert "`spaceship` is not a SageMaker resource type" in page
    assert names(page) == ["user/ana"]


def test_rows_come_in_pages(vic: Client, lab: Lab) -> None:
    page = ask(vic, ("limit", "3"))
    assert len(names(page)) == 3
    assert "1–3 of 4" in page
    assert f'rel="next" href="{BASE}?limit=3&amp;page=2"' in page
    assert names(ask(vic, ("limit", "3"), ("page", "2"))) == ["root user"]


def test_a_page_behind_the_last_says_so_without_breaking(vic: Client, lab: Lab) -> None:
    page = ask(vic, ("limit", "3"), ("page", "9"))
    assert names(page) == ["root user"]


def test_nobody_fits_says_what_to_do(vic: Client, lab: Lab) -> None:
    page = ask(vic, ("name", "zed"))
    assert "No identity fits these filters" in page
    assert 'name="clear" value="all"' in page


def test_no_action_fits_says_what_to_do(vic: Client, lab: Lab) -> None:
    assert "No action fits these filters" in ask(vic, ("action", "FlyToTheMoon"))


def test_an_account_that_was_never_read_says_what_to_do(ada: Client, administrator: object) -> None:
    empty = factories.make_account("222233334444", "empty")
    factories.make_membership(administrator, empty, "administrator")
    page = ada.get("/accounts/222233334444/simulator/").content.decode()
    assert "Nobody knows yet: empty was never read." in page
    assert "Import an account" in page


def test_names_are_inert_text(vic: Client, lab: Lab) -> None:
    factories.make_identity(
        lab.account, "group", "a", tags={"<script>alert(1)</script>": "<img src=x onerror=alert(1)>"}
    )
    page = ask(vic, ("name", '"><script>alert(1)</script>'), ("action", "<img src=x>"), ("region", "<b>"))
    assert "<script>alert" not in page
    assert "<img" not in page


def test_chips_say_their_value_unknown_included(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(BASE))
    for chip in ("Identities all", "Tag any", "Actions all access levels", "Types all", "Region any"):
        assert chip in said
    assert "Signed in with MFA unknown" in said
    chosen = [("kind", "user"), ("tag", "team=ml"), ("context", "!aws:SourceVpce"), ("region", "eu-west-1")]
    said = words_of(vic.get(f"{BASE}?{urlencode(chosen)}", follow=True))
    for chip in ("Identities users", "Tag team = ml", "VPC endpoint absent", "Region eu-west-1"):
        assert chip in said


def test_the_only_account_is_chosen_at_once(vic: Client, lab: Lab) -> None:
    assert vic.get("/simulator/").headers["Location"] == BASE


def test_several_accounts_are_offered(ada: Client, administrator: object, lab: Lab) -> None:
    factories.make_membership(administrator, factories.make_account("222233334444", "other"), "viewer")
    assert "2 accounts: choose one." in words_of(ada.get("/simulator/"))

"""The page Scenarios: the answer first, its evidence, a form whose inputs all stand in the address."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client

from policystudio.simulator.question import ListQuery
from policystudio.simulator.scenario_question import scenario_from_query
from tests import factories
from tests.web.conftest import Lab, allow, words_of

BASE = "/accounts/111122223333/scenarios/"
ANA = ("identity", "arn:aws:iam::111122223333:user/people/ana")
ROLE = ("role", "arn:aws:iam::111122223333:role/trainer")
MODEL = ("operation", "CreateModel")


def address(*pairs: tuple[str, str]) -> str:
    return f"{BASE}?{urlencode(pairs)}"


def say(client: Client, *pairs: tuple[str, str]) -> str:
    response = client.get(address(*pairs))
    assert response.status_code == 200, response.content[:300]
    return words_of(response)


def test_without_a_question_it_says_what_to_do(vic: Client, lab: Lab) -> None:
    said = say(vic)
    assert "Can somebody run an operation here?" in said
    assert "Choose who calls and which operation of SageMaker" in said
    page = vic.get(BASE).content.decode()
    assert f'href="?{urlencode([("operation", "CreateTrainingJob")])}"' in page
    assert '<details class="question" open>' in page
    assert "Choose who calls CreateModel." in say(vic, MODEL)


def test_the_title_is_the_question_and_the_first_line_the_answer(vic: Client, lab: Lab) -> None:
    page = vic.get(address(MODEL, ANA, ROLE)).content.decode()
    assert "<h1>Can user/ana run CreateModel with role trainer?</h1>" in page
    said = say(vic, MODEL, ANA, ROLE)
    assert (
        "user/ana cannot run CreateModel with role trainer: iam:PassRole on role/trainer is allowed by no identity"
        in said
    )


def test_each_step_leads_to_its_why_with_what_is_known(vic: Client, lab: Lab) -> None:
    factories.make_inline_policy(lab.ana, allow(["iam:PassRole", "sagemaker:AddTags"]), "pass")
    page = vic.get(address(MODEL, ANA, ROLE, ("tag", "team=ml"))).content.decode()
    links = [
        line.split('"')[0].replace("&amp;", "&") for line in page.split('href="')[1:] if "/why/" in line.split('"')[0]
    ]
    asked = [dict(parse_qsl(urlsplit(link).query)) for link in links]
    assert [(one["why_action"], one["why_type"]) for one in asked] == [
        ("sagemaker:CreateModel", "model"),
        ("sagemaker:AddTags", "model"),
    ]
    tagging = parse_qsl(urlsplit(links[1]).query)
    assert ("context", "sagemaker:taggingaction=CreateModel") in tagging
    assert ("context", "aws:requesttag/team=ml") in tagging
    for link in links:
        assert vic.get(link).status_code == 200


def test_it_tells_trust_reach_and_ownership_apart(vic: Client, lab: Lab) -> None:
    said = say(vic, MODEL, ANA, ROLE)
    assert "Does trainer trust sagemaker.amazonaws.com? sagemaker.amazonaws.com may assume the role" in said
    assert "What can trainer itself reach? Of what AWS documents for CreateModel, the role itself lacks" in said
    assert "Who will own it? The model will belong to account 111122223333 (research)" in said
    assert "The bucket's policy may allow or deny as well." in said


def test_without_a_role_it_shows_which_would_work(vic: Client, lab: Lab) -> None:
    factories.make_inline_policy(lab.ana, allow("iam:PassRole"), "pass")
    page = vic.get(address(MODEL, ANA)).content.decode()
    assert "Which roles would work?" in page
    with_role = urlencode([MODEL, ANA, ROLE])
    assert f'href="?{with_role}"'.replace("&", "&amp;") in page


def test_an_account_without_roles_says_so(vic: Client, lab: Lab) -> None:
    lab.trainer.delete()
    said = say(vic, MODEL, ANA)
    assert "it may pass no role of the account" in said
    assert "The account has no role that could be passed." in said


def test_the_form_becomes_one_address(vic: Client, lab: Lab) -> None:
    sent = [
        ("ask", "1"),
        ("identity", "ana"),
        ("operation", "CreateModel"),
        ("role", "trainer"),
        ("region", " eu-west-1 "),
        ("tags", "team=ml\r\n\r\nstage=dev"),
        ("keys", "aws:SourceIp=203.0.113.7\r\n!aws:SourceVpce"),
        ("switch.vpc", "without"),
        ("switch.volume-key", ""),
        ("resource.model", "arn:aws:sagemaker:eu-west-1:111122223333:model/dev-*"),
        ("resource.training-job", "arn:aws:sagemaker:eu-west-1:111122223333:training-job/left-over"),
        ("exclude", "boundary"),
    ]
    response = vic.get(address(*sent))
    assert response.status_code == 302
    canonical = response.headers["Location"]
    assert parse_qsl(urlsplit(canonical).query) == [
        MODEL,
        ANA,
        ROLE,
        ("resource", "model=arn:aws:sagemaker:eu-west-1:111122223333:model/dev-*"),
        ("tag", "team=ml"),
        ("tag", "stage=dev"),
        ("without", "vpc"),
        ("region", "eu-west-1"),
        ("context", "aws:SourceIp=203.0.113.7"),
        ("context", "!aws:SourceVpce"),
        ("exclude", "boundary"),
    ]
    assert vic.get(canonical).status_code == 200
    asked = scenario_from_query(ListQuery(parse_qsl(urlsplit(canonical).query)))
    assert asked.not_given == {"vpc"}


def test_a_what_if_is_kept_and_can_be_left(vic: Client, lab: Lab) -> None:
    added = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    sent = vic.get(address(MODEL, ANA, ROLE, ("add", added), ("ask", "1")))
    canonical = sent.headers["Location"]
    assert "try=" in canonical
    page = vic.get(canonical)
    said = words_of(page)
    assert "user/ana can run CreateModel with role trainer" in said
    assert "A what-if" in said
    assert 'name="try"' in page.content.decode()


@pytest.mark.parametrize(
    ("pairs", "problem"),
    [
        ([("operation", "CreateModle"), ANA], "did you mean CreateModel?"),
        ([MODEL, ("identity", "nobody")], "No user or role is called `nobody` in research."),
        ([MODEL, ANA, ("role", "ana")], "No role is called `ana` in research."),
        ([MODEL, ("identity", "arn:aws:iam::111122223333:group/scientists")], "a group is not a principal"),
        ([MODEL, ANA, ("context", "x")], "`x` is not key=value"),
        ([MODEL, ANA, ("try", "%%%")], "damaged"),
        ([MODEL, ANA, ("add", "arn:aws:iam::aws:policy/Nope")], "no managed policy"),
    ],
)
def test_what_cannot_be_asked_is_said_and_the_form_keeps_it(
    vic: Client, lab: Lab, pairs: list[tuple[str, str]], problem: str
) -> None:
    page = vic.get(address(*pairs)).content.decode()
    assert problem in say(vic, *pairs)
    assert 'role="alert"' in page
    assert f'value="{dict(pairs)["operation"]}"' in page


def test_many_types_of_resource_are_asked_for_in_one_field(vic: Client, lab: Lab) -> None:
    model = "model=arn:aws:sagemaker:eu-west-1:111122223333:model/m"
    page = vic.get(address(("operation", "AddTags"), ANA, ("resource", model))).content.decode()
    assert f'"resources-help">{model}</textarea>' in page
    sent = vic.get(address(("operation", "AddTags"), ANA, ("resources", model), ("ask", "1")))
    assert ("resource", model) in parse_qsl(urlsplit(sent.headers["Location"]).query)


def test_a_nul_character_is_passed_over(vic: Client, lab: Lab) -> None:
    assert vic.get(address(MODEL, ("identity", "a\0b"))).status_code == 200


def test_it_is_reached_from_the_account_and_from_an_identity(vic: Client, lab: Lab) -> None:
    assert f'href="{BASE}"' in vic.get("/accounts/111122223333/").content.decode()
    page = vic.get(f"/accounts/111122223333/identities/{lab.ana.pk}/").content.decode()
    assert f'href="{BASE}?identity={ANA[1].replace(":", "%3A").replace("/", "%2F")}"' in page
    group = vic.get(f"/accounts/111122223333/identities/{lab.scientists.pk}/").content.decode()
    assert BASE not in group


def test_the_why_of_an_action_leads_to_the_whole_operation(vic: Client, lab: Lab) -> None:
    cell = [("why", ANA[1]), ("why_type", "model"), ("why_action", "sagemaker:CreateModel")]
    known = [("region", "eu-west-1"), ("context", "aws:SourceIp=203.0.113.7"), ("exclude", "boundary")]
    why = f"/accounts/111122223333/simulator/why/?{urlencode([*cell, *known])}"
    page = vic.get(why).content.decode()
    assert f'href="{address(MODEL, ANA, *known)}"'.replace("&", "&amp;") in page

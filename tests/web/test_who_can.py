"""The page Who can: the answer first, then everybody who can and how; a form whose inputs all stand in the address."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client

from policystudio.accounts.models import Role
from policystudio.accounts.services import content_changed
from tests import factories
from tests.simulator.test_who_can import ASSUME, MFA, ONE, TWO, arn, root
from tests.simulator.test_who_can import role as make_role
from tests.simulator.test_who_can import user as make_user
from tests.support.stored import allow, trust
from tests.web.conftest import Lab, words_of

BASE = f"/accounts/{ONE}/who-can/"
DELETE = ("action", "sagemaker:DeleteModel")
MODEL = ("resource", f"arn:aws:sagemaker:eu-west-1:{ONE}:model/prod-1")


def address(*pairs: tuple[str, str]) -> str:
    return f"{BASE}?{urlencode(pairs)}"


def get(client: Client, *pairs: tuple[str, str]) -> str:
    response = client.get(address(*pairs))
    assert response.status_code == 200, response.content[:300]
    return response.content.decode()


def say(client: Client, *pairs: tuple[str, str]) -> str:
    """The page's words; names stay whole where they may be broken."""
    response = client.get(address(*pairs))
    response.content = response.content.replace(b"<wbr>", b"")
    return words_of(response)


def links(page: str, part: str) -> list[str]:
    found = [piece.split('"')[0].replace("&amp;", "&") for piece in page.split('href="')[1:]]
    return [link for link in found if part in link]


def test_without_a_question_it_says_what_to_do(vic: Client, lab: Lab) -> None:
    said = say(vic)
    assert "Who can do something in research? Choose an action, and the ARN or the pattern of ARNs" in said
    page = get(vic)
    assert f'href="?{urlencode([("action", "sagemaker:DeleteEndpoint")])}"' in page
    assert '<details class="question" open>' in page


def test_of_a_resource_it_offers_the_actions(vic: Client, lab: Lab) -> None:
    said = say(vic, MODEL)
    assert "Who can do what on model/prod-1 in eu-west-1? Choose an action." in said
    assert said.index("Write") < said.index("Read")
    page = get(vic, MODEL)
    assert links(page, "DeleteModel") == [f"?{urlencode([DELETE, MODEL])}"]
    assert "sagemaker:CreateEndpoint<" not in page.replace("<wbr>", "")


def test_the_title_is_the_question_and_the_first_line_the_answer(vic: Client, lab: Lab) -> None:
    page = get(vic, DELETE, MODEL)
    assert "<h1>Who can DeleteModel on model/prod-1 in eu-west-1?</h1>" in page
    said = say(vic, DELETE, MODEL)
    assert "user/ana (under conditions) and the root user can." in said
    assert "user/ana ? depends on conditions depends on conditions by itself signed in with MFA Why user/ana" in said
    assert '<details class="question">' in page


def test_who_cannot_is_left_out_until_asked_for(vic: Client, lab: Lab) -> None:
    assert "group/scientists" not in say(vic, DELETE, MODEL)
    page = get(vic, DELETE, MODEL)
    assert f'href="?{urlencode([DELETE, MODEL, ("verdict", "EI")])}"'.replace("&", "&amp;") in page
    said = say(vic, DELETE, MODEL, ("verdict", "EI"))
    assert "group/scientists implicit deny implicit deny is allowed by no identity policy" in said
    assert "is not allowed by permissions boundary limit" in said
    assert "user/ana" not in said.partition("Who Verdict How")[2]


def test_choices_are_links_that_say_how_many(vic: Client, lab: Lab) -> None:
    said = say(vic, DELETE, MODEL)
    assert "who can 2 allowed 1 depends on conditions 1 implicit deny 2 everybody 4 only by their own policies" in said
    assert "who can, with groups 3" in say(vic, ("action", "sagemaker:ListModels"))
    page = get(vic, DELETE, MODEL, ("verdict", "C"))
    assert 'aria-current="true">depends on conditions 1<' in page
    assert "the root user" not in say(vic, DELETE, MODEL, ("verdict", "C")).partition("Who Verdict How")[2]
    assert "Nobody has the verdict explicit deny." in say(vic, DELETE, MODEL, ("verdict", "E"))


def test_a_verdict_leads_to_its_why_with_what_is_known(vic: Client, lab: Lab) -> None:
    page = get(vic, DELETE, MODEL, ("context", "aws:SourceIp=203.0.113.7"))
    found = links(page, "/why/")
    pairs = parse_qsl(urlsplit(found[0]).query)
    assert ("why", lab.ana.arn) in pairs
    assert ("why_action", "sagemaker:DeleteModel") in pairs
    assert ("why_type", "model") in pairs
    assert ("region", "eu-west-1") in pairs
    assert ("context", "aws:SourceIp=203.0.113.7") in pairs
    for link in found:
        assert vic.get(link).status_code == 200


def test_chains_name_their_roles_and_what_each_takes(vic: Client, lab: Lab) -> None:
    make_user(lab.account, "bo", ASSUME)
    make_role(lab.account, "hub", [trust({"AWS": arn(ONE, "user", "bo")})], ASSUME)
    operator = make_role(
        lab.account, "operator", [trust({"AWS": arn(ONE, "role", "hub")}, **MFA)], allow("sagemaker:DeleteModel")
    )
    content_changed(lab.account)
    said = say(vic, DELETE, MODEL)
    assert (
        "user/bo ? depends on conditions depends on conditions assumes hub , then operator signed in with MFA" in said
    )
    page = get(vic, DELETE, MODEL)
    assert f'/identities/{operator.pk}/">operator</a>' in page
    assert "aws:<wbr>Multi<wbr>Factor<wbr>Auth<wbr>Present = true" in page
    assert "only by their own policies" in page
    direct = say(vic, DELETE, MODEL, ("direct", "1")).partition("Who Verdict How")[2]
    assert "user/bo" not in direct
    assert "role/operator" in direct
    cut = say(vic, DELETE, MODEL, ("hops", "1"))
    assert "more than 1 role one after the other would let others in" in cut


def test_of_somebody_who_always_can_roles_stand_in_a_fold(vic: Client, lab: Lab) -> None:
    make_user(lab.account, "bo", ASSUME, allow("sagemaker:*"))
    make_role(lab.account, "operator", [trust(root(ONE))], allow("sagemaker:*"))
    content_changed(lab.account)
    page = get(vic, DELETE, MODEL)
    fold = page.partition('<details class="also">')[2].partition("</details>")[0]
    assert "also by assuming roles" in fold
    assert ">operator</a>" in fold


def test_people_of_other_accounts_and_outsiders(vic: Client, viewer: SignIn, lab: Lab) -> None:
    other = factories.make_account(TWO, "partners")
    make_user(other, "eve", ASSUME)
    make_role(lab.account, "shared", [trust(root(TWO)), trust({"Service": "ec2.amazonaws.com"})], allow("sagemaker:*"))
    content_changed(lab.account)
    said = say(vic, DELETE, MODEL)
    assert f"account {TWO} unknown account" in said
    assert "ec2.amazonaws.com AWS service" in said
    assert "if the policies of its own account, which are not known here, allow it" in said
    factories.make_membership(viewer, other, Role.VIEWER)
    said = say(vic, DELETE, MODEL)
    assert f"user/eve account partners ({TWO})" in said
    assert "unknown account" not in said


def test_a_submitted_form_becomes_a_canonical_address(vic: Client, lab: Lab) -> None:
    sent = [
        ("ask", "1"), ("action", "deletemodel"), ("resource", "model/prod-*"), ("hops", "3"),
        ("keys", "aws:SourceIp=203.0.113.7\n!aws:SourceVpce\n"), ("direct", "1"),
    ]  # fmt: skip
    response = vic.get(address(*sent))
    assert response.status_code == 302
    assert parse_qsl(urlsplit(response["Location"]).query) == [
        ("action", "sagemaker:DeleteModel"),
        ("resource", f"arn:aws:sagemaker:*:{ONE}:model/prod-*"),
        ("context", "aws:SourceIp=203.0.113.7"),
        ("context", "!aws:SourceVpce"),
        ("direct", "1"),
    ]
    page = vic.get(response["Location"]).content.decode()
    assert f'value="arn:aws:sagemaker:*:{ONE}:model/prod-*"' in page
    assert "aws:SourceIp=203.0.113.7\n!aws:SourceVpce</textarea>" in page
    assert '<option value="3" selected>' in page


def test_what_is_not_understood_is_told(vic: Client, lab: Lab) -> None:
    said = say(vic, ("action", "sagemaker:DeleteModle"), ("resource", "x"), ("hops", "9"))
    assert "This cannot be asked:" in said
    assert "did you mean sagemaker:DeleteModel ?" in said
    assert "Resource: x is not an ARN" in said
    assert "Hops: 9 is not a number from 0 to 5." in said
    assert "Not everything in this question was understood." in said
    assert "what works on several types" not in say(vic, ("action", "sagemaker:AddAssociation"))
    assert "works on several types" in say(vic, ("action", "sagemaker:AddAssociation"))


def test_names_and_arns_are_inert_text(vic: Client, lab: Lab) -> None:
    page = get(vic, DELETE, ("resource", f"arn:aws:sagemaker:eu-west-1:{ONE}:model/<b>x"))
    assert "<b>x" not in page
    assert "&lt;b&gt;x" in page


def test_many_rows_come_in_pages(vic: Client, lab: Lab) -> None:
    for number in range(60):
        make_user(lab.account, f"many{number:02}", allow("sagemaker:DeleteModel"))
    content_changed(lab.account)
    said = say(vic, DELETE, MODEL)
    assert "1–50 of 62" in said
    assert "many48" in said
    assert "many49" not in said
    second = say(vic, DELETE, MODEL, ("page", "2"))
    assert "51–62 of 62" in second
    assert "the root user" in second.partition("Who Verdict How")[2]


def test_actions_of_other_services_have_no_why_but_requests(vic: Client, lab: Lab) -> None:
    make_user(lab.account, "bo", allow("s3:GetObject", "arn:aws:s3:::logs/*"))
    content_changed(lab.account)
    page = get(vic, ("action", "s3:GetObject"), ("resource", "arn:aws:s3:::logs/*"))
    assert not links(page, "/why/")
    assert "1 request" in page
    assert "Policies of resources of s3 are not stored" in page


@pytest.mark.parametrize("section", ["", "resources/", "users/"])
def test_the_account_s_pages_lead_here(vic: Client, lab: Lab, section: str) -> None:
    assert f'href="{BASE}"' in vic.get(f"/accounts/{ONE}/{section}").content.decode()


def test_a_resource_leads_here(vic: Client, lab: Lab) -> None:
    factories.make_resource(lab.account, "model", "prod-1", region="eu-west-1")
    page = vic.get(f"/accounts/{ONE}/resources/").content.decode()
    assert links(page, "who-can/?resource=") == [f"{BASE}?resource={MODEL[1].replace(':', '%3A').replace('/', '%2F')}"]
    assert vic.get(links(page, "who-can/?resource=")[0]).status_code == 200


def test_a_role_leads_to_who_can_assume_it(vic: Client, lab: Lab) -> None:
    page = vic.get(f"/accounts/{ONE}/identities/{lab.trainer.pk}/").content.decode()
    (link,) = links(page, "/who-can/")
    assert parse_qsl(urlsplit(link).query) == [("action", "sts:AssumeRole"), ("resource", lab.trainer.arn)]
    assert "Who can sts:AssumeRole on role/trainer?" in vic.get(link).content.decode()
    assert "/who-can/" not in vic.get(f"/accounts/{ONE}/identities/{lab.ana.pk}/").content.decode()


def test_a_why_leads_here(vic: Client, lab: Lab) -> None:
    cell = [("why", lab.ana.arn), ("why_type", "model"), ("why_action", "sagemaker:DeleteModel")]
    known = [("region", "eu-west-1"), ("context", "aws:SourceIp=203.0.113.7")]
    page = vic.get(f"/accounts/{ONE}/simulator/why/?{urlencode([*cell, *known])}").content.decode()
    pattern = f"arn:aws:sagemaker:eu-west-1:{ONE}:model/*"
    assert links(page, "/who-can/") == [address(DELETE, ("resource", pattern), known[1])]
    assert "<h1>Who can DeleteModel on model/* in eu-west-1?</h1>" in get(vic, DELETE, ("resource", pattern))

"""The pages of findings: what to fix first, one finding, its fix as a draft, its waiver."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User as SignIn
from django.test import Client
from django.utils import timezone

from policystudio.accounts.models import Role
from policystudio.changes.models import Change
from policystudio.findings import services
from policystudio.findings.models import Finding, Waiver
from tests import factories
from tests.web.conftest import Lab, allow, words_of

PAGE = "/accounts/111122223333/findings/"


@pytest.fixture
def typo(lab: Lab) -> Finding:
    factories.make_managed_policy(lab.account, "typo", allow("sagemaker:ListModell"))
    services.findings_work_now(account=lab.account, now=timezone.now())
    return Finding.objects.get(code="INVALID_ACTION")


@pytest.fixture
def uma(lab: Lab, client_of: Callable[[SignIn], Client]) -> Client:
    user = factories.make_sign_in("uma")
    factories.make_membership(user, lab.account, Role.AUTHOR)
    return client_of(user)


def until(days: int = 30) -> str:
    return (timezone.now().date() + timedelta(days=days)).isoformat()


def test_it_says_what_to_fix_first(vic: Client, typo: Finding) -> None:
    words = words_of(vic.get(PAGE))
    assert "What should I fix first? 1 error" in words
    assert "Begin with typo: The action sagemaker:ListModell does not exist" in words
    assert "Actions that do not exist 1" in words


def test_it_says_that_nothing_is_worked_out_yet(vic: Client, lab: Lab) -> None:
    assert "The findings are being worked out." in words_of(vic.get(PAGE))


def test_it_says_that_the_account_has_changed_since(vic: Client, lab: Lab, typo: Finding) -> None:
    from policystudio.accounts.services import content_changed

    assert "have changed since" not in words_of(vic.get(PAGE))
    content_changed(lab.account)
    words = words_of(vic.get(PAGE))
    assert "have changed since" in words
    assert "ListModell" in words


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("code=INVALID_ACTION", True),
        ("type=ERROR", True),
        ("type=SUGGESTION", False),
        ("policy=arn:aws:iam::111122223333:policy/typo", True),
        ("policy=arn:aws:iam::111122223333:policy/look", False),
        ("identity=arn:aws:iam::111122223333:user/people/ana", False),
        ("waived=no", True),
        ("waived=yes", False),
        ("code=NO_SUCH", False),
        ("type=nonsense&code=%00", True),
    ],
)
def test_it_filters(vic: Client, typo: Finding, query: str, there: bool) -> None:
    assert ("ListModell" in words_of(vic.get(f"{PAGE}?{query}"))) is there


def test_the_filter_by_an_identity_counts_what_comes_through_groups(vic: Client, lab: Lab, typo: Finding) -> None:
    factories.attach(lab.scientists, lab.account.managed_policies.get(name="typo"))
    words = words_of(vic.get(f"{PAGE}?identity={lab.ana.arn}"))
    assert "ListModell" in words


def test_each_finding_stands_on_the_page_of_its_policy_at_its_line(vic: Client, typo: Finding) -> None:
    response = vic.get(f"/accounts/111122223333/policies/{typo.policy_id}/")
    assert 'href="#L6"' in response.content.decode()
    assert "ListModell does not exist" in words_of(response)


def test_the_overviews_count_by_type(vic: Client, typo: Finding) -> None:
    assert "1 error" in words_of(vic.get("/accounts/"))
    assert "1 error" in words_of(vic.get("/accounts/111122223333/"))


def test_the_fix_becomes_a_draft(uma: Client, typo: Finding) -> None:
    page = uma.get(f"{PAGE}{typo.pk}/")
    assert "Draft this fix" in words_of(page)
    fields = dict(page.context["draft_fields"])
    response = uma.post("/accounts/111122223333/edits/new", fields)
    assert response.status_code == 302, response.content
    (edit,) = Change.objects.get().edits.all()
    assert '"sagemaker:ListModels"' in edit.text
    assert edit.text.replace("ListModels", "ListModell") == typo.policy.versions.get().document.text


def test_line_ends_of_a_form_are_those_of_the_policy(uma: Client, typo: Finding) -> None:
    fields = dict(uma.get(f"{PAGE}{typo.pk}/").context["draft_fields"])
    uma.post("/accounts/111122223333/edits/new", {**fields, "text": fields["text"].replace("\n", "\r\n")})
    assert "\r" not in Change.objects.get().edits.get().text


def test_a_viewer_sees_a_finding_and_waives_nothing(vic: Client, typo: Finding) -> None:
    words = words_of(vic.get(f"{PAGE}{typo.pk}/"))
    assert "Draft this fix" not in words
    assert "Waive" not in words
    data = {"reason": "x", "owner": "vic", "until": until()}
    assert vic.post(f"{PAGE}{typo.pk}/", data).status_code == 403


def test_a_finding_is_waived_and_stays_listed(uma: Client, typo: Finding) -> None:
    uma.post(f"{PAGE}{typo.pk}/", {"reason": "Known, see 12", "owner": "uma", "until": until()})
    waiver = Waiver.objects.get()
    assert (waiver.owner_name, waiver.reason) == ("uma", "Known, see 12")
    words = words_of(uma.get(PAGE))
    assert "by uma: Known, see 12" in words
    assert "1 error" not in words_of(uma.get("/accounts/"))
    assert "ListModell" in words_of(uma.get(f"{PAGE}?waived=yes"))


def test_a_waiver_that_has_ended_counts_no_more(uma: Client, typo: Finding) -> None:
    uma.post(f"{PAGE}{typo.pk}/", {"reason": "Known", "owner": "uma", "until": until()})
    Waiver.objects.update(until=timezone.now().date() - timedelta(days=1))
    assert "The waiver ended on" in words_of(uma.get(PAGE))
    assert "1 error" in words_of(uma.get("/accounts/"))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"reason": ""}, "This field is required."),
        ({"owner": "nobody"}, "`nobody` has no role in research: name one of its members"),
        ({"owner": "stan"}, "`stan` has no role in research: name one of its members"),
        ({"until": until(-1)}, "It has passed: write a day from"),
        ({"until": until(400)}, "It is too far: a waiver lasts a year at most"),
        ({"until": "soon"}, "Enter a valid date."),
    ],
)
def test_what_is_wrong_with_a_waiver_is_said_and_nothing_is_lost(
    uma: Client, typo: Finding, data: dict, said: str
) -> None:
    factories.make_sign_in("stan")
    sent = {"reason": "A reason that was typed", "owner": "uma", "until": until(), **data}
    response = uma.post(f"{PAGE}{typo.pk}/", sent)
    assert response.status_code == 422
    assert said in words_of(response)
    assert sent["reason"] in response.content.decode()
    assert not Waiver.objects.exists()


def test_a_code_is_waived_edited_and_ended(uma: Client, typo: Finding) -> None:
    address = f"{PAGE}codes/INVALID_ACTION/"
    assert uma.get(address).status_code == 200
    uma.post(address, {"reason": "All known", "owner": "uma", "until": until()})
    waiver = Waiver.objects.get()
    assert "not found any more 1" in words_of(uma.get(PAGE))
    edit = f"/accounts/111122223333/waivers/{waiver.pk}/"
    assert "All known" in uma.get(edit).content.decode()
    uma.post(edit, {"reason": "Still known", "owner": "uma", "until": until(60)})
    waiver.refresh_from_db()
    assert waiver.reason == "Still known"
    uma.post(f"{edit}remove/")
    assert not Waiver.objects.exists()
    assert "1 error" in words_of(uma.get("/accounts/"))


def test_an_unknown_code_has_no_page(uma: Client, typo: Finding) -> None:
    assert uma.get(f"{PAGE}codes/NO_SUCH/").status_code == 404


def test_a_path_shows_its_requests(vic: Client, lab: Lab) -> None:
    factories.make_inline_policy(lab.ana, allow(["iam:PassRole", "sagemaker:CreateProcessingJob"]), "pass")
    factories.make_inline_policy(factories.make_identity(lab.account, "role", "deep"), allow("iam:CreateAccessKey"))
    services.findings_work_now(account=lab.account, now=timezone.now())
    path = Finding.objects.get(code="STUDIO_PATH_PASS_ROLE", identity=lab.ana)
    words = words_of(vic.get(f"{PAGE}{path.pk}/"))
    assert "It starts this" in words
    assert "SageMaker assumes the role" in words
    assert "Step by step" in words


def test_names_are_inert(vic: Client, lab: Lab) -> None:
    text = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sagemaker:<script>", "Resource": "*"}]}'
    )
    factories.make_inline_policy(lab.ana, text, "odd")
    services.findings_work_now(account=lab.account, now=timezone.now())
    assert "<script>" not in vic.get(PAGE).content.decode().replace("<script ", "")


def test_of_two_who_edit_a_waiver_none_is_lost(uma: Client, typo: Finding) -> None:
    uma.post(f"{PAGE}codes/INVALID_ACTION/", {"reason": "First", "owner": "uma", "until": until()})
    edit = f"/accounts/111122223333/waivers/{Waiver.objects.get().pk}/"
    seen = uma.get(edit).context["form"]["seen"].value()
    assert uma.post(edit, {"reason": "Hers", "owner": "uma", "until": until(), "seen": seen}).status_code == 302
    response = uma.post(edit, {"reason": "His", "owner": "uma", "until": until(), "seen": seen})
    assert response.status_code == 422
    words = words_of(response)
    assert "Somebody changed it meanwhile: Hers (uma, until" in words
    assert "His" in response.content.decode()
    assert Waiver.objects.get().reason == "Hers"

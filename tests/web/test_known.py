"""What an account knows, for completion."""

from django.contrib.auth.models import User as SignIn
from django.test import Client

from tests import factories
from tests.web.conftest import Lab, allow

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ADDRESS = "/accounts/111122223333/known.json"


def test_it_names_identities_policies_and_resources_with_their_types(vic: Client, lab: Lab) -> None:
    model = factories.make_resource(lab.account)
    known = vic.get(ADDRESS).json()
    arns = dict(known["arns"])
    assert arns[lab.ana.arn] == "iam:user"
    assert arns[lab.trainer.arn] == "iam:role"
    assert arns["arn:aws:iam::111122223333:policy/look"] == "iam:policy"
    assert arns[model.arn] == f"sagemaker:{model.type}"
    assert known["regions"][0] == model.region
    assert known["tags"]["team"] == ["ml"]
    assert not known["more"]


def test_it_names_what_the_own_policies_mention_but_no_patterns(vic: Client, lab: Lab) -> None:
    factories.make_inline_policy(lab.ana, allow("kms:Decrypt", KEY), "key")
    factories.make_inline_policy(lab.ana, allow("s3:GetObject", "arn:aws:s3:::lake/*"), "lake")
    factories.make_managed_policy(lab.account, "of-aws", allow("s3:*", "arn:aws:s3:::theirs"), aws=True)
    arns = dict(vic.get(ADDRESS).json()["arns"])
    assert arns[KEY] == "kms:"
    assert not [arn for arn in arns if ":s3:" in arn]


def test_it_names_only_the_accounts_that_one_may_see(vic: Client, viewer: SignIn, lab: Lab) -> None:
    mine, other = factories.make_account(name="mine"), factories.make_account(name="theirs")
    factories.make_membership(viewer, mine)
    numbers = [number for number, _ in vic.get(ADDRESS).json()["accounts"]]
    assert mine.number in numbers
    assert other.number not in numbers

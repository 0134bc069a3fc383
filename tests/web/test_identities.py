"""The page of an identity: its sentence, its grid, and what gives it its permissions."""

import html
import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from policystudio.engine.catalog.load import load_sagemaker
from tests import factories
from tests.web.conftest import Lab, allow, words_of

BASE = "/accounts/111122223333/"


def test_its_sentence_is_computed_from_its_cells(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(f"{BASE}identities/{lab.ana.pk}/"))
    assert "What can user/ana do in SageMaker?" in said
    assert "It can create models under conditions or on some resources; it cannot run training jobs" in said
    assert "178 of 460 actions are possible: 176 always, 2 on some resources or under conditions." in said


def test_its_sentence_names_the_layer_that_blocks(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(f"{BASE}identities/{lab.trainer.pk}/"))
    assert (
        "It cannot run training jobs: it may pass no role; it cannot create notebook instances, create models, create "
        "endpoints, invoke endpoints or delete endpoints: not allowed by permissions boundary limit . 7 of "
    ) in said
    denied = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "sagemaker:Delete*", "Resource": "*"},
    ]}  # fmt: skip
    user = factories.make_identity(lab.account, "user", "eve")
    factories.make_inline_policy(user, denied, "no-deletes")
    said = words_of(vic.get(f"{BASE}identities/{user.pk}/"))
    assert "it cannot delete endpoints: denied by identity policy no-deletes ." in said


def test_training_jobs_run_as_a_role_that_it_may_pass_and_that_trusts_sagemaker(vic: Client, lab: Lab) -> None:
    user = factories.make_identity(lab.account, "user", "eve")
    factories.make_inline_policy(user, allow("sagemaker:CreateTrainingJob"), "train")
    address = f"{BASE}identities/{user.pk}/"
    assert "it may pass no role" in words_of(vic.get(address))
    factories.make_inline_policy(user, allow("iam:PassRole", lab.trainer.arn), "pass")
    said = words_of(vic.get(address))
    assert "It can run training jobs with 1 role; it cannot" in said
    assert "Its training jobs can run as trainer : with which role, and when ." in said
    distrust = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]}  # fmt: skip
    lab.trainer.trust_document = factories.make_document(distrust, "trust")
    lab.trainer.save()
    said = words_of(vic.get(address))
    assert "it cannot run training jobs: none of the roles that it may pass trusts SageMaker" in said
    assert "can run as" not in said
    other = factories.make_identity(lab.account, "role", "other")
    perhaps = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    factories.make_inline_policy(user, allow("iam:PassRole", other.arn, Condition=perhaps), "perhaps")
    assert "It can run training jobs with 1 role under conditions or on some resources" in words_of(vic.get(address))


def test_roles_are_not_looked_through_where_there_are_very_many(
    vic: Client, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = factories.make_identity(lab.account, "user", "eve")
    factories.make_inline_policy(user, allow("sagemaker:CreateTrainingJob"), "train")
    monkeypatch.setattr("policystudio.simulator.ability.MOST_ROLES", 0)
    assert "It can run training jobs; it cannot" in words_of(vic.get(f"{BASE}identities/{user.pk}/"))


def test_a_task_takes_all_the_types_that_its_action_requires(vic: Client, lab: Lab) -> None:
    user = factories.make_identity(lab.account, "user", "eve")
    only = allow("sagemaker:*Endpoint*", "arn:aws:sagemaker:*:*:endpoint/*")
    factories.make_inline_policy(user, only, "endpoints")
    said = words_of(vic.get(f"{BASE}identities/{user.pk}/"))
    assert "it cannot create endpoints: on endpoint-config it is allowed by none of its policies" in said
    assert "sagemaker:CreateEndpoint is not possible after all: it takes endpoint-config as well as endpoint" in said


def test_what_is_kept_away_from_somebody_who_can_do_nothing_is_told(vic: Client, lab: Lab) -> None:
    nothing = factories.make_managed_policy(lab.account, "s3-only", allow("s3:*"))
    user = factories.make_identity(lab.account, "user", "eve", boundary=nothing)
    factories.make_inline_policy(user)
    said = words_of(vic.get(f"{BASE}identities/{user.pk}/"))
    assert (
        "Nothing: no action of SageMaker is possible for it. What its own policies allow is not allowed by permissions "
        "boundary s3-only ."
    ) in said


def test_it_says_in_short_what_it_can_do(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(f"{BASE}identities/{lab.ana.pk}/"))
    assert "In short List 96 of 97 Read 80 of 104 Write 2 of 257 Tagging 0 of 2" in said
    assert "allowed Always Describe* , List* List 96, Read 80 Simulator All 176 actions by name" in said
    assert "some resources On some resources Create Model on model/dev-* Write 1" in said
    assert "Delete Model when aws:MultiFactorAuthPresent is true Write 1" in said
    assert "cells are implicit denies: none of its policies allows anything there." in said


def test_each_line_opens_into_its_actions_and_leads_into_the_simulator(vic: Client, lab: Lab) -> None:
    page = vic.get(f"{BASE}identities/{lab.ana.pk}/").content.decode()
    assert "All 176 actions by name" in page
    assert page.count('<details class="every"') == 1, "a list of names has nothing to open"
    addresses = [html.unescape(found) for found in re.findall(r'<a href="([^"]+)" aria-label="Simulator: ', page)]
    assert len(addresses) == 3
    assert addresses[0] == f"{BASE}simulator/?{urlencode({'identity': lab.ana.arn})}"
    assert addresses[1].endswith("&action=CreateModel&type=model&open=model")
    assert all(vic.get(address).status_code == 200 for address in addresses)


def test_conditions_with_many_values_can_be_read_in_full(vic: Client, lab: Lab) -> None:
    user = factories.make_identity(lab.account, "user", "eve")
    teams = {"StringEquals": {"aws:RequestTag/team": ["a", "b", "c", "d", "e"]}}
    factories.make_inline_policy(user, allow("sagemaker:CreateModel", Condition=teams), "teams")
    said = words_of(vic.get(f"{BASE}identities/{user.pk}/"))
    assert "when aws:RequestTag/team is a, b or c or 2 more In full when aws:RequestTag/team is a, b, c, d or e" in said


def test_long_lists_are_short_at_first(vic: Client, lab: Lab) -> None:
    user = factories.make_identity(lab.account, "user", "eve")
    kinds = [item.name for item in load_sagemaker().resource_types][:14]
    for number, kind in enumerate(kinds):
        pattern = f"arn:aws:sagemaker:*:*:{kind}/{number}*"
        factories.make_inline_policy(user, allow("sagemaker:*", pattern), f"p{number}")
    page = vic.get(f"{BASE}identities/{user.pk}/").content.decode()
    shown, more = page.split('<details class="more"><summary>')
    assert shown.count('<div class="names-of">') == 10
    assert re.match(r"\d+ more lines</summary>", more)
    boundless = allow(["sagemaker:*"])
    boundless["Statement"].append({"Effect": "Deny", "Resource": "*", "Action": [
        f"sagemaker:Create{name}" for name in
        ("App", "Model", "Endpoint", "Cluster", "Domain", "Hub", "Image", "Space", "Trial", "Workteam")
    ]})  # fmt: skip
    other = factories.make_identity(lab.account, "user", "tom")
    factories.make_inline_policy(other, boundless, "all-but")
    said = words_of(vic.get(f"{BASE}identities/{other.pk}/"))
    assert (
        "all actions but Create App , Create Cluster , Create Domain , Create Endpoint , Create Hub , Create Image"
        in said
    )
    assert "and 4 more" in said


def test_everything_and_nothing_are_said_as_such(vic: Client, lab: Lab) -> None:
    free = factories.make_identity(lab.account, "user", "free")
    factories.make_inline_policy(free)
    idle = factories.make_identity(lab.account, "user", "idle")
    assert "It can do everything" in words_of(vic.get(f"{BASE}identities/{free.pk}/"))
    assert "Nothing: no action of SageMaker is possible" in words_of(vic.get(f"{BASE}identities/{idle.pk}/"))


def test_each_square_has_a_name_and_leads_to_its_why(vic: Client, lab: Lab) -> None:
    page = vic.get(f"{BASE}identities/{lab.ana.pk}/").content.decode()
    squares = re.findall(r'<a class="v (\w)" href="([^"]+)"[^>]* aria-label="([^"]+)"', page)
    assert len(squares) == 684
    letter, address, label = next(square for square in squares if square[2].startswith("CreateModel:"))
    assert (letter, label) == ("S", "CreateModel: some resources")
    assert "Copy link" in vic.get(address.replace("&amp;", "&")).content.decode()


def test_policies_are_listed_with_where_they_come_from(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(f"{BASE}identities/{lab.ana.pk}/"))
    assert "look customer managed group scientists" in said
    assert "dev-models inline its own" in said
    assert "model/dev-*" in said


def test_a_role_shows_whom_it_trusts_and_its_boundary(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(f"{BASE}identities/{lab.trainer.pk}/"))
    assert "limit limits what its policies can allow." in said
    assert '"Service": "sagemaker.amazonaws.com"' in said


def test_a_group_shows_its_members(vic: Client, lab: Lab) -> None:
    assert "Members 1 ana" in words_of(vic.get(f"{BASE}identities/{lab.scientists.pk}/"))


def test_gaps_are_told(vic: Client, lab: Lab) -> None:
    lost = factories.make_managed_policy(lab.account, "lost", None)
    factories.attach(lab.ana, lost)
    said = words_of(vic.get(f"{BASE}identities/{lab.ana.pk}/"))
    assert "lost : its document is missing or not a valid policy." in said


def test_the_root_user_has_a_page(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(f"{BASE}root/"))
    assert "What can the root user do in SageMaker?" in said
    assert "It can do everything" in said


def test_an_identity_of_another_account_is_not_found(vic: Client, lab: Lab) -> None:
    other = factories.make_identity(factories.make_account(), "user")
    assert vic.get(f"{BASE}identities/{other.pk}/").status_code == 404


def test_tags_and_names_are_inert_text(vic: Client, lab: Lab) -> None:
    lab.ana.tags = {"<script>alert(1)</script>": '"><img src=x>'}
    lab.ana.save()
    page = vic.get(f"{BASE}identities/{lab.ana.pk}/").content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page

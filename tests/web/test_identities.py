"""The page of an identity: its sentence, its grid, and what gives it its permissions."""

import re

from django.test import Client

from tests import factories
from tests.web.conftest import Lab, words_of

BASE = "/accounts/111122223333/"


def test_its_sentence_is_computed_from_its_cells(vic: Client, lab: Lab) -> None:
    said = words_of(vic.get(f"{BASE}identities/{lab.ana.pk}/"))
    assert "What can user/ana do in SageMaker?" in said
    assert "It can create models under conditions or on some resources; it cannot run training jobs" in said
    assert re.search(r"\d+ of 460 actions are possible at all\.", said)


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

"""What the database itself refuses of resources; and the selector that lists them."""

import pytest
from django.db import IntegrityError, transaction

from policystudio.resources.models import Resource
from policystudio.resources.selectors import resources_of
from tests.factories import make_account, make_identity, make_resource

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("values", [{"arn": "x"}, {"region": ""}])
def test_a_resource_has_an_arn_and_a_region(values: dict[str, str]) -> None:
    resource = make_resource(make_account())
    with pytest.raises(IntegrityError), transaction.atomic():
        Resource.objects.filter(pk=resource.pk).update(**values)


def test_an_arn_is_unique() -> None:
    account = make_account()
    make_resource(account, "model", "m1")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_resource(account, "model", "m1")


def test_a_resource_outlives_its_creator() -> None:
    account = make_account()
    creator = make_identity(account, "user")
    resource = make_resource(account, creator=creator)
    creator.delete()
    resource.refresh_from_db()
    assert resource.creator is None


def test_resources_are_found_by_type_and_part_of_the_arn() -> None:
    account = make_account()
    model, endpoint = make_resource(account, "model", "m1"), make_resource(account, "endpoint", "e1")
    make_resource(make_account(), "model", "m1")
    assert list(resources_of(account)) == [endpoint, model]
    assert list(resources_of(account, kind="model")) == [model]
    assert list(resources_of(account, search="/E")) == [endpoint]

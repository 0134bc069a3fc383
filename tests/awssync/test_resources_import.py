"""SageMaker resources into rows: types, tags, creators, and whose resources an answer can speak for."""

import json
from typing import Any

import pytest

from policystudio.awssync.services import ImportRefusedError, resources_import
from policystudio.awssync.snapshot import Report
from policystudio.awssync.snapshot.resources import type_of
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.resources.models import Resource
from tests.factories import make_account, make_identity
from tests.support.exports import NOW, NUMBER, OTHER, as_file, changed, told

pytestmark = pytest.mark.django_db


def arn(name: str = "model/m1", number: str = NUMBER, region: str = "eu-west-1") -> str:
    return f"arn:aws:sagemaker:{region}:{number}:{name}"


def resource(name: str = "model/m1", number: str = NUMBER, region: str = "eu-west-1", **fields: Any) -> dict[str, Any]:
    return {"ResourceARN": arn(name, number, region), "Tags": [{"Key": "team", "Value": "ml"}]} | fields


def page(*items: Any, **more: Any) -> dict[str, Any]:
    return {"ResourceTagMappingList": list(items)} | more


def run(content: Any) -> Report:
    return resources_import(file=as_file(content), now=NOW)


def test_resources_arrive_with_type_tags_and_creator() -> None:
    ann = make_identity(make_account(NUMBER), "user", "ann")
    report = run(
        page(resource(CreatedBy=ann.arn, CreationTime="2026-01-01T00:00:00Z"), resource("app/d-1/u/JupyterServer/x"))
    )
    model = Resource.objects.get(type="model")
    assert (model.arn, model.name, model.region, model.tags) == (arn(), "m1", "eu-west-1", {"team": "ml"})
    assert model.creator == ann
    assert model.created_at is not None
    app = Resource.objects.get(type="app")
    assert (app.name, app.creator) == ("d-1/u/JupyterServer/x", None)
    assert report.findings == []


def test_the_same_again_changes_nothing_and_a_changed_answer_what_differs() -> None:
    make_account(NUMBER)
    run(page(resource(), resource("model/m2")))
    assert not run(page(resource("model/m2"), resource())).is_changed
    report = run(page(resource(Tags=[]), resource("model/m3")))
    assert sorted(changed(report)) == [
        ("added", "resource", "m3", ()),
        ("removed", "resource", "m2", ()),
        ("updated", "resource", "m1", ("tags",)),
    ]


def test_an_answer_speaks_for_its_account_and_region_alone() -> None:
    make_account(NUMBER)
    make_account(OTHER)
    run(page(resource(), resource(region="us-east-1"), resource(number=OTHER)))
    run(page(resource("model/new")))
    assert set(Resource.objects.values_list("arn", flat=True)) == {
        arn("model/new"),
        arn(region="us-east-1"),
        arn(number=OTHER),
    }


@pytest.mark.parametrize("form", ["{0}{1}", "[{0}, {1}]", "{0}\n\n{1}\n"])
def test_several_answers_are_one(form: str) -> None:
    make_account(NUMBER)
    pages = page(resource(), PaginationToken="x"), page(resource("model/m2"), ResponseMetadata={})
    report = run(form.format(*map(json.dumps, pages)))
    assert Resource.objects.count() == 2
    assert report.findings == []


def test_what_is_odd_is_reported() -> None:
    make_account(NUMBER)
    report = run(
        page(
            resource(CreatedBy="arn:aws:iam::111122223333:user/nobody"),
            resource(number="999999999999"),
            resource("starship/enterprise"),
            {"ResourceARN": "arn:aws:s3:::bucket", "Tags": []},
            {"ResourceARN": "arn:aws:s3:::bucket2", "Tags": []},
            {"ResourceARN": "nonsense"},
            {"ResourceARN": "arn:aws:sagemaker:::model/m1"},
            {"Tags": []},
            resource(Tags=[]),
            7,
            resource("model/m2", Colour="red"),
            Extra=1,
        )
    )
    assert {(code, path.removeprefix("ResourceTagMappingList")) for code, path, _ in told(report)} == {
        ("identity_unknown", "[0].CreatedBy"),
        ("identity_unknown", "[1]"),
        ("type_unknown", "[2]"),
        ("not_sagemaker", "[3]"),
        ("arn_malformed", "[5].ResourceARN"),
        ("arn_malformed", "[6].ResourceARN"),
        ("arn_malformed", "[7].ResourceARN"),
        ("item_twice", "[8]"),
        ("item_malformed", "[9]"),
        ("key_unknown", "[10].Colour"),
        ("key_unknown", "Extra"),
    }
    assert [one.also for one in report.findings if str(one.code) == "not_sagemaker"] == [1]
    assert set(Resource.objects.values_list("type", "name")) == {("model", "m1"), ("model", "m2"), ("", "enterprise")}


@pytest.mark.parametrize(
    "odd",
    [
        *(arn("model/" + "m" * length) for length in (1100, 3000)),
        *(arn(region="r" * 40), arn("x" * 500 + "/m"), arn("model/" + "m" * 1024)),
    ],
)
def test_long_names_are_stored_or_reported(odd: str) -> None:
    make_account(NUMBER)
    report = run(page({"ResourceARN": odd, "Tags": []}))
    assert Resource.objects.count() + len(report.findings) >= 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no `ResourceTagMappingList`"),
        ("{}", "no `ResourceTagMappingList`"),
        ("[]", "no `ResourceTagMappingList`"),
        ("7", "is an object"),
        ('{"ResourceTagMappingList": [}', "line 1, column 29"),
        (b"\xff\xfe", "UTF-16"),
    ],
)
def test_what_is_no_answer_is_refused(content: Any, message: str) -> None:
    with pytest.raises(ImportRefusedError, match=message):
        run(content)


def test_every_type_of_the_catalogue_is_found_by_its_arn() -> None:
    for one in load_sagemaker().resource_types:
        concrete = one.arn.split(":", 5)[5].replace("${", "x").replace("}", "")
        assert type_of(concrete) == one.name


def test_a_type_needs_its_name() -> None:
    for resource_part in ("model", "model/", "Model/m1", "", "/"):
        assert type_of(resource_part) == ""
    assert type_of("model-package/group/7") == "model-package"

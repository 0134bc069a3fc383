"""The catalogue as the browser gets it: all that is known, under an address that may be kept for ever."""

import gzip
import json

from django.test import Client
from django.urls import reverse

from policystudio.engine.catalog.load import (
    load_authorization,
    load_condition_keys,
    load_sagemaker,
    load_service_actions,
)
from policystudio.web.catalogue import as_json, catalogue_file
from tests.web.conftest import Lab


def test_it_may_be_kept_for_ever_and_comes_zipped_to_who_can_read_that(vic: Client, lab: Lab) -> None:
    address = reverse("web:catalogue", args=[catalogue_file().digest])
    plain, zipped = vic.get(address), vic.get(address, headers={"Accept-Encoding": "br, gzip"})
    assert "immutable" in plain["Cache-Control"]
    assert "private" in plain["Cache-Control"]
    assert zipped["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain
    assert gzip.decompress(zipped.content) == plain.content
    assert len(zipped.content) < 300_000
    assert plain["Vary"].startswith("Accept-Encoding")


def test_the_address_of_another_version_leads_to_the_present_one(vic: Client, lab: Lab) -> None:
    answer = vic.get(reverse("web:catalogue", args=["0" * 20]))
    assert answer["Location"] == reverse("web:catalogue", args=[catalogue_file().digest])
    assert "Cache-Control" not in answer


def test_it_has_every_action_that_is_known() -> None:
    services = json.loads(catalogue_file().plain)["services"]
    for prefix, names in load_service_actions().items():
        assert set(names) <= set(services[prefix]["actions"]), prefix
        known = load_authorization(prefix)
        assert not known or set(known.actions) <= set(services[prefix]["actions"]), prefix
    levels = as_json()["levels"]
    for action in load_sagemaker().actions:
        assert levels[services["sagemaker"]["actions"][action.name][0]] == action.access_level


def test_keys_and_types_are_those_of_the_action() -> None:
    s3 = as_json()["services"]["s3"]
    known = load_authorization("s3")
    assert known
    for name, (_, types, keys) in s3["actions"].items():
        assert (tuple(types), {s3["keys"][key] for key in keys}) == known.actions[name]
    assert s3["types"]["object"][0] == "arn:${Partition}:s3:::${BucketName}/${ObjectName}"


def test_every_key_has_its_type_and_operators_fit() -> None:
    data = as_json()
    written = {name for name, *_ in data["global"]} | set(data["key_types"])
    assert {key.name for key in load_condition_keys().keys} <= written
    fitting = {one["name"]: one["types"] for one in data["operators"]}
    assert fitting["ArnLike"] == ["ARN"]
    assert fitting["StringLike"] == ["ARN", "String"]
    assert set(fitting["Null"]) == {"ARN", "Binary", "Bool", "Date", "IPAddress", "Numeric", "String"}


def test_keys_of_one_service_are_not_offered_to_all() -> None:
    offered = {name for name, *_ in as_json()["global"]}
    assert "aws:PrincipalTag/${TagKey}" in offered
    assert "iam:PassedToService" not in offered

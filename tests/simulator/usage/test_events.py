"""CloudTrail's records are read from every shape in which AWS hands them out, and nothing else is."""

import gzip
import io
import json
from typing import Any

import pytest

from policystudio.simulator.usage.events import MAX_BYTES, UsageError, joined, read_file, read_text
from tests.simulator.usage.records import ANA, NUMBER, TRAIN, record, session, training_job

IAM = f"arn:aws:iam::{NUMBER}"
ONE, TWO = record("ListModels"), training_job(userIdentity=session())


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"Records": [ONE, TWO]}),
        json.dumps([ONE, TWO]),
        json.dumps({"Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(one)} for one in (ONE, TWO)]}),
        f"{json.dumps(ONE)}\n\n{json.dumps(TWO)}\n",
        json.dumps({"Records": [ONE, TWO, ONE]}),
    ],
)
def test_every_shape_gives_the_same_events(text: str) -> None:
    found = read_text(text)
    assert not found.problems
    assert [(event.name, event.principal) for event in found.events] == [
        ("ListModels", ANA),
        ("CreateTrainingJob", TRAIN),
    ]
    packed = read_file(io.BytesIO(gzip.compress(text.encode())), "a.json.gz")
    assert packed == found
    assert joined([found, packed]) == found


def test_one_event_alone() -> None:
    [event] = read_text(json.dumps(TWO)).events
    assert (event.service, event.region, event.account, event.error, event.refused) == (
        "sagemaker",
        "eu-west-1",
        NUMBER,
        "",
        False,
    )


@pytest.mark.parametrize(
    ("identity", "principal"),
    [
        ({"type": "Root", "arn": f"arn:aws:iam::{NUMBER}:root", "accountId": NUMBER}, f"arn:aws:iam::{NUMBER}:root"),
        (
            {"type": "AssumedRole", "arn": f"arn:aws:sts::{NUMBER}:assumed-role/ops/me"},
            f"arn:aws:iam::{NUMBER}:role/ops",
        ),
        ({"type": "AWSService", "invokedBy": "sagemaker.amazonaws.com"}, ""),
        ({}, ""),
    ],
)
def test_who_called(identity: dict[str, Any], principal: str) -> None:
    [event] = read_text(json.dumps(record("ListModels", userIdentity=identity))).events
    assert event.principal == principal


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "nothing in it"),
        ("{}", "an object without CloudTrail's events"),
        ('"x"', "text without CloudTrail's events"),
        ('{"Records": [1', "line 1, column"),
        ('{"a": 1}\n{"a"\n', "line 2, column"),
        ('{"Records": [], "Records": []}', "`Records`"),
        ('{"Events": [{"CloudTrailEvent": "{"}]}', "Events[0].CloudTrailEvent"),
    ],
)
def test_what_is_no_record_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_text(text)
    assert said in str(caught.value)


def test_single_records_that_are_none_are_told_and_the_others_count() -> None:
    found = read_text(json.dumps({"Records": [3, {"eventName": "x"}, ONE]}))
    assert len(found.events) == 1
    assert found.problems == ("Records[0] is a number, not an event", "Records[1] has no eventSource or no eventName")


def test_a_small_file_that_unpacks_to_an_enormous_one_is_stopped() -> None:
    bomb = gzip.compress(b" " * (MAX_BYTES + 2))
    with pytest.raises(UsageError, match=r"^bomb\.gz: the file has more than"):
        read_file(io.BytesIO(bomb), "bomb.gz")


@pytest.mark.parametrize("error", ["AccessDenied", "AccessDeniedException"])
def test_a_refused_call(error: str) -> None:
    [event] = read_text(json.dumps(record("CreateModel", errorCode=error))).events
    assert event.refused

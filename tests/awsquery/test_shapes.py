"""Parameters and answers by botocore's shapes: its serializer and our decoder, our encoder and its parser, agree."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.model import OperationModel, ServiceModel
from botocore.parsers import QueryParser
from botocore.serialize import QuerySerializer
from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.awsquery.decode import decode_parameters
from policystudio.awsquery.encode import iso_8601, response_document
from policystudio.awsquery.errors import AwsError, error_document, internal_failure, no_such_entity
from policystudio.awsquery.query import of_operation, read_pairs
from policystudio.awsquery.shapes import VERSIONS, Service, service
from policystudio.awsquery.xml_text import UNSPEAKABLE

SHAPES: dict[str, Any] = {
    "Everything": {
        "type": "structure",
        "members": {
            "Text": {"shape": "Text"},
            "Number": {"shape": "Number"},
            "Long": {"shape": "Long"},
            "Flag": {"shape": "Flag"},
            "Moment": {"shape": "Moment"},
            "Bytes": {"shape": "Bytes"},
            "Texts": {"shape": "Texts"},
            "Numbers": {"shape": "Numbers"},
            "Lists": {"shape": "Lists"},
            "Map": {"shape": "Map"},
            "Inner": {"shape": "Inner"},
            "Inners": {"shape": "Inners"},
        },
    },
    "Inner": {"type": "structure", "members": {"Text": {"shape": "Text"}, "Inners": {"shape": "Inners"}}},
    "Inners": {"type": "list", "member": {"shape": "Inner"}},
    "Texts": {"type": "list", "member": {"shape": "Text"}},
    "Numbers": {"type": "list", "member": {"shape": "Number"}},
    "Lists": {"type": "list", "member": {"shape": "Texts"}},
    "Map": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Inner"}},
    "Text": {"type": "string"},
    "Number": {"type": "integer"},
    "Long": {"type": "long"},
    "Flag": {"type": "boolean"},
    "Moment": {"type": "timestamp"},
    "Bytes": {"type": "blob"},
}
MODEL = ServiceModel(
    {
        "metadata": {"apiVersion": "2010-05-08", "protocol": "query", "xmlNamespace": "https://example.com/doc/"},
        "operations": {
            "Echo": {
                "name": "Echo",
                "http": {"method": "POST", "requestUri": "/"},
                "input": {"shape": "Everything"},
                "output": {"shape": "Everything", "resultWrapper": "EchoResult"},
            }
        },
        "shapes": SHAPES,
    },
    "iam",
)
ECHO = MODEL.operation_model("Echo")
SERVICE = Service("iam", MODEL)

texts = st.text(st.characters(exclude_categories=("Cs",)).filter(lambda one: not UNSPEAKABLE.match(one)), max_size=12)
numbers = st.integers(-(2**31), 2**31 - 1)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))


def inners(depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    """A structure is never empty in a request: the protocol has no way to send one."""
    more = {"Inners": st.lists(inners(depth - 1), max_size=2)} if depth else {}
    return st.fixed_dictionaries({"Text": texts}, optional=more)


everything = st.fixed_dictionaries(
    {},
    optional={
        "Text": texts,
        "Number": numbers,
        "Long": st.integers(-(2**63), 2**63 - 1),
        "Flag": st.booleans(),
        "Moment": moments,
        "Bytes": st.binary(max_size=20),
        "Texts": st.lists(texts, max_size=12),
        "Numbers": st.lists(numbers, max_size=3),
        "Lists": st.lists(st.lists(texts, max_size=3), max_size=3),
        "Map": st.dictionaries(texts, inners(), min_size=1, max_size=3),
        "Inner": inners(),
        "Inners": st.lists(inners(), max_size=3),
    },
)


def sent(operation: OperationModel, parameters: dict[str, Any]) -> dict[str, str]:
    """What arrives of the parameters that botocore sends."""
    body = QuerySerializer().serialize_to_request(parameters, operation)["body"]
    return of_operation(read_pairs(urlencode(body).encode()))


@given(everything)
@settings(max_examples=150, deadline=None)
def test_what_botocore_sends_is_read(parameters: dict[str, Any]) -> None:
    assert decode_parameters(ECHO, sent(ECHO, parameters)) == parameters


def parsed(document: str, operation: OperationModel = ECHO, status: int = 200) -> Any:
    response = {"body": document.encode(), "headers": {}, "status_code": status, "context": {}}
    return QueryParser().parse(response, operation.output_shape)


@given(everything)
@settings(max_examples=150, deadline=None)
def test_what_is_answered_botocore_reads(result: dict[str, Any]) -> None:
    answer = parsed(response_document(SERVICE, ECHO, result, "the-id"))
    assert answer.pop("ResponseMetadata")["RequestId"] == "the-id"
    assert answer == result


@given(st.sampled_from(["NoSuchEntity", "InvalidInput"]), texts.filter(bool))
@settings(max_examples=50, deadline=None)
def test_an_error_is_read_by_botocore(code: str, message: str) -> None:
    for status, fault in ((400, "Sender"), (500, "Receiver")):
        error = AwsError(code, message, status, fault)  # type: ignore[arg-type]  # the two words there are
        answer = parsed(error_document(error, SERVICE.namespace, "the-id"), status=status)
        assert answer["Error"] == {"Type": fault, "Code": code, "Message": message}
        assert answer["ResponseMetadata"]["RequestId"] == "the-id"


def test_errors_have_the_status_and_the_fault_that_aws_gives_them() -> None:
    assert (no_such_entity("x").status, no_such_entity("x").fault) == (404, "Sender")
    assert (internal_failure().status, internal_failure().fault) == (500, "Receiver")


def test_what_is_not_there_is_left_out_and_what_is_empty_is_written() -> None:
    written = response_document(SERVICE, ECHO, {"Text": None, "Texts": [], "Map": {}, "Flag": False, "Number": 0}, "r")
    assert "<Number>0</Number><Flag>false</Flag><Texts></Texts><Map></Map>" in written
    assert "<Text>" not in written
    answer = parsed(written)
    assert (answer["Texts"], answer["Map"], answer["Flag"], answer["Number"]) == ([], {}, False, 0)


def test_what_xml_cannot_hold_is_shown_as_such() -> None:
    assert parsed(response_document(SERVICE, ECHO, {"Text": "a\x01b\ufffe\r\n"}, "r"))["Text"] == "a\ufffdb\ufffd\r\n"


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ({"Nothing": 1}, "Echo has no Nothing"),
        ({"Number": True}, "Echo.Number is bool, not int"),
        ({"Text": 5}, "Echo.Text is int, not str"),
        ({"Moment": datetime(2026, 1, 1)}, "a moment needs its time zone"),
        ({"Inners": [{"Nothing": 1}]}, "Echo.Inners has no Nothing"),
    ],
)
def test_an_answer_that_does_not_fit_its_shape_is_a_mistake_of_ours(result: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        response_document(SERVICE, ECHO, result, "r")


def test_a_required_field_must_be_answered() -> None:
    of = service("iam")
    result = {"EvaluationResults": [{"EvalActionName": "s3:GetObject"}]}
    with pytest.raises(TypeError, match=r"EvaluationResults lacks EvalDecision"):
        response_document(of, of.operation("SimulateCustomPolicy"), result, "r")


def test_moments_are_told_to_the_second_in_utc() -> None:
    at = datetime(2026, 11, 28, 14, 5, 9, 999_999, UTC) + timedelta()
    assert iso_8601(at) == "2026-11-28T14:05:09Z"


@pytest.mark.parametrize("name", VERSIONS.values())
def test_the_shapes_of_aws_have_no_trait_that_is_not_spoken(name: str) -> None:
    """A new botocore that brings one must not be answered wrongly in silence."""
    described = service(name).model._service_description["shapes"]
    for shape in described.values():
        assert shape["type"] in {"structure", "list", "map", "string", "integer", "boolean", "timestamp", "blob"}
        members = [*shape.get("members", {}).values(), shape.get("member", {}), shape.get("key", {}), shape]
        for member in members:
            assert not member.keys() & {"locationName", "flattened", "xmlAttribute", "timestampFormat", "xmlNamespace"}


def refused(operation: OperationModel, pairs: dict[str, str]) -> tuple[str, str]:
    with pytest.raises(AwsError) as caught:
        decode_parameters(operation, pairs)
    assert caught.value.status == 400
    return caught.value.code, caught.value.message


@pytest.mark.parametrize(
    ("pairs", "code", "message"),
    [
        ({"Other": "1"}, "InvalidQueryParameter", "has no parameter Other"),
        ({"Inner.Other": "1"}, "InvalidQueryParameter", "has no parameter Inner.Other"),
        ({"Inner": "1"}, "InvalidQueryParameter", "has no parameter Inner."),
        ({"Text.member.1": "1"}, "InvalidQueryParameter", "has no parameter Text.member"),
        ({"Text": "1", "Text.x": "1"}, "InvalidQueryParameter", "has no parameter Text.x"),
        ({"Texts.1": "a"}, "InvalidQueryParameter", "A list is sent as Texts.member.1"),
        ({"Texts": "a"}, "InvalidQueryParameter", "A list is sent as Texts.member.1"),
        ({"Texts": "", "Texts.member.1": "a"}, "InvalidQueryParameter", "A list is sent as Texts.member.1"),
        ({"Texts.member.2": "a"}, "InvalidQueryParameter", "Texts.member must be 1, 2, 3"),
        ({"Texts.member.1": "a", "Texts.member.3": "c"}, "InvalidQueryParameter", "Texts.member must be 1, 2, 3"),
        ({"Texts.member.0": "a"}, "InvalidQueryParameter", "Texts.member must be 1, 2, 3"),
        ({"Texts.member.01": "a"}, "InvalidQueryParameter", "Texts.member must be 1, 2, 3"),
        ({"Texts.member.x": "a"}, "InvalidQueryParameter", "Texts.member must be 1, 2, 3"),
        ({"Map.entry.1.key": "a"}, "InvalidQueryParameter", "Map.entry.1 must have one key and one value"),
        ({"Number": "five"}, "MalformedInput", "'number' must be a whole number"),
        ({"Number": "٣"}, "MalformedInput", "'number' must be a whole number"),
        ({"Number": ""}, "MalformedInput", "'number' must be a whole number"),
        ({"Number": "9" * 20}, "MalformedInput", "'number' must be a whole number"),
        ({"Flag": "yes"}, "MalformedInput", "'flag' must be true or false"),
        ({"Moment": "soon"}, "MalformedInput", "'moment' must be a time"),
        ({"Bytes": "?"}, "MalformedInput", "'bytes' must be base64"),
        ({"Text": "a\x01"}, "ValidationError", "control characters"),
    ],
)
def test_what_is_not_sent_as_the_protocol_says_is_refused(pairs: dict[str, str], code: str, message: str) -> None:
    got = refused(ECHO, pairs)
    assert got[0] == code
    assert message in got[1]


def test_a_key_of_a_map_stands_once() -> None:
    pairs = {f"Map.entry.{number}.{part}": "a" for number in (1, 2) for part in ("key", "value.Text")}
    assert refused(ECHO, pairs) == ("InvalidQueryParameter", "Map.entry.2.key is given more than once.")


@pytest.mark.parametrize(
    ("name", "pairs", "message"),
    [
        ("SimulatePrincipalPolicy", {}, "2 validation errors detected: Value null at 'policySourceArn' failed"),
        ("GetRole", {}, "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member"),
        ("GetRole", {"RoleName": ""}, "Value '' at 'roleName' failed to satisfy constraint: Member must have length"),
        ("GetRole", {"RoleName": "a" * 300}, "Value at 'roleName' failed to satisfy constraint: Member must have len"),
        ("GetRole", {"RoleName": "a b"}, "Member must satisfy regular expression pattern: [\\w+=,.@-]+"),
        ("GetRole", {"RoleName": "Ä"}, "Member must satisfy regular expression pattern"),
        (
            "ListUsers",
            {"MaxItems": "0"},
            "Value '0' at 'maxItems' failed to satisfy constraint: Member must have value",
        ),
        ("ListUsers", {"MaxItems": "1001"}, "Member must have value less than or equal to 1000"),
        (
            "SimulatePrincipalPolicy",
            {
                "PolicySourceArn": "arn:aws:iam::111122223333:user/a",
                "ActionNames": "",
                "PolicyExclusionList.member.1.PolicyType": "scp",
                "PolicyExclusionList.member.1.PolicyArn": "arn:aws:iam::aws:policy/x",
            },
            "Value at 'policyExclusionList.1.member' failed to satisfy constraint: Member must have exactly one of",
        ),
    ],
)
def test_what_a_shape_forbids_is_a_validation_error_in_awss_words(
    name: str, pairs: dict[str, str], message: str
) -> None:
    code, said = refused(service("iam").operation(name), pairs)
    assert code == "ValidationError"
    assert message in said


def test_an_operation_without_input_takes_none() -> None:
    operation = service("sts").operation("GetCallerIdentity")
    assert decode_parameters(operation, {}) == {}
    assert refused(service("iam").operation("GetAccountSummary"), {"UserName": "ana"})[0] == "InvalidQueryParameter"


def test_many_faults_are_told_together_but_not_all() -> None:
    pairs = {f"ActionNames.member.{number}": "a" for number in range(1, 60)}
    code, said = refused(service("iam").operation("SimulateCustomPolicy"), {**pairs, "PolicyInputList": ""})
    assert (code, said.partition(":")[0]) == ("ValidationError", "59 validation errors detected")
    assert len(said) < 2_000


WIRE = (
    "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Auser%2Fu"
    "&ActionNames.member.1=sagemaker%3ACreateModel&PolicyExclusionList.member.1.PolicyType=inline"
    "&PolicyExclusionList.member.2.InlinePolicyIdentifier.PolicyName=p"
    "&PolicyExclusionList.member.2.InlinePolicyIdentifier.AttachmentType=user"
    "&PolicyExclusionList.member.2.InlinePolicyIdentifier.AttachmentName=u%2A"
)


def test_a_request_as_it_was_seen_on_the_wire() -> None:
    pairs = read_pairs(WIRE.encode())
    assert (pairs["Action"], pairs["Version"]) == ("SimulatePrincipalPolicy", "2010-05-08")
    assert decode_parameters(service("iam").operation(pairs["Action"]), of_operation(pairs)) == {
        "PolicySourceArn": "arn:aws:iam::123456789012:user/u",
        "ActionNames": ["sagemaker:CreateModel"],
        "PolicyExclusionList": [
            {"PolicyType": "inline"},
            {"InlinePolicyIdentifier": {"PolicyName": "p", "AttachmentType": "user", "AttachmentName": "u*"}},
        ],
    }


def test_documents_and_blobs_survive() -> None:
    text = json.dumps({"a": "é <&> \u2028"}, ensure_ascii=False)
    both = {"Text": text, "Bytes": bytes(range(256))}
    assert decode_parameters(ECHO, sent(ECHO, both)) == both
    written = response_document(SERVICE, ECHO, both, "r")
    assert base64.b64encode(both["Bytes"]).decode() in written  # type: ignore[arg-type]  # they are bytes
    assert {key: value for key, value in parsed(written).items() if key in both} == both

"""Context keys in forms: the type of a key decides what is asked for and what is accepted."""

import pytest

from policystudio.web.context_values import ValueProblem, accepted, key_form, suggested_keys


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("aws:MultiFactorAuthPresent", "bool"),
        ("aws:MultiFactorAuthAge", "number"),
        ("aws:CurrentTime", "datetime-local"),
        ("aws:SourceIp", "text"),
        ("aws:PrincipalTag/team", "text"),
        ("sagemaker:VpcSubnets", "lines"),
        ("sagemaker:VolumeKmsKey", "text"),
    ],
)
def test_the_field_fits_the_type_of_the_key(key: str, kind: str) -> None:
    assert key_form(key).input == kind


def test_a_key_is_spelled_as_aws_does_and_keeps_its_own_part() -> None:
    assert key_form("AWS:multifactorauthpresent").key == "aws:MultiFactorAuthPresent"
    assert key_form("aws:principaltag/Team").key == "aws:PrincipalTag/Team"


def test_an_unknown_key_is_text_and_said_to_be_unknown() -> None:
    form = key_form("acme:Badge")
    assert (form.input, form.known) == ("text", False)


@pytest.mark.parametrize("key", ["", "MultiFactorAuthPresent", "aws:", "!aws:SourceIp", "aws:a=b", "aws :x"])
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(ValueProblem):
        key_form(key)


@pytest.mark.parametrize(
    ("key", "entered", "values"),
    [
        ("aws:MultiFactorAuthAge", "3600", ("3600",)),
        ("aws:MultiFactorAuthAge", "-1.5", ("-1.5",)),
        ("aws:CurrentTime", "2026-11-24T01:10", ("2026-11-24T01:10:00Z",)),
        ("aws:CurrentTime", "2026-11-24T02:10:00+01:00", ("2026-11-24T01:10:00Z",)),
        ("aws:EpochTime", "1795000000", ("1795000000",)),
        ("aws:SourceIp", "203.0.113.7", ("203.0.113.7",)),
        ("aws:SourceIp", "2001:DB8::7", ("2001:db8::7",)),
        ("aws:SecureTransport", "True", ("true",)),
        ("sagemaker:VpcSubnets", " subnet-a \nsubnet-b\n\n", ("subnet-a", "subnet-b")),
        ("sagemaker:VolumeKmsKey", "arn:aws:kms:us-east-1:1:key/k", ("arn:aws:kms:us-east-1:1:key/k",)),
        ("aws:userid", "AIDA:x = y", ("AIDA:x = y",)),
    ],
)
def test_a_value_of_the_type_is_taken(key: str, entered: str, values: tuple[str, ...]) -> None:
    assert accepted(key_form(key), [entered]) == values


@pytest.mark.parametrize(
    ("key", "entered"),
    [
        ("aws:MultiFactorAuthAge", "an hour"),
        ("aws:MultiFactorAuthAge", "1e400"),
        ("aws:MultiFactorAuthAge", "NaN"),
        ("aws:CurrentTime", "yesterday"),
        ("aws:SourceIp", "203.0.113.0/24"),
        ("aws:SourceIp", "203.0.113"),
        ("aws:SecureTransport", "yes"),
        ("sagemaker:VolumeKmsKey", "key/k"),
        ("aws:userid", "   "),
    ],
)
def test_a_value_of_another_type_is_refused_by_name(key: str, entered: str) -> None:
    with pytest.raises(ValueProblem, match=key):
        accepted(key_form(key), [entered])


def test_a_key_with_one_value_takes_one() -> None:
    with pytest.raises(ValueProblem, match="one value, 2 were given"):
        accepted(key_form("aws:userid"), ["a", "b"])


def test_global_keys_are_suggested_before_those_of_the_service() -> None:
    keys = suggested_keys()
    assert keys.index("aws:SourceIp") < keys.index("sagemaker:VpcSubnets")
    assert "aws:PrincipalTag/" in keys
    assert not [key for key in keys if "$" in key]

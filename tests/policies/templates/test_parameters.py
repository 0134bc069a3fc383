"""Parameters: what is taken, what is refused and how that is told, and what hostile ones can do."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policystudio.engine.lint.registry import lint
from policystudio.engine.parse import parse_policy
from policystudio.lib.quotas import MANAGED_POLICY_SIZE
from policystudio.policies.templates.checking import check_promises, possible_cells
from policystudio.policies.templates.library import TEMPLATES, UnknownTemplate, template_of
from policystudio.policies.templates.parameters import PARAMETERS, ParameterError
from policystudio.policies.templates.template import Rendered, Template
from tests.policies.templates.examples import ACCOUNT, BY_NAME, KEY, ROLE, given_to
from tests.policies.templates.test_documents import INLINE

TRAINING = TEMPLATES["run-training-jobs"]
SCIENTIST = TEMPLATES["data-scientist"]


def problems(template: Template, **changes: Any) -> dict[str, str]:
    """What is told of the parameters of an example with some changed."""
    asked = {**given_to(template, BY_NAME), **{name.replace("_", "-"): value for name, value in changes.items()}}
    with pytest.raises(ParameterError) as raised:
        template.read({name: value for name, value in asked.items() if value is not None})
    return dict(raised.value.problems)


def test_the_examples_are_ones() -> None:
    for parameter in PARAMETERS.values():
        assert parameter.problem(parameter.example) == "", parameter.name


@pytest.mark.parametrize(
    ("changes", "name", "said"),
    [
        ({"account": "12"}, "account", "`12` is no account: write its 12 digits, such as `111122223333`"),
        ({"account": None}, "account", "is needed"),
        ({"roles": None}, "roles", "is needed"),
        ({"name_prefix": None}, "name-prefix", "one of name-prefix and tag is needed"),
        ({"name_prefix": "Churn-"}, "name-prefix", "lower-case"),
        ({"name_prefix": "*"}, "name-prefix", "is no prefix"),
        ({"name_prefix": "a\n"}, "name-prefix", ""),
        ({"regions": ["eu-west-1", "mars-north-1"]}, "regions", "`mars-north-1` is no Region"),
        ({"regions": ["cn-north-1"]}, "regions", "is in the partition aws-cn, not in aws"),
        ({"regions": ["us-east-1"]}, "kms-keys", "is in eu-west-1, which is none of the Regions us-east-1"),
        ({"tag": "team"}, "tag", "with `=` between them"),
        ({"tag": "aws:team=x"}, "tag", "has a key that no tag can have here"),
        ({"tag": "team=${aws:username}"}, "tag", "has a value that no tag can have"),
        ({"tag": "team=*"}, "tag", "has a value"),
        ({"subnets": "vpc-1"}, "subnets", "`vpc-1` is no id of a subnet"),
        ({"subnets": None}, "subnets", "a VPC has both"),
        ({"kms_keys": KEY.replace("key/", "alias/")}, "kms-keys", "alias"),
        ({"kms_keys": KEY.replace(ACCOUNT, "999999999999")}, "kms-keys", "is of account 999999999999"),
        ({"kms_keys": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/*"}, "kms-keys", "is not the ARN of one KMS key"),
        ({"roles": f"arn:aws:iam::{ACCOUNT}:role/*"}, "roles", "is not the ARN of one role"),
        ({"roles": f"arn:aws:iam::{ACCOUNT}:role/a${{aws:username}}"}, "roles", "is not the ARN of one role"),
        ({"roles": f"arn:aws:iam::{ACCOUNT}:user/dana"}, "roles", "is not the ARN of one role"),
        ({"roles": ROLE.replace(":aws:", ":aws-cn:")}, "roles", "partition aws-cn"),
        ({"roles": [f"{ROLE}{number}" for number in range(21)]}, "roles", "takes at most 20 values, these are 21"),
        ({"buckets": ["a"]}, "buckets", "is no parameter of this template"),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_what_to_write(changes: dict[str, Any], name: str, said: str) -> None:
    if name == "name-prefix" and not said:
        assert TRAINING.read({**given_to(TRAINING, BY_NAME), "name-prefix": "a\n"}).name_prefix == "a"
        return
    assert said in problems(TRAINING, **changes)[name]


def test_buckets_are_named_without_their_address() -> None:
    for written in ("s3://churn-data", "churn-data/train", "arn:aws:s3:::churn-data", "UPPER", "a..b", "x*"):
        assert "is no name of a bucket" in problems(SCIENTIST, buckets=written)["buckets"]


def test_all_problems_are_told_at_once() -> None:
    assert problems(TRAINING, account="1", roles="2", tag="3").keys() == {"account", "roles", "tag"}


def test_white_space_parts_values_and_order_does_not_matter() -> None:
    one = TRAINING.read({**given_to(TRAINING, BY_NAME), "regions": "eu-west-1\n us-east-1  eu-west-1"})
    other = TRAINING.read({**given_to(TRAINING, BY_NAME), "regions": ["us-east-1", "eu-west-1"]})
    assert one == other
    assert one.as_parameters()["regions"] == ["eu-west-1", "us-east-1"]


def test_parameters_are_read_again_as_they_are_kept() -> None:
    for template in TEMPLATES.values():
        values = template.read(given_to(template, BY_NAME))
        assert template.read(values.as_parameters()) == values


def test_an_unknown_template_is_told() -> None:
    with pytest.raises(UnknownTemplate, match="did you mean data-scientist"):
        template_of("data-scientists")


# --- Whatever is given -----------------------------------------------------------------------------------------------

REGIONS = [
    f"{area}-{side}-{number}" for area in ("eu", "us", "ap", "sa") for side in ("east", "west") for number in (1, 2)
]
HEX = "0123456789abcdef"
PARAMETER_SETS = st.fixed_dictionaries(
    {
        "account": st.from_regex(r"[0-9]{12}", fullmatch=True),
        "regions": st.lists(st.sampled_from(REGIONS), max_size=16, unique=True),
        "roles": st.lists(st.from_regex(r"[A-Za-z0-9_+=,.@-]{1,64}", fullmatch=True), min_size=1, max_size=20),
        "buckets": st.lists(st.from_regex(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", fullmatch=True), min_size=1, max_size=40),
        "subnets": st.lists(st.text(HEX, min_size=17, max_size=17), max_size=16),
        "keys": st.lists(st.text(HEX, min_size=32, max_size=32), max_size=5),
        "tag": st.none()
        | st.tuples(
            st.from_regex(r"[A-Za-z0-9_.:/+@-]{1,128}", fullmatch=True).filter(
                lambda key: not key.lower().startswith("aws:")
            ),
            st.from_regex(r"[\w.:/=+@-]([\w .:/=+@-]{0,254}[\w.:/=+@-])?", fullmatch=True),
        ),
        "prefix": st.none() | st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True),
    }
)


def from_parts(template: Template, parts: dict[str, Any]) -> dict[str, Any]:
    """Parameters from what was drawn, which fit together."""
    account, region = parts["account"], (parts["regions"] or ["eu-west-1"])[0]
    made = {
        "account": account,
        "regions": parts["regions"],
        "roles": [f"arn:aws:iam::{account}:role/{name}" for name in parts["roles"]],
        "buckets": parts["buckets"],
        "subnets": [f"subnet-{name}" for name in parts["subnets"]],
        "security-groups": ["sg-0a1b2c3d"] if parts["subnets"] else [],
        "kms-keys": [f"arn:aws:kms:{region}:{account}:key/mrk-{name}" for name in parts["keys"]],
        "tag": "=".join(parts["tag"]) if parts["tag"] else "",
        "name-prefix": parts["prefix"] or ("" if parts["tag"] else "a"),
    }
    return given_to(template, {name: value for name, value in made.items() if value})


@settings(max_examples=30, deadline=None)
@given(template=st.sampled_from(list(TEMPLATES.values())), parts=PARAMETER_SETS)
def test_whatever_is_given_the_documents_are_whole(template: Template, parts: dict[str, Any]) -> None:
    asked = from_parts(template, parts)
    try:
        made = template.render(asked)
    except ParameterError as error:
        # Refused, and not made larger than IAM takes: only the one with the longest lists can be.
        told = str(error)
    else:
        told = ""
        hold(template, made)
    assert not told or "does not fit" in told


def hold(template: Template, made: Rendered) -> None:
    """What holds of everything that a template makes."""
    for document in made.documents:
        parse_policy(document.text)
        assert document.size <= MANAGED_POLICY_SIZE
        assert {finding.code for finding in lint(document.text)} <= INLINE
    assert possible_cells(made) == template.declared - set(made.left_out)
    assert all(one.kept for one in check_promises(template, made))
    assert template.render(made.values.as_parameters()) == made


def test_many_values_make_more_documents_and_not_larger_ones() -> None:
    roles = [f"arn:aws:iam::{ACCOUNT}:role/{'r' * 60}{number:04}" for number in range(20)]
    buckets = [f"{'b' * 55}-{number:04}" for number in range(40)]
    many = {**given_to(SCIENTIST, BY_NAME), "roles": roles, "buckets": buckets}
    few, more = SCIENTIST.render(given_to(SCIENTIST, BY_NAME)), SCIENTIST.render(many)
    assert len(more.documents) > len(few.documents)
    assert max(document.size for document in more.documents) <= MANAGED_POLICY_SIZE
    text = "".join(document.text for document in more.documents)
    assert all(text.count(f'"{role}"') == 1 for role in roles)
    assert all(f'"arn:aws:s3:::{name}/*"' in text for name in buckets)


def test_what_no_tag_can_hold_is_left_out_and_told() -> None:
    template = TEMPLATES["manage-labelling"]
    made = template.render({"account": ACCOUNT, "tag": "team=forecast", "roles": ROLE})
    assert {kind for _, kind in made.left_out} == {"human-loop"}
    assert not template.render({"account": ACCOUNT, "tag": "team=forecast", "name-prefix": "a", "roles": ROLE}).left_out

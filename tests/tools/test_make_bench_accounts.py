"""The synthetic export: deterministic, written in pieces, of the shape and size that was asked for."""

import json
from collections import Counter
from io import StringIO
from typing import Any

import pytest

from policystudio.engine.document import PolicyKind
from policystudio.engine.parse import parse_policy
from tools.make_bench_accounts import Shape, write_export

SHAPE = Shape(identities=300, policies=20, seed=7)
DETAILS = {"UserDetailList": "UserPolicyList", "GroupDetailList": "GroupPolicyList", "RoleDetailList": "RolePolicyList"}


class Pieces(StringIO):
    """A text file that remembers how long the longest piece was."""

    longest = 0

    def write(self, text: str) -> int:
        self.longest = max(self.longest, len(text))
        return super().write(text)


def written(shape: Shape) -> str:
    output = StringIO()
    write_export(output, shape)
    return output.getvalue()


@pytest.fixture(scope="module")
def export() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(written(SHAPE))
    return document


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    assert written(SHAPE) == written(SHAPE)
    assert written(SHAPE) != written(Shape(identities=300, policies=20, seed=8))


def test_it_has_so_many_identities_and_policies(export: dict[str, Any]) -> None:
    assert sum(len(export[details]) for details in DETAILS) == 300
    assert len(export["Policies"]) == 20
    names = Counter(item["Arn"] for details in DETAILS for item in export[details])
    assert set(names.values()) == {1}


def test_each_identity_has_two_to_ten_managed_policies_and_some_have_inline_ones(export: dict[str, Any]) -> None:
    identities = [(item, inline) for details, inline in DETAILS.items() for item in export[details]]
    assert {len(item["AttachedManagedPolicies"]) for item, _ in identities} == set(range(2, 11))
    share = sum(bool(item.get(inline)) for item, inline in identities) / len(identities)
    assert 0.05 < share < 0.15


def test_counts_of_attachments_and_boundaries_are_true(export: dict[str, Any]) -> None:
    identities = [item for details in DETAILS for item in export[details]]
    attached = Counter(policy["PolicyArn"] for item in identities for policy in item["AttachedManagedPolicies"])
    bounds = Counter(
        item["PermissionsBoundary"]["PermissionsBoundaryArn"] for item in identities if "PermissionsBoundary" in item
    )
    assert bounds
    for policy in export["Policies"]:
        assert policy["AttachmentCount"] == attached[policy["Arn"]]
        assert policy["PermissionsBoundaryUsageCount"] == bounds[policy["Arn"]]


def test_every_document_parses(export: dict[str, Any]) -> None:
    for policy in export["Policies"]:
        for version in policy["PolicyVersionList"]:
            assert parse_policy(json.dumps(version["Document"]), PolicyKind.IDENTITY).statements
    for details, inline in DETAILS.items():
        for item in export[details]:
            for own in item.get(inline, []):
                assert parse_policy(json.dumps(own["PolicyDocument"]), PolicyKind.IDENTITY).statements
    for role in export["RoleDetailList"]:
        assert parse_policy(json.dumps(role["AssumeRolePolicyDocument"]), PolicyKind.TRUST).statements


def test_it_is_written_in_pieces_no_longer_than_an_item() -> None:
    output = Pieces()
    write_export(output, SHAPE)
    assert len(output.getvalue()) > 500_000
    assert output.longest < 20_000

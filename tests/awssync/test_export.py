"""What is read from exports: forms of the file, every field, and a finding with its place for what is odd."""

import gzip
import json
from typing import Any
from urllib.parse import quote

import pytest

from policystudio.awssync.snapshot import ExportError, Level
from policystudio.awssync.snapshot.records import IdentityRecord, PolicyRecord
from tests.support.exports import (
    ALLOW,
    DENY,
    NUMBER,
    OTHER,
    REAL,
    TRUST,
    arn,
    attached,
    export,
    group,
    inline,
    policy,
    read,
    role,
    told,
    user,
    version,
)

AWS_READ = "arn:aws:iam::aws:policy/AmazonSageMakerReadOnly"


def identity(content: Any, kind: str = "user", number: str = NUMBER) -> IdentityRecord:
    """The only identity of a kind."""
    result, _ = read(content)
    (found,) = [one for one in result.accounts[number].identities.values() if one.kind == kind]
    return found


def only_policy(content: Any) -> PolicyRecord:
    result, _ = read(content)
    (found,) = result.accounts[NUMBER].policies.values()
    return found


# --- The file ----------------------------------------------------------------------------------------------------


def test_the_real_export_is_understood_to_the_last_item() -> None:
    result, report = read(REAL.read_bytes())
    (account,) = result.accounts.values()
    assert account.number == "012345678901"
    assert sorted(kind for kind, _ in account.identities) == ["group"] * 2 + ["role"] * 3 + ["user"] * 3
    assert len(account.policies) == 32
    assert report.findings == []


def test_documents_of_the_real_export_are_kept_as_they_stand() -> None:
    text = REAL.read_text()
    result, _ = read(text)
    assert all(document.text in text for document in result.documents.by_digest.values())


FORMS = {
    "one answer": lambda one, two: json.dumps(export(one, two)),
    "on one line": lambda one, two: json.dumps(export(one, two), separators=(",", ":")),
    "pages one after the other": lambda one, two: json.dumps(export(one)) + "\n" + json.dumps(export(two), indent=1),
    "pages without anything between": lambda one, two: json.dumps(export(one)) + json.dumps(export(two)),
    "a list of pages": lambda one, two: json.dumps([export(one), export(two)]),
    "gzip": lambda one, two: gzip.compress(json.dumps(export(one, two)).encode()),
    "only the lists that have something": lambda one, two: json.dumps({"UserDetailList": [one, two]}),
    "lists that are null": lambda one, two: json.dumps({"UserDetailList": [one, two], "Policies": None}),
    "as boto3 answers": lambda one, two: json.dumps(export(one, two, IsTruncated=False, ResponseMetadata={"a": 1})),
    "marked pages": lambda one, two: (
        json.dumps(export(one, IsTruncated=True, Marker="x")) + json.dumps(export(two, IsTruncated=False))
    ),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_file_may_be_one_answer_or_many(form: Any) -> None:
    result, report = read(form(user("ann"), user("bob")))
    assert list(result.accounts[NUMBER].identities) == [("user", "ann"), ("user", "bob")]
    assert report.findings == []
    assert not result.truncated


REFUSED = [
    ("", "the file is empty"),
    ("  \n ", "the file is empty"),
    ("[]", "not the answer of get-account-authorization-details"),
    ("{}", "not the answer of get-account-authorization-details"),
    ('{"Users": []}', "not the answer of get-account-authorization-details"),
    ("null", "line 1, column 1: an export begins with `{`"),
    ('"text"', "line 1, column 1: an export begins with `{`"),
    ("<xml/>", "line 1, column 1: an export begins with `{`"),
    ("[1]", "line 1, column 2: an answer of get-account-authorization-details is an object"),
    ("[[{}]]", "line 1, column 2: an answer of get-account-authorization-details is an object"),
    ('{"UserDetailList": {}}', "line 1, column 20: `UserDetailList` is a list"),
    ('{"UserDetailList": "x"}', "line 1, column 20: `UserDetailList` is a list"),
    (json.dumps(export()), "no account can be told from the file"),
    ('{"UserDetailList": [{"Arn": "x"}]}', "no account can be told from the file"),
    (json.dumps(export(user())) + "x", "an export begins with `{`"),
    (json.dumps(export(user()))[:-1], "`}` is expected, not the end of the file"),
    (json.dumps(export(user()))[:60], "line 1, column"),
    ('{"UserDetailList": [], "UserDetailList": []}', "line 1, column 24: key `UserDetailList` stands twice"),
    ('{"UserDetailList": [{"Arn": "a", "Arn": "b"}]}', "line 1, column 34: key `Arn` stands twice"),
    (json.dumps(export(user(UserName="a\0b"))), "a NUL character"),
    (json.dumps(export(user(UserName="\ud800"))), "half of a surrogate pair"),
    (json.dumps(export(user(Tags=float("nan")))), "a value is expected, not `N`"),
    (json.dumps(export(user(UserPolicyList=inline(a={"a": float("nan")})))), "NaN or Infinity"),
    (json.dumps(export(user(Path=10**500))), "the number has 501 digits"),
    ('{"x": ' + "[" * 5000 + "]" * 5000 + "}", "nested deeper than 100 levels"),
    (b"\xff\xfe{\0}\0", "UTF-16"),
    (b"\xef\xbb\xbf{}", "byte order mark"),
    (gzip.compress(json.dumps(export(user())).encode(), mtime=0)[:-9], "the gzip file ends too early"),
]


@pytest.mark.parametrize(("content", "message"), REFUSED)
def test_what_is_no_export_is_refused_whole(content: Any, message: str) -> None:
    with pytest.raises(ExportError) as caught:
        read(content)
    assert message in str(caught.value)


def test_a_file_that_unpacks_to_too_much_is_refused() -> None:
    with pytest.raises(ExportError, match="more than 1 MB"):
        read(gzip.compress(json.dumps(export(user(Tags=[" " * 2_000_000]))).encode()), limit=1 << 20)


def test_a_file_with_too_many_items_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policystudio.awssync.snapshot.export.MAX_ITEMS", 3)
    read(export(user("a"), group("b"), policy("c")))
    with pytest.raises(ExportError, match="more than 3 items"):
        read(export(user("a"), group("b"), policy("c"), role("d")))


def test_progress_is_told_in_bytes_and_may_stop_the_reading() -> None:
    from policystudio.awssync.snapshot import Report, read_export
    from tests.support.exports import as_file

    class Stop(Exception):
        pass

    file = as_file(export(*(user(f"u{number}") for number in range(200))))
    positions: list[int] = []

    def listen(done: int) -> None:
        positions.append(done)
        if len(positions) == 3:
            raise Stop

    with pytest.raises(Stop):
        read_export(file, Report(), limit=1 << 30, on_progress=listen)
    assert positions == sorted(positions)
    assert positions[-1] <= file.seek(0, 2)


def test_a_truncated_answer_is_reported() -> None:
    for marks in ({"IsTruncated": True, "Marker": "x"}, {"IsTruncated": "true"}, {"NextToken": "x"}):
        result, report = read(export(user(), **marks))
        assert result.truncated
        assert [code for code, _, _ in told(report)] == ["export_truncated"]


def test_unknown_keys_are_noted_once_each() -> None:
    content = export(user("ann", New=1, Newer=2), user("bob", New=3), group(GroupOwner="x"), Extra={"a": [1]})
    _, report = read(content)
    notes = {one.place.path: one.also for one in report.findings}
    assert notes == {
        "Extra": 0,
        "UserDetailList[0].New": 1,
        "UserDetailList[0].Newer": 0,
        "GroupDetailList[0].GroupOwner": 0,
    }
    assert all(one.level is Level.NOTE for one in report.findings)


def test_keys_that_aws_writes_elsewhere_are_known() -> None:
    content = export(
        user(PasswordLastUsed="2020-01-01"), role(Description="d", MaxSessionDuration=3600), policy(Tags=[])
    )
    assert read(content)[1].findings == []


def test_places_name_the_page_and_the_line() -> None:
    content = json.dumps(export(user("ann"))) + "\n" + json.dumps(export({"UserName": "x"}), indent=4)
    _, report = read(content)
    (finding,) = report.findings
    assert finding.place.path == "page 2: UserDetailList[0]"
    assert (finding.place.line, finding.place.column) == (4, 9)


# --- Identities --------------------------------------------------------------------------------------------------


def test_a_user_is_read_with_everything_it_has() -> None:
    content = export(
        user(
            "ann",
            path="/people/ml/",
            GroupList=["team"],
            Tags=[{"Key": "team", "Value": "ml"}, {"Key": "empty", "Value": ""}],
            AttachedManagedPolicies=attached(arn("policy", "ml"), AWS_READ),
            UserPolicyList=inline(own=ALLOW, other=DENY),
            PermissionsBoundary={
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": arn("policy", "edge"),
            },
        ),
        group("team"),
        policy("ml"),
        policy("edge"),
        policy("AmazonSageMakerReadOnly", number="aws"),
    )
    one = identity(content)
    assert (one.path, one.name, one.unique_id) == ("/people/ml/", "ann", "IDANN")
    assert one.created_at is not None
    assert one.created_at.isoformat() == "2019-12-18T19:10:08+00:00"
    assert one.tags == {"team": "ml", "empty": ""}
    assert one.attached == [arn("policy", "ml"), AWS_READ]
    assert list(one.inline) == ["own", "other"]
    assert one.boundary == arn("policy", "edge")
    assert one.groups == ["team"]
    assert one.gaps == []
    assert read(content)[1].findings == []


def test_a_role_is_read_with_trust_policy_and_last_use() -> None:
    content = export(role(RoleLastUsed={"LastUsedDate": "2026-01-20 18:48:00+00:00", "Region": "eu-west-1"}))
    one = identity(content, "role")
    assert one.last_used == {"LastUsedDate": "2026-01-20T18:48:00+00:00", "Region": "eu-west-1"}
    assert json.loads(read(content)[0].documents.by_digest[one.trust].text) == TRUST
    assert not one.service_linked
    linked = role("AWSServiceRoleForSageMaker", path="/aws-service-role/sagemaker.amazonaws.com/")
    assert identity(export(linked), "role").service_linked


def test_documents_may_be_encoded() -> None:
    text = json.dumps(ALLOW)
    for document in (ALLOW, text, quote(text), quote(text, safe="")):
        content = export(user(UserPolicyList=inline(own=document)))
        result, report = read(content)
        digest = result.accounts[NUMBER].identities["user", "ann"].inline["own"]
        assert json.loads(result.documents.by_digest[digest].text) == ALLOW
        assert report.findings == []


def test_identities_go_into_the_account_that_their_arn_names() -> None:
    result, report = read(
        export(
            user("ann"),
            user("ann", number=OTHER),
            policy("ml"),
            policy("ml", number=OTHER, document=DENY),
            policy("AmazonSageMakerReadOnly", number="aws"),
        )
    )
    assert report.findings == []
    assert {number: len(account.identities) for number, account in result.accounts.items()} == {NUMBER: 1, OTHER: 1}
    assert set(result.accounts[OTHER].policies) == {arn("policy", "ml", OTHER), AWS_READ}
    assert result.accounts[NUMBER].policies[arn("policy", "ml")].versions[0].digest != (
        result.accounts[OTHER].policies[arn("policy", "ml", OTHER)].versions[0].digest
    )


def test_a_single_object_stands_for_a_list_of_one() -> None:
    content = export(group(AttachedManagedPolicies=attached(arn("policy", "ml"))[0]), policy())
    assert identity(content, "group").attached == [arn("policy", "ml")]
    assert told(read(content)[1]) == [
        ("not_a_list", "GroupDetailList[0].AttachedManagedPolicies", arn("group", "team"))
    ]


LEFT_OUT = [
    (user(Arn=None), "arn_malformed", "UserDetailList[0]"),
    (user(Arn="ann"), "arn_malformed", "UserDetailList[0].Arn"),
    (user(Arn=arn("role", "ann")), "arn_malformed", "UserDetailList[0].Arn"),
    (user(Arn="arn:aws:iam::123:user/ann"), "arn_malformed", "UserDetailList[0].Arn"),
    (user(Arn=arn("user", "a" * 3000)), "arn_malformed", "UserDetailList[0].Arn"),
    (user(Arn=7), "field_malformed", "UserDetailList[0].Arn"),
    (user("a" * 65), "name_malformed", "UserDetailList[0]"),
    (user("a b"), "arn_malformed", "UserDetailList[0].Arn"),
    (user("ä"), "name_malformed", "UserDetailList[0]"),
    (group("g" * 129), "name_malformed", "GroupDetailList[0]"),
    (policy(Arn=arn("role", "x")), "arn_malformed", "Policies[0].Arn"),
    (policy("p" * 129), "arn_malformed", "Policies[0].Arn"),
]


@pytest.mark.parametrize(("item", "code", "path"), LEFT_OUT)
def test_what_cannot_be_named_is_left_out_and_reported(item: dict[str, Any], code: str, path: str) -> None:
    result, report = read(export(item, role("other")))
    assert [one for one in told(report) if one[:2] == (code, path)]
    assert list(result.accounts[NUMBER].identities) == [("role", "other")]
    assert result.accounts[NUMBER].policies == {}


def test_items_that_are_no_objects_are_reported() -> None:
    content = export(user())
    content["UserDetailList"] += [1, None, "x", []]
    assert [one[:2] for one in told(read(content)[1])] == [
        ("item_malformed", f"UserDetailList[{index}]") for index in range(1, 5)
    ]


def test_the_arn_counts_where_name_or_path_differ() -> None:
    content = export(user(UserName="other", Path="/x/"))
    assert identity(content).name == "ann"
    assert {one[1] for one in told(read(content)[1])} == {"UserDetailList[0].UserName", "UserDetailList[0].Path"}


GAPS = [
    (user(AttachedManagedPolicies="x"), "UserDetailList[0].AttachedManagedPolicies"),
    (user(AttachedManagedPolicies=["x"]), "UserDetailList[0].AttachedManagedPolicies[0]"),
    (user(AttachedManagedPolicies=[{}]), "UserDetailList[0].AttachedManagedPolicies"),
    (user(AttachedManagedPolicies=attached("nonsense")), "UserDetailList[0]"),
    (user(AttachedManagedPolicies=attached(arn("policy", "x", OTHER))), "UserDetailList[0]"),
    (user(AttachedManagedPolicies=attached("arn:aws-cn:iam::aws:policy/x")), "UserDetailList[0]"),
    (user(GroupList=7), "UserDetailList[0].GroupList"),
    (user(GroupList=[7]), "UserDetailList[0].GroupList[0]"),
    (user(GroupList=["nowhere"]), "UserDetailList[0]"),
    (user(UserPolicyList="x"), "UserDetailList[0].UserPolicyList"),
    (user(UserPolicyList=[{"PolicyDocument": ALLOW}]), "UserDetailList[0].UserPolicyList[0]"),
    (user(UserPolicyList=inline(own=ALLOW) + inline(own=DENY)), "UserDetailList[0].UserPolicyList[1]"),
    (user(UserPolicyList=inline(**{"a/b": ALLOW})), "UserDetailList[0].UserPolicyList[0]"),
    (user(PermissionsBoundary="x"), "UserDetailList[0].PermissionsBoundary"),
    (user(PermissionsBoundary={}), "UserDetailList[0].PermissionsBoundary"),
    (user(PermissionsBoundary={"PermissionsBoundaryArn": "x"}), "UserDetailList[0]"),
    (user(Tags=[{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]), "UserDetailList[0].Tags[1]"),
    (user(Tags=[{"Value": "1"}]), "UserDetailList[0].Tags[0]"),
    (user(Tags=[{"Key": "k" * 129, "Value": "1"}]), "UserDetailList[0].Tags[0]"),
]


@pytest.mark.parametrize(("item", "path"), GAPS)
def test_what_may_hide_permissions_leaves_a_gap(item: dict[str, Any], path: str) -> None:
    content = export(item)
    assert len(identity(content).gaps) == 1
    assert [(one[1], one[2]) for one in told(read(content)[1])] == [(path, arn("user", "ann"))]


def test_a_policy_without_its_document_is_reported_once_for_all_who_have_it() -> None:
    missing, has = arn("policy", "missing"), {"PermissionsBoundaryArn": arn("policy", "edge")}
    names = ("ann", "bob", "cid")
    content = export(
        *(user(name, AttachedManagedPolicies=attached(missing), PermissionsBoundary=has) for name in names)
    )
    result, report = read(content)
    assert [(code, subject) for code, _, subject in told(report)] == [
        ("policy_unknown", arn("user", "ann")),
        ("boundary_unknown", arn("user", "ann")),
    ]
    assert [one.also for one in report.findings] == [2, 2]
    assert result.accounts[NUMBER].policies[missing].versions == []
    assert all(not one.gaps for one in result.accounts[NUMBER].identities.values())


def test_duplicates_are_reported_and_differing_ones_leave_a_gap() -> None:
    result, report = read(export(user("ann"), user("ann"), user("bob"), user("bob", Tags=[{"Key": "a", "Value": "1"}])))
    identities = result.accounts[NUMBER].identities
    assert [one[:2] for one in told(report)] == [
        ("item_twice", "UserDetailList[1]"),
        ("item_twice", "UserDetailList[3]"),
    ]
    assert identities["user", "ann"].gaps == []
    assert identities["user", "bob"].gaps != []
    assert identities["user", "bob"].tags == {}


def test_a_name_in_another_path_or_letter_case_is_a_duplicate() -> None:
    result, report = read(export(role("Job", path="/a/"), role("job", path="/b/")))
    assert [one.arn for one in result.accounts[NUMBER].identities.values()] == [arn("role", "Job", path="/a/")]
    assert told(report) == [("item_twice", "RoleDetailList[1]", arn("role", "job", path="/b/"))]


# --- Documents and policies --------------------------------------------------------------------------------------


def test_a_document_that_does_not_parse_is_kept_exactly_and_reported() -> None:
    text = '{\n  "Version": "2012-10-17",\n  "Statement": [{"Effect": "Alow", "Action": "*", "Resource": "*"}]\n}'
    result, report = read(export(user(UserPolicyList=inline(own=text))))
    digest = result.accounts[NUMBER].identities["user", "ann"].inline["own"]
    assert result.documents.by_digest[digest].text == text
    assert result.documents.by_digest[digest].problems
    finding = report.findings[0]
    assert str(finding.code) == "document_malformed"
    assert finding.subject == arn("user", "ann")
    assert finding.place.path == "UserDetailList[0].UserPolicyList[0].PolicyDocument"
    assert finding.message.startswith("line 3, column ")


@pytest.mark.parametrize("document", [[], 7, True, "", "x", {"Statement": []}, {}])
def test_documents_of_any_shape_are_kept(document: Any) -> None:
    result, report = read(export(user(UserPolicyList=inline(own=document))))
    digest = result.accounts[NUMBER].identities["user", "ann"].inline["own"]
    assert result.documents.by_digest[digest].problems
    assert {code for code, _, _ in told(report)} == {"document_malformed"}


def test_a_role_without_trust_policy_is_reported() -> None:
    for item in (role(AssumeRolePolicyDocument=None), {k: v for k, v in role().items() if "Assume" not in k}):
        content = export(item)
        assert told(read(content)[1]) == [
            ("document_missing", "RoleDetailList[0].AssumeRolePolicyDocument", arn("role", "job"))
        ]
        assert identity(content, "role").trust


def versions(*ids: str, default: str = "") -> list[dict[str, Any]]:
    return [version(one, default=one == default) for one in ids]


DEFAULTS = [
    (policy(PolicyVersionList=versions("v2", "v1", default="v2"), DefaultVersionId="v2"), "v2"),
    (policy(PolicyVersionList=versions("v2", "v1"), DefaultVersionId="v1"), "v1"),
    (policy(PolicyVersionList=versions("v2", "v1", default="v2"), DefaultVersionId=None), "v2"),
    (policy(PolicyVersionList=[{"Document": ALLOW, "VersionId": "v1"}], DefaultVersionId=None), "v1"),
]


@pytest.mark.parametrize(("item", "expected"), DEFAULTS)
def test_the_default_version_is_found(item: dict[str, Any], expected: str) -> None:
    assert [one.version_id for one in only_policy(export(item)).versions if one.is_default] == [expected]
    assert read(export(item))[1].findings == []


UNCLEAR = [
    policy(PolicyVersionList=versions("v2", "v1", default="v2"), DefaultVersionId="v1"),
    policy(PolicyVersionList=versions("v2", "v1"), DefaultVersionId="v3"),
    policy(PolicyVersionList=versions("v2", "v1"), DefaultVersionId=None),
    policy(PolicyVersionList=[version("v1"), version("v2")], DefaultVersionId=None),
]


@pytest.mark.parametrize("item", UNCLEAR)
def test_a_contradiction_about_the_default_version_leaves_none(item: dict[str, Any]) -> None:
    assert [one for one in only_policy(export(item)).versions if one.is_default] == []
    assert [code for code, _, _ in told(read(export(item))[1])] == ["default_version_unclear"]


def test_five_versions_are_kept_the_default_one_among_them() -> None:
    many = versions(*(f"v{number}" for number in range(1, 13)), default="v2")
    item = policy(PolicyVersionList=many, DefaultVersionId="v2")
    kept = [one.version_id for one in only_policy(export(item)).versions]
    assert kept == ["v2", "v9", "v10", "v11", "v12"]
    assert [one[:2] for one in told(read(export(item))[1])] == [("too_many_versions", "Policies[0].PolicyVersionList")]


def test_odd_versions_are_left_out() -> None:
    listed = [version("v1"), version("v1", DENY, default=False), version("1"), version(""), 7]
    item = policy(PolicyVersionList=listed)
    assert [one.version_id for one in only_policy(export(item)).versions] == ["v1"]
    assert [one[0] for one in told(read(export(item))[1])] == [
        "item_twice",
        "name_malformed",
        "name_malformed",
        "field_malformed",
    ]


def test_a_policy_without_versions_is_reported() -> None:
    for listed in ([], None):
        item = policy(PolicyVersionList=listed)
        assert [code for code, _, _ in told(read(export(item))[1])] == ["document_missing"]


def test_of_two_tellings_of_one_policy_the_newer_is_kept() -> None:
    old, new = policy(document=DENY), policy(UpdateDate="2024-01-01T00:00:00Z")
    for pair in ((old, new), (new, old)):
        result, report = read(json.dumps(export(pair[0])) + json.dumps(export(pair[1])))
        assert [code for code, _, _ in told(report)] == ["item_twice"]
        digest = result.accounts[NUMBER].policies[arn("policy", "ml")].versions[0].digest
        assert json.loads(result.documents.by_digest[digest].text) == ALLOW
    assert read(json.dumps(export(old)) * 2)[1].findings == []


BEYOND_QUOTAS = [
    export(user(Tags=[{"Key": f"k{number}", "Value": ""} for number in range(51)])),
    export(user(AttachedManagedPolicies=attached(*(arn("policy", f"p{n}") for n in range(21)))),
           *(policy(f"p{n}") for n in range(21))),
    export(user(GroupList=[f"g{n}" for n in range(11)]), *(group(f"g{n}") for n in range(11))),
    export(user(UserPolicyList=inline(big=ALLOW | {"Id": "i" * 2048}))),
    export(role(AssumeRolePolicyDocument=TRUST | {"Id": "i" * 8192})),
    export(policy(document=ALLOW | {"Id": "i" * 6144})),
    export(*(group(f"g{number}") for number in range(501))),
]  # fmt: skip


@pytest.mark.parametrize("content", BEYOND_QUOTAS)
def test_what_aws_would_not_allow_is_a_warning(content: dict[str, Any]) -> None:
    findings = [one for one in read(content)[1].findings if one.level is Level.WARNING]
    assert [str(one.code) for one in findings] == ["quota_exceeded"]


def test_white_space_and_aws_own_policies_do_not_count() -> None:
    spaced = json.dumps(ALLOW, indent=2000)
    assert len(spaced) > 6144
    huge = policy("Huge", number="aws", document=ALLOW | {"Id": "i" * 7000})
    findings = read(export(user(), policy(document=spaced), huge))[1].findings
    assert [one for one in findings if one.level is Level.WARNING] == []


def test_odd_values_of_harmless_fields_are_passed_over() -> None:
    content = export(
        user(CreateDate="yesterday", UserId=7),
        policy(Description=[], DefaultVersionId="v1", PolicyVersionList=[version() | {"IsDefaultVersion": "true"}]),
        role(RoleLastUsed=None, CreateDate=1576696208),
    )
    result, report = read(content)
    assert [one[:2] for one in told(report)] == [
        ("field_malformed", "UserDetailList[0].UserId"),
        ("date_malformed", "UserDetailList[0].CreateDate"),
        ("field_malformed", "Policies[0].Description"),
    ]
    assert all(not one.gaps for one in result.accounts[NUMBER].identities.values())
    assert result.accounts[NUMBER].policies[arn("policy", "ml")].versions[0].is_default

"""A change with every kind of edit, and strategies for others."""

import json
from typing import Any

from hypothesis import strategies as st

from policystudio.interchange.edits import Change, Edit, Known, KnownIdentity, KnownOrganizationPolicy, KnownPolicy

NUMBER = "111122223333"
AWS_POLICY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def arn(what: str) -> str:
    return f"arn:aws:iam::{NUMBER}:{what}"


def document(action: str = "sagemaker:ListModels", **more: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=1, ensure_ascii=False)


TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
OWN = document(
    "sagemaker:*",
    Resource="arn:aws:sagemaker:*:*:*/${aws:username}-*",
    Condition={"StringEquals": {"aws:PrincipalTag/team": 'it\'s "ml"\n%{ $HOME `x` \\ ü'}},
)
OLD, NEW, GONE = arn("policy/ml/old"), arn("policy/ml/new"), arn("policy/gone")
BOUNDARY = arn("policy/boundary")
ANN, BEN, CAT = arn("user/ann"), arn("user/team/ben"), arn("user/cat")
TRAINER, RUNNER = arn("role/trainer"), arn("role/service/runner")
TEAM, CREW = arn("group/team"), arn("group/crew")

KNOWN = Known(
    NUMBER,
    policies={
        OLD: KnownPolicy(document(), versions=("v1", "v3", "v4", "v5"), bearers=(ANN,), tags={"a": "1"}),
        GONE: KnownPolicy(document(), versions=("v1",), bearers=(ANN,)),
        BOUNDARY: KnownPolicy(document("*")),
        AWS_POLICY: KnownPolicy(document("*")),
    },
    identities={
        ANN: KnownIdentity(boundary=BOUNDARY, tags={"old": "1", "both": "2"}, attached=(OLD, GONE), groups=(TEAM,)),
        CAT: KnownIdentity(attached=(OLD,), inline=("own",), groups=(TEAM,)),
        TRAINER: KnownIdentity(trust=TRUST, inline=("extra", "gone")),
        TEAM: KnownIdentity(members=(ANN, CAT)),
    },
    organization_policies={
        "p-abcdefgh": KnownOrganizationPolicy("guard", "scp", "Guards", document("*"), (NUMBER,)),
        "p-unwanted": KnownOrganizationPolicy("unwanted", "scp", "", document("*"), (NUMBER,)),
    },
)
EDITS = (
    Edit("attach", BEN, other=NEW),
    Edit("identity", RUNNER, text=TRUST, data={"tags": {"team": "ml", "cost": "1 2=3"}}),
    Edit("identity", BEN),
    Edit("identity", CREW),
    Edit("join-group", BEN, other=CREW),
    Edit("managed-policy", OLD, text=document("sagemaker:DescribeModel")),
    Edit("managed-policy", NEW, text=OWN, data={"path": "/ml/", "name": "new", "description": "file://not a file"}),
    Edit("managed-policy-delete", GONE),
    Edit("inline-policy", TRAINER, "extra", text=OWN),
    Edit("inline-policy", RUNNER, "own=1,2@3", text=document()),
    Edit("inline-policy-delete", TRAINER, "gone"),
    Edit("trust-policy", TRAINER, text=TRUST),
    Edit("boundary", ANN, other=""),
    Edit("boundary", RUNNER, other=NEW),
    Edit("attach", ANN, other=AWS_POLICY),
    Edit("attach", RUNNER, other=OLD),
    Edit("attach", TRAINER, other=NEW),
    Edit("detach", ANN, other=OLD),
    Edit("leave-group", ANN, other=TEAM),
    Edit("tags", ANN, data={"tags": {"both": "3", "new": "-4"}}),
    Edit("tags", OLD, data={"tags": {}}),
    Edit("identity-delete", CAT),
    Edit("organization-policy", "p-abcdefgh", text=document("*"), data={"kind": "scp", "name": "guard"}),
    Edit("organization-policy", "new:fence", text=OWN, data={"kind": "scp", "name": "fence", "description": "-x"}),
    Edit("organization-attach", "new:fence", other=NUMBER),
    Edit("organization-detach", "p-abcdefgh", other=NUMBER),
    Edit("organization-policy-delete", "p-unwanted"),
)
CHANGE = Change("Let trainers train\nrm -rf $HOME", EDITS, KNOWN, "It is wanted.\r\n)\nexit")

#: What a policy may hold: JSON text without NUL and half characters, with all that formats have a meaning for.
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    st.lists(
        st.sampled_from(
            [
                "$",
                "%",
                "{",
                "}",
                "$${",
                "${aws:username}",
                "%{if}",
                "'",
                '"',
                "\\",
                "\n",
                "\r\n",
                "é",
                "😀",
                "~",
                " ",
                "*",
            ]
        ),
        max_size=8,
    ).map("".join),
)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
POLICIES = st.builds(
    lambda value, indent: json.dumps(value, indent=indent, ensure_ascii=False),
    st.dictionaries(TEXTS, DOCUMENTS, min_size=1, max_size=4),
    st.sampled_from([None, 1, 2, "\t"]),
)
NAMES = st.text("abcXYZ019_+=,.@-", min_size=1, max_size=12)

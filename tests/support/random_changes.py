"""An account, and random changes of it that can be applied and published."""

import json
import random
from datetime import timedelta
from typing import Any

from django.utils import timezone

from policystudio.accounts.models import Account
from policystudio.changes.models import Edit
from policystudio.changes.services import change_approve, change_begin, change_propose, change_publish
from policystudio.changes.services.checks import EditError
from policystudio.changes.services.planning import plan
from policystudio.simulator.content import read_content
from policystudio.simulator.overlay import with_edits
from tests import factories as make

NUMBER = "111122223333"
HEAD = f"arn:aws:iam::{NUMBER}:"
USERS = [f"{HEAD}user/{name}" for name in ("ana", "people/ben", "cleo", "new")]
GROUPS = [f"{HEAD}group/{name}" for name in ("team", "other", "fresh")]
ROLES = [f"{HEAD}role/{name}" for name in ("trainer", "deploy")]
POLICIES = [f"{HEAD}policy/{name}" for name in ("own", "spare", "teams/new")]
TEXTS = [
    json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=indent)
    for statements, indent in (
        ([{"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"}], None),
        ([{"Effect": "Deny", "Action": "sagemaker:Create*", "Resource": "*"}], 1),
        (
            [
                {
                    "Effect": "Allow",
                    "Action": ["sagemaker:*Model", "iam:PassRole"],
                    "Resource": "arn:aws:sagemaker:*:*:model/${aws:username}-*",
                }
            ],
            None,
        ),
        (
            [
                {
                    "Effect": "Allow",
                    "Action": "sagemaker:DeleteApp",
                    "Resource": "*",
                    "Condition": {"StringEquals": {"aws:PrincipalTag/team": "ml"}},
                }
            ],
            None,
        ),
    )
]
TRUSTS = [
    json.dumps(make.TRUST_SAGEMAKER),
    json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": {"AWS": NUMBER}, "Action": "sts:AssumeRole"}],
        }
    ),
]


def account_to_change() -> Account:
    """An account of an organization with users, groups, a role and policies."""
    root = make.make_organization().units.get(parent=None)
    account = make.make_account(NUMBER, "research", unit=root, read_at=timezone.now() - timedelta(days=3))
    make.make_organization_policy(root.organization, name="full", targets=(root, account))
    own = make.make_managed_policy(account, "own", json.loads(TEXTS[0]))
    make.make_managed_policy(account, "spare", json.loads(TEXTS[1]))
    make.make_managed_policy(account, "ReadOnly", aws=True)
    ana, ben = make.make_identity(account, "user", "ana"), make.make_identity(account, "user", "ben", path="/people/")
    cleo, team = make.make_identity(account, "user", "cleo"), make.make_identity(account, "group", "team")
    make.make_identity(account, "group", "other")
    make.join(ana, team)
    make.join(cleo, team)
    make.attach(team, own)
    make.make_inline_policy(ben, json.loads(TEXTS[2]), "mine")
    make.make_identity(account, "role", "trainer", boundary=own)
    return Account.objects.select_related("unit__organization").get(pk=account.pk)


def random_edit(dice: random.Random, account: Account) -> dict[str, Any]:
    """One edit of any kind; many cannot be applied."""
    anyone, text = dice.choice([*USERS, *GROUPS, *ROLES]), dice.choice(TEXTS)
    policy = dice.choice([*POLICIES, "arn:aws:iam::aws:policy/ReadOnly"])
    user, group, role = dice.choice(USERS), dice.choice(GROUPS), dice.choice(ROLES)
    tags = {"tags": {"team": dice.choice(("ml", "vision"))}}
    root = account.unit.unit_id if account.unit else ""
    scp = {"kind": "scp", "name": "fence"}
    return dice.choice(
        [
            {"kind": "managed-policy", "target": policy, "text": text},
            {"kind": "managed-policy", "target": POLICIES[0], "text": text},
            {"kind": "managed-policy-delete", "target": policy},
            {"kind": "inline-policy", "target": anyone, "name": dice.choice(("mine", "a")), "text": text},
            {"kind": "inline-policy-delete", "target": anyone, "name": "mine"},
            {"kind": "trust-policy", "target": role, "text": dice.choice(TRUSTS)},
            {"kind": "boundary", "target": dice.choice([user, role]), "other": dice.choice([policy, ""])},
            {"kind": "attach", "target": anyone, "other": policy},
            {"kind": "detach", "target": anyone, "other": policy},
            {"kind": "join-group", "target": user, "other": group},
            {"kind": "leave-group", "target": user, "other": group},
            {"kind": "tags", "target": dice.choice([user, role]), "data": tags},
            {"kind": "identity", "target": USERS[3], "data": tags},
            {"kind": "identity", "target": GROUPS[2]},
            {"kind": "identity", "target": ROLES[1], "text": TRUSTS[0]},
            {"kind": "identity-delete", "target": anyone},
            {"kind": "organization-policy", "target": "new:fence", "text": TEXTS[1], "data": scp},
            {"kind": "organization-attach", "target": "new:fence", "other": dice.choice([root, NUMBER])},
        ]
    )


def drafted(account: Account, dice: random.Random) -> list[Edit]:
    """A change of a few edits that can all be applied."""
    change, kept = None, list[Edit]()
    for _ in range(dice.randint(2, 8)):
        fields = {"name": "", "other": "", "text": "", "data": {}} | random_edit(dice, account)
        same = [one for one in kept if all(getattr(one, name) == fields[name] for name in ("kind", "target", "name"))]
        trial = Edit(**fields)
        if same or with_edits(read_content(account), [*kept, trial]).problems:
            continue
        try:
            edit = change_begin(account=account, by=None, title="Random", change=change, **fields)
        except EditError:
            continue
        kept.append(edit)
        change = edit.change
        if plan(account, kept).problems:
            kept.pop()
            edit.delete()
    return kept


def published(account: Account, edits: list[Edit]) -> Account:
    """The account once the change of these edits is published."""
    change = edits[0].change
    change.refresh_from_db()
    change = change_propose(change=change, by=None)
    change = change_approve(change=change, by=None)
    change_publish(change=change, by=None)
    return Account.objects.select_related("unit__organization").get(pk=account.pk)

"""Rows for tests, made by plain functions: each takes what matters to the test and invents the rest."""

import hashlib
import itertools
import json
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import User as SignIn
from django.utils import timezone

from policystudio.accounts.models import (
    Account,
    Membership,
    Organization,
    OrganizationalUnit,
    OrganizationMembership,
    OrganizationPolicy,
    OrganizationPolicyTarget,
    Role,
    Source,
)
from policystudio.accounts.services import invitation_create
from policystudio.identities.models import GroupMembership, Identity, InlinePolicy, InstanceProfile, PolicyAttachment
from policystudio.policies.models import Document, ManagedPolicy, PolicyVersion
from policystudio.policies.services import document_digest
from policystudio.resources.models import Resource
from policystudio.simulator.models import Simulation
from policystudio.simulator.saved_questions import saved_question
from policystudio.simulator.services import simulation_create, simulation_run

_numbers = itertools.count(1)

PASSWORD = "correct horse battery staple"
ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
TRUST_SAGEMAKER = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def as_text(policy: dict[str, Any] | str) -> str:
    """A policy's text, from text or from an object."""
    return policy if isinstance(policy, str) else json.dumps(policy, indent=2)


def make_sign_in(username: str = "", *, superuser: bool = False, **fields: Any) -> SignIn:
    """One of our users, who signs in with PASSWORD."""
    username = username or f"person{next(_numbers)}"
    return get_user_model().objects.create_user(
        username, password=PASSWORD, is_superuser=superuser, is_staff=superuser, **fields
    )


def make_organization(**fields: Any) -> Organization:
    """An organization with its root."""
    number = next(_numbers)
    organization = Organization.objects.create(
        **{"org_id": f"o-exampleorg{number:03}", "name": f"Organization {number}", **fields}
    )
    OrganizationalUnit.objects.create(organization=organization, unit_id=f"r-{number:04}", name="Root")
    return organization


def make_unit(parent: OrganizationalUnit, name: str = "Research", **fields: Any) -> OrganizationalUnit:
    """An organizational unit below another or below the root."""
    unit_id = f"ou-{next(_numbers):04}-{next(_numbers):08}"
    return OrganizationalUnit.objects.create(
        **{"organization": parent.organization, "parent": parent, "unit_id": unit_id, "name": name, **fields}
    )


def make_account(number: str = "", name: str = "", **fields: Any) -> Account:
    """An AWS account."""
    number = number or f"{next(_numbers):012}"
    return Account.objects.create(number=number, name=name or f"account {number}", **fields)


def make_membership(
    user: SignIn, account: Account, role: str = Role.VIEWER, source: Source = Source.GRANTED
) -> Membership:
    """A role of one of our users in an account."""
    return Membership.objects.create(user=user, account=account, role=role, source=source)


def make_organization_membership(
    user: SignIn, organization: Organization, role: str = Role.VIEWER
) -> OrganizationMembership:
    """A role of one of our users in every account of an organization."""
    return OrganizationMembership.objects.create(user=user, organization=organization, role=role)


def make_invitation(by: SignIn, whole: Account | Organization, role: Role = Role.VIEWER) -> str:
    """An open invitation; the token of its link."""
    now = timezone.now()
    return invitation_create(by=by, whole=whole, role=role, addressee="new@example.com", now=now)[1]


def make_organization_policy(
    organization: Organization,
    policy: dict[str, Any] | str = ALLOW_ALL,
    *,
    kind: str = "scp",
    name: str = "",
    targets: tuple[OrganizationalUnit | Account, ...] = (),
) -> OrganizationPolicy:
    """An SCP (or RCP) attached to the targets."""
    number = next(_numbers)
    text = as_text(policy)
    made = OrganizationPolicy.objects.create(
        organization=organization,
        policy_id=f"p-example{number:03}",
        kind=kind,
        name=name or f"{kind}{number}",
        text=text,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    for target in targets:
        key = "account" if isinstance(target, Account) else "unit"
        OrganizationPolicyTarget.objects.create(policy=made, **{key: target})
    return made


def make_document(policy: dict[str, Any] | str = ALLOW_ALL, kind: str = "identity") -> Document:
    """The document with this text: the one there is, or a new one."""
    text = as_text(policy)
    document, _ = Document.objects.get_or_create(
        digest=document_digest(kind=kind, text=text), defaults={"kind": kind, "text": text}
    )
    return document


def make_managed_policy(
    account: Account,
    name: str = "",
    policy: dict[str, Any] | str | None = ALLOW_ALL,
    *,
    aws: bool = False,
    **fields: Any,
) -> ManagedPolicy:
    """A managed policy with one version; without any where ``policy`` is None."""
    name = name or f"policy{next(_numbers)}"
    path = fields.get("path", "/")
    owner = "aws" if aws else account.number
    made = ManagedPolicy.objects.create(
        account=account, arn=f"arn:aws:iam::{owner}:policy{path}{name}", name=name, is_aws_managed=aws, **fields
    )
    if policy is not None:
        PolicyVersion.objects.create(policy=made, version_id="v1", document=make_document(policy), is_default=True)
    return made


def make_identity(account: Account, kind: str, name: str = "", **fields: Any) -> Identity:
    """A user, group or role."""
    name = name or f"{kind}{next(_numbers)}"
    path = fields.get("path", "/")
    if kind == "role":
        fields.setdefault("trust_document", make_document(TRUST_SAGEMAKER, "trust"))
    return Identity.objects.create(
        account=account, kind=kind, name=name, arn=f"arn:aws:iam::{account.number}:{kind}{path}{name}", **fields
    )


def make_inline_policy(identity: Identity, policy: dict[str, Any] | str = ALLOW_ALL, name: str = "") -> InlinePolicy:
    """A policy that is part of the identity."""
    return InlinePolicy.objects.create(
        identity=identity, name=name or f"inline{next(_numbers)}", document=make_document(policy)
    )


def make_instance_profile(role: Identity, name: str = "", **fields: Any) -> InstanceProfile:
    """An instance profile that has the role."""
    name = name or f"profile{next(_numbers)}"
    arn = f"arn:aws:iam::{role.account.number}:instance-profile/{name}"
    return InstanceProfile.objects.create(account=role.account, role=role, name=name, arn=arn, **fields)


def attach(identity: Identity, *policies: ManagedPolicy) -> None:
    """Attach managed policies to the identity."""
    for policy in policies:
        PolicyAttachment.objects.create(identity=identity, policy=policy)


def join(user: Identity, *groups: Identity) -> None:
    """Put the user into groups."""
    for group in groups:
        GroupMembership.objects.create(user=user, group=group)


def make_resource(account: Account, kind: str = "model", name: str = "", **fields: Any) -> Resource:
    """A SageMaker resource of the account."""
    name = name or f"{kind}{next(_numbers)}"
    region = fields.pop("region", "us-east-1")
    return Resource.objects.create(
        account=account,
        arn=f"arn:aws:sagemaker:{region}:{account.number}:{kind}/{name}",
        type=kind,
        region=region,
        name=name,
        **fields,
    )


def make_simulation(account: Account, by: AbstractBaseUser | None = None, runs: int = 2) -> Simulation:
    """A saved simulation with runs."""
    asked, now = saved_question({"action": ["CreateModel"]}, ()), timezone.now()
    made = simulation_create(account=account, by=by, name="Who makes models", asked=asked, now=now)
    for _ in range(runs):
        simulation_run(simulation=made, by=by, now=now)
    return made

"""Whether the documents of a template keep its promises, and which of SageMaker's cells they allow: by the engine."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policystudio.engine.authorize import authorize
from policystudio.engine.catalog.load import load_condition_keys, load_sagemaker
from policystudio.engine.decision import Verdict
from policystudio.engine.exact.cell import CellVerdict
from policystudio.engine.exact.facts import Facts
from policystudio.engine.matrix.rows import Matrix, RowInput
from policystudio.engine.matrix.space import Space
from policystudio.engine.parse import parse_policy
from policystudio.engine.request import Context, NamedPolicy, PolicyStack, Principal, Request
from policystudio.policies.templates.activity import Promise
from policystudio.policies.templates.beyond import SERVICE
from policystudio.policies.templates.conditions import created_by, keys_of
from policystudio.policies.templates.parameters import Values
from policystudio.policies.templates.template import Rendered, Template

POSSIBLE = frozenset({CellVerdict.ALLOWED, CellVerdict.SOME, CellVerdict.CONDITIONAL, CellVerdict.UNDECIDED})
_USER, _DOMAIN = "dana", "d-a1b2c3d4e5f6"
_OTHERS = ("somebody-elses-", "another-")
_SUBNET, _GROUP = "subnet-0bb1c79de3f0aa1b2", "sg-0a1b2c3d4e5f60718"
_KEY = "0d990263-018e-4e65-a703-eff731de951e"


@dataclass(frozen=True, slots=True)
class Kept:
    """A promise as it was tried: the resource, and whether it is kept."""

    promise: Promise
    resource: str
    kept: bool


def stack_of(rendered: Rendered) -> PolicyStack:
    """All documents together, as the identity policies of one principal."""
    return PolicyStack(
        tuple(
            NamedPolicy(f"document {number}", parse_policy(document.text))
            for number, document in enumerate(rendered.documents, 1)
        )
    )


def check_promises(template: Template, rendered: Rendered) -> tuple[Kept, ...]:
    """Every promise of the template, tried with these parameters.

    Those about what needs a name prefix, and is therefore left out, are not made.
    """
    stack = stack_of(rendered)
    left_out = {action for action, _ in rendered.left_out}
    return tuple(
        _tried(promise, template, rendered.values, stack)
        for promise in template.promises
        if promise.action not in left_out
    )


def _tried(promise: Promise, template: Template, values: Values, stack: PolicyStack) -> Kept:
    resource = _resource(promise, values)
    context = _context(promise, template, values)
    principal = Principal.parse(f"arn:{values.partition}:iam::{values.account}:user/{_USER}")
    request = Request(principal, promise.action, resource, context=Context(context))
    allowed = authorize(stack, request, load_condition_keys()).verdict is Verdict.ALLOWED
    return Kept(promise, resource, allowed == promise.can)


def _resource(promise: Promise, values: Values) -> str:
    """The promise's resource with these parameters."""
    if promise.resource == "*":
        return "*"
    region = values.regions[0] if values.regions else "eu-west-1"
    other = next(name for name in _OTHERS if not values.name_prefix or not name.startswith(values.name_prefix))
    text = promise.resource.format(
        prefix=values.name_prefix,
        other=other,
        account=values.account,
        partition=values.partition,
        region=region,
        role=next(iter(values.roles), ""),
        bucket=next(iter(values.buckets), ""),
        user=_USER,
        domain=_DOMAIN,
    )
    return text if text.startswith("arn:") else f"arn:{values.partition}:sagemaker:{region}:{values.account}:{text}"


def _context(promise: Promise, template: Template, values: Values) -> dict[str, str | list[str]]:
    """A request that gives everything that may be asked of it, as far as the action has such keys."""
    service, _, action = promise.action.partition(":")
    region = values.regions[0] if values.regions else "eu-west-1"
    found: dict[str, str | list[str]] = {"aws:RequestedRegion": region, "aws:ResourceAccount": values.account}
    if service == "sagemaker":
        kind = _type_of(promise)
        keys = keys_of(action, kind)
        found |= {key: value for key, value in _given(values, region).items() if key.lower() in keys}
        if action == "CreateEndpointConfig" and not values.subnets:
            found = {key: value for key, value in found.items() if not key.startswith("sagemaker:Vpc")}
        if action == "AddTags":
            found["sagemaker:TaggingAction"] = next(
                (one for one, made in _makers(template) if made == kind), "CreateModel"
            )
        found |= _tags(promise, values)
    elif promise.action == "iam:PassRole":
        found["iam:PassedToService"] = SERVICE
    for key, value in promise.context:
        found.pop(key, None)
        if value:
            found[key] = value.format(account=values.account, partition=values.partition, region=region, domain=_DOMAIN)
    return found


def _makers(template: Template) -> Iterator[tuple[str, str]]:
    for action, _ in sorted(template.declared):
        bare = action.partition(":")[2]
        if created_by(bare):
            yield bare, created_by(bare)


def _type_of(promise: Promise) -> str:
    """The action's type that the resource is of; ``*`` where it takes none."""
    known = load_sagemaker().action(promise.action)
    for taken in (known.resource_types if known else None) or ():
        found = load_sagemaker().resource_type(taken.name)
        head = found.arn.split(":", 5)[-1].partition("${")[0] if found else ""
        if found and promise.resource.startswith(head):
            return taken.name
    return "*"


def _given(values: Values, region: str) -> Mapping[str, str | list[str]]:
    """What a careful caller gives, in every spelling."""
    kms = next(iter(values.kms_keys), f"arn:{values.partition}:kms:{region}:{values.account}:key/{_KEY}")
    keys = ("VolumeKmsKey", "OutputKmsKey", "FeatureGroupOfflineStoreKmsKey", "FeatureGroupOnlineStoreKmsKey")
    owner = f"arn:{values.partition}:sagemaker:{region}:{values.account}:user-profile/{_DOMAIN}/{_USER}"
    return {
        "sagemaker:VpcSubnets": list(values.subnets) or [_SUBNET],
        "sagemaker:VpcSecurityGroupIds": list(values.security_groups) or [_GROUP],
        "sagemaker:NetworkIsolation": "true",
        "sagemaker:RootAccess": "Disabled",
        "sagemaker:DirectInternetAccess": "Disabled",
        "sagemaker:MinimumInstanceMetadataServiceVersion": "2",
        "sagemaker:WorkteamType": "private-crowd",
        "sagemaker:ModelApprovalStatus": "PendingManualApproval",
        "sagemaker:OwnerUserProfileArn": owner,
        "sagemaker:SpaceSharingType": "Private",
        **{f"sagemaker:{key}Arn": kms for key in keys},
    }


def _tags(promise: Promise, values: Values) -> dict[str, str | list[str]]:
    """The tags of call, resource and principal; Studio's variables, which its sessions carry."""
    found: dict[str, str | list[str]] = {"sagemaker:DomainId": _DOMAIN, "sagemaker:UserProfileName": _USER}
    if values.tag is not None:
        value = "somebody-else" if "{other}" in promise.resource else values.tag.value
        found |= {f"aws:{where}Tag/{values.tag.key}": value for where in ("Request", "Resource")}
    if values.profile_tag:
        owner = _USER if "{user}" in promise.resource else "somebody-else"
        found |= {f"aws:PrincipalTag/{values.profile_tag}": _USER, f"aws:ResourceTag/{values.profile_tag}": owner}
    return found


def session_of(values: Values) -> Facts:
    """Who asks, where nobody is named: a user, with what Studio's sessions tell of themselves besides."""
    arn = f"arn:{values.partition}:iam::{values.account}:user/{_USER}"
    known = {"aws:principalarn": (arn,), "aws:username": (_USER,), "aws:principalaccount": (values.account,)}
    return Facts(known | {"sagemaker:domainid": (_DOMAIN,), "sagemaker:userprofilename": (_USER,)})


def possible_cells(rendered: Rendered) -> frozenset[tuple[str, str]]:
    """Every SageMaker action with each type on which the documents may ever allow it: the law's left-hand side."""
    values = rendered.values
    matrix = Matrix(Space(load_sagemaker(), values.partition, values.account, ""), load_condition_keys())
    [row] = matrix.prepare([RowInput(stack_of(rendered), session_of(values))])
    letters = matrix.letters(row)
    return frozenset(
        (column.action, column.resource_type)
        for column, letter in zip(matrix.space.columns, letters, strict=True)
        if CellVerdict(letter) in POSSIBLE
    )

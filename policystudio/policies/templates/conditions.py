"""The conditions under which an action is allowed on a type: those that requests for it can really carry."""

from collections.abc import Iterator
from functools import cache

from policystudio.engine.analyse.scenario import plan
from policystudio.engine.catalog.load import load_sagemaker
from policystudio.engine.catalog.types import NO_TYPE
from policystudio.policies.templates.activity import PROFILE, Conditions, Grant
from policystudio.policies.templates.parameters import Values

#: Keys whose one safe value does not depend on parameters: where calls give it, and where they may leave it out.
_FIXED = {
    "sagemaker:networkisolation": ("Bool", "sagemaker:NetworkIsolation", "true"),
    "sagemaker:rootaccess": ("StringEquals", "sagemaker:RootAccess", "Disabled"),
    "sagemaker:directinternetaccess": ("StringEquals", "sagemaker:DirectInternetAccess", "Disabled"),
    "sagemaker:minimuminstancemetadataserviceversion": (
        "StringEquals",
        "sagemaker:MinimumInstanceMetadataServiceVersion",
        "2",
    ),
    "sagemaker:workteamtype": ("StringEquals", "sagemaker:WorkteamType", "private-crowd"),
}
_VPC = {
    "sagemaker:vpcsubnets": "sagemaker:VpcSubnets",
    "sagemaker:vpcsecuritygroupids": "sagemaker:VpcSecurityGroupIds",
}
#: Keys that a call need not give, and may not where nothing is said of what they may be: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
#: has VPC and isolation for inference components alone, models bring their own.
_OPTIONAL = {
    "createendpointconfig": frozenset(
        {"sagemaker:vpcsubnets", "sagemaker:vpcsecuritygroupids", "sagemaker:networkisolation"}
    )
}
#: Names of KMS keys that a call must give; those of stores of a feature group are about stores that it need not have.
_KMS = ("sagemaker:VolumeKmsKey", "sagemaker:OutputKmsKey")
_OPTIONAL_KMS = ("sagemaker:FeatureGroupOfflineStoreKmsKey", "sagemaker:FeatureGroupOnlineStoreKmsKey")


def alternatives(grant: Grant, action: str, values: Values) -> tuple[Conditions, ...]:
    """The conditions of one action of a grant: one set of them must hold. None at all where nothing can hold it.

    There are two sets where a KMS key must be given: AWS has two names for the condition key, and a request may carry
    either.
    """
    owned = _ownership(grant, action, values)
    if owned is None:
        return ()
    common = (*owned, *_region(grant, values), *_own(grant, values), *_safeguards(grant, action, values))
    keys = keys_of(action, grant.resource_type)
    required = [name for name in _KMS if f"{name.lower()}arn" in keys]
    optional = [name for name in _OPTIONAL_KMS if f"{name.lower()}arn" in keys]
    for name in optional:
        common += (("ArnLikeIfExists", name, _kms(values)), ("ArnLikeIfExists", f"{name}Arn", _kms(values)))
    if not required:
        return (_ordered(common),)
    return tuple(
        _ordered((*common, *(pair for name in required for pair in _one_of_two(name, ending, values))))
        for ending in ("", "Arn")
    )


def _own(grant: Grant, values: Values) -> Conditions:
    """The conditions that the grant itself has, with the head of an ARN put in."""
    head = values.arn("sagemaker", "")
    return tuple(
        (name, key, tuple(text.replace("{arn}", head) for text in texts)) for name, key, texts in grant.conditions
    )


def _one_of_two(name: str, ending: str, values: Values) -> Conditions:
    other = "Arn" if not ending else ""
    return (("ArnLike", f"{name}{ending}", _kms(values)), ("ArnLikeIfExists", f"{name}{other}", _kms(values)))


def _kms(values: Values) -> tuple[str, ...]:
    return values.kms_keys or (values.arn("kms", "key/*"),)


def _ordered(conditions: Conditions) -> Conditions:
    return tuple(sorted(dict.fromkeys(conditions)))


@cache
def keys_of(action: str, resource_type: str) -> frozenset[str]:
    """The service's own condition keys of a request, in lower case."""
    return load_sagemaker().keys_for(action, resource_type)


@cache
def created_by(action: str) -> str:
    """The type that an action makes; empty for actions that make nothing."""
    return plan(action).created_type if action.startswith("Create") else ""


@cache
def takes_tags(action: str) -> bool:
    """Whether a call of the action can carry tags."""
    known = load_sagemaker().action(action)
    return known is not None and any(key.startswith("aws:RequestTag/") for key in known.condition_keys)


@cache
def has_tags(resource_type: str) -> bool:
    """Whether resources of the type can bear tags."""
    known = load_sagemaker().resource_type(resource_type)
    return known is not None and any(key.startswith("aws:ResourceTag/") for key in known.condition_keys)


def _ownership(grant: Grant, action: str, values: Values) -> Conditions | None:
    """What holds the action to one's own resources; None where nothing does, as resource and call have no tags.

    The name prefix is in the ARN.
    """
    if PROFILE in grant.pattern and values.profile_tag:
        key = values.profile_tag
        return (("StringEquals", f"aws:ResourceTag/{key}", (f"${{aws:PrincipalTag/{key}}}",)),)
    if values.tag is None or not grant.owned or grant.pattern or grant.resource_type == NO_TYPE:
        return ()
    tag = values.tag
    if (created_by(action) == grant.resource_type or action == "AddTags") and takes_tags(action):
        return (("StringEquals", f"aws:RequestTag/{tag.key}", (tag.value,)),)
    if has_tags(grant.resource_type):
        return (("StringEquals", f"aws:ResourceTag/{tag.key}", (tag.value,)),)
    return () if values.name_prefix else None


def _region(grant: Grant, values: Values) -> Conditions:
    """The Regions, where the ARN does not tell them."""
    if not values.regions or (grant.resource_type != NO_TYPE and len(values.regions) == 1):
        return ()
    return (("StringEquals", "aws:RequestedRegion", values.regions),)


def _safeguards(grant: Grant, action: str, values: Values) -> Conditions:
    """Network, isolation and the like, as far as calls of the action tell of them."""
    return tuple(_safeguard(grant, action, values))


def _safeguard(grant: Grant, action: str, values: Values) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    keys = keys_of(action, grant.resource_type)
    optional = _OPTIONAL.get(action.lower(), frozenset())
    for key, (operator, name, value) in _FIXED.items():
        if key in keys:
            yield (f"{operator}IfExists" if key in optional else operator), name, (value,)
    for key, name in _VPC.items():
        if key not in keys:
            continue
        given = values.subnets if name.endswith("Subnets") else values.security_groups
        if given:
            yield "ForAllValues:StringEquals", name, given
        if key not in optional:
            yield "Null", name, ("false",)
        elif not given:
            yield "Null", name, ("true",)
    if "sagemaker:modelarn" in keys and values.name_prefix:
        yield "ArnLikeIfExists", "sagemaker:ModelArn", (values.arn("sagemaker", f"model/{values.name_prefix}*"),)

"""Make endpoints, change what they run, and remove them."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import PASS_ROLES, USE_KEYS

VERSION = 1
ACTIVITY = Activity(
    "manage-endpoints",
    "Manage endpoints",
    "make, update and remove endpoints, their configurations and inference components, with encrypted storage.",
    (
        grant("endpoint-config", "CreateEndpointConfig DescribeEndpointConfig DeleteEndpointConfig ListTags"),
        grant(
            "endpoint",
            "CreateEndpoint DescribeEndpoint UpdateEndpoint UpdateEndpointWeightsAndCapacities DeleteEndpoint ListTags"
            " CreateInferenceComponent",
        ),
        grant("endpoint-config", "CreateEndpoint UpdateEndpoint"),
        grant(
            "inference-component",
            "CreateInferenceComponent DescribeInferenceComponent UpdateInferenceComponent"
            " UpdateInferenceComponentRuntimeConfig DeleteInferenceComponent ListTags",
        ),
        lists("ListEndpointConfigs ListEndpoints ListInferenceComponents"),
    ),
    (PASS_ROLES, USE_KEYS),
    (
        can("make an endpoint", "sagemaker:CreateEndpoint", "endpoint/{prefix}1"),
        can("make it with a configuration of its own", "sagemaker:CreateEndpoint", "endpoint-config/{prefix}1"),
        can("make an endpoint configuration", "sagemaker:CreateEndpointConfig", "endpoint-config/{prefix}1"),
        cannot(
            "give an endpoint storage that is not encrypted",
            "sagemaker:CreateEndpointConfig",
            "endpoint-config/{prefix}1",
            sagemaker__VolumeKmsKey="",
            sagemaker__VolumeKmsKeyArn="",
        ),
        cannot("remove somebody else's endpoint", "sagemaker:DeleteEndpoint", "endpoint/{other}1"),
        cannot("ask an endpoint for predictions", "sagemaker:InvokeEndpoint", "endpoint/{prefix}1"),
    ),
)

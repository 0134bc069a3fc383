"""Ask endpoints for predictions."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant

VERSION = 1
ACTIVITY = Activity(
    "invoke-endpoints",
    "Invoke endpoints",
    "ask endpoints for predictions.",
    (
        grant("endpoint", "InvokeEndpoint InvokeEndpointAsync InvokeEndpointWithResponseStream"),
        grant("inference-component", "InvokeEndpoint InvokeEndpointWithResponseStream"),
    ),
    (),
    (
        can("ask an endpoint for predictions", "sagemaker:InvokeEndpoint", "endpoint/{prefix}1"),
        cannot("ask somebody else's endpoint", "sagemaker:InvokeEndpoint", "endpoint/{other}1"),
        cannot("remove an endpoint", "sagemaker:DeleteEndpoint", "endpoint/{prefix}1"),
    ),
)

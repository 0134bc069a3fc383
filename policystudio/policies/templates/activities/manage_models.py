"""Make models and remove them."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import PASS_ROLES

VERSION = 1
ACTIVITY = Activity(
    "manage-models",
    "Manage models",
    "make models that run in a VPC without a network of their own, look at them and remove them.",
    (
        grant("model", "CreateModel DescribeModel DeleteModel ListTags"),
        lists("ListModels ListModelMetadata"),
    ),
    (PASS_ROLES,),
    (
        can("make a model", "sagemaker:CreateModel", "model/{prefix}1"),
        can("remove a model of its own", "sagemaker:DeleteModel", "model/{prefix}1"),
        cannot(
            "make a model with a network", "sagemaker:CreateModel", "model/{prefix}1", sagemaker__NetworkIsolation=""
        ),
        cannot("remove somebody else's model", "sagemaker:DeleteModel", "model/{other}1"),
        cannot("make an endpoint", "sagemaker:CreateEndpoint", "endpoint/{prefix}1"),
    ),
)

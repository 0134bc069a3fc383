"""Make pipelines and run them."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists
from policystudio.policies.templates.beyond import PASS_ROLES

VERSION = 1
ACTIVITY = Activity(
    "manage-pipelines",
    "Manage pipelines",
    "make, change and remove pipelines, and start, watch, retry and stop their executions.",
    (
        grant(
            "pipeline",
            "CreatePipeline DescribePipeline UpdatePipeline UpdatePipelineVersion DeletePipeline StartPipelineExecution"
            " ListPipelineExecutions ListPipelineVersions ListTags",
        ),
        grant(
            "pipeline-execution",
            "DescribePipelineExecution DescribePipelineDefinitionForExecution UpdatePipelineExecution"
            " StopPipelineExecution RetryPipelineExecution SendPipelineExecutionStepSuccess"
            " SendPipelineExecutionStepFailure ListPipelineExecutionSteps ListPipelineParametersForExecution ListTags",
        ),
        lists("ListPipelines"),
    ),
    (PASS_ROLES,),
    (
        can("make a pipeline", "sagemaker:CreatePipeline", "pipeline/{prefix}1"),
        can("start a pipeline", "sagemaker:StartPipelineExecution", "pipeline/{prefix}1"),
        can("stop an execution of it", "sagemaker:StopPipelineExecution", "pipeline/{prefix}1/execution/a1b2c3d4e5f6"),
        cannot("start somebody else's pipeline", "sagemaker:StartPipelineExecution", "pipeline/{other}1"),
        cannot("start a job without a pipeline", "sagemaker:CreateTrainingJob", "training-job/{prefix}1"),
    ),
)

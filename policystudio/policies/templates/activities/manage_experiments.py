"""Keep experiments, with their trials, runs and metrics."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists

VERSION = 1
ACTIVITY = Activity(
    "manage-experiments",
    "Manage experiments",
    "keep experiments, trials and their components, and write and read metrics.",
    (
        grant(
            "experiment", "CreateExperiment DescribeExperiment UpdateExperiment DeleteExperiment CreateTrial ListTags"
        ),
        grant(
            "experiment-trial",
            "CreateTrial DescribeTrial UpdateTrial DeleteTrial AssociateTrialComponent DisassociateTrialComponent"
            " ListTags",
        ),
        grant(
            "experiment-trial-component",
            "CreateTrialComponent DescribeTrialComponent UpdateTrialComponent DeleteTrialComponent"
            " AssociateTrialComponent DisassociateTrialComponent BatchPutMetrics BatchGetMetrics ListTags",
        ),
        grant("processing-job", "DisassociateTrialComponent"),
        grant("training-job", "BatchPutMetrics BatchGetMetrics"),
        lists("ListExperiments ListTrials ListTrialComponents"),
    ),
    (),
    (
        can("keep an experiment", "sagemaker:CreateExperiment", "experiment/{prefix}1"),
        can("write metrics", "sagemaker:BatchPutMetrics", "experiment-trial-component/{prefix}1"),
        cannot("remove somebody else's experiment", "sagemaker:DeleteExperiment", "experiment/{other}1"),
    ),
)

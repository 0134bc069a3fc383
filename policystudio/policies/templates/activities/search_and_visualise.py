"""Search, follow lineage, and look at experiments of everybody."""

from policystudio.policies.templates.activity import Activity, can, cannot, grant, lists

VERSION = 1
ACTIVITY = Activity(
    "search-and-visualise",
    "Search and visualise",
    "search everything in the account, follow its lineage and look at all experiments, without changing any.",
    (
        grant("experiment", "DescribeExperiment ListTags", owned=False),
        grant("experiment-trial", "DescribeTrial ListTags", owned=False),
        grant("experiment-trial-component", "DescribeTrialComponent BatchGetMetrics ListTags", owned=False),
        grant("training-job", "BatchGetMetrics", owned=False),
        grant("action", "DescribeAction ListTags", owned=False),
        grant("artifact", "DescribeArtifact ListTags", owned=False),
        grant("context", "DescribeContext ListTags", owned=False),
        lists(
            "Search GetSearchSuggestions QueryLineage DescribeLineageGroup ListLineageGroups ListActions ListArtifacts"
            " ListAssociations ListContexts ListExperiments ListTrials ListTrialComponents"
        ),
    ),
    (),
    (
        can("search", "sagemaker:Search"),
        can("look at everybody's experiments", "sagemaker:DescribeExperiment", "experiment/{other}1"),
        cannot("change an experiment", "sagemaker:UpdateExperiment", "experiment/{prefix}1"),
    ),
)

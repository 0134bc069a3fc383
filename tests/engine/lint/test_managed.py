"""AWS's own managed policies: what its documentation says of some, and no error that has not been looked at."""

import json
from collections import defaultdict
from functools import cache

import pytest

from policystudio.engine.lint.finding import FindingType, Origin
from policystudio.engine.lint.registry import lint
from tests.engine.parse.test_real_documents import managed_documents

#: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html names these policies.
DOCUMENTED = {
    "CREATE_SLR_WITH_STAR_IN_RESOURCE": (
        "AWSOrganizationsServiceTrustPolicy",
        "AlexaForBusinessFullAccess",
        "PowerUserAccess",
    ),
    "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE": ("AdministratorAccess", "IAMFullAccess"),
    "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE": ("AdministratorAccess", "IAMFullAccess"),
    "PASS_ROLE_WITH_STAR_IN_RESOURCE": (
        "AWSElasticBeanstalkService",
        "AWSServiceRoleForAmazonEKSNodegroup",
        "AdministratorAccess-Amplify",
        "AmazonDynamoDBFullAccesswithDataPipeline",
        "AmazonElasticMapReduceFullAccess",
    ),
    "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA": ("AWSSupportServiceRolePolicy", "ReadOnlyAccess"),
    "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS": (
        "AWSCodePipeline_FullAccess",
        "AWSCodePipeline_ReadOnlyAccess",
        "AmazonSecurityLakeAdministrator",
        "S3UnlockBucketPolicy",
        "SQSUnlockQueuePolicy",
    ),
}
#: Errors of AWS's policies that have been looked at one by one: actions and a key that AWS's reference does not have,
#: ARNs that are of no form, a key that is missing its qualifier, a variable in a pattern of accounts.
LOOKED_AT = {
    "INVALID_ACTION": {
        "AWSAccountSettingsManagementRole",
        "AWSCodeStarFullAccess",
        "AWSIAMIdentityCenterAllowListForIdentityContext",
        "AWSManagedSettingsAdminAccess",
        "AmazonRoute53RecoveryControlConfigReadOnlyAccess",
        "MemoryDBServiceRolePolicy",
        "RDSCloudHsmAuthorizationRole",
        "SecurityAgentWebAppAPIPolicy",
    },
    "INVALID_ARN_RESOURCE": {
        "AWSManagedServices_DetectiveControlsConfig_ServiceRolePolicy",
        "AmazonDevOpsGuruOrganizationsAccess",
    },
    "INVALID_SERVICE_CONDITION_KEY": {"AmazonDataZoneGlueManageAccessRolePolicy"},
    "MISSING_QUALIFIER": {
        "AWSAuditManagerAdministratorAccess",
        "CloudTrailEventContext",
        "SageMakerStudioProjectProvisioningRolePolicy",
    },
    "VARIABLE_USAGE_TOO_PERMISSIVE": {"AWSSecurityHubV2ServiceRolePolicy"},
}


@cache
def findings() -> dict[str, dict[FindingType, dict[str, int]]]:
    """By policy and type the codes of AWS's checks, each with how often it stands."""
    found: dict[str, dict[FindingType, dict[str, int]]] = {}
    for name, document in managed_documents().items():
        codes: dict[FindingType, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for finding in lint(json.dumps(document)):
            if finding.source is Origin.AWS:
                codes[finding.type][finding.code] += 1
        found[name] = codes
    return found


@pytest.mark.parametrize("code", DOCUMENTED)
def test_what_aws_says_of_its_policies_is_found(code: str) -> None:
    said = {name for name, codes in findings().items() if any(code in each for each in codes.values())}
    assert said >= set(DOCUMENTED[code])


def test_no_error_that_has_not_been_looked_at() -> None:
    errors: dict[str, set[str]] = defaultdict(set)
    for name, codes in findings().items():
        for code in codes[FindingType.ERROR]:
            errors[code].add(name)
    assert errors == LOOKED_AT


def test_one_policy_in_ten_has_a_finding() -> None:
    found = sum(any(codes.values()) for codes in findings().values())
    assert 0.05 * len(findings()) < found < 0.15 * len(findings())

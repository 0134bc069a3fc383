"""From use to policy: what CloudTrail recorded of a principal's use of SageMaker, and the least policy for it."""

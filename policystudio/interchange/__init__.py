"""Policies and changes as other tools write them: JSON, AWS CLI, Terraform and CloudFormation, out and back in."""

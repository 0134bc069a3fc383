"""What SageMaker needs to work for people, one role a module, each with the trust policy that lets SageMaker in."""

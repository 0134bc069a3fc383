"""Templates: parametrised policies for SageMaker's personas, execution roles and activities. docs/templates.md"""

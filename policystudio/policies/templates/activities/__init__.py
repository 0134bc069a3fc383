"""What people and jobs do in SageMaker, one activity a module; personas and execution roles are made of them."""

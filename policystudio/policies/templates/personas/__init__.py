"""What people with one job need, one persona a module, each made of activities."""

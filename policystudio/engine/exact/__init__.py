"""Exact answers about sets of requests: which classes of resources and contexts exist, and what each is told."""

"""Identities against (action, resource type) cells, from policies compiled into bit lanes."""

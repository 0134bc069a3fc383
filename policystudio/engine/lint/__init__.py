"""Findings: what is wrong, risky or needless in a policy, each with its code and place.

Rules stand in ``rules``, one a module; ``registry`` names them all. docs/findings.md describes each.
"""

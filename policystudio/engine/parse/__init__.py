"""JSON text -> Policy, with every problem and the place where it stands."""

from policystudio.engine.parse.policy import PolicyError, parse_policy
from policystudio.engine.parse.report import API_CHARACTERS, MAX_CHARACTERS, MAX_NESTING
from policystudio.engine.parse.text import places

__all__ = ["API_CHARACTERS", "MAX_CHARACTERS", "MAX_NESTING", "PolicyError", "parse_policy", "places"]

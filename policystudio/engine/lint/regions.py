"""Regions: which there are. New ones keep the form of the old, so a name of that form counts as one."""

import re

_REGION = re.compile(
    r"(?:af|ap|ca|cn|eu|eusc|il|me|mx|sa|us|us-gov|us-iso|us-isob|us-isof|eu-isoe)-"
    r"(?:north|south|east|west|central|northeast|northwest|southeast|southwest|de-east)-[1-9]"
)


def is_region(name: str) -> bool:
    """Whether a text is the name of a Region, such as ``eu-west-1``."""
    return bool(_REGION.fullmatch(name)) or name == "aws-global"

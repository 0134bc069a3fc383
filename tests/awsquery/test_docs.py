"""The page on AWS's protocol names what is offered, and nothing else."""

import re
from pathlib import Path

from policystudio.awsquery import operations
from policystudio.awsquery.registry import offered
from policystudio.awsquery.shapes import VERSIONS, service

PAGE = Path(__file__).parents[2] / "docs" / "aws.md"


def test_every_operation_is_told_of_and_every_one_told_of_is_offered() -> None:
    assert operations.account  # importing them registers them
    known = {name for one in VERSIONS.values() for name in service(one).operation_names}
    told = {name for name in re.findall(r"`([A-Za-z]+)`", PAGE.read_text()) if name in known}
    assert told == {name for _, name in offered()}

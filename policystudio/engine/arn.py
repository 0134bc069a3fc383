"""Amazon Resource Names: split, join, validate."""

from dataclasses import dataclass

#: Number of colon-separated parts of an ARN; the last one may itself contain colons.
PARTS = 6


@dataclass(frozen=True, slots=True)
class Arn:
    """The six parts of ``arn:partition:service:region:account:resource``.

    Follows https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account}:{self.resource}"

    @classmethod
    def parse(cls, text: str) -> "Arn":
        """Split ``text``; raises ``ValueError`` where it is not an ARN."""
        parts = text.split(":", PARTS - 1)
        if len(parts) != PARTS or parts[0] != "arn" or not parts[1] or not parts[2] or not parts[5]:
            raise ValueError(f"`{text}` is not an ARN: write arn:partition:service:region:account:resource")
        return cls(*parts[1:])


def is_account_id(text: str) -> bool:
    """Whether ``text`` is a 12-digit AWS account id."""
    return len(text) == 12 and text.isascii() and text.isdigit()

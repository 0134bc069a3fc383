"""A text that some patterns match and others do not: found where the patterns say little of each other's parts."""

import pytest

from policystudio.engine import globs
from policystudio.engine.exact.signatures import TooLarge
from policystudio.engine.exact.texts import ANY_TEXT, _Search, find_text, fits
from policystudio.engine.globs import Parts

IMAGES = "arn:*:sagemaker:*:????????3333:image/dev-*"
OF_THE_ACCOUNT = "arn:aws:?*:*:111122223333:?*"
OF_NO_ACCOUNT = "arn:aws:?*:*::?*"


def patterns(*texts: str) -> list[Parts]:
    return [globs.resource_parts(globs.parse(text)) for text in texts]


@pytest.mark.parametrize(
    "texts",
    [
        (IMAGES, OF_THE_ACCOUNT),
        (IMAGES, OF_NO_ACCOUNT, "arn:*:kms:*:*:key/*"),
        ("arn:*:sagemaker:*:????????3333:training-job/*ml", "arn:aws:?*:*:aws:?*", "arn:*:kms:*:*:key/*"),
    ],
)
def test_question_marks_of_one_pattern_are_what_another_says(texts: tuple[str, ...]) -> None:
    required = patterns(*texts)
    with pytest.raises(TooLarge):
        _Search(required, [], ANY_TEXT).run()
    text = find_text(frozenset(required), frozenset(patterns("arn::*")), ANY_TEXT)
    assert text is not None
    assert fits(text, required, patterns("arn::*"))


def test_what_is_put_together_is_still_held_against_the_patterns() -> None:
    required = patterns("arn:aws:sagemaker:us-east-1:111122223333:model/a", "arn:*:sagemaker:*:1111????4444:model/*")
    assert find_text(frozenset(required), frozenset(), ANY_TEXT) is None

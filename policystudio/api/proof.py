"""The evidence of a cell as the API describes it: requests on both sides, residues, actions with several types."""

from rest_framework import serializers

from policystudio.engine.decision import Verdict
from policystudio.engine.exact.cell import CellVerdict
from policystudio.simulator.proof_json import VERDICTS

DECISIONS = [verdict.value for verdict in Verdict]
_LETTERS = [verdict.value for verdict in CellVerdict]


class CellWitnessSerializer(serializers.Serializer):
    """A concrete request that was decided as told."""

    action = serializers.CharField()
    resource = serializers.CharField(help_text="An ARN, or `*` for an action without a resource type.")
    context = serializers.DictField(  # type: ignore[assignment]  # declared fields are taken out of the class
        child=serializers.ListField(child=serializers.CharField()),
        help_text="All that the policies read of the request. An empty list: the key is absent, although the "
        "principal or the resource would bring it along.",
    )
    decision = serializers.ChoiceField(DECISIONS)


class CellRuleSerializer(serializers.Serializer):
    """A condition."""

    operator = serializers.CharField(help_text="Such as `ForAnyValue:StringLikeIfExists`.")
    key = serializers.CharField()
    values = serializers.ListField(child=serializers.CharField())


class WaySerializer(serializers.Serializer):
    """A statement as it bears on the cell: it matches where its resources and its conditions do."""

    policy = serializers.CharField()
    sid = serializers.CharField(allow_null=True)
    resources = serializers.ListField(
        child=serializers.CharField(), help_text="Patterns of ARNs, of which one must match; empty: any resource."
    )
    not_resources = serializers.ListField(
        child=serializers.CharField(), help_text="Patterns of ARNs, of which none may match."
    )
    conditions = CellRuleSerializer(many=True, help_text="All must hold.")


class DenySerializer(WaySerializer):
    """A Deny statement that stands in the way where it matches."""

    layer = serializers.CharField()
    level = serializers.IntegerField(allow_null=True, help_text="The organization's level, root first.")


class AllowSerializer(serializers.Serializer):
    """A layer that allows a part: where one of its statements matches."""

    layer = serializers.CharField()
    level = serializers.IntegerField(allow_null=True, help_text="The organization's level, root first.")
    any_of = WaySerializer(many=True)


class ResidueSerializer(serializers.Serializer):
    """What is allowed: where each layer of `allow` matches and nothing of `deny` does."""

    text = serializers.CharField(help_text="The same in words.")
    allow = AllowSerializer(many=True)
    deny = DenySerializer(many=True)


class CellSerializer(serializers.Serializer):
    """A cell with what proves it."""

    action = serializers.CharField()
    resource_type = serializers.CharField()
    letter = serializers.ChoiceField(_LETTERS)
    verdict = serializers.ChoiceField(list(VERDICTS.values()))
    by_resource = serializers.BooleanField(
        allow_null=True, help_text="Whether it depends on the resource; null where that could not be decided."
    )
    by_context = serializers.BooleanField(help_text="Whether it depends on context that is not known.")
    allowed = CellWitnessSerializer(allow_null=True)
    denied = CellWitnessSerializer(allow_null=True)
    residue = ResidueSerializer()
    undecided = serializers.CharField(help_text="Why there is no verdict; else empty.")


class RequiredSerializer(serializers.Serializer):
    """A resource type that an action requires, with the verdict of its cell."""

    resource_type = serializers.CharField()
    letter = serializers.ChoiceField(_LETTERS)
    verdict = serializers.ChoiceField(list(VERDICTS.values()))


class TogetherSerializer(serializers.Serializer):
    """An action that is possible only where the cell of each required type allows it."""

    action = serializers.CharField()
    letter = serializers.ChoiceField(_LETTERS)
    verdict = serializers.ChoiceField(list(VERDICTS.values()))
    requires = RequiredSerializer(
        many=True, help_text="As the service authorization reference lists them: a call may touch fewer."
    )
    allowed = CellWitnessSerializer(many=True, help_text="A request for each type that are allowed in one context.")
    undecided = serializers.CharField(help_text="Why there is no verdict; else empty.")

"""Bodies of JSON: each value of the type that the OpenAPI document says, for `"0"` is no number and 0 no text."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers


class Body(serializers.Serializer):
    """A body of JSON, which no form fills in: nothing of it is taken for what it is not."""

    def to_internal_value(self, data: Any) -> Any:
        """The validated values; faults of type come first."""
        if isinstance(data, Mapping):
            faults = {
                name: [fault]
                for name, field in self.fields.items()
                if name in data and not field.read_only and (fault := _fault(field, data[name]))
            }
            if faults:
                raise serializers.ValidationError(faults)
        return super().to_internal_value(data)


def _fault(field: serializers.Field, value: Any) -> str:
    """Why a value is none for the field; empty where it may be. Null is for the field to judge."""
    if value is None:
        return ""
    if isinstance(field, serializers.BooleanField):
        return "" if isinstance(value, bool) else "must be true or false"
    if isinstance(field, serializers.IntegerField):
        whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        return "" if whole else "must be a whole number"
    if isinstance(field, serializers.CharField | serializers.ChoiceField | serializers.DateField):
        return "" if isinstance(value, str) else "must be a text"
    if isinstance(field, serializers.ListField) and isinstance(value, list) and field.child is not None:
        return next((f"[{at}] {fault}" for at, one in enumerate(value) if (fault := _fault(field.child, one))), "")
    return ""

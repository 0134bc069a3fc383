"""Findings as data and in words, the same for REST and the command line."""

from typing import Any

from policystudio.findings.models import Finding, Waiver


def where_of(one: Finding) -> str:
    """Where a finding is: `look:4:36`, `user/ana dev-models:2:1`, `role/train`; lines and columns count from 1."""
    return f"{one.label}:{one.start['line']}:{one.start['column'] + 1}" if one.start else one.label


def finding_as_json(one: Finding) -> dict[str, Any]:
    """A finding as data; docs/rest.md describes it."""
    return {
        "id": one.pk,
        "code": one.code,
        "type": one.type,
        "source": one.source,
        "message": one.message,
        "about": one.subject,
        "target": one.target,
        "name": one.name,
        "label": one.label,
        "path": one.path,
        "start": one.start,
        "end": one.end,
        "aws_managed": one.folded,
        "evidence": one.evidence,
        "first_seen": one.first_seen_at.isoformat(),
        "waiver": waiver_as_json(one.waiver) if one.waiver else None,
    }


def waiver_as_json(one: Waiver) -> dict[str, Any]:
    """A waiver as data."""
    return {
        "id": one.pk,
        "code": one.code,
        "target": one.target,
        "name": one.name,
        "reason": one.reason,
        "owner": one.owner_name,
        "until": one.until.isoformat(),
        "created_by": one.created_by_name,
        "created": one.created_at.isoformat(),
    }

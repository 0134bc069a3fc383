"""What AWS and people's files say, as plain data with the place of each thing; no row is read or written here."""

from policystudio.awssync.snapshot.export import Export, ExportError, read_export
from policystudio.awssync.snapshot.link import link_export
from policystudio.awssync.snapshot.report import Change, Changes, Code, Finding, Level, Place, Report

__all__ = [
    "Change",
    "Changes",
    "Code",
    "Export",
    "ExportError",
    "Finding",
    "Level",
    "Place",
    "Report",
    "link_export",
    "read_export",
]

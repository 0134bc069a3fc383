"""Text for CSV files that people open in a spreadsheet."""

#: A cell that begins with one of these is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe(value: str) -> str:
    """The value as text for any spreadsheet: what it would compute gets a quotation mark in front."""
    return f"'{value}" if value.startswith(_FORMULA) else value

"""How an import tells how far it is, and learns that it shall stop."""


class ImportCancelledError(Exception):
    """Somebody asked to stop the import; nothing of it is kept."""


class Progress:
    """Told by an import how far it is. Each method may raise ``ImportCancelledError``; this one listens to nobody."""

    def reading(self, done: int) -> None:
        """``done`` bytes of the file were read; no transaction is open."""

    def ready(self, total: int) -> None:
        """The file was read, it says ``total`` rows; the transaction begins next."""

    def writing(self, done: int, total: int) -> None:
        """``done`` of ``total`` rows were written, in the one transaction. Those that do not differ are not."""

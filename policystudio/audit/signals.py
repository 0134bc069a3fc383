"""What others may listen to: `entry_recorded` is sent inside of the transaction that the entry is part of."""

from django.dispatch import Signal

#: Sent with ``entry`` as soon as it is written; whoever raises here takes the change back with it.
entry_recorded = Signal()

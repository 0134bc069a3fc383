"""What apps above may listen to: `access_ended` is sent inside of the transaction that ends what lets somebody in."""

from django.dispatch import Signal

#: Sent with ``user`` and ``by``; whoever gave the user other ways in than the password ends them.
access_ended = Signal()

"""HL7 in the admin: who sends messages, what became of them, and who tried to and is not known."""

from apps.hl7.admin.messages import MessageAdmin
from apps.hl7.admin.senders import SenderAdmin
from apps.hl7.admin.strangers import StrangerAdmin

__all__ = ["MessageAdmin", "SenderAdmin", "StrangerAdmin"]

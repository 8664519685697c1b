"""Hand over customers, with all that the outgoing salesperson holds of them."""

from . import crm_handover, crm_handover_customer, crm_handover_document, crm_handover_line

"""Send managers a digest of new stall alerts."""

from . import crm_stall_alert

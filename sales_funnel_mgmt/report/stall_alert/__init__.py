"""Report on stalled opportunities."""

from . import crm_stalled_report

"""Report the communications."""

from . import crm_communication_report

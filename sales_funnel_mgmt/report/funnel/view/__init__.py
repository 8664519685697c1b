"""Answer the calls of the funnel view."""

from . import crm_funnel_report

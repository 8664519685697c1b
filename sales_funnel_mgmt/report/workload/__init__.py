"""Report on the customers of salespeople: how many, and how concentrated."""

from . import crm_concentration_report, crm_workload_report

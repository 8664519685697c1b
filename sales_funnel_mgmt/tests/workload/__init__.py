"""Test the workload and the concentration of customers."""

from . import test_concentration, test_handover_workload, test_workload_report

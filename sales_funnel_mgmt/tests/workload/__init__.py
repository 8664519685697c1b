from . import test_concentration, test_handover_workload, test_workload_report

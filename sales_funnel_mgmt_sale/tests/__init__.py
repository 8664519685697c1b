from . import test_departure, test_quota_actual, test_quota_actual_access

from . import test_quota_actual, test_quota_actual_access

from . import test_order_communication, test_quota_actual, test_quota_actual_access

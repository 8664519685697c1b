from . import test_salesperson_change

from . import test_sales_overview

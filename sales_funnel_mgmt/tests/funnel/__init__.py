from . import test_funnel, test_funnel_tour

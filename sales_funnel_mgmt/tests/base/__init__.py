from . import (
    test_installation,
    test_js,
    test_model_conventions,
    test_naming,
    test_query_settings,
    test_tours,
)

"""Test the addon, one folder for each capability."""

from .all_reports import *
from .base import *
from .communication import *
from .funnel import *
from .handover import *
from .key_account import *
from .overview import *
from .quota_rate import *
from .review_workbook import *
from .sales_quota import *
from .salesperson_change import *
from .salesperson_lock import *
from .stage_history import *
from .stall_alert import *
from .territory_plan import *
from .workload import *

"""The capabilities, each after those that it builds on, and the order of what they do."""

from . import base  # pieces that several capabilities share
from . import customer  # who is the customer of an opportunity
from . import quota_rate  # what an opportunity counts towards quota
from . import stage_history  # the stays: who held which opportunity in which stage
from . import salesperson_lock  # stages in which the salesperson stays
from . import salesperson_change  # reads the stays
from . import sales_quota  # what is to be achieved; quotas are taken from quota amounts
from . import communication  # what is a contact with the customer
from . import stall_alert  # reads the stays and the contacts
from . import handover  # passes the lock, audits what is stalled
from . import workload  # who holds how many customers
from . import key_account  # customers that no novice should hold
from . import territory_plan  # spreads the workload, becomes handovers
from . import funnel  # the view of the stays
from . import overview  # a card of each capability
from . import review_workbook  # a sheet of each capability

# Last: what happens, and in which order, when a record is written
from . import crm_lead, mail_activity, res_users

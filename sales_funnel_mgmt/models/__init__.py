"""List the capabilities: each follows the ones that it builds on."""

from . import base  # helpers that several capabilities share
from . import customer  # the customer of an opportunity
from . import book  # what a salesperson holds
from . import quota_rate  # the amount that counts towards quota
from . import stage_history  # stays of opportunities in stages
from . import salesperson_lock  # stages in which the salesperson is fixed
from . import salesperson_change  # changes of salesperson, read from the stays
from . import sales_quota  # target amounts, which can be taken from the quota amounts
from . import communication  # contacts with customers
from . import stall_alert  # uses the stays and the contacts
from . import handover  # passes the lock, audits stalled opportunities
from . import workload  # customers per salesperson
from . import key_account  # customers that a novice should not hold
from . import territory_plan  # balances the workload by handovers
from . import funnel  # the funnel view of the stays
from . import overview  # the manager's page: a card for each capability
from . import review_workbook  # a sheet for each capability

# Last: they call the capabilities when a record is written, in the stated order.
from . import crm_lead, mail_activity, res_company, res_users

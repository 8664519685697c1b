"""Plan which salesperson holds which customers, and turn the plan into draft handovers.

`proposal` reads the pipeline and computes moves with the `solver`. `apply` creates the handovers.
"""

from . import (
    crm_territory_plan,
    crm_territory_plan_line,
    crm_territory_plan_member,
    apply,
    proposal,
    solver,
)

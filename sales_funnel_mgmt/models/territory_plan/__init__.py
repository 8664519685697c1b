from . import (
    crm_territory_plan,
    crm_territory_plan_line,
    crm_territory_plan_member,
    apply,
    proposal,
    solver,
)

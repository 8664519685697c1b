"""Hand opportunities over from one salesperson to others, with an audit, tasks and an undo.

`book` adds the customers with what is held of them, `allocation` chooses the receivers, `audit` checks
the opportunities, `lifecycle` starts and cancels a handover, `transfer` and `undo` change the
salespeople, `task` plans the activities, `progress` counts what is done, `reminder` is the scheduled
action, `leave` brings customers back, and `departure` handles archived users.
"""

from . import (
    crm_handover,
    crm_handover_line,
    crm_handover_receiver,
    crm_lead,
    crm_stage,
    crm_stage_history,
    res_users,
    book,
    allocation,
    audit,
    departure,
    leave,
    lifecycle,
    progress,
    reminder,
    task,
    transfer,
    undo,
)

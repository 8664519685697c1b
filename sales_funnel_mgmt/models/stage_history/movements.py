"""How opportunities come into a stage and leave it in a period: each way with its condition in SQL."""

# measure: condition on a `stay` that lies, at least in part, in the period `bounds`; `is_left` is
# whether it was left before the period ended. Each stay has one of the first two measures, and one of
# the others: so the numbers balance.
MOVEMENTS = {
    'open_start': "stay.entered_at < bounds.begin",
    'entered': "stay.entered_at >= bounds.begin",
    'advanced': "is_left AND stay.exit_kind = 'advanced' AND NOT stay.is_left_by_winning",
    'won': "is_left AND stay.is_left_by_winning",
    'moved_back': "is_left AND stay.exit_kind = 'moved_back'",
    'handed_over': "is_left AND stay.exit_kind = 'handed_over'",
    'lost': "is_left AND stay.exit_kind = 'lost'",
    'archived': "is_left AND stay.exit_kind = 'archived'",
    'merged': "is_left AND stay.exit_kind = 'merged'",
    'deleted': "is_left AND stay.exit_kind = 'deleted'",
    'open_end': "NOT is_left",
}

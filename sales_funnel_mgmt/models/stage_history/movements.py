"""Define in SQL the movements of opportunities into and out of a stage in a period."""

# Condition by movement, on a `stay` that overlaps the period `bounds`. `is_left` says whether the stay ended
# before the end of the period. The numbers balance, since each stay has exactly one of the first two
# movements and exactly one of the others.
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

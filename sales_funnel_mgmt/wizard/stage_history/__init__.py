"""Define the dialogs of the stage history."""

from . import crm_win_correct_day

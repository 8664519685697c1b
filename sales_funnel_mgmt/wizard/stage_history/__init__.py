from . import crm_win_correct_day

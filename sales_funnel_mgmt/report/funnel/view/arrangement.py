"""Arrange the cells of the funnels in the order of the stages, for the funnel view."""

from itertools import pairwise

# cell of a stage without opportunities
EMPTY_CELL = {
    'count': 0,
    'opportunities': 0,
    'customers': 0,
    'expected_revenue': 0,
    'quota_amount': 0,
    'conversion': None,
    'days': None,
    'stalled': 0,
    'flows': {},
    'flow_amounts': {},
    'previous': {'count': 0, 'expected_revenue': 0},
}


def arrange(report, cells, split):
    """Return the stages and the funnels, each with its cells in the order of the stages.

    :param report: Report of the mode, see `crm.funnel.mode`.
    :param dict cells: Result of its `_get_funnel_cells`.
    :return: `stages` and `funnels`, with IDs and names. The cell of deleted stages
        stands last.
    :rtype: dict
    """
    stages = report._get_funnel_stages()
    cells = {key: cell for key, cell in cells.items() if _is_shown(key, cell, stages)}
    group_ids = {group_id for group_id, _stage_id in cells}
    names = _name_groups(report, split, group_ids)
    return {
        'stages': _list_stages(report, stages, cells),
        'funnels': [
            {
                'id': group_id,
                'name': names[group_id] if split else '',
                'cells': _list_cells(report, stages, cells, split, group_id),
            }
            for group_id in sorted(group_ids, key=lambda id_: (not id_, names[id_]))
        ],
    }


def _is_shown(key, cell, stages):
    """Return whether a cell is shown: the one of deleted stages only if it has figures."""
    _group_id, stage_id = key
    if stage_id:
        return stage_id in stages._ids
    return bool(cell.get('count') or any(cell.get('flows', {}).values()))


def _name_groups(report, split, group_ids):
    """Return the names of the teams or salespeople, by ID."""
    names = {False: report.env._("None")}
    if split:
        # In sudo mode: as everywhere in Odoo, users see the names of the records that theirs refer to.
        model_sudo = report.env[report._fields[split].comodel_name].sudo()
        groups_sudo = model_sudo.browse(id_ for id_ in group_ids if id_)
        names.update((group.id, group.display_name) for group in groups_sudo)
    return names


def _list_stages(report, stages, cells):
    known = [
        {'id': stage.id, 'name': stage.display_name, 'is_won': stage.is_won} for stage in stages
    ]
    unknown = {'id': False, 'name': report.env._("Unknown Stage"), 'is_won': False}
    has_unknown = any(not stage_id for _group_id, stage_id in cells)
    return [*known, *([unknown] if has_unknown else [])]


def _list_cells(report, stages, cells, split, group_id):
    """Return the cells of one funnel.

    An empty stage that is restricted to certain teams is only shown in the funnels of these teams."""

    def has_place(stage):
        return (
            (group_id, stage.id) in cells
            or not stage.team_ids
            or (split == 'team_id' and group_id in stage.team_ids._ids)
        )

    rows = [
        {'stage_id': stage.id, **cells.get((group_id, stage.id), {})}
        for stage in stages
        if has_place(stage)
    ]
    for before, row in pairwise(rows):
        passed, base = report._get_funnel_conversion(before, row)
        row['conversion'] = passed / base if base > 0 else None
    if (group_id, False) in cells:
        rows.append({'stage_id': False, **cells[group_id, False]})
    return [{**EMPTY_CELL, **row} for row in rows]

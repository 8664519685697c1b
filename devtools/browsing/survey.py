"""Find the views, actions and menus of the addons in a database."""

import xml.etree.ElementTree as ET
from types import SimpleNamespace

from devtools.settings import REPO, addons

# Odoo's actions with parts of the addons: the view switcher of the pipeline, the cards of the teams,
# the settings
ODOO_ACTIONS = (
    'crm.crm_lead_action_pipeline',
    'crm.crm_lead_all_leads',
    'crm.crm_opportunity_report_action',
    'sales_team.crm_team_action_pipeline',
    'sales_team.crm_team_member_action',
    'crm.crm_config_settings_action',
)
# actions for administrators only
SETTINGS = {'crm.crm_config_settings_action', 'sales_team.crm_team_member_action'}
# extended models of Odoo with views for all users
ODOO_MODELS = {'crm.lead', 'res.partner', 'crm.team'}
# buttons of forms that only open a view, in addition to stat buttons
OPENING_BUTTONS = {'action_open_revision', 'action_hand_over'}
KINDS = (
    'ir.actions.act_window',
    'ir.actions.client',
    'ir.actions.report',
    'ir.ui.view',
    'ir.model',
)


def records_of_ours(user, model):
    """Return the records of a model that belong to the addons, as {id: external id}."""
    found = user.call(
        'ir.model.data',
        'search_read',
        [['module', 'in', addons()], ['model', '=', model]],
        ['module', 'name', 'res_id'],
    )
    return {row['res_id']: f"{row['module']}.{row['name']}" for row in found}


def _read(user, model, ids, *names):
    return user.call(model, 'read', list(ids), list(names))


def take(admin):
    """The views, actions and models of the addons, as seen by an administrator."""
    ids = {kind: records_of_ours(admin, kind) for kind in KINDS}
    windows = _read(
        admin,
        'ir.actions.act_window',
        ids['ir.actions.act_window'],
        'res_model',
        'target',
        'binding_model_id',
        'view_mode',
    )
    for window in windows:
        window['name'] = ids['ir.actions.act_window'][window['id']]
        bound = window['binding_model_id']
        window['binding'] = bound and _read(admin, 'ir.model', [bound[0]], 'model')[0]['model']
    models = _read(admin, 'ir.model', ids['ir.model'], 'model', 'transient')
    ours = _own_models(admin, {row['model'] for row in models})
    reports = _read(admin, 'ir.actions.report', ids['ir.actions.report'], 'model', 'report_name')
    return SimpleNamespace(
        windows=windows,
        clients=sorted(ids['ir.actions.client'].values()),
        reports=reports,
        views=_views(admin, ids['ir.ui.view']),
        models=ours,
        transients={row['model'] for row in models if row['transient'] and row['model'] in ours},
        data=_data(admin),
        stat_buttons=_stat_buttons(ids['ir.actions.act_window']),
    )


def _own_models(admin, names):
    """Return the models that the addons define. Extended models have external ids of the addons, too."""
    found = admin.call(
        'ir.model.data',
        'search_read',
        [['module', 'not in', addons()], ['model', '=', 'ir.model']],
        ['res_id'],
    )
    theirs = _read(admin, 'ir.model', [row['res_id'] for row in found], 'model')
    return names - {row['model'] for row in theirs}


def _data(admin):
    """Return texts that were written in the language of their recipients."""
    found = admin.call('mail.activity', 'search_read', [], ['summary'])
    return {row['summary'] for row in found}


def _views(admin, ids):
    """Return the views of the addons and those that they extend, as (model, type, id)."""
    rows = {
        row['id']: row
        for row in admin.call(
            'ir.ui.view', 'search_read', [], ['model', 'type', 'mode', 'inherit_id']
        )
    }
    found = set()
    for view_id in ids:
        row = rows[view_id]
        while row['mode'] == 'extension':
            row = rows[row['inherit_id'][0]]
        if row['type'] != 'qweb':
            found.add((row['model'], row['type'], row['id']))
    return sorted(found)


def _stat_buttons(actions):
    """Return the names of the buttons in forms of the addons that only show records."""
    numbers = {name.split('.')[1]: str(number) for number, name in actions.items()}
    found = set(OPENING_BUTTONS)
    for addon in addons():
        for path in (REPO / addon).rglob('*.xml'):
            for button in ET.parse(path).iter('button'):
                if 'oe_stat_button' in button.get('class', ''):
                    name = button.get('name', '')
                    # In a form, %(sales_funnel_mgmt.some_action)d is the id of the action.
                    name = numbers.get(name.strip('%()d').split('.')[-1], name)
                    found.add(name)
    return found


def menus(user):
    """Return the actions of the menus of the addons that this user sees, by name of the menu."""
    tree = user.get('/web/webclient/load_menus')
    return {
        menu['xmlid']: menu['actionID']
        for menu in tree.values()
        if menu.get('actionID') and (menu.get('xmlid') or '').split('.')[0] in addons()
    }


def samples(user, model):
    """Return the ids of some records of a model: one for each state."""
    states = user.call(model, 'fields_get', ['state'], ['selection', 'store']).get('state')
    if not states or not states['store']:
        return user.call(model, 'search', [], limit=1)
    values = [value for value, _label in states['selection']]
    found = [user.call(model, 'search', [['state', '=', value]], limit=1) for value in values]
    return [number for numbers in found for number in numbers]

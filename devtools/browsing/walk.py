"""Show all pages of the addons to one user in the web client."""

import re

from playwright.sync_api import Error

from .survey import ODOO_ACTIONS, ODOO_MODELS, SETTINGS, menus, samples

FRESH = {'clearBreadcrumbs': True}
PAPER = {'width': 800, 'height': 1100}
SEARCH_MENU = '.o_control_panel .o_searchview_dropdown_toggler'
TAB = '.o_notebook_headers .nav-link'
LIST = '.o_field_x2many .o_list_renderer'
MOST_SAMPLES = 6
# texts of Odoo itself, such as that for a new stage
UPSTREAM = ("Do you really want to update this stage?", "确定要更新此阶段？")


class Walk:
    """Opens all pages. `problems` has the problems with the first page where they occur."""

    def __init__(self, client, survey, texts, chinese, is_admin, pictures=None):
        self.client, self.user, self.page = client, client.user, client.page
        self.survey, self.texts = survey, texts
        self.chinese, self.is_admin = chinese, is_admin
        self.pictures = pictures
        self.problems = {}
        self.pages = 0
        self.searched = {}
        self.models = set()

    # -----------------------------------------------------------------------------------------
    # A page
    # -----------------------------------------------------------------------------------------

    def look(self, label):
        """Record the problems of the current page."""
        self.pages += 1
        found = self.client.do('inspect')
        for text in found['errors']:
            if not any(part in text for part in UPSTREAM):
                self._note(label, f"error: {text}")
        for text in found['overflows']:
            self._note(label, f"too wide: {text}")
        for text in found['texts']:
            if self.chinese and text not in self.survey.data and self.texts.untranslated(text):
                self._note(label, f"not in Chinese: {text!r}")
        self._errors(label)
        if self.pictures:
            name = re.sub(r'\W+', '-', label)
            path = self.pictures / f'{self.pages:03d}-{name}.png'
            self.page.screenshot(path=path)

    def _errors(self, label):
        for text in self.client.errors.take():
            self._note(label, f"error: {text}")

    def _note(self, label, what):
        self.problems.setdefault(what, label)

    def attempt(self, label, function, *args):
        """Call a function of client.js. A page that cannot be opened is recorded as a problem."""
        return self._try(label, lambda: self.client.do(function, *args))

    def _try(self, label, work):
        try:
            result = work()
        except Error as error:
            self._note(label, f"error: {error}")
            self._errors(label)
            # Restart in a clean state.
            self.client.restart()
            return None
        return True if result is None else result

    def may(self, model, operation='read'):
        return self.user.call(model, 'has_access', [], operation)

    # -----------------------------------------------------------------------------------------
    # Contents
    # -----------------------------------------------------------------------------------------

    def everything(self):
        mine = menus(self.user)
        for name, action in mine.items():
            self.action(name, action)
        for window in self.survey.windows:
            if window['id'] not in mine.values() and self.may(window['res_model']):
                self.window(window)
        for name in ODOO_ACTIONS:
            if self.is_admin or name not in SETTINGS:
                self.action(name, name)
        for view in self.survey.views:
            self.view(*view)
        # Leave a new record without a reload, which would save it.
        self.attempt('the pipeline', 'run', ODOO_ACTIONS[0], FRESH)
        for report in self.survey.reports:
            self.report(report)

    def window(self, window):
        context = {'active_model': window['res_model'], 'active_id': False, 'active_ids': []}
        if window['binding']:
            ids = self.user.call(window['binding'], 'search', [], limit=2)
            context.update(active_model=window['binding'], active_id=ids[0], active_ids=ids)
        elif window['target'] == 'current':
            context['active_id'] = self.user.id
        self.action(window['name'], window['id'], context)

    def action(self, name, action, context=None):
        """Open an action in all its views, and test its search."""
        options = {**FRESH, 'additionalContext': context or {}}
        about = self.attempt(name, 'run', action, options)
        if about is None:
            return
        self.models.add(about.get('model'))
        self.look(name)
        self._search(name, about.get('model'))
        for kind in about['views']:
            if kind != about['current'] and self.attempt(name, 'show', kind):
                self.look(f"{name} {kind}")
        self.attempt(name, 'closeDialogs')

    def _search(self, name, model):
        if name not in self.searched:
            found = self.attempt(name, 'search')
            self.searched[name] = found and found['tried']
            for text in (found or {}).get('failed', []):
                self._note(name, f"error: {text}")
        menu = self.client.seen(SEARCH_MENU).first
        if menu.is_visible():
            self.client.click(menu)
            self.look(f"{name} search menu")
            self.client.click(menu)

    def view(self, model, kind, number):
        """Open a view; a form with some records and as a new record."""
        ours = model in self.survey.models
        if kind == 'search' or not (self.is_admin or ours or model in ODOO_MODELS):
            return
        if model == 'res.config.settings' or not self.may(model):
            return
        if kind != 'form':
            if [model, kind, number] in self.client.do('shownViews'):
                return
            self._open(f"{model} {kind} {number}", model, kind, number)
            return
        if model not in self.survey.transients:
            for record in samples(self.user, model)[:MOST_SAMPLES]:
                self.form(model, number, record)
        if self.may(model, 'create'):
            self._open(f"{model} form {number} new", model, kind, number)

    def _open(self, label, model, kind, number, record=None):
        action = {
            'type': 'ir.actions.act_window',
            'name': label,
            'res_model': model,
            'views': [[number, kind]],
            'target': 'current',
        }
        if record:
            action['res_id'] = record
        if self.attempt(label, 'run', action, FRESH) is None:
            return False
        self.models.add(model)
        self.look(label)
        return True

    # -----------------------------------------------------------------------------------------
    # Forms
    # -----------------------------------------------------------------------------------------

    def form(self, model, number, record):
        label = f"{model} form {number} of {record}"
        if not self._open(label, model, 'form', number, record):
            return
        tabs = self.client.seen(TAB).all()
        for index, tab in enumerate(tabs, 1):
            self.client.click(tab)
            self.look(f"{label} tab {index}")
            self._rows(f"{label} tab {index}")
        if not tabs:
            self._rows(label)
        self._buttons(label, model, number, record)

    def _rows(self, label):
        """Open the dialogs of the first row of each list in a form."""
        for index, rows in enumerate(self.client.seen(LIST).all(), 1):
            if self._try(label, lambda rows=rows: self.client.open_row(rows)):
                self.look(f"{label} row of list {index}")
                self.attempt(label, 'closeDialogs')

    def _buttons(self, label, model, number, record):
        for name in sorted(self.survey.stat_buttons):
            button = self.client.seen(f'button[name="{name}"]:enabled').first
            if not button.is_visible():
                continue
            opened = f"{label} button {name}"
            if self._try(opened, lambda button=button: self.client.click(button)):
                self.models.add(self.client.do('views').get('model'))
                self.look(opened)
                self._open(label, model, 'form', number, record)

    # -----------------------------------------------------------------------------------------
    # Printed
    # -----------------------------------------------------------------------------------------

    def report(self, report):
        for record in samples(self.user, report['model'])[:MOST_SAMPLES]:
            label = f"{report['report_name']} of {record}"
            # The width of a sheet of paper, on any screen.
            self.page.set_viewport_size(PAPER)
            self.client.open_document(f"/report/html/{report['report_name']}/{record}")
            self.look(label)

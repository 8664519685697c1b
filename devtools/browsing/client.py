"""Act as a user of Odoo, by calls to the server and in the web client."""

import contextlib
from pathlib import Path

from . import chromium

HELPERS = (Path(__file__).parent / 'client.js').read_text()
# time for the first page of a server on a busy machine, which compiles the assets
PATIENCE = 300_000
READY = 'window.odoo && odoo.isReady === true && !!document.querySelector(".o_main_navbar")'


class Refused(Exception):
    """The server answered a call with an error."""


class User:
    """The session of a user on the server, which pages of the same context share."""

    def __init__(self, context, database, login, language=None):
        self.context, self._database, self.login = context, database, login
        self.log_in()
        if language:
            self.call('res.users', 'write', [self.id], {'lang': language})
            # The language of a session does not change after the login.
            self.log_in()

    def log_in(self):
        self.context.clear_cookies()
        # The passwords of demo users are their logins.
        params = {'db': self._database, 'login': self.login, 'password': self.login}
        self.id = self._post('/web/session/authenticate', params)['uid']

    def call(self, model, method, *args, **kwargs):
        params = {'model': model, 'method': method, 'args': args, 'kwargs': kwargs}
        return self._post(f'/web/dataset/call_kw/{model}/{method}', params)

    def get(self, path):
        return self.context.request.get(path).json()

    def _post(self, path, params):
        data = {'jsonrpc': '2.0', 'params': params}
        answer = self.context.request.post(path, data=data).json()
        if 'error' in answer:
            raise Refused(f"{path}: {answer['error']['data']['message']}")
        return answer['result']


class WebClient:
    """The web client of a user, in a page."""

    def __init__(self, user):
        self.user = user
        self.page = user.context.new_page()
        self.errors = chromium.Errors(self.page)
        self.restart()

    def restart(self):
        """Reload the web client."""
        self.page.goto('/odoo/action-crm.crm_lead_action_pipeline', timeout=PATIENCE)
        self.page.wait_for_function(READY, timeout=PATIENCE)
        self._prepare()
        self.do('enterApp', 'crm.crm_menu_root')

    def open_document(self, path):
        """Open a page outside the web client."""
        self.page.goto(path)
        self._prepare()

    def _prepare(self):
        self.page.evaluate(HELPERS)
        self.do('settle')

    def do(self, function, *args):
        """Call a function of client.js."""
        return self.page.evaluate('([name, args]) => crawl[name](...args)', [function, list(args)])

    def seen(self, selector):
        """Return the visible elements of a selector."""
        return self.page.locator(f'{selector}:visible')

    def click(self, element):
        # Click by a script: another element, such as a link, may cover the middle of this one.
        element.dispatch_event('click')
        self.do('settle')

    def open_row(self, rows):
        """Open the first row of a list in a form, and return whether it is a dialog."""
        cells = rows.locator('.o_data_row .o_data_cell:not(.o_list_record_selector)')
        before = self.seen('.modal').count()
        if cells.count():
            self.click(cells.first)
        return self.seen('.modal').count() > before


@contextlib.contextmanager
def web_client(browser, url, database, login, size, language=None):
    """Open the web client of a user in a separate browser context."""
    with chromium.context(browser, size, url) as context:
        yield WebClient(User(context, database, login, language))

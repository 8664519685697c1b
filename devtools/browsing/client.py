"""A user of Odoo: calls to the server as the web client makes them, and the web client itself."""

import contextlib
from pathlib import Path

from . import chromium

HELPERS = (Path(__file__).parent / 'client.js').read_text()
# for the first page of a server, which compiles the assets, on a busy machine
PATIENCE = 300_000
READY = 'window.odoo && odoo.isReady === true && !!document.querySelector(".o_main_navbar")'


class Refused(Exception):
    """The server answered a call with an error."""


class User:
    """One user's session at the server, which pages of the same context share."""

    def __init__(self, context, database, login, language=None):
        self.context, self._database, self.login = context, database, login
        self.log_in()
        if language:
            self.call('res.users', 'write', [self.id], {'lang': language})
            # a session remembers the language of its beginning
            self.log_in()

    def log_in(self):
        self.context.clear_cookies()
        # demo users have their login as password
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
        """Load the web client anew."""
        self.page.goto('/odoo/action-crm.crm_lead_action_pipeline', timeout=PATIENCE)
        self.page.wait_for_function(READY, timeout=PATIENCE)
        self._prepare()
        self.do('enterApp', 'crm.crm_menu_root')

    def open_document(self, path):
        """Show a page that is none of the web client."""
        self.page.goto(path)
        self._prepare()

    def _prepare(self):
        self.page.evaluate(HELPERS)
        self.do('settle')

    def do(self, function, *args):
        """Call a function of client.js."""
        return self.page.evaluate('([name, args]) => crawl[name](...args)', [function, list(args)])

    def seen(self, selector):
        """The elements of a selector that are seen."""
        return self.page.locator(f'{selector}:visible')

    def click(self, element):
        # as a script does: what covers the middle of an element, a link say, is not meant
        element.dispatch_event('click')
        self.do('settle')

    def open_row(self, rows):
        """Open the first row of a list in a form; return whether that was in a dialog."""
        cells = rows.locator('.o_data_row .o_data_cell:not(.o_list_record_selector)')
        before = self.seen('.modal').count()
        if cells.count():
            self.click(cells.first)
        return self.seen('.modal').count() > before


@contextlib.contextmanager
def web_client(browser, url, database, login, size, language=None):
    """The web client of a user, in a browser's context of its own."""
    with chromium.context(browser, size, url) as context:
        yield WebClient(User(context, database, login, language))

"""A user of Odoo: calls to the server as the web client makes them, and the web client itself."""

import json
import time
from pathlib import Path

import requests

from .chromium import ScriptError

HELPERS = (Path(__file__).parent / 'client.js').read_text()
# for the first page of a server, which compiles the assets, on a machine that is busy with other tests
PATIENCE = 300
READY = 'window.odoo && odoo.isReady === true && !!document.querySelector(".o_main_navbar")'


class Refused(Exception):
    """The server answered a call with an error."""


class User:
    """One user's session at the server."""

    def __init__(self, url, database, login, password):
        self.url, self._database = url, database
        self.login, self._password = login, password
        self._http = requests.Session()
        self.log_in()

    def log_in(self):
        self._http.cookies.clear()
        params = {'db': self._database, 'login': self.login, 'password': self._password}
        self.id = self._post('/web/session/authenticate', params)['uid']

    def speak(self, language):
        """Let the user have this language, from the next page on."""
        self.call('res.users', 'write', [self.id], {'lang': language})
        # a session remembers the language of its beginning
        self.log_in()

    def call(self, model, method, *args, **kwargs):
        params = {'model': model, 'method': method, 'args': args, 'kwargs': kwargs}
        return self._post(f'/web/dataset/call_kw/{model}/{method}', params)

    def get(self, path):
        return self._http.get(self.url + path, timeout=120).json()

    @property
    def session(self):
        return self._http.cookies['session_id']

    def _post(self, path, params):
        answer = self._http.post(
            self.url + path, json={'jsonrpc': '2.0', 'params': params}, timeout=120
        ).json()
        if 'error' in answer:
            raise Refused(f"{path}: {answer['error']['data']['message']}")
        return answer['result']


class WebClient:
    """The web client of a user, in a page."""

    def __init__(self, page, user):
        self.page, self.user = page, user
        page.set_cookie(user.url, 'session_id', user.session)
        self.restart()

    def restart(self):
        """Load the web client anew."""
        self.page.open(f'{self.user.url}/odoo/action-crm.crm_lead_action_pipeline')
        self._prepare(READY)
        self.do('enterApp', 'crm.crm_menu_root')

    def open_document(self, path):
        """Show a page that is none of the web client."""
        self.page.open(self.user.url + path)
        self._prepare('document.readyState === "complete"')

    def _prepare(self, condition):
        deadline = time.monotonic() + PATIENCE
        while not self.page.evaluate(condition):
            if time.monotonic() > deadline:
                raise ScriptError(
                    f"not there after {PATIENCE} s: {self.page.evaluate('location.href')}"
                )
            time.sleep(0.1)
        self.page.evaluate(HELPERS)
        self.do('settle')

    def do(self, function, *args):
        """Call a function of client.js."""
        return self.page.evaluate(f'crawl.{function}({", ".join(map(json.dumps, args))})')

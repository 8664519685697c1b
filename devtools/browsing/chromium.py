"""A headless Chromium and its pages, over the Chrome DevTools Protocol."""

import base64
import contextlib
import json
import re
import resource
import shutil
import subprocess
import tempfile

import websocket

from devtools import browser

# a page that shows nothing for so long is broken
TIMEOUT = 180
# as Odoo's own tours start it
SWITCHES = (
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--disable-extensions',
    '--disable-background-networking',
    '--disable-background-timer-throttling',
    '--disable-renderer-backgrounding',
    '--force-prefers-reduced-motion',
    '--hide-scrollbars',
    '--no-first-run',
    '--remote-debugging-port=0',
)


class ScriptError(Exception):
    """A script that was evaluated in the page has failed."""


class Connection:
    """Commands to one target, and the events that came from it meanwhile."""

    def __init__(self, url):
        self._socket = websocket.create_connection(url, timeout=TIMEOUT, suppress_origin=True)
        self._number = 0
        self._events = []

    def send(self, method, **params):
        self._number += 1
        self._socket.send(json.dumps({'id': self._number, 'method': method, 'params': params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get('id') == self._number:
                if 'error' in message:
                    raise ScriptError(f"{method}: {message['error']['message']}")
                return message['result']
            self._events.append(message)

    def take_events(self):
        """The events since the last time, as (method, params)."""
        # whatever the page has said by now arrives before the answer
        self.send('Target.getTargetInfo')
        events, self._events = self._events, []
        return [(event['method'], event['params']) for event in events if 'method' in event]

    def close(self):
        self._socket.close()


class Page(Connection):
    """A page with cookies of its own, so that several users can be logged in at once."""

    def __init__(self, url, width, height):
        super().__init__(url)
        for domain in ('Page', 'Runtime', 'Network', 'Log'):
            self.send(f'{domain}.enable')
        self.send('Emulation.setFocusEmulationEnabled', enabled=True)
        self.resize(width, height)

    def resize(self, width, height):
        # below Bootstrap's `md` Odoo shows what it has for phones, which are touched
        phone = width < 768
        self.send(
            'Emulation.setDeviceMetricsOverride',
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=phone,
        )
        self.send('Emulation.setTouchEmulationEnabled', enabled=phone)

    def set_cookie(self, url, name, value):
        self.send('Network.setCookie', url=url, name=name, value=value)

    def open(self, url):
        failure = self.send('Page.navigate', url=url).get('errorText')
        if failure:
            raise ScriptError(f"{url}: {failure}")

    def evaluate(self, script):
        """The value of a script's last expression; a promise is waited for."""
        result = self.send(
            'Runtime.evaluate', expression=script, awaitPromise=True, returnByValue=True
        )
        if 'exceptionDetails' in result:
            raise ScriptError(_exception(result['exceptionDetails']))
        return result['result'].get('value')

    def picture(self):
        """What is seen now, as a PNG."""
        return base64.b64decode(self.send('Page.captureScreenshot', format='png')['data'])

    def take_errors(self):
        """What went wrong in the page since the last time, in words."""
        return [text for text in self._errors() if not any(part in text for part in HARMLESS)]

    def _errors(self):
        for method, params in self.take_events():
            if method == 'Runtime.exceptionThrown':
                yield _exception(params['exceptionDetails'])
            elif method == 'Runtime.consoleAPICalled' and params['type'] in ('error', 'assert'):
                texts = [str(arg.get('value', arg.get('description'))) for arg in params['args']]
                yield f"console: {' '.join(texts)}"
            elif method == 'Log.entryAdded' and params['entry']['level'] == 'error':
                yield f"{params['entry']['text']} {params['entry'].get('url', '')}"
            elif method == 'Network.responseReceived' and params['response']['status'] >= 400:
                yield f"HTTP {params['response']['status']}: {params['response']['url']}"


# what Chromium says of a document without an icon, and when a page is left for another one
HARMLESS = ('/favicon.ico', 'Blocked attempt to show a \'beforeunload\'')


def _exception(details):
    return details.get('exception', {}).get('description') or details['text']


class Chromium:
    """The browser; `page` gives it a new page."""

    def __init__(self, port, connection):
        self._port, self._connection = port, connection

    @contextlib.contextmanager
    def page(self, width, height):
        send = self._connection.send
        context = send('Target.createBrowserContext')['browserContextId']
        target = send('Target.createTarget', url='about:blank', browserContextId=context)
        page = Page(
            f"ws://127.0.0.1:{self._port}/devtools/page/{target['targetId']}", width, height
        )
        try:
            yield page
        finally:
            page.close()
            send('Target.disposeBrowserContext', browserContextId=context)


@contextlib.contextmanager
def running():
    folder = tempfile.mkdtemp(prefix='sfm-chromium-')
    process, url = _start(folder)
    try:
        connection = Connection(url)
        yield Chromium(int(re.search(r':(\d+)/', url)[1]), connection)
        connection.close()
    finally:
        _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder):
    process = subprocess.Popen(
        [browser.require(), *SWITCHES, f'--user-data-dir={folder}', 'about:blank'],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # no thread of ours holds a lock that the new process could wait for
        preexec_fn=_lift_memory_limit,  # noqa: PLW1509
    )
    said = []
    for line in process.stderr:
        said.append(line)
        found = re.search(r'ws://\S+', line)
        if found:
            return process, found[0]
    _end(process)
    raise ScriptError(f"Chromium ended at once: {''.join(said)}")


def _lift_memory_limit():
    """Odoo limits the memory of its process, in which tests run; Chromium reserves more."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _end(process):
    process.terminate()
    process.wait()
    process.stderr.close()

"""Check all pages of the addons, as several users, in two languages and widths.

python -m devtools.browsing.crawl URL DATABASE [--full] [--pictures FOLDER]
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import chromium, survey
from .client import web_client
from .texts import Texts, of_fields, of_records
from .walk import Walk

DESKTOP, PHONE = (1366, 768), (390, 844)
# a salesperson of the demo data with access to own documents only
USERS = ('admin', 'amelia')
# Each user gets both languages and both widths, and both users together all four pairs.
COVERING = {
    'admin': [('en_US', DESKTOP), ('zh_CN', PHONE)],
    'amelia': [('zh_CN', DESKTOP), ('en_US', PHONE)],
}
FULL = [(language, size) for language in ('en_US', 'zh_CN') for size in (DESKTOP, PHONE)]


class Crawl:
    def __init__(self, url, database, full=False, pictures=None):
        self.url, self.database = url, database
        self.sessions = dict.fromkeys(USERS, FULL) if full else COVERING
        self.pictures = pictures
        self.texts = Texts()

    def run(self):
        """Return the problems as texts."""
        problems = []
        # Start with a single page, so that the server does not compile the assets twice.
        with chromium.running() as browser, self._client(browser, 'admin', DESKTOP) as client:
            admin = client.user
            found = survey.take(admin)
            problems += [f"not in Chinese: {text}" for text in of_fields(admin, found)]
            problems += [
                f"not in Chinese: {text}" for text in of_records(admin, survey.records_of_ours)
            ]
        with ThreadPoolExecutor(len(USERS)) as pool:
            for result in pool.map(self._sessions, USERS, [found] * len(USERS)):
                problems += result
        return problems

    def _client(self, browser, login, size, language=None):
        return web_client(browser, self.url, self.database, login, size, language)

    def _sessions(self, login, found):
        problems, models = [], set()
        with chromium.running() as browser:
            for language, size in self.sessions[login]:
                with self._client(browser, login, size, language) as client:
                    walk = self._walk(client, found, language, size)
                title = f"{login} {language} {size[0]} px"
                problems += [
                    f"{what}\n    {title}: {label}" for what, label in walk.problems.items()
                ]
                models |= walk.models
        if login == 'admin':
            problems += [
                f"never opened: the dialog {model}" for model in sorted(found.transients - models)
            ]
        return problems

    def _walk(self, client, found, language, size):
        begin, login = time.monotonic(), client.user.login
        walk = Walk(
            client,
            found,
            self.texts,
            chinese=language == 'zh_CN',
            is_admin=login == 'admin',
            pictures=self._folder(login, language, size),
        )
        walk.everything()
        print(
            f"{login} {language} {size[0]} px: {walk.pages} pages, "
            f"{sum(filter(None, walk.searched.values()))} filters and groups, "
            f"{len(walk.problems)} problems, {time.monotonic() - begin:.0f} s",
            flush=True,
        )
        return walk

    def _folder(self, login, language, size):
        if not self.pictures:
            return None
        folder = Path(self.pictures) / f'{login}-{language}-{size[0]}'
        folder.mkdir(parents=True, exist_ok=True)
        return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('url')
    parser.add_argument('database')
    parser.add_argument('--full', action='store_true')
    parser.add_argument('--pictures')
    args = parser.parse_args()
    problems = Crawl(args.url, args.database, args.full, args.pictures).run()
    if problems:
        sys.exit('\n'.join(problems))


if __name__ == '__main__':
    main()

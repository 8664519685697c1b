"""Every page of the addons in a browser: no error, nothing too wide, nothing left in English.

Each page is shown to an administrator and to a salesperson, in both languages and on both widths;
./dev crawl shows each of them all four pairs of these.
"""

from devtools import crawling, templates


def test_every_page(name):
    templates.copy_with_addons(name, demo=True)
    crawling.crawl(name)

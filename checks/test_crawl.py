"""Test all pages of the addons in a browser: errors, overflow, missing translations.

An administrator and a salesperson see each page, in one of two languages and widths each. With
`./dev crawl` both users see all pages in all combinations.
"""

from devtools import crawling, templates


def test_every_page(name):
    templates.copy_with_addons(name, demo=True)
    crawling.crawl(name)

"""Find failures in Odoo's log: entries from WARNING on, except known ones of Odoo itself."""

import re

LINE = re.compile(
    r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ '
    r'(?P<level>[A-Z]+) \S+ (?P<logger>[\w.]+): (?P<text>.*)'
)
BAD_LEVELS = {'WARNING', 'ERROR', 'CRITICAL'}
# (logger, text, cause). Each also occurs in a database without this project's addons.
ALLOWED = (
    (
        r'odoo\.addons\.(iap\.tools|partner_autocomplete)',
        r'enrich_by_domain',
        "Odoo asks a service on the Internet about a company",
    ),
)


def is_allowed(logger, text):
    return any(
        re.match(allowed_logger, logger) and re.search(allowed_text, text)
        for allowed_logger, allowed_text, _why in ALLOWED
    )


def problems(log):
    """Return the failures in a log, each with its further lines (a traceback)."""
    found, collecting = [], False
    for line in log.splitlines():
        entry = LINE.match(line)
        if entry:
            bad = entry['level'] in BAD_LEVELS
            collecting = bad and not is_allowed(entry['logger'], entry['text'])
            if collecting:
                found.append(line)
        elif collecting:
            found[-1] += '\n' + line
    return found

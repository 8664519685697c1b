"""Which lines of Odoo's log are failures: every WARNING or above, but for upstream's own noise."""

import re

LINE = re.compile(
    r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ '
    r'(?P<level>[A-Z]+) \S+ (?P<logger>[\w.]+): (?P<text>.*)'
)
BAD_LEVELS = {'WARNING', 'ERROR', 'CRITICAL'}
# (logger, text, why it is not ours). Each was seen in a database without this project's addons.
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
    """The bad entries of a log, each with the lines that belong to it (a traceback)."""
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

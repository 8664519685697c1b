"""Download Debian packages from the machine's mirror, by an apt with its state in .odoo/apt.

Of the system's apt, only the mirror and the proxy are read, and nothing is changed.
"""

import os
import re
from pathlib import Path

from .console import Fail, run, say
from .settings import ENV_DIR

# the only suite with odoo-19
SUITE = os.environ.get('ODOO_DEB_SUITE', 'sid')
WAY_OUT = (
    "set ODOO_HOME to an Odoo 19 that you have, or ODOO_DEB_MIRROR to the URI of a Debian mirror "
    "(it ends in /debian) and ODOO_DEB_SUITE to a suite that has odoo-19"
)
KEYRING = Path('/usr/share/keyrings/debian-archive-keyring.gpg')


def mirror():
    """Return the Debian mirror of this machine's apt."""
    if os.environ.get('ODOO_DEB_MIRROR'):
        return os.environ['ODOO_DEB_MIRROR']
    wanted = '$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)|$(LABEL)'
    targets = run(
        'apt', ['apt-get', 'indextargets', '--format', wanted, 'Created-By: Packages'], WAY_OUT
    )
    by_path, by_origin = [], []
    for line in targets.splitlines():
        uri, release, component, origin, label = (line.split('|') + [''] * 5)[:5]
        if component != 'main' or release.endswith('-security') or label.endswith('-Security'):
            continue
        # Before the first `apt-get update` of the machine, only the path identifies Debian's mirror.
        if re.search(r'/debian/?$', uri):
            by_path.append(uri)
        elif origin == 'Debian':
            by_origin.append(uri)
    for uri in by_path + by_origin:
        return uri
    raise Fail('apt', "there is no Debian archive among this machine's apt sources", WAY_OUT)


def private_apt():
    """Write the configuration of the separate apt and return its path."""
    if not KEYRING.exists():
        raise Fail('apt', f"{KEYRING} is missing", 'apt-get install debian-archive-keyring')
    apt = ENV_DIR / 'apt'
    for folder in ('lists/partial', 'cache/archives/partial'):
        (apt / folder).mkdir(parents=True, exist_ok=True)
    (apt / 'status').touch()
    sources = apt / 'odoo.sources'
    sources.write_text(
        f"Types: deb\nURIs: {mirror()}\nSuites: {SUITE}\nComponents: main\nSigned-By: {KEYRING}\n"
    )
    conf = apt / 'apt.conf'
    conf.write_text(f"""\
Dir::State "{apt}";
Dir::State::lists "{apt}/lists";
Dir::State::status "{apt}/status";
Dir::Cache "{apt}/cache";
Dir::Etc::sourcelist "{sources}";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowDowngradeToInsecureRepositories "false";
APT::Get::AllowUnauthenticated "false";
APT::Sandbox::User "";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::Contents-deb;
#clear Acquire::IndexTargets::deb::DEP-11;
""")
    return conf


class Archive:
    """The signed package index, fetched with the first package."""

    def __init__(self):
        self.env = {**os.environ, 'LC_ALL': 'C'}
        # `-c` is read after /etc/apt/apt.conf.d, unlike APT_CONFIG: its values take precedence.
        self.conf = private_apt()
        say(f"apt: index of {SUITE}")
        run(
            'apt update',
            ['apt-get', '-q', '-c', self.conf, 'update', '-o', 'APT::Update::Error-Mode=any'],
            "does `apt-get update` reach this machine's mirror? " + WAY_OUT,
            env=self.env,
        )

    def newest(self, name):
        """Return the record of a package in the index, as a dict."""
        record = run(
            'apt show',
            ['apt-cache', '-c', self.conf, 'show', '--no-all-versions', name],
            f"{SUITE} seems to have no {name} any more: " + WAY_OUT,
            env=self.env,
        )
        return dict(re.findall(r'^(Version|SHA256|Size): (.*)$', record, re.MULTILINE))

    def download(self, name, folder):
        run(
            'apt download',
            ['apt-get', '-q', '-c', self.conf, 'download', name],
            "is there room on the disk, and is the mirror reachable? " + WAY_OUT,
            env=self.env,
            cwd=folder,
        )

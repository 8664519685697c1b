"""Provide the source tree of Odoo: ODOO_HOME, or Debian's odoo-19 unpacked in .odoo/root."""

import contextlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import downloads
from .console import Fail, run, say
from .settings import ENV_DIR, LANGUAGE, SERIES, save_state

SITE = 'usr/lib/python3/dist-packages'
# folders to leave out: Debian's package repeats Python files there by mistake
LEFT_OUT = [f'./{SITE}/addons', f'./{SITE}/doc', f'./{SITE}/setup']
# version of `_repair`
REPAIR = 2
STAND_IN = """\
/* stand-in: Debian leaves the library out; background blur in calls is off */
window.SelfieSegmentation = class { setOptions() {} onResults() {} reset() {} send() {} };
"""


def ensure():
    """Return the folder that holds `odoo/`."""
    home = os.environ.get('ODOO_HOME')
    if home:
        root, source = _existing(Path(home).absolute()), 'ODOO_HOME'
        say(f"odoo: {root} (ODOO_HOME)")
    else:
        root, source = _unpacked(), 'Debian'
    save_state(odoo={'path': str(root), 'from': source, 'build': build(root)})
    return root


def build(root):
    """Return the identity of this Odoo: the checksums of its packages, else its release."""
    mark = root.parents[3] / '.odoo_env' if len(root.parents) > 3 else root / 'none'
    if mark.exists():
        return json.loads(mark.read_text())['debs']
    return {'release': (root / 'odoo' / 'release.py').read_text()}


def _existing(home):
    for root in (home, home / SITE, home / 'src'):
        release = root / 'odoo' / 'release.py'
        if release.is_file():
            found = re.search(r'^version_info\s*=\s*\(([^,]*),([^,]*)', release.read_text(), re.M)
            series = '.'.join(part.strip(" '\"") for part in found.groups())
            if series != SERIES:
                raise Fail('odoo', f"ODOO_HOME={home} is Odoo {series}, {SERIES} is needed")
            return root
    raise Fail(
        'odoo',
        f"ODOO_HOME={home} holds no odoo/release.py",
        "point ODOO_HOME at the folder that contains odoo/ (and odoo-bin), or unset it",
    )


def _unpacked():
    root = ENV_DIR / 'root'
    mark = root / '.odoo_env'
    pinned = {name: pin['sha256'] for name, pin in downloads.pins('deb').items()}
    if mark.exists():
        have = json.loads(mark.read_text())
        # `pins` differs from `debs` if the archive has another build than the pinned one.
        found = (have.get('pins', have['debs']), have['langs'], have['fix'])
        if found == (pinned, [LANGUAGE], REPAIR):
            return root / SITE
    debs = downloads.debs()
    fresh, old = ENV_DIR / 'root.new', ENV_DIR / 'root.old'
    for folder in (fresh, old):
        shutil.rmtree(folder, ignore_errors=True)
    fresh.mkdir(parents=True)
    excluded = [f'--exclude={path}' for path in LEFT_OUT]
    for name, deb in debs.items():
        say(f"unpack {deb.name}")
        # Keep one language only: translations take three quarters of the size.
        _untar(deb, fresh, [*excluded, '--exclude=*/i18n/*'] if name == 'odoo-19' else [])
    say(f"unpack the {LANGUAGE} translations")
    _untar(debs['odoo-19'], fresh, ['--wildcards', *excluded, f'*/i18n/{LANGUAGE}.po'])
    _repair(fresh)
    actual = {name: downloads.sha256(deb) for name, deb in debs.items()}
    have = {'debs': actual, 'pins': pinned, 'langs': [LANGUAGE], 'fix': REPAIR}
    (fresh / '.odoo_env').write_text(json.dumps(have))
    if root.exists():
        root.rename(old)
    fresh.rename(root)
    shutil.rmtree(old, ignore_errors=True)
    return root / SITE


def _untar(deb, target, options):
    with subprocess.Popen(['dpkg-deb', '--fsys-tarfile', deb], stdout=subprocess.PIPE) as source:
        # --no-same-owner: all files belong to the current user, even to root.
        command = ['tar', '-x', '-C', target, '--no-same-owner', '--warning=no-timestamp']
        tar = subprocess.run([*command, *options], stdin=source.stdout, check=False)
    if source.returncode or tar.returncode:
        raise Fail('unpack', f"{deb} does not unpack", f"is the disk full? else delete {deb}")


def _repair(root):
    """Restore files that Debian removed, or links to packages that are not installed."""
    odoo_addons = root / SITE / 'odoo' / 'addons'
    # web.assets_backend lists this file: without it, each page logs an error in the browser.
    library = odoo_addons / 'mail/static/lib/selfie_segmentation/selfie_segmentation.js'
    if not library.exists():
        library.parent.mkdir(parents=True, exist_ok=True)
        tarball = downloads.npm_tarball('@mediapipe/selfie_segmentation')
        script = 'package/selfie_segmentation.js'
        library.write_text(run('npm', ['tar', '-xzOf', tarball, script]) if tarball else STAND_IN)
    # The module mail draws icons into e-mails with this font.
    fonts = odoo_addons / 'web/static/src/libs/fontawesome/fonts'
    tarball = downloads.npm_tarball('font-awesome')
    if tarball:
        with contextlib.suppress(FileNotFoundError):
            (fonts / 'fontawesome-webfont.ttf').unlink()
        font = 'package/fonts/fontawesome-webfont.ttf'
        run('npm', ['tar', '-xzf', tarball, '-C', fonts, '--strip-components=2', font])
    dangling = [path for path in root.rglob('*') if path.is_symlink() and not path.exists()]
    for path in dangling:
        path.unlink()
    say(f"{len(dangling)} links to fonts that CRM does not use dropped")

"""Download files, and check them against requirements/downloads.json."""

import json
import shutil
import subprocess

from .apt import Archive
from .console import Fail, say
from .settings import ENV_DIR, REQUIREMENTS, cache_dir, sha256


def pins(kind):
    wanted = json.loads((REQUIREMENTS / 'downloads.json').read_text())
    return {name: pin for name, pin in wanted.items() if pin['kind'] == kind}


def folders():
    """Return the folders of downloads; new ones go into the last."""
    ours = [ENV_DIR / 'downloads']
    cache = cache_dir()
    if cache:
        ours.append(cache / 'downloads')
    ours[-1].mkdir(parents=True, exist_ok=True)
    return ours


def kept(file, checksum):
    """Return the file of an earlier run, if its checksum is right."""
    for folder in folders():
        path = folder / file
        if path.exists():
            if sha256(path) == checksum:
                return path
            say(f"{path} is damaged: fetching it again")
            path.unlink()
    return None


def debs():
    """Return the paths of Debian packages by name, checked as pinned or as in the signed index."""
    found, archive = {}, None
    for name, pin in pins('deb').items():
        path = kept(pin['file'], pin['sha256'])
        if not path:
            archive = archive or Archive()
            path = _from_archive(archive, name, pin)
        found[name] = path
    return found


def _from_archive(archive, name, pin):
    record = archive.newest(name)
    if record['SHA256'] != pin['sha256']:
        say(
            f"NOTICE: the archive has {name} {record['Version']} and no longer {pin['version']}, "
            "which this project was tested with; going on with it, since the archive's signed "
            "index vouches for it"
        )
    folder = folders()[-1]
    for path in folder.glob(f'{name}_*.deb'):
        if sha256(path) == record['SHA256']:
            return path
    say(f"apt: download {name} {record['Version']} ({int(record['Size']) / 1e6:.1f} MB)")
    # In a separate folder: apt accepts any file of the right size, and other processes must not see
    # incomplete files.
    partial = ENV_DIR / 'downloads.new'
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    archive.download(name, partial)
    for path in partial.glob(f'{name}_*.deb'):
        if sha256(path) == record['SHA256']:
            # Keep the file name of apt, which writes the colon of an epoch as %3a.
            return shutil.move(path, folder / path.name)
    raise Fail('apt download', f"{name} has not the checksum of the archive's signed index")


def npm_tarball(name):
    """Return the path of a pinned npm tarball, or None if npm cannot fetch it."""
    pin = pins('npm')[name]
    path = kept(pin['file'], pin['sha256'])
    if path or not shutil.which('npm'):
        return path
    folder = folders()[-1]
    spec = f"{name}@{pin['version']}"
    say(f"npm pack {spec}")
    done = subprocess.run(
        ['npm', 'pack', '--silent', spec], cwd=folder, capture_output=True, text=True, check=False
    )
    path = folder / pin['file']
    if done.returncode or not path.exists():
        say(f"  npm could not: {done.stderr.strip()[-200:]}")
        return None
    if sha256(path) != pin['sha256']:
        path.unlink()
        raise Fail('npm pack', f"{spec} has not the checksum of requirements/downloads.json")
    return path

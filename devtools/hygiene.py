"""Find paths of one machine and hosts of package registries, which must not be in the repository.

As a program, it checks the files in its arguments.
"""

import json
import re
import sys

from .source import report

MACHINE_PATH = re.compile(r'(?<![\w.}/-])/(?:work|root|home/\w+|Users/\w+)(?=/)')
REGISTRY = re.compile(r'https?://[\w.-]*(?:pypi|pythonhosted|npmjs|yarnpkg|debian|ubuntu)\.\w+')


def findings(name, text):
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in ((MACHINE_PATH, "a path of one machine"), (REGISTRY, "a registry")):
            if pattern.search(line):
                yield f"{name}:{number}: {what}: {line.strip()[:120]}"
    if name == 'package-lock.json':
        for package, facts in json.loads(text)['packages'].items():
            if 'resolved' in facts:
                yield f"{name}: {package} names its registry: .npmrc has the option against that"
    if name.startswith('requirements/') and re.search(r'index-url|@ *https?:', text):
        yield f"{name}: names a registry"


if __name__ == '__main__':
    sys.exit(report(findings, sys.argv[1:]))

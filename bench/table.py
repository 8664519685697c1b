"""Print the table of results."""

MISS = 'MISS'


def duration(seconds):
    if seconds is None:
        return ''
    return f"{seconds * 1000:,.0f} ms" if seconds < 10 else f"{seconds:,.1f} s"


def verdict(ratio, goal):
    if ratio is None or goal is None:
        return ''
    return 'ok' if ratio <= goal else MISS


def details(sample):
    """Return the figures per opportunity of a batch, and its memory."""
    if not sample or not sample['leads']:
        return ''
    leads = sample['leads']
    memory = '' if sample['peak_mb'] is None else f", +{sample['peak_mb']:.0f} MB"
    return (
        f"{leads:,}: {sample['seconds'] * 1000 / leads:.2f} ms, "
        f"{sample['queries'] / leads:.2f} queries each{memory}"
    )


def print_table(results):
    """Print results: [(measure, stock sample or None, addon sample or None)]."""
    width = max(len(measure.name) for measure, _stock, _addon in results)
    header = f"{'measure':{width}}  {'stock':>10} {'addon':>10} {'ratio':>6} {'goal':>6}"
    print(f"{header}\n{'-' * len(header)}")
    misses = 0
    for measure, stock, addon in results:
        times = [sample and sample['seconds'] for sample in (stock, addon)]
        ratio = times[1] / times[0] if all(times) else None
        judged = verdict(ratio, measure.goal)
        misses += judged == MISS
        print(
            f"{measure.name:{width}}  {duration(times[0]):>10} {duration(times[1]):>10} "
            f"{'' if ratio is None else f'{ratio:.2f}':>6} "
            f"{'' if measure.goal is None else f'{measure.goal:.2f}':>6} {judged}".rstrip()
        )
        for label, sample in (("stock", stock), ("addon", addon)):
            if text := details(sample):
                print(f"    {label} {text}")
    print(f"{misses} MISS" if misses else "All goals met")

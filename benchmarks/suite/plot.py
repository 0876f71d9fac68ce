"""Time per entity against the number of entities."""

from .columns import PARTS

_COLORS = {
    "sktemporal": "#c1272d",
    "polars": "#1f5fa8",
    "pandas": "#6b4fa0",
    "DuckDB": "#b8860b",
    "tsflex": "#2a8c82",
    "tsfresh": "#4f7f2f",
    "sktime": "#8c5a3c",
    "aeon": "#c2649a",
    "the wall": "#777777",
}
_STYLES = ("-", "--", ":")


def plot(results, path):
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(12, 5.2), sharey=True, layout="constrained")
    for ax, part in zip(axes, PARTS, strict=True):
        sizes = results["sizes"][part]
        _draw(ax, sizes["tables"])
        title = {"all": "All families", "summaries": "Summaries alone"}[part]
        ax.set_title(f"{title}: {sizes['columns']} columns", loc="left", fontweight="bold")
    axes[0].set_ylabel("microseconds per entity")
    machine = results["machine"]
    figure.supxlabel(
        f"{machine['processor']}, {machine['cores']} cores, {machine['date']}; "
        "histories of 1 to 51 steps, 4 fields",
        fontsize=8,
        color="#555555",
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def _draw(ax, tables):
    seen = {}
    for name in dict.fromkeys(name for table in tables.values() for name in table):
        points = [
            (int(n), 1e6 * table[name]["seconds"] / int(n))
            for n, table in tables.items()
            if "seconds" in table.get(name, {})
        ]
        if not points:
            continue
        family = next(start for start in _COLORS if name.startswith(start))
        style = _STYLES[seen.setdefault(family, 0) % len(_STYLES)]
        seen[family] += 1
        ax.plot(*zip(*points, strict=True), style, **_line(family), label=name)
    ax.set(xscale="log", yscale="log", xlabel="entities")
    ax.grid(which="major", color="#e3e3e3", linewidth=0.8)
    ax.spines[["top", "right"]].set_visible(False)
    _legend(ax)


def _line(family):
    ours = family == "sktemporal"
    return {
        "color": _COLORS[family],
        "linewidth": 2.4 if ours else 1.5,
        "marker": "o",
        "markersize": 5 if ours else 3.5,
        "zorder": 3 if ours else 2,
    }


def _legend(ax):
    """Slowest first, as the lines lie at the left."""
    lines = sorted(ax.get_lines(), key=lambda line: -line.get_ydata()[0])
    ax.legend(
        lines,
        [line.get_label() for line in lines],
        frameon=False,
        fontsize=8,
        loc="upper left",
        bbox_to_anchor=(0, -0.14),
        ncols=2,
    )

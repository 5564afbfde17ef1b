"""Turns samples into Markdown tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from measure import Usage, median, total

OURS = "ours"


@dataclass(frozen=True)
class Key:
    """What was measured."""

    phase: str
    hop: str
    tool: str


@dataclass
class Samples:
    """All measurements, one a repeat, in order."""

    taken: dict[Key, list[Usage]] = field(default_factory=dict)

    def add(self, key: Key, usage: Usage) -> None:
        """Keeps one measurement."""
        self.taken.setdefault(key, []).append(usage)

    def phases(self) -> list[str]:
        """The phases in the order they were measured."""
        return list(dict.fromkeys(key.phase for key in self.taken))

    def hops(self, phase: str) -> list[str]:
        """The hops of a phase in the order they were measured."""
        return list(dict.fromkeys(key.hop for key in self.taken if key.phase == phase))

    def median(self, phase: str, hop: str, tool: str) -> Usage:
        """The median of a hop."""
        return median(self.taken[Key(phase, hop, tool)])

    def median_total(self, phase: str, tool: str) -> Usage:
        """The median, over the repeats, of all hops together."""
        hops = [self.taken[Key(phase, hop, tool)] for hop in self.hops(phase)]
        return median(total(repeat) for repeat in zip(*hops, strict=True))


def duration(seconds: float) -> str:
    """A time in milliseconds, or in seconds from one on."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def cell(usage: Usage) -> str:
    """Wall, CPU and peak of one tool."""
    return f"{duration(usage.wall)} · {duration(usage.cpu)} · {usage.peak_mib:.0f} MiB"


def ratios(usages: dict[str, Usage]) -> str:
    """Ours by the best peer's, for wall, CPU and peak each; a peer that leads in one need not lead in another."""
    peers = [usage for tool, usage in usages.items() if tool != OURS]
    if OURS not in usages or not peers:
        return "-"
    ours = usages[OURS]
    wall = ours.wall / min(peer.wall for peer in peers)
    cpu = ours.cpu / min(peer.cpu for peer in peers)
    peak = ours.peak_mib / min(peer.peak_mib for peer in peers)
    return f"{wall:.2f} · {cpu:.2f} · {peak:.2f}"


def table(samples: Samples, phase: str, tools: list[str]) -> Iterator[str]:
    """The lines of one phase."""
    yield f"### {phase}"
    yield "wall · CPU · peak memory; medians"
    yield ""
    yield "| hop | " + " | ".join(tools) + " | ours / best peer |"
    yield "|---|" + "---|" * (len(tools) + 1)
    for hop in samples.hops(phase):
        yield row(hop, {tool: samples.median(phase, hop, tool) for tool in tools})
    if len(samples.hops(phase)) > 1:
        yield row("**all**", {tool: samples.median_total(phase, tool) for tool in tools})
    yield ""


def row(name: str, usages: dict[str, Usage]) -> str:
    """One line of a table."""
    return f"| {name} | " + " | ".join(cell(usage) for usage in usages.values()) + f" | {ratios(usages)} |"


def markdown(samples: Samples, tools: list[str]) -> str:
    """All phases."""
    return "\n".join(line for phase in samples.phases() for line in table(samples, phase, tools))


def plain(samples: Samples) -> list[dict[str, object]]:
    """All measurements, for JSON."""
    return [vars(key) | {"samples": [vars(usage) for usage in usages]} for key, usages in samples.taken.items()]

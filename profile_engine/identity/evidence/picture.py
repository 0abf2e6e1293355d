"""Pictures of a cluster: an SVG without any reference outside itself, and an HTML page around it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from profile_engine.identity.evidence.drawing import Drawing, Edge, Node
from profile_engine.identity.evidence.layout import positions

_LINK_LENGTH = 130.0
_MARGIN = 90.0
_LEGEND_WIDTH = 210.0
_COLOURS = ("#2563a8", "#0f8a6c", "#b4540a", "#8a3fa0", "#5b6b7a", "#a8324a", "#6b7d12", "#1f8aa8")
_INK, _FAINT, _CUT = "#26323d", "#8794a1", "#c62828"
_STYLE = (
    "text{font-family:Helvetica,Arial,sans-serif;font-size:12px;fill:#26323d}"
    ".t{font-size:15px;font-weight:bold}.s{font-size:11px;fill:#5b6b7a}"
)


def svg(drawn: Drawing, title: str) -> str:
    """The picture of a drawing. `title` and labels are escaped; without nodes there is only the title."""
    nodes = list(drawn.nodes)
    at = positions([node.node_id for node in nodes], [(edge.left, edge.right) for edge in drawn.edges])
    lowest = [min((point[axis] for point in at.values()), default=0.0) for axis in (0, 1)]
    highest = [max((point[axis] for point in at.values()), default=0.0) for axis in (0, 1)]
    namespaces = list(dict.fromkeys(node.namespace for node in nodes))
    colour = {name: _COLOURS[index % len(_COLOURS)] for index, name in enumerate(namespaces)}
    placed = {
        node: ((x - lowest[0]) * _LINK_LENGTH + _MARGIN, (y - lowest[1]) * _LINK_LENGTH + _MARGIN + 20)
        for node, (x, y) in at.items()
    }
    graph_width = (highest[0] - lowest[0]) * _LINK_LENGTH + 2 * _MARGIN
    legend = _legend(drawn, colour, graph_width)
    width = graph_width + _LEGEND_WIDTH
    height = max((highest[1] - lowest[1]) * _LINK_LENGTH + 2 * _MARGIN + 20, 70.0 + 22 * len(legend))
    body = [_edge(edge, placed) for edge in drawn.edges]
    body += [_node(node, *placed[node.node_id], colour[node.namespace]) for node in nodes]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
            f'width="{width:.0f}" height="{height:.0f}" role="img">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style>",
            f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
            f'<text class="t" x="20" y="30">{escape(title)}</text>',
            *body,
            *legend,
            "</svg>",
        ]
    )


def page(picture: str, title: str, tables: Sequence[tuple[str, Sequence[str], Sequence[Sequence[str]]]]) -> str:
    """An HTML page that needs no network: the picture, then tables of (heading, column names, rows)."""
    parts = []
    for heading, columns, rows in tables:
        head = "".join(f"<th>{escape(column)}</th>" for column in columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        parts.append(f"<h2>{escape(heading)}</h2><table><tr>{head}</tr>{body}</table>")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>body{{font:14px/1.5 Helvetica,Arial,sans-serif;color:{_INK};margin:2rem}}"
        "svg{max-width:100%;height:auto}table{border-collapse:collapse}td,th{border-bottom:1px solid #d5dbe1;"
        "padding:.3rem .8rem;text-align:left;vertical-align:top}h2{font-size:1.05rem;margin-top:2rem}</style></head>"
        f"<body>{picture}{''.join(parts)}</body></html>\n"
    )


def _edge(edge: Edge, placed: dict[int, tuple[float, float]]) -> str:
    (x1, y1), (x2, y2) = placed[edge.left], placed[edge.right]
    stroke, wide, dash = _stroke(edge)
    line = (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" '
        f'stroke-width="{wide:.1f}"{dash}><title>{escape(_told(edge))}</title></line>'
    )
    if not (edge.on_path or edge.is_cut or edge.words):
        return line
    # what a reader came for is written beside the line
    words = escape(edge.words) or f"{edge.records} record{'s' if edge.records != 1 else ''}"
    return line + f'<text class="s" x="{(x1 + x2) / 2 + 6:.1f}" y="{(y1 + y2) / 2 - 5:.1f}">{words}</text>'


def _stroke(edge: Edge) -> tuple[str, float, str]:
    if not edge.is_live:
        return _FAINT, 1.5, ' stroke-dasharray="3 5"'
    wide = 2.0 if edge.records < 2 else 2.6 if edge.records < 10 else 3.4
    if edge.is_cut:
        return _CUT, wide + 1.5, ' stroke-dasharray="10 5"'
    if edge.on_path:
        return _INK, wide + 1.5, ""
    return ("#e08a1e" if edge.is_bridge else "#a9b6c2"), wide, ""


def _told(edge: Edge) -> str:
    what = "link" if edge.is_live else f"dropped: {edge.reason}"
    many = f", {edge.links} links" if edge.links > 1 else ""
    return f"{what}{many}, {edge.records} records{', a bridge' if edge.is_bridge and edge.is_live else ''}"


def _node(node: Node, x: float, y: float, colour: str) -> str:
    radius = 11.0 if node.identifiers == 1 else 17.0
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.0f}" fill="{colour}" stroke="#ffffff" stroke-width="2.5"/>'
    # a white edge around the letters keeps them readable over lines
    return circle + (
        f'<text x="{x:.1f}" y="{y + radius + 15:.1f}" text-anchor="middle" stroke="#ffffff" stroke-width="4" '
        f'paint-order="stroke">{escape(node.label)}</text>'
    )


def _legend(drawn: Drawing, colour: dict[str, str], left: float) -> list[str]:
    rows = []
    for name, fill in colour.items():
        many = sum(node.identifiers for node in drawn.nodes if node.namespace == name)
        rows.append((f'<circle cx="{left + 14:.0f}" cy="-4" r="7" fill="{fill}"/>', f"{name} ({many})"))
    samples = (
        ("link", "#a9b6c2", "", any(e.is_live and not (e.is_bridge or e.on_path or e.is_cut) for e in drawn.edges)),
        ("bridge", "#e08a1e", "", any(e.is_live and e.is_bridge and not (e.on_path or e.is_cut) for e in drawn.edges)),
        ("path of evidence", _INK, "", any(e.on_path and not e.is_cut and e.is_live for e in drawn.edges)),
        ("cheapest cut", _CUT, ' stroke-dasharray="10 5"', any(e.is_cut for e in drawn.edges)),
        ("dropped link", _FAINT, ' stroke-dasharray="3 5"', any(not e.is_live for e in drawn.edges)),
    )
    for words, stroke, dash, is_there in samples:
        if is_there:
            line = (
                f'<line x1="{left:.0f}" y1="-4" x2="{left + 28:.0f}" y2="-4" stroke="{stroke}" stroke-width="3"{dash}/>'
            )
            rows.append((line, words))
    return [
        f'<g transform="translate(0,{60 + 22 * index})">{sign}<text x="{left + 38:.0f}" y="0">{escape(words)}</text></g>'
        for index, (sign, words) in enumerate(rows)
    ]

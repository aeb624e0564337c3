"""Road networks made up for a question: shortest routes, the best place for a depot, the cheapest spanning network."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.values import Entity, Part, Quantity, entity, join, says, vignette

# --- the networks -----------------------------------------------------------------------------------------------------

_TOWNS = ["Aldmoor", "Birchwick", "Coldbrook", "Dunfell", "Elmstead", "Foxley", "Grindon", "Harwick", "Ingleby"]

Road = TypedDict("Road", {"from": str, "to": str, "km": Annotated[float, Meta(gt=0)]})

entity("town", "town")


def _say_roads(roads: list[dict[str, Any]]) -> str:
    return join([f"{road['from']}–{road['to']} ({road['km']} km)" for road in roads])


@lru_cache(maxsize=1)
def _networks() -> list[dict[str, Any]]:
    """Connected networks of 6 or 7 towns: a ring of roads and some across, with lengths that rarely tie."""
    found, state = [], 12345
    for i in range(320):
        size = 6 + i % 2
        towns = [_TOWNS[(i * 5 + k * (2 if i % 3 else 7)) % len(_TOWNS)] for k in range(size)]
        pairs = [(k, (k + 1) % size) for k in range(size)] + [(k, k + 2) for k in range(i % 2, size - 2, 2)]
        roads = []
        for a, b in pairs:
            state = (state * 1103515245 + 12345) % 2**31
            roads.append({"from": towns[a], "to": towns[b], "km": 5 + (state >> 12) % 37})
        network = {"roads": roads, "depot": towns[0]}
        if _has_one_answer(network):
            found.append(network)
    return found


def _has_one_answer(network: dict[str, Any]) -> bool:
    """Whether farthest town, best site and every shortest route from both are single."""
    try:
        far = farthest_town(network["roads"], network["depot"])["town"]
        best = best_depot_site(network["roads"])["town"]
        for town in {r["from"] for r in network["roads"]} - {network["depot"]}:
            shortest_route(network["roads"], network["depot"], town)
    except Refusal:
        return False
    return best != network["depot"] and best != far


vignette(
    "road_network",
    "the road network",
    ("a delivery firm with its depot in {depot}", "a delivery firm"),
    {"roads": "serves the towns on these roads: {roads}"},
    samples=_networks,
    says={"roads": _say_roads},
)

Roads = Annotated[
    list[Road], Part("road_network", "roads"), Meta(min_length=1, max_length=500, description="two-way roads, in km")
]
Depot = Annotated[str, Part("road_network", "depot"), Meta(description="the town where the depot lies")]
Town = Annotated[str, Entity("town"), Meta(description="a town of the network")]
NETWORKX: dict[str, Any] = {"needs": ("networkx",), "source": "graph algorithms of networkx", "licence": "BSD-3-Clause"}
LONG = {"most": "longest", "least": "shortest", "more": "longer", "less": "shorter"}
SQUARE = [
    {"from": "A", "to": "B", "km": 3},
    {"from": "B", "to": "C", "km": 4},
    {"from": "C", "to": "D", "km": 5},
    {"from": "D", "to": "A", "km": 20},
]


def _graph(roads: list[Any], *towns: str) -> Any:
    import networkx

    graph = networkx.Graph()
    for road in roads:
        known = graph.get_edge_data(road["from"], road["to"])
        if road["from"] == road["to"] or known is not None:
            raise Refusal(f"{road['from']} and {road['to']} must be two towns joined by one road")
        graph.add_edge(road["from"], road["to"], km=road["km"])
    for town in towns:
        if town not in graph:
            raise Refusal(f"no town {town!r} in the network")
    if not networkx.is_connected(graph):
        raise Refusal("the network falls into parts")
    return graph


def _from(graph: Any, town: str) -> dict[str, float]:
    import networkx

    return dict(networkx.single_source_dijkstra_path_length(graph, town, weight="km"))


class Route(TypedDict):
    length: Annotated[
        float,
        Quantity("distance", "kilometres"),
        says(
            "the length of the shortest route by road from the depot to {town}",
            noun="road distance",
            ask="How long is the shortest route by road from the depot to {town}",
            **LONG,
        ),
    ]
    stops: Annotated[
        list[Annotated[str, Entity("town")]],
        says(
            "the towns passed on the shortest route by road from the depot to {town}, both ends left out",
            noun="town",
            plural="towns",
            ask_count="How many other towns does the shortest route by road from the depot to {town} pass through",
        ),
    ]
    complete: bool


@tool(
    "processing",
    examples=[
        example(
            {"roads": SQUARE, "depot": "A", "town": "D"},
            {"/length": 12, "/stops": ["B", "C"]},
            "identity: 3 + 4 + 5 is less than 20",
        ),
        example(
            {"roads": SQUARE, "depot": "A", "town": "B"}, {"/length": 3, "/stops": []}, "identity: the direct road"
        ),
        example({"roads": SQUARE, "depot": "A", "town": "E"}, {"error": "refused"}, "identity: no such town"),
    ],
    **NETWORKX,
)
def shortest_route(roads: Roads, depot: Depot, town: Town) -> Route:
    """Find the shortest route by road from the depot to a town: its length in km, and the towns between, in order.

    Refuses where two routes are equally short, or the town is not in the network.
    """
    import networkx

    if town == depot:
        raise Refusal("the depot lies in that town")
    graph = _graph(roads, depot, town)
    routes = list(networkx.all_shortest_paths(graph, depot, town, weight="km"))
    if len(routes) > 1:
        raise Refusal(f"several routes from {depot} to {town} are equally short")
    return {"length": _from(graph, depot)[town], "stops": routes[0][1:-1], "complete": True}


class Farthest(TypedDict):
    town: Annotated[
        str,
        Entity("town"),
        says(
            "the town of {road_network} that is farthest by road from the depot",
            noun="town",
            ask="Which town of {road_network} is farthest by road from the depot",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"roads": SQUARE, "depot": "A"}, {"/town": "D"}, "identity: D is 12 km from A, C 7 and B 3"),
        example({"roads": SQUARE, "depot": "D"}, {"/town": "A"}, "identity: A is 12 km from D"),
    ],
    **NETWORKX,
)
def farthest_town(roads: Roads, depot: Depot) -> Farthest:
    """Find the town whose shortest route from the depot is the longest; refuses where two are equally far."""
    far = _from(_graph(roads, depot), depot)
    most = [town for town, km in far.items() if km == max(far.values())]
    if len(most) > 1:
        raise Refusal(f"{join(sorted(most))} are equally far from {depot}")
    return {"town": most[0]}


class Site(TypedDict):
    town: Annotated[
        str,
        Entity("town"),
        says(
            "the town of {road_network} from which the town farthest away by road is as near as possible",
            noun="town",
            ask="From which town of {road_network} is the town farthest away by road as near as possible",
        ),
    ]


@tool(
    "processing",
    examples=[
        example({"roads": SQUARE[:2]}, {"/town": "B"}, "identity: the middle of a line; B is at most 4 km from all"),
        example({"roads": SQUARE[:1]}, {"error": "refused"}, "identity: both ends of one road are equally good"),
    ],
    **NETWORKX,
)
def best_depot_site(roads: Roads) -> Site:
    """Find the town with the smallest greatest road distance to the other towns (the graph's centre).

    Refuses where several towns are equally good.
    """
    graph = _graph(roads)
    worst = {town: max(_from(graph, town).values()) for town in graph}
    best = [town for town, km in worst.items() if km == min(worst.values())]
    if len(best) > 1:
        raise Refusal(f"{join(sorted(best))} are equally central")
    return {"town": best[0]}


class Near(TypedDict):
    towns: Annotated[
        list[Annotated[str, Entity("town")]],
        says(
            "the towns joined to {town} by a direct road",
            noun="town",
            plural="towns",
            ask_count="How many direct roads lead out of {town}",
        ),
    ]
    complete: bool


@tool(
    "processing",
    examples=[
        example({"roads": SQUARE, "town": "A"}, {"/towns": ["B", "D"]}, "identity: two of the roads end in A"),
        example({"roads": SQUARE[:2], "town": "C"}, {"/towns": ["B"]}, "identity: one of the roads ends in C"),
    ],
    **NETWORKX,
)
def towns_one_road_away(roads: Roads, town: Town) -> Near:
    """List the towns that a direct road joins to a town, in alphabetical order; complete."""
    return {"towns": sorted(_graph(roads, town)[town]), "complete": True}


class Spanning(TypedDict):
    length: Annotated[
        float,
        Quantity("road length", "kilometres"),
        says(
            "the smallest total length of roads that keeps all towns of {road_network} connected",
            noun="smallest total length",
            ask="What is the smallest total length of roads that keeps all towns of {road_network} connected",
        ),
    ]
    total: Annotated[
        float,
        Quantity("road length", "kilometres"),
        says("the total length of the roads of {road_network}", noun="total length", **LONG),
    ]


@tool(
    "processing",
    examples=[
        example({"roads": SQUARE}, {"/length": 12, "/total": 32}, "identity: a ring without its longest road"),
        example({"roads": SQUARE[:2]}, {"/length": 7, "/total": 7}, "identity: a line needs all its roads"),
    ],
    **NETWORKX,
)
def spanning_network(roads: Roads) -> Spanning:
    """Compute the length in km of the minimum spanning tree of a road network, and of all its roads."""
    import networkx

    graph = _graph(roads)
    tree = networkx.minimum_spanning_edges(graph, weight="km", data=True)
    return {"length": sum(data["km"] for *_, data in tree), "total": sum(road["km"] for road in roads)}

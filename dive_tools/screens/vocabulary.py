"""The words that stand for what a support uses: how its givens are said, and what the tools' authors call things."""

from __future__ import annotations

from dive_tools.screens.case import Case
from dive_tools.support import Node
from dive_tools.values import TYPES, VIGNETTES, label, say_number


def sayings(case: Case, node: Node) -> set[str]:
    """How a given may be said: its label, itself, or its author's words for the choice."""
    value = node["given"]
    said = {label(value, node.get("type")), str(value)}
    if isinstance(value, int | float) and not isinstance(value, bool):
        said |= {say_number(value), f"{value:,}"}
    if "vignette" in node:
        kind = VIGNETTES[node["vignette"]]
        part = node["seed"].removeprefix("/")
        said.add(kind.says.get(part, label)(value))
    for step in case.evidence:
        for name, source in step["arguments_from"].items():
            if source == node and step["tool"] in case.tools:
                slot = case.tools[step["tool"]].slots.get(name)
                named = slot is not None and "choice" in node and not isinstance(value, dict | list)
                spoken = slot.choices.get(value) if slot is not None and named else None
                said |= {spoken} if spoken else set()
    return {text for text in said if text}


def vocabulary(case: Case) -> str:
    """The words that the question may be made of: labels of givens, and the authors' words for what is used."""
    words = [text for node in case.givens for text in sayings(case, node)]
    for step in (case.steps[call] for call in case.used):
        for item in case.tools[step["tool"]].fields.values():
            words += [*item.says.phrases, *item.says.ask, *item.says.ask_count, item.says.noun, item.unit]
            words += [item.says.whether, item.says.plural]
        for name in step["arguments_from"]:
            slot = case.tools[step["tool"]].slots.get(name)
            words += [said for said in slot.choices.values() if said] if slot else []
    for vignette in {node["vignette"] for node in case.givens if "vignette" in node}:
        kind = VIGNETTES[vignette]
        words += [*kind.subjects, *kind.clauses.values(), kind.owner]
    for name in {node["type"] for node in case.givens if node.get("type") in TYPES}:
        words += [TYPES[name].intro, TYPES[name].opening, TYPES[name].noun, TYPES[name].plural]
    return " ".join(words)

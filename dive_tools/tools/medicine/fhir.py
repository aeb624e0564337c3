"""The data model of HL7 FHIR (releases R4 and R5): resources, elements and data types."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Annotated, NamedTuple, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.medicine.coding import COUNT, packaged
from dive_tools.values import Entity, Given, Quantity, entity, says

FHIR = {"needs": ("fhirpathpy",), "source": "HL7 FHIR R4 and R5, by fhirpathpy", "licence": "CC0-1.0 data, MIT package"}
EVERYWHERE = {"id", "extension", "modifierExtension"}
IN_RESOURCES = {"contained", "implicitRules", "language", "meta", "text"}

# --- the model, each release read once --------------------------------------------------------------------------------


class Model(NamedTuple):
    types: dict[str, str]  # data type by path of an element, without inherited elements and choices of type
    choices: dict[str, list[str]]  # data types by path of an element, as "Observation.value"
    bases: dict[str, str]  # what each type is derived from
    top: dict[str, list[str]]  # the elements directly in a resource or data type, without the inherited ones


@lru_cache(maxsize=2)
def _model(release: str) -> Model:
    import json

    def read(name: str) -> dict[str, str]:
        made: dict[str, str] = json.loads(packaged("fhirpathpy", f"models/{release}", name).read_text(encoding="utf-8"))
        return made

    raw = {path: kind.removeprefix("System.") for path, kind in read("path2Type.json").items()}
    choices: dict[str, list[str]] = {
        path: [_small(kind) for kind in kinds]
        for path, kinds in read("choiceTypePaths.json").items()  # type: ignore[misc]
    }
    bases = read("type2Parent.json")
    expanded = {path + kind[0].upper() + kind[1:]: path for path, kinds in choices.items() for kind in kinds}
    top: dict[str, list[str]] = {}
    for path in sorted(raw):
        parts = path.split(".")
        whole = expanded.get(".".join(parts[:2]), ".".join(parts[:2]))
        held = top.setdefault(parts[0], [])
        if _own(".".join(parts[:2]), bases) and whole not in held:
            held.append(whole)
    fixed = {path: kind for path, kind in raw.items() if path not in expanded and _own(path, bases)}
    return Model(fixed, choices, bases, top)


def _own(path: str, bases: dict[str, str]) -> bool:
    """Whether the element is one that not all resources or elements have."""
    parts = path.split(".")
    everywhere = len(parts) == 2 and bases.get(parts[0]) in ("DomainResource", "Resource") and parts[1] in IN_RESOURCES
    return not everywhere and not EVERYWHERE & set(parts)


_PRIMITIVE = {
    "Base64Binary", "Boolean", "Canonical", "Code", "Date", "DateTime", "Decimal", "Id", "Instant", "Integer",
    "Markdown", "Oid", "PositiveInt", "String", "Time", "UnsignedInt", "Uri", "Url", "Uuid",
}  # fmt: skip


def _small(kind: str) -> str:
    """ "DateTime" as the standard writes it, "dateTime"."""
    return kind[0].lower() + kind[1:] if kind in _PRIMITIVE else kind


def _samples() -> list[str]:
    """The elements of resources with a structured data type, up to forty of each type."""
    model = _model("r4")
    found: dict[str, list[str]] = {}
    for path, kind in model.types.items():
        if kind[0].isupper() and kind in model.top and model.bases.get(path.partition(".")[0]) == "DomainResource":
            found.setdefault(kind, []).append(path)
    return sorted(path for paths in found.values() for path in paths[:: -(-len(paths) // 40)])


def _resources() -> list[str]:
    """The resources of R4 that share the first word of their name with another."""
    return [name for name in _named_alike() if len(_named_alike()[name]) > 1]


@lru_cache(maxsize=1)
def _named_alike() -> dict[str, list[str]]:
    model = _model("r4")
    names = [
        name for name, base in model.bases.items() if base == "DomainResource" and len(model.top.get(name, [])) > 2
    ]
    return {name: [each for each in names if _first(each) == _first(name)] for name in names}


def _first(name: str) -> str:
    return re.match(r"[A-Z][a-z]+", name)[0]  # type: ignore[index]


def _siblings(path: str) -> list[str]:
    above = path.rpartition(".")[0]
    return [other for other in _samples() if other.rpartition(".")[0] == above and other != path]


RESOURCE = entity(
    "fhir_resource",
    "resource",
    intro="the FHIR resource {}",
    samples=_resources,
    akin=lambda name: [other for other in _named_alike()[name] if other != name],
)
ELEMENT = entity("fhir_element", "element", intro="the FHIR R4 element {}", samples=_samples, akin=_siblings)
TYPE = entity("fhir_type", "data type", intro="the FHIR R4 data type {}")


def _of(model: dict[str, list[str]], name: str) -> list[str]:
    if not model.get(name):
        raise Refusal(f"FHIR R4 defines nothing of its own in {name!r}")
    return model[name]


# --- tools -----------------------------------------------------------------------------------------------------------


class Typed(TypedDict):
    data_type: Annotated[
        str,
        Entity("fhir_type"),
        says("the data type of {element}", noun="data type", ask="Which data type does {element} have"),
    ]


@tool(
    "retrieval",
    examples=[
        example({"element": "Patient.maritalStatus"}, {"/data_type": "CodeableConcept"}, "published: HL7 FHIR R4"),
        example({"element": "Patient.contact.name"}, {"/data_type": "HumanName"}, "published: HL7 FHIR R4"),
        example({"element": "Patient.salary"}, {"error": "refused"}, "identity: no such element"),
    ],
    **FHIR,  # type: ignore[arg-type]
)
def fhir_element_type(
    element: Annotated[str, Entity("fhir_element"), Meta(description='path, such as "Patient.contact.name"')],
) -> Typed:
    """Look up the data type of an element of a FHIR R4 resource or data type by its path.

    Refuses a path that has no data type of its own (backbone elements, choices of type).
    """
    found = _model("r4").types.get(element)
    if found is None:
        raise Refusal(f"FHIR R4 has no element {element!r} with a data type of its own")
    return {"data_type": found}


class Derived(TypedDict):
    base: Annotated[
        str,
        says(
            "the type from which {data_type} is derived",
            noun="base type",
            ask="From which type is {data_type} directly derived",
        ),
    ]
    elements: Annotated[
        int,
        Quantity("number of FHIR elements", "elements"),
        says(
            "the number of elements that {data_type} defines itself",
            noun="number of elements",
            ask="How many elements does {data_type} define itself, not counting inherited ones",
            **COUNT,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example(
            {"data_type": "CodeableConcept"}, {"/base": "Element", "/elements": 2}, "published: HL7 FHIR R4, data types"
        ),
        example({"data_type": "positiveInt"}, {"/base": "integer"}, "published: HL7 FHIR R4, data types"),
    ],
    **FHIR,  # type: ignore[arg-type]
)
def fhir_data_type(
    data_type: Annotated[str, Entity("fhir_type"), Meta(description='such as "CodeableConcept" or "code"')],
) -> Derived:
    """Look up a FHIR R4 data type: the type it is derived from, and how many elements it defines itself.

    A choice of types counts as one element; a primitive type defines none.
    """
    model = _model("r4")
    if data_type not in model.bases:
        raise Refusal(f"FHIR R4 has no data type {data_type!r}")
    return {"base": model.bases[data_type], "elements": len(model.top.get(data_type, []))}


class Counted(TypedDict):
    elements: Annotated[
        int,
        Quantity("number of FHIR elements", "elements"),
        says(
            "the number of elements that FHIR {release} defines directly in {resource}",
            noun="number of elements",
            ask="How many elements does FHIR {release} define directly in {resource}, not counting inherited ones",
            **COUNT,
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"resource": "Patient", "release": "r4"}, {"/elements": 16}, "published: HL7 FHIR R4, Patient"),
        example({"resource": "Patient", "release": "r5"}, {"/elements": 16}, "published: HL7 FHIR R5, Patient"),
    ],
    **FHIR,  # type: ignore[arg-type]
)
def fhir_element_count(
    resource: Annotated[str, Entity("fhir_resource"), Meta(description='such as "Patient"')],
    release: Annotated[str, Given({"r4": "R4", "r5": "R5"}), Meta(description="r4 or r5", pattern="^r[45]$")],
) -> Counted:
    """Count the elements directly in a FHIR resource (one level), without those that all resources inherit.

    A choice of types counts as one element. Refuses a resource that the release does not have.
    """
    return {"elements": len(_of(_model(release).top, resource))}

"""The compounds of chemicals' identifier tables: names, formulas, structures, and how its data files are read."""

from __future__ import annotations

import csv
import importlib.util
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from msgspec import Meta

from dive_tools.tools.base import Refusal
from dive_tools.tools.chemistry.elements import by_symbol, table
from dive_tools.values import Entity, entity

COMMON = """ammonia;methane;ethanol;methanol;acetone;benzene;glucose;sucrose;urea;caffeine;aspirin;toluene;phenol
aniline;glycine;citric acid;acetic acid;formic acid;oxalic acid;lactic acid;nitrous oxide;nitric acid;sulfuric acid
phosphoric acid;boric acid;hydrogen cyanide;hydrogen peroxide;sodium hydroxide;potassium hydroxide;calcium hydroxide
magnesium hydroxide;sodium carbonate;sodium bicarbonate;calcium carbonate;potassium nitrate;sodium nitrate
ammonium nitrate;ammonium chloride;ammonium sulfate;calcium sulfate;magnesium sulfate;sodium sulfate;zinc sulfate
sodium hypochlorite;ascorbic acid;chloroform;formaldehyde;naphthalene;cyclohexane;glycerol;ethylene glycol;paracetamol
ibuprofen;cholesterol;sulfur hexafluoride;sodium thiosulfate;sodium acetate;sodium cyanide;potassium carbonate;phosgene
thionyl chloride;dimethyl sulfoxide;pyridine;chlorobenzene;vanillin;camphor;melamine;nitroglycerin;tartaric acid
benzoic acid;salicylic acid;malic acid;thiourea;saccharin;water;carbon dioxide;sodium chloride;calcium chloride
magnesium chloride;silicon dioxide;titanium dioxide;zinc oxide;ferric oxide;barium chloride;zinc chloride
ferric chloride;carbon tetrachloride;dichloromethane;acetylene;isobutane;isoprene;chloroethane;chloromethane"""
ORGANIC = "Misc/Physical Constants of Organic Compounds.csv"
INORGANIC = "Misc/Physical Constants of Inorganic Compounds.csv"
CRC_PERMITTIVITY = "Electrolytes/Permittivity (Dielectric Constant) of Liquids.tsv"
SCORED = (  # files and columns that a seed compound is mostly found in
    (ORGANIC, "rho"), ("Misc/CRC Handbook Organic RI.csv", "RI"), ("Misc/webbook_constants.tsv", "Hfg"),
    ("Phase Change/CRC Handbook Heat of Vaporization.tsv", "Hvap298"),
    ("Safety/IS IEC 60079-20-1 2010.tsv", "T_flash"), ("Misc/webbook_constants.tsv", "AntoineA"),
    (CRC_PERMITTIVITY, "Permittivity"),
    ("Critical Properties/IUPACOrganicCriticalProps.tsv", "Tc"),
    ("Phase Change/CRC Handbook Heat of Fusion.tsv", "Hfus"),
    ("Critical Properties/CRCCriticalOrganics.tsv", "Tc"),
    ("Misc/ruben_manuel_hansen_solubility_parameters.tsv", "HANSEN_DELTA_D"),
    ("Interface/Jasper-Lange.tsv", "a"),
)  # fmt: skip


def sources(source: str, *needs: str) -> dict[str, Any]:
    """Keywords of a tool that reads data files of chemicals."""
    return {"needs": ("chemicals", "mendeleev", *needs), "source": f"{source}, by chemicals", "licence": "MIT"}


def data_file(name: str) -> Path:
    """A data file of the chemicals package."""
    found = importlib.util.find_spec("chemicals")
    if found is None or found.origin is None:
        raise Refusal("the tables of chemicals are not installed")
    return Path(found.origin).parent / name


def cas_of(text: str) -> str:
    """ "64175" -> "64-17-5"."""
    text = text.strip()
    return text if "-" in text or len(text) < 5 else f"{text[:-3]}-{text[-3:-1]}-{text[-1]}"


@lru_cache(maxsize=64)
def column(file: str, name: str) -> dict[str, float]:
    """The numbers of one column of a data file by CAS number."""
    found = {}
    with data_file(file).open(encoding="utf-8", newline="") as lines:
        head, *rows = csv.reader(lines, delimiter="\t")
    key, place = next(i for i, h in enumerate(head) if h.startswith("CAS")), head.index(name)
    for row in rows:
        if len(row) > place and row[place].strip():
            found[cas_of(row[key])] = float(row[place])
    return found


def _tidied(name: str) -> str:
    return re.sub(r"(?<![A-Za-z])[A-Z][a-z]{2,}", lambda m: m[0].lower(), name.strip())


@lru_cache(maxsize=1)
def _identifiers() -> dict[str, list[str]]:
    """The cells of the identifier tables by CAS number: the formula is the third, names begin with the seventh."""
    found: dict[str, list[str]] = {}
    for file in (
        "Inorganic db.tsv",
        "chemical identifiers pubchem small.tsv",
        "chemical identifiers example user db.tsv",
    ):
        for line in data_file(f"Identifiers/{file}").read_text(encoding="utf-8").splitlines():
            cells = line.split("\t")
            if re.fullmatch(r"([A-Z][a-z]?\d*)+", cells[2]):
                found.setdefault(cells[1], cells)
    return found


@lru_cache(maxsize=1)
def compound_rows() -> dict[str, dict[str, str]]:
    """Rows (name, cas, formula, smiles) of all compounds and simple substances, by canonical name."""
    common, names = set(re.split(r"[;\n]", COMMON)), {}
    for cas, cells in _identifiers().items():
        for name in cells[6:]:
            if name in common:
                names[cas] = name
                common.remove(name)
                break
    for file, head in ((ORGANIC, "Name"), (INORGANIC, "Chemical")):
        with data_file(file).open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines, delimiter="\t"):
                if row["CAS"] in _identifiers() and not re.search(r" [(\[]|, |\?", row[head].strip()):
                    names.setdefault(row["CAS"], _tidied(row[head]))
    found: dict[str, dict[str, str]] = {}
    for cas, cells in sorted(_identifiers().items()):
        name = names.get(cas) or cells[7]
        if name not in found:
            found[name] = {"name": name, "cas": cas, "formula": cells[2], "smiles": cells[4],
                           "crc": "yes" if cas in names else ""}  # fmt: skip
    return found


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    """Canonical names by every other name, in lower case, and by CAS number."""
    found = {name.casefold(): name for name in compound_rows()} | by_cas()
    for cas, cells in _identifiers().items():
        if cas in by_cas():
            for text in cells[6:]:
                found.setdefault(text.casefold(), by_cas()[cas])
    return found


def find_compound(text: str) -> dict[str, str]:
    """The row of a compound given by any name or CAS number; Refusal when there is none."""
    name = text if text in compound_rows() else _aliases().get(text.strip().casefold())
    if name is None:
        raise Refusal(f"no neutral compound named {text!r} in the tables of chemicals")
    return compound_rows()[name]


@lru_cache(maxsize=1)
def by_cas() -> dict[str, str]:
    """Canonical names by CAS number."""
    return {row["cas"]: name for name, row in compound_rows().items()}


def number_of(compound: str, file: str, name: str) -> float | None:
    """One number of a data file for a compound, or None."""
    return column(file, name).get(find_compound(compound)["cas"])


@lru_cache(maxsize=8192)
def atoms_of(formula: str) -> dict[str, int]:
    """{"C": 2, "H": 6, "O": 1} of "C2H6O"."""
    found: Counter[str] = Counter()
    for symbol, count in re.findall(r"([A-Z][a-z]?)(\d*)", formula):
        found["H" if symbol in ("D", "T") else symbol] += int(count or 1)
    return dict(found)


def composition(compound: str) -> tuple[tuple[str, int], ...]:
    """(element, atoms) pairs of a compound given by name, by falling number of atoms; Refusal when it is not listed."""
    atoms = atoms_of(find_compound(compound)["formula"])
    return tuple(sorted(((by_symbol()[s], n) for s, n in atoms.items()), key=lambda pair: (-pair[1], pair[0])))


def formula_mass(formula: str) -> float:
    """The molar mass of a formula in g/mol, with the atomic weights of mendeleev."""
    return sum(n * float(table()[by_symbol()[s]]["atomic_weight"]) for s, n in atoms_of(formula).items())


def mass_of(compound: str) -> float:
    """The molar mass of a compound in g/mol."""
    return formula_mass(find_compound(compound)["formula"])


@lru_cache(maxsize=1)
def compound_names() -> list[str]:
    """Compounds with a CRC name that most of the data files hold."""
    columns = [column(file, name) for file, name in SCORED]
    melts = column(ORGANIC, "Tm") | column(INORGANIC, "Tm")
    boils = column(ORGANIC, "Tb") | column(INORGANIC, "Tb")
    return [
        name
        for name, row in compound_rows().items()
        if row["crc"] and len(atoms_of(row["formula"])) > 1 and row["cas"] in melts and row["cas"] in boils
        and sum(row["cas"] in values for values in columns) >= 5
    ]  # fmt: skip


def _family(compound: str) -> tuple[tuple[tuple[str, int], ...], int]:
    """What isomers and homologues share: the other atoms than C and H, and how many H are missing to saturation."""
    atoms = atoms_of(compound_rows()[compound]["formula"])
    others = tuple(sorted((s, n) for s, n in atoms.items() if s not in ("C", "H")))
    return others, 2 * atoms.get("C", 0) - atoms.get("H", 0)


@lru_cache(maxsize=1)
def _families() -> dict[tuple[tuple[tuple[str, int], ...], int], list[str]]:
    found: dict[tuple[tuple[tuple[str, int], ...], int], list[str]] = {}
    for name in compound_names():
        found.setdefault(_family(name), []).append(name)
    return found


def _akin(compound: str) -> list[str]:
    """The isomers and the nearest homologues of a compound."""
    size = atoms_of(compound_rows()[compound]["formula"]).get("C", 0)
    return [
        n
        for n in _families()[_family(compound)]
        if n != compound and abs(atoms_of(compound_rows()[n]["formula"]).get("C", 0) - size) <= 1
    ]


COMPOUND = entity("compound", "compound", samples=compound_names, akin=_akin)
Compound = Annotated[
    str, Entity("compound"), Meta(description='common or systematic name, as in "toluene" or "sodium carbonate"')
]

"""Widely used sequencing and barcoding primers: name, partner primer, template, direction, sequence.

Written down by hand from the published protocols (White et al. 1990; Folmer et al. 1994; Lane 1991; vendors' lists).
"""

from __future__ import annotations

_ROWS = """
M13 forward (-20)|M13 reverse|pUC19|GTAAAACGACGGCCAGT
M13 reverse|M13 forward (-20)|pUC19|CAGGAAACAGCTATGAC
T7 promoter|T7 terminator|pET vectors|TAATACGACTCACTATAGGG
T7 terminator|T7 promoter|pET vectors|GCTAGTTATTGCTCAGCGG
SP6 promoter||pGEM vectors|ATTTAGGTGACACTATAG
T3 promoter||pBluescript|ATTAACCCTCACTAAAGGGA
ITS1|ITS4|fungal internal transcribed spacer|TCCGTAGGTGAACCTGCGG
ITS2|ITS5|fungal internal transcribed spacer|GCTGCGTTCTTCATCGATGC
ITS3|ITS4|fungal internal transcribed spacer|GCATCGATGAAGAACGCAGC
ITS4|ITS1|fungal internal transcribed spacer|TCCTCCGCTTATTGATATGC
ITS5|ITS2|fungal internal transcribed spacer|GGAAGTAAAAGTCGTAACAAGG
LCO1490|HCO2198|cytochrome c oxidase subunit I|GGTCAACAAATCATAAAGATATTGG
HCO2198|LCO1490|cytochrome c oxidase subunit I|TAAACTTCAGGGTGACCAAAAAATCA
1492R||bacterial 16S rRNA|GGTTACCTTGTTACGACTT
BGH reverse|CMV forward|pcDNA3|TAGAAGGCACAGTCGAGG
CMV forward|BGH reverse|pcDNA3|CGCAAATGGGCGGTAGGCGTG
pGEX 5'|pGEX 3'|pGEX vectors|GGGCTGGCAAGCCACGTTTGGTG
pGEX 3'|pGEX 5'|pGEX vectors|CCGGGAGCTGCATGTGTCAGAGG
EGFP-N||EGFP|CGTCGCCGTCCAGCTCGACCAG
EGFP-C||EGFP|CATGGTCCTGCTGGAGTTCGTG
"""

PRIMERS: dict[str, tuple[str, str, str]] = {}  # name -> partner, template, sequence
for _line in _ROWS.strip().splitlines():
    _name, _partner, _template, _sequence = _line.split("|")
    PRIMERS[_name] = (_partner, _template, _sequence)

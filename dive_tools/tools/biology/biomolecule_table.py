"""Biomolecules: English name, group, constitutional SMILES (no stereochemistry, neutral acids and amines).

Structures from PubChem by the `chemicals` tables (checked there against the formula), canonical SMILES of RDKit.
"""

from __future__ import annotations

_ROWS = """
adenine|purine nucleobases|Nc1ncnc2nc[nH]c12
guanine|purine nucleobases|Nc1nc(=O)c2[nH]cnc2[nH]1
cytosine|pyrimidine nucleobases|Nc1ccnc(=O)[nH]1
thymine|pyrimidine nucleobases|Cc1c[nH]c(=O)[nH]c1=O
uracil|pyrimidine nucleobases|O=c1cc[nH]c(=O)[nH]1
hypoxanthine|oxopurines of purine catabolism|O=c1nc[nH]c2nc[nH]c12
xanthine|oxopurines of purine catabolism|O=c1[nH]c(=O)c2[nH]cnc2[nH]1
uric acid|oxopurines of purine catabolism|O=c1[nH]c(=O)c2[nH]c(=O)[nH]c2[nH]1
caffeine|methylxanthines|Cn1c(=O)c2c(ncn2C)n(C)c1=O
theophylline|methylxanthines|Cn1c(=O)c2[nH]cnc2n(C)c1=O
theobromine|methylxanthines|Cn1cnc2c1c(=O)[nH]c(=O)n2C
paraxanthine|methylxanthines|Cn1c(=O)[nH]c2ncn(C)c2c1=O
dopamine|catecholamines|NCCc1ccc(O)c(O)c1
noradrenaline|catecholamines|NCC(O)c1ccc(O)c(O)c1
adrenaline|catecholamines|CNCC(O)c1ccc(O)c(O)c1
tyramine|trace amines|NCCc1ccc(O)cc1
octopamine|trace amines|NCC(O)c1ccc(O)cc1
tryptamine|trace amines|NCCc1c[nH]c2ccccc12
phenethylamine|trace amines|NCCc1ccccc1
serotonin|indoleamines|NCCc1c[nH]c2ccc(O)cc12
melatonin|indoleamines|COc1ccc2[nH]cc(CCNC(C)=O)c2c1
adenosine|nucleosides|Nc1ncnc2c1ncn2C1OC(CO)C(O)C1O
guanosine|nucleosides|Nc1nc(=O)c2ncn(C3OC(CO)C(O)C3O)c2[nH]1
cytidine|nucleosides|Nc1ccn(C2OC(CO)C(O)C2O)c(=O)n1
uridine|nucleosides|O=c1ccn(C2OC(CO)C(O)C2O)c(=O)[nH]1
thymidine|nucleosides|Cc1cn(C2CC(O)C(CO)O2)c(=O)[nH]c1=O
inosine|nucleosides|O=c1nc[nH]c2c1ncn2C1OC(CO)C(O)C1O
thiamine|B vitamins|Cc1ncc(C[n+]2csc(CCO)c2C)c(N)n1
riboflavin|B vitamins|Cc1cc2nc3c(=O)[nH]c(=O)nc-3n(CC(O)C(O)C(O)CO)c2cc1C
nicotinic acid|B vitamins|O=C(O)c1cccnc1
pantothenic acid|B vitamins|CC(C)(CO)C(O)C(=O)NCCC(=O)O
pyridoxine|B vitamins|Cc1ncc(CO)c(CO)c1O
biotin|B vitamins|O=C(O)CCCCC1SCC2NC(=O)NC21
folic acid|B vitamins|Nc1nc(=O)c2nc(CNc3ccc(C(=O)NC(CCC(=O)O)C(=O)O)cc3)cnc2[nH]1
retinol|fat-soluble vitamins|CC(C=CC1=C(C)CCCC1(C)C)=CC=CC(C)=CCO
cholecalciferol|fat-soluble vitamins|C=C1CCC(O)CC1=CC=C1CCCC2(C)C1CCC2C(C)CCCC(C)C
alpha-tocopherol|fat-soluble vitamins|Cc1c(C)c2c(c(C)c1O)CCC(C)(CCCC(C)CCCC(C)CCCC(C)C)O2
phylloquinone|fat-soluble vitamins|CC(=CCC1=C(C)C(=O)c2ccccc2C1=O)CCCC(C)CCCC(C)CCCC(C)C
citric acid|tricarboxylic acids of the citric acid cycle|O=C(O)CC(O)(CC(=O)O)C(=O)O
isocitric acid|tricarboxylic acids of the citric acid cycle|O=C(O)CC(C(=O)O)C(O)C(=O)O
cis-aconitic acid|tricarboxylic acids of the citric acid cycle|O=C(O)C=C(CC(=O)O)C(=O)O
2-oxoglutaric acid|dicarboxylic acids of the citric acid cycle|O=C(O)CCC(=O)C(=O)O
succinic acid|dicarboxylic acids of the citric acid cycle|O=C(O)CCC(=O)O
fumaric acid|dicarboxylic acids of the citric acid cycle|O=C(O)C=CC(=O)O
malic acid|dicarboxylic acids of the citric acid cycle|O=C(O)CC(O)C(=O)O
oxaloacetic acid|dicarboxylic acids of the citric acid cycle|O=C(O)CC(=O)C(=O)O
acetone|ketone bodies|CC(C)=O
acetoacetic acid|ketone bodies|CC(=O)CC(=O)O
3-hydroxybutyric acid|ketone bodies|CC(O)CC(=O)O
putrescine|polyamines|NCCCCN
cadaverine|polyamines|NCCCCCN
spermidine|polyamines|NCCCCNCCCN
spermine|polyamines|NCCCNCCCCNCCCN
ornithine|urea cycle intermediates|NCCCC(N)C(=O)O
citrulline|urea cycle intermediates|NC(=O)NCCCC(N)C(=O)O
argininosuccinic acid|urea cycle intermediates|NC(=NCCCC(N)C(=O)O)NC(CC(=O)O)C(=O)O
arginine|urea cycle intermediates|N=C(N)NCCCC(N)C(=O)O
valine|branched-chain amino acids|CC(C)C(N)C(=O)O
leucine|branched-chain amino acids|CC(C)CC(N)C(=O)O
isoleucine|branched-chain amino acids|CCC(C)C(N)C(=O)O
phenylalanine|aromatic amino acids|NC(Cc1ccccc1)C(=O)O
tyrosine|aromatic amino acids|NC(Cc1ccc(O)cc1)C(=O)O
tryptophan|aromatic amino acids|NC(Cc1c[nH]c2ccccc12)C(=O)O
histidine|aromatic amino acids|NC(Cc1cnc[nH]1)C(=O)O
aspartic acid|acidic amino acids|NC(CC(=O)O)C(=O)O
glutamic acid|acidic amino acids|NC(CCC(=O)O)C(=O)O
oestradiol|oestrogens|CC12CCC3c4ccc(O)cc4CCC3C1CCC2O
oestrone|oestrogens|CC12CCC3c4ccc(O)cc4CCC3C1CCC2=O
oestriol|oestrogens|CC12CCC3c4ccc(O)cc4CCC3C1CC(O)C2O
testosterone|androgens|CC12CCC(=O)C=C1CCC1C2CCC2(C)C(O)CCC12
androstenedione|androgens|CC12CCC3C(CCC4=CC(=O)CCC43C)C1CCC2=O
prasterone|androgens|CC12CCC3C(CC=C4CC(O)CCC43C)C1CCC2=O
cortisol|corticosteroids|CC12CCC(=O)C=C1CCC1C2C(O)CC2(C)C1CCC2(O)C(=O)CO
cortisone|corticosteroids|CC12CCC(=O)C=C1CCC1C2C(=O)CC2(C)C1CCC2(O)C(=O)CO
corticosterone|corticosteroids|CC12CCC(=O)C=C1CCC1C2C(O)CC2(C)C(C(=O)CO)CCC12
aldosterone|corticosteroids|CC12CCC(=O)C=C1CCC1C2C(O)CC2(C=O)C(C(=O)CO)CCC12
cholic acid|bile acids|CC(CCC(=O)O)C1CCC2C3C(O)CC4CC(O)CCC4(C)C3CC(O)C12C
chenodeoxycholic acid|bile acids|CC(CCC(=O)O)C1CCC2C3C(O)CC4CC(O)CCC4(C)C3CCC12C
deoxycholic acid|bile acids|CC(CCC(=O)O)C1CCC2C3CCC4CC(O)CCC4(C)C3CC(O)C12C
lithocholic acid|bile acids|CC(CCC(=O)O)C1CCC2C3CCC4CC(O)CCC4(C)C3CCC12C
acetic acid|short-chain fatty acids|CC(=O)O
propionic acid|short-chain fatty acids|CCC(=O)O
butyric acid|short-chain fatty acids|CCCC(=O)O
valeric acid|short-chain fatty acids|CCCCC(=O)O
lauric acid|saturated long-chain fatty acids|CCCCCCCCCCCC(=O)O
myristic acid|saturated long-chain fatty acids|CCCCCCCCCCCCCC(=O)O
palmitic acid|saturated long-chain fatty acids|CCCCCCCCCCCCCCCC(=O)O
stearic acid|saturated long-chain fatty acids|CCCCCCCCCCCCCCCCCC(=O)O
oleic acid|unsaturated fatty acids|CCCCCCCCC=CCCCCCCCC(=O)O
linoleic acid|unsaturated fatty acids|CCCCCC=CCC=CCCCCCCCC(=O)O
alpha-linolenic acid|unsaturated fatty acids|CCC=CCC=CCC=CCCCCCCCC(=O)O
arachidonic acid|unsaturated fatty acids|CCCCCC=CCC=CCC=CCC=CCCCC(=O)O
thyroxine|thyroid hormones|NC(Cc1cc(I)c(Oc2cc(I)c(O)c(I)c2)c(I)c1)C(=O)O
liothyronine|thyroid hormones|NC(Cc1cc(I)c(Oc2ccc(O)c(I)c2)c(I)c1)C(=O)O
indole-3-acetic acid|plant hormones|O=C(O)Cc1c[nH]c2ccccc12
gibberellic acid|plant hormones|C=C1CC23CC1(O)CCC2C12C=CC(O)C(C)(C(=O)O1)C2C3C(=O)O
abscisic acid|plant hormones|CC(C=CC1(O)C(C)=CC(=O)CC1(C)C)=CC(=O)O
salicylic acid|plant hormones|O=C(O)c1ccccc1O
ethylene|plant hormones|C=C
aspirin|non-steroidal anti-inflammatory drugs|CC(=O)Oc1ccccc1C(=O)O
ibuprofen|non-steroidal anti-inflammatory drugs|CC(C)Cc1ccc(C(C)C(=O)O)cc1
naproxen|non-steroidal anti-inflammatory drugs|COc1ccc2cc(C(C)C(=O)O)ccc2c1
ketoprofen|non-steroidal anti-inflammatory drugs|CC(C(=O)O)c1cccc(C(=O)c2ccccc2)c1
diclofenac|non-steroidal anti-inflammatory drugs|O=C(O)Cc1ccccc1Nc1c(Cl)cccc1Cl
indomethacin|non-steroidal anti-inflammatory drugs|COc1ccc2c(c1)c(CC(=O)O)c(C)n2C(=O)c1ccc(Cl)cc1
morphine|opioids|CN1CCC23c4c5ccc(O)c4OC2C(O)C=CC3C1C5
diamorphine|opioids|CC(=O)Oc1ccc2c3c1OC1C(OC(C)=O)C=CC4C(C2)N(C)CCC341
oxycodone|opioids|COc1ccc2c3c1OC1C(=O)CCC4(O)C(C2)N(C)CCC314
hydrocodone|opioids|COc1ccc2c3c1OC1C(=O)CCC4C(C2)N(C)CCC314
quercetin|flavonols|O=c1c(O)c(-c2ccc(O)c(O)c2)oc2cc(O)cc(O)c12
kaempferol|flavonols|O=c1c(O)c(-c2ccc(O)cc2)oc2cc(O)cc(O)c12
myricetin|flavonols|O=c1c(O)c(-c2cc(O)c(O)c(O)c2)oc2cc(O)cc(O)c12
luteolin|flavones|O=c1cc(-c2ccc(O)c(O)c2)oc2cc(O)cc(O)c12
apigenin|flavones|O=c1cc(-c2ccc(O)cc2)oc2cc(O)cc(O)c12
naringenin|flavanones|O=C1CC(c2ccc(O)cc2)Oc2cc(O)cc(O)c21
hesperetin|flavanones|COc1ccc(C2CC(=O)c3c(O)cc(O)cc3O2)cc1O
genistein|isoflavones|O=c1c(-c2ccc(O)cc2)coc2cc(O)cc(O)c12
daidzein|isoflavones|O=c1c(-c2ccc(O)cc2)coc2cc(O)ccc12
limonene|monoterpenoids|C=C(C)C1CC=C(C)CC1
menthol|monoterpenoids|CC1CCC(C(C)C)C(O)C1
camphor|monoterpenoids|CC12CCC(CC1=O)C2(C)C
linalool|monoterpenoids|C=CC(C)(O)CCC=C(C)C
carvone|monoterpenoids|C=C(C)C1CC=C(C)C(=O)C1
beta-carotene|carotenoids|CC(C=CC=C(C)C=CC1=C(C)CCCC1(C)C)=CC=CC=C(C)C=CC=C(C)C=CC1=C(C)CCCC1(C)C
lycopene|carotenoids|CC(C)=CCCC(C)=CC=CC(C)=CC=CC(C)=CC=CC=C(C)C=CC=C(C)C=CC=C(C)CCC=C(C)C
lutein|carotenoids|CC(C=CC=C(C)C=CC1=C(C)CC(O)CC1(C)C)=CC=CC=C(C)C=CC=C(C)C=CC1C(C)=CC(O)CC1(C)C
zeaxanthin|carotenoids|CC(C=CC=C(C)C=CC1=C(C)CC(O)CC1(C)C)=CC=CC=C(C)C=CC=C(C)C=CC1=C(C)CC(O)CC1(C)C
benzylpenicillin|penicillins|CC1(C)SC2C(NC(=O)Cc3ccccc3)C(=O)N2C1C(=O)O
ampicillin|penicillins|CC1(C)SC2C(NC(=O)C(N)c3ccccc3)C(=O)N2C1C(=O)O
sorbitol|sugar alcohols|OCC(O)C(O)C(O)C(O)CO
xylitol|sugar alcohols|OCC(O)C(O)C(O)CO
choline|quaternary ammonium compounds|C[N+](C)(C)CCO
acetylcholine|quaternary ammonium compounds|CC(=O)OCC[N+](C)(C)C
"""

BIOMOLECULES: dict[str, tuple[str, str]] = {}  # name -> group, SMILES
for _line in _ROWS.strip().splitlines():
    _name, _group, _smiles = _line.split("|")
    BIOMOLECULES[_name] = (_group, _smiles)

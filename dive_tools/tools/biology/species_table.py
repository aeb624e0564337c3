"""Species: English name, scientific name, order, class, diploid chromosome number (2n; 0 where none is given).

Facts from NCBI Taxonomy and standard karyotype tables, written down by hand.
"""

from __future__ import annotations

_ROWS = """
human|Homo sapiens|Hominidae|Primates|Mammalia|46
chimpanzee|Pan troglodytes|Hominidae|Primates|Mammalia|48
western gorilla|Gorilla gorilla|Hominidae|Primates|Mammalia|48
rhesus macaque|Macaca mulatta|Cercopithecidae|Primates|Mammalia|42
house mouse|Mus musculus|Muridae|Rodentia|Mammalia|40
brown rat|Rattus norvegicus|Muridae|Rodentia|Mammalia|42
guinea pig|Cavia porcellus|Caviidae|Rodentia|Mammalia|64
golden hamster|Mesocricetus auratus|Cricetidae|Rodentia|Mammalia|44
European rabbit|Oryctolagus cuniculus|Leporidae|Lagomorpha|Mammalia|44
cattle|Bos taurus|Bovidae|Artiodactyla|Mammalia|60
sheep|Ovis aries|Bovidae|Artiodactyla|Mammalia|54
goat|Capra hircus|Bovidae|Artiodactyla|Mammalia|60
pig|Sus scrofa|Suidae|Artiodactyla|Mammalia|38
horse|Equus caballus|Equidae|Perissodactyla|Mammalia|64
donkey|Equus asinus|Equidae|Perissodactyla|Mammalia|62
dog|Canis lupus familiaris|Canidae|Carnivora|Mammalia|78
cat|Felis catus|Felidae|Carnivora|Mammalia|38
tiger|Panthera tigris|Felidae|Carnivora|Mammalia|38
grey short-tailed opossum|Monodelphis domestica|Didelphidae|Didelphimorphia|Mammalia|18
platypus|Ornithorhynchus anatinus|Ornithorhynchidae|Monotremata|Mammalia|52
chicken|Gallus gallus|Phasianidae|Galliformes|Aves|78
turkey|Meleagris gallopavo|Phasianidae|Galliformes|Aves|80
Japanese quail|Coturnix japonica|Phasianidae|Galliformes|Aves|78
zebra finch|Taeniopygia guttata|Estrildidae|Passeriformes|Aves|80
African clawed frog|Xenopus laevis|Pipidae|Anura|Amphibia|36
western clawed frog|Xenopus tropicalis|Pipidae|Anura|Amphibia|20
axolotl|Ambystoma mexicanum|Ambystomatidae|Urodela|Amphibia|28
fruit fly|Drosophila melanogaster|Drosophilidae|Diptera|Insecta|8
African malaria mosquito|Anopheles gambiae|Culicidae|Diptera|Insecta|6
yellow fever mosquito|Aedes aegypti|Culicidae|Diptera|Insecta|6
house fly|Musca domestica|Muscidae|Diptera|Insecta|12
honey bee|Apis mellifera|Apidae|Hymenoptera|Insecta|32
domestic silk moth|Bombyx mori|Bombycidae|Lepidoptera|Insecta|56
rice|Oryza sativa|Poaceae|Poales|Magnoliopsida|24
maize|Zea mays|Poaceae|Poales|Magnoliopsida|20
barley|Hordeum vulgare|Poaceae|Poales|Magnoliopsida|14
sorghum|Sorghum bicolor|Poaceae|Poales|Magnoliopsida|20
bread wheat|Triticum aestivum|Poaceae|Poales|Magnoliopsida|42
rye|Secale cereale|Poaceae|Poales|Magnoliopsida|14
thale cress|Arabidopsis thaliana|Brassicaceae|Brassicales|Magnoliopsida|10
wild cabbage|Brassica oleracea|Brassicaceae|Brassicales|Magnoliopsida|18
field mustard|Brassica rapa|Brassicaceae|Brassicales|Magnoliopsida|20
rapeseed|Brassica napus|Brassicaceae|Brassicales|Magnoliopsida|38
papaya|Carica papaya|Caricaceae|Brassicales|Magnoliopsida|18
tomato|Solanum lycopersicum|Solanaceae|Solanales|Magnoliopsida|24
potato|Solanum tuberosum|Solanaceae|Solanales|Magnoliopsida|48
tobacco|Nicotiana tabacum|Solanaceae|Solanales|Magnoliopsida|48
sweet potato|Ipomoea batatas|Convolvulaceae|Solanales|Magnoliopsida|90
pea|Pisum sativum|Fabaceae|Fabales|Magnoliopsida|14
soybean|Glycine max|Fabaceae|Fabales|Magnoliopsida|40
barrel medic|Medicago truncatula|Fabaceae|Fabales|Magnoliopsida|16
chickpea|Cicer arietinum|Fabaceae|Fabales|Magnoliopsida|16
peanut|Arachis hypogaea|Fabaceae|Fabales|Magnoliopsida|40
chum salmon|Oncorhynchus keta|Salmonidae|Salmoniformes|Actinopteri|0
zebrafish|Danio rerio|Danionidae|Cypriniformes|Actinopteri|50
Gila monster|Heloderma suspectum|Helodermatidae|Squamata|Lepidosauria|0
sperm whale|Physeter macrocephalus|Physeteridae|Artiodactyla|Mammalia|42
magical cone snail|Conus magus|Conidae|Neogastropoda|Gastropoda|0
geography cone snail|Conus geographus|Conidae|Neogastropoda|Gastropoda|0
Japanese horseshoe crab|Tachypleus tridentatus|Limulidae|Xiphosura|Merostomata|0
Abyssinian kale|Crambe hispanica|Brassicaceae|Brassicales|Magnoliopsida|0
crystal jelly|Aequorea victoria|Aequoreidae|Leptothecata|Hydrozoa|0
Escherichia coli|Escherichia coli|Enterobacteriaceae|Enterobacterales|Gammaproteobacteria|0
"""

SPECIES: dict[str, dict[str, str | int]] = {}  # by scientific name
for _line in _ROWS.strip().splitlines():
    _name, _scientific, _family, _order, _class, _number = _line.split("|")
    SPECIES[_scientific] = {
        "common": _name,
        "family": _family,
        "order": _order,
        "class": _class,
        "chromosomes": int(_number),
    }

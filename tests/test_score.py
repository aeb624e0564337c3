"""A table of answers, replies, and whether the one is right by the other; and the parts that it rests on."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from village import real

from dive_tools.records import ANSWER_TYPES
from dive_tools.score import agrees, final, guessable, instruction, parts, same, units

Answer = dict[str, Any]


def a(value: Any, kind: str = "", **more: Any) -> Answer:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "set", dict: "map"}
    return {"value": value, "type": kind or kinds[type(value)], **more}


PI = a(3.14, tolerance=0.01, unit="metres")
PEOPLE = a(1234567, unit="people")
SPEED = a(36.0, unit="kilometres per hour")
WARM = a(25.0, unit="degrees Celsius")
SHARE = a(35.0, unit="percent")
MONEY = a(4.5, unit="million US dollars")
PRICE = a(40.99, unit="US dollars per kilogram", tolerance=0.01)
TINY = a(1.5e-05, unit="moles per litre")
COUNT = a(42)
NORTH = a(31.9, unit="degrees north", tolerance=0.01)
LEVEL = a(2720.27, unit="micromoles per litre", tolerance=0.01)
DAY = a("2031-05-15", "date")
LATE = a("2026-04-30", "date")
YES, NO = a(True), a(False)
KENYA = a("Kenya", aliases=["Republic of Kenya", "KE"])
DUTCH = a("Netherlands")
CODE = a("Z3A.31")
HCC = a("RxHCC 132")
BENZENE = a("c1ccccc1")
CURVE = a("4x^3 - 81x^2 + 520x - 1044")
ION = a("sodium hypochlorite solution")
LONG = a("THE GUYANA ASSOCIATION OF SECURITIES COMPANIES AND INTERMEDIARIES INC.")
HEBREW = a("7 Sivan 5786")
ISLES = a(["Malta", "Cyprus", "Iceland"])
PLACES = a(["Perlis, Malaysia", "Kedah, Malaysia", "Bosnia and Herzegovina"])
RANKED = a(["spark plugs", "water pumps", "fuel pumps"], "list")
ZIPS = a(["42376", "42378"])
PRIMES = a([2, 3, 5])
PONDS = a({"Bray–Curtis dissimilarity": 0.292, "Jaccard index": 0.4})
HOST = a({"country or territory": "South Sudan", "number of two-label public suffixes": 9})
THREE = a({"sum of positive divisors": 6840, "Euler's totient": 2352, "largest prime factor": 29})
PAIR = a({"Kenya": 1, "Uganda": 2})
SUDANS = a({"Sudan": 1, "South Sudan": 2})
OPENED = a({"population": 4397073, "opening": "1946-12-16"})
RATES = a({"Kenya population": 7, "Kenya area": 8, "share": 0.5})
NAIROBI = a("Nairobi, Kenya")
RAND = a("South African rand")
WIND = a("east-northeast")
FLIGHT = a(9.2, unit="hours", tolerance=0.1)
SPAN = a(90, unit="minutes")
MONDAY = a("Monday")
TOWNS = a(["Johannesburg, South Africa", "Cape Town, South Africa", "Durban, South Africa", "Pretoria, South Africa"])
PORTLANDS = a(["Gresham, Oregon", "Gresham, Nebraska"])

RIGHT: list[tuple[Answer, str]] = [
    # where the answer stands in a reply
    (COUNT, "Answer: 42"),
    (COUNT, "I looked it up.\n\nAnswer: 42\n"),
    (COUNT, "Answer: 41\nNo, one was counted twice.\nAnswer: 42"),
    (COUNT, "**Answer:** 42"),
    (COUNT, "**Answer: 42**"),
    (COUNT, "**Answer**: **42**"),
    (COUNT, "### Final answer: 42"),
    (COUNT, "- Answer: `42`"),
    (COUNT, "The final answer: 42."),
    (COUNT, "ANSWER：４２"),
    (COUNT, "## Answer\n\n42"),
    (COUNT, "So it is.\n\n**Final Answer**\n42 codes"),
    (COUNT, "Answer: => 42"),
    (a(24), "Answer: two dozen"),
    (a(24), "Answer: 2 dozen eggs"),
    (a("miércoles"), 'Answer: "mi\\u00e9rcoles"'),
    (a(12000), "Answer: 12k"),
    (COUNT, "Answer:\n42"),
    (COUNT, "Answer:\n\n**42**\n\nThis counts them all."),
    (COUNT, "The sum is 40 + 2.\n\\boxed{42}"),
    (COUNT, "So $\\boxed{\\text{42}}$ it is, after 3 calls."),
    (COUNT, "Answer: $\\boxed{42}$"),
    (COUNT, 'Done.\n```json\n{"answer": 42}\n```'),
    (COUNT, '{"reason": "counted", "answer": "42"}'),
    (COUNT, "42"),
    (COUNT, "There are 42 of them."),
    (COUNT, "<think>Answer: 7? No.</think>\nAnswer: 42"),
    (COUNT, "Answer: 42\n\nNote: 7 of them are small."),
    # numbers
    (COUNT, "Answer: 42.0"),
    (COUNT, "Answer: +42"),
    (COUNT, "Answer: forty-two"),
    (COUNT, "Answer: 4.2e1"),
    (COUNT, "Answer: 42 codes"),
    (COUNT, "Answer: exactly 42 (forty-two)"),
    (a(7), "Answer: seven trains"),
    (a(0), "Answer: zero"),
    (a(-30), "Answer: −30"),
    (a(-30), "Answer: minus 30"),
    (a(-30), "Answer: –30"),
    (a(0.5), "Answer: 1/2"),
    (a(2.5), "Answer: 2½"),
    (a(0.5), "Answer: $\\frac{1}{2}$"),
    (a(1024), "Answer: 2^10"),
    (a(12), "Answer: 3 + 9 = 12"),
    (a(12), "Answer: n = 12"),
    (PEOPLE, "Answer: 1,234,567"),
    (PEOPLE, "Answer: 1 234 567 people"),
    (PEOPLE, "Answer: 1 234 567"),
    (PEOPLE, "Answer: 1.234.567"),
    (PEOPLE, "Answer: 1'234'567 inhabitants"),
    (PEOPLE, "Answer: 12,34,567"),
    (PEOPLE, "Answer: 1.234567 million people"),
    (PEOPLE, "Answer: ١٢٣٤٥٦٧"),
    (PEOPLE, "Answer: 1234567人"),
    (a(1234.5), "Answer: 1.234,5"),
    (a(1234.567), "Answer: 1234,567"),
    (a(0.292), "Answer: 0,292"),
    (a(0.292), "Answer: .292"),
    (PI, "Answer: 3.14"),
    (PI, "Answer: 3,14 m"),
    (PI, "Answer: 3.1416 metres"),
    (PI, "Answer: about 3.14 metres"),
    (PI, "Answer: ≈ 3.15 m"),
    (PI, "Answer: 314 cm"),
    (PI, "Answer: 314 cm of rope"),
    (a(5, unit="metres above the sea"), "Answer: 5 m above sea level"),
    (PI, "Answer: 0.00314 km"),
    (PI, "Answer: 3.14 m (rounded to 2 decimal places)"),
    (PI, "Answer: \\(3.14\\,\\text{m}\\)"),
    (PI, "Answer: The distance is 3.14 metres, since the two lie side by side."),
    (SPEED, "Answer: 36 km/h"),
    (SPEED, "Answer: 10 m/s"),
    (SPEED, "Answer: 36 kilometers per hour"),
    (WARM, "Answer: 25 °C"),
    (WARM, "Answer: 25°"),
    (WARM, "Answer: 298.15 K"),
    (WARM, "Answer: 77 °F"),
    (SHARE, "Answer: 35%"),
    (SHARE, "Answer: 35 per cent"),
    (SHARE, "Answer: $35\\%$"),
    (a(0.35), "Answer: 35 %"),
    (MONEY, "Answer: $4.5 million"),
    (MONEY, "Answer: 4.5"),
    (MONEY, "Answer: US$4,500,000"),
    (MONEY, "Answer: 4.5 million US dollars"),
    (PRICE, "Answer: $40.99"),
    (PRICE, "Answer: 40.99 USD per kilogram"),
    (PRICE, "Answer: 40.99 dollars/kg"),
    (TINY, "Answer: 1.5e-5"),
    (TINY, "Answer: 1.5 × 10⁻⁵ mol/L"),
    (TINY, "Answer: $1.5 \\times 10^{-5}$"),
    (TINY, "Answer: 15 µmol/L"),
    (TINY, "Answer: 0.000015 M"),
    (NORTH, "Answer: 31.9° N"),
    (NORTH, "Answer: 31.9 degrees north"),
    (LEVEL, "Answer: 2,720.27 μmol/L"),
    (LEVEL, "Answer: 2.72027 mmol/L"),
    (a(85.5, unit="millilitres per minute per 1.73 square metres"), "Answer: 85.5 mL/min per 1.73 m²"),
    # dates
    (DAY, "Answer: 2031-05-15"),
    (DAY, "Answer: 15 May 2031"),
    (DAY, "Answer: May 15, 2031"),
    (DAY, "Answer: May 15th, 2031."),
    (DAY, "Answer: the 15th of May 2031"),
    (DAY, "Answer: Thursday, 15 May 2031"),
    (DAY, "Answer: 15.05.2031"),
    (DAY, "Answer: 15/05/2031"),
    (DAY, "Answer: 05/15/2031"),
    (DAY, "Answer: 2031/05/15"),
    (DAY, "Answer: 2031年5月15日"),
    (DAY, "Answer: 2031-05-15T00:00:00Z"),
    (DAY, "Answer: 20310515"),
    (LATE, "Answer: 30 Apr 2026"),
    (LATE, "Answer: Apr. 30, 2026"),
    (LATE, "Answer: It ends on 30 April 2026."),
    # yes and no
    (YES, "Answer: yes"),
    (YES, "Answer: True"),
    (YES, "Answer: **Yes**, it is."),
    (YES, "Answer: Yes, there is no doubt"),
    (YES, '{"answer": true}'),
    (NO, "Answer: No."),
    (NO, "Answer: false"),
    (NO, "Answer: No, 91 is 7 times 13"),
    (NO, "Answer: The statement is false."),
    # names, codes, formulas
    (KENYA, "Answer: Kenya"),
    (KENYA, "Answer: kenya."),
    (KENYA, 'Answer: "Kenya"'),
    (KENYA, "Answer: «Kenya»"),
    (KENYA, "Answer: The Republic of Kenya"),
    (KENYA, "Answer: KE"),
    (KENYA, "The answer is Kenya."),
    (KENYA, "Answer: Ｋｅｎｙａ"),
    (DUTCH, "Answer: the Netherlands"),
    (a("The Hague"), "Answer: Hague"),
    (a("São Tomé"), "Answer: são tomé"),
    (a("Washington, D.C."), "Answer: Washington DC"),
    (a("U.S. Virgin Islands"), "Answer: US Virgin Islands"),
    (a("St. Louis, Missouri"), "Answer: St Louis, Missouri"),
    (a("Bray–Curtis"), "Answer: Bray-Curtis"),
    (a("Sherman-Morrison"), "Answer: Sherman Morrison"),
    (a("Marks & Spencer"), "Answer: Marks and Spencer"),
    (a("東京"), "Answer: 「東京」"),
    (a("Москва"), "Answer: москва"),
    (a("C++"), "Answer: C++"),
    (a("__init__"), "Answer: `__init__`"),
    (CODE, "Answer: z3a.31"),
    (HCC, "Answer: RxHCC132"),
    (BENZENE, "Answer: c1ccccc1"),
    (CURVE, "Answer: 4x³ − 81x² + 520x − 1044"),
    (CURVE, "Answer: $4x^{3}-81x^{2}+520x-1044$"),
    (a("+55"), "Answer: +55"),
    (a("2.3"), "Answer: 2.3"),
    (ION, "Answer: sodium hypoclorite solution"),
    (LONG, "Answer: The Guyana Association of Securities Companies and Intermediaries Inc"),
    (HEBREW, "Answer: 7 Sivan 5786"),
    # sets and lists
    (ISLES, 'Answer: ["Iceland", "Malta", "Cyprus"]'),
    (ISLES, "Answer: Malta, Iceland and Cyprus"),
    (ISLES, "Answer: Malta, Iceland, and Cyprus"),
    (ISLES, "Answer:\n- Cyprus\n- Malta\n- Iceland"),
    (ISLES, "Answer:\n1. Cyprus\n2. Malta\n3. Iceland\n\nAll are islands."),
    (ISLES, "Answer: {Malta, Cyprus, Iceland}"),
    (ISLES, "Answer: ['Malta', 'Cyprus', 'Iceland']"),
    (ISLES, 'Answer: [\n  "Malta",\n  "Cyprus",\n  "Iceland"\n]'),
    (ISLES, '```json\n{"answer": ["Malta", "Cyprus", "Iceland"]}\n```'),
    (PLACES, "Answer: Perlis, Malaysia; Kedah, Malaysia; and Bosnia and Herzegovina"),
    (PLACES, "Answer:\n* Bosnia and Herzegovina\n* Kedah, Malaysia\n* Perlis, Malaysia"),
    (ZIPS, "Answer: 42376,42378"),
    (ZIPS, "Answer: [42378, 42376]"),
    (PRIMES, "Answer: 2, 3, 5"),
    (PRIMES, "Answer: {5, 3, 2}"),
    (a([]), "Answer: none"),
    (a([]), "Answer: []"),
    (a(["Malta"]), "Answer: Malta"),
    (RANKED, "Answer: spark plugs, water pumps, fuel pumps"),
    (RANKED, "Answer: spark plugs > water pumps > fuel pumps"),
    (RANKED, 'Answer: ["Spark plugs", "Water pumps", "Fuel pumps"]'),
    (RANKED, "Answer:\n1. spark plugs\n2. water pumps\n3. fuel pumps"),
    # maps
    (PONDS, 'Answer: {"Bray–Curtis dissimilarity": 0.292, "Jaccard index": 0.4}'),
    (PONDS, 'Answer: {"Jaccard index": "0.400", "Bray-Curtis dissimilarity": "0.292"}'),
    (PONDS, 'Answer: {"a": 0.292, "b": 0.4}'),
    (PONDS, 'Answer: {"b": 0.4, "a": 0.292}'),
    (PONDS, "Answer: (a) 0.292 (b) 0.4"),
    (PONDS, "Answer: (a) 0.292, (b) 0.400"),
    (PONDS, "Answer:\n(a) 0.292\n(b) 0.4"),
    (PONDS, "Answer: (a) 0.292\n(b) 0.4"),
    (PONDS, "Answer: Bray–Curtis dissimilarity: 0.292; Jaccard index: 0.4"),
    (PONDS, "Answer:\n- Bray–Curtis dissimilarity: 0.292\n- Jaccard index: 0.4"),
    (PONDS, 'Answer: {"dissimilarity of the ponds": 0.292, "index of Jaccard": 0.4}'),
    (HOST, 'Answer: {"country or territory": "South Sudan", "number of two-label public suffixes": "9 suffixes"}'),
    (HOST, "Answer: (a) South Sudan; (b) 9"),
    (THREE, 'Answer: {\n "sum of positive divisors": 6840,\n "Eulers totient": 2352,\n "largest prime factor": 29\n}'),
    (a({"rate": 118.67, "n": 4}), 'Answer: {"rate": 118.68, "n": 4}'),
    (a({"day": "2026-04-30", "fit": True}), 'Answer: {"day": "30 April 2026", "fit": "yes"}'),
    # keys that hold the names of the parts
    (PAIR, 'Answer: {"Population of Uganda": 2, "Population of Kenya": 1}'),
    (PAIR, 'Answer: {"uganda_population": 2, "kenya_population": 1}'),
    (PAIR, 'Answer: {"populationOfUganda": 2, "populationOfKenya": 1}'),
    (PAIR, 'Answer: {"Uganda (2020)": 2, "Kenya (2020)": 1}'),
    (PAIR, "Answer: People in Uganda: 2; people in Kenya: 1"),
    (PAIR, 'Answer: {"first": 1, "second": 2}'),
    (PAIR, 'Answer: {"2": 2, "1": 1}'),
    (SUDANS, 'Answer: {"capital of South Sudan": 2, "capital of Sudan": 1}'),
    (OPENED, 'Answer: {"Opening date": "1946-12-16", "Population of the capital": 4397073}'),
    (OPENED, 'Answer: {"populations": "4,397,073", "date of opening": "16 December 1946"}'),
    (RATES, 'Answer: {"area": 8, "ratio of the two": 0.5, "population": 7}'),
    (a({"ケニア": 1, "ウガンダ": 2}), 'Answer: {"ウガンダの人口": 2, "ケニアの人口": 1}'),
    # one thing under two names
    (NAIROBI, "Answer: Nairobi"),
    (NAIROBI, "Answer: Nairobi (Kenya)"),
    (TOWNS, "Answer: Johannesburg, Cape Town, Durban, Pretoria"),
    (TOWNS, 'Answer: ["Pretoria", "Durban, South Africa", "Cape Town", "Johannesburg"]'),
    (a({"city": "Nairobi, Kenya", "n": 3}), 'Answer: {"city": "Nairobi", "n": 3}'),
    (a("Utah, United States"), "Answer: Utah"),
    (RAND, "Answer: South African rand (ZAR)"),
    (RAND, "Answer: ZAR (South African rand)"),
    (a("ZAR"), "Answer: South African rand (ZAR)"),
    (a("J20.9"), "Answer: J20.9 (acute bronchitis, unspecified)"),
    (KENYA, "Answer: Republic of Kenya (KE)"),
    (a("acute bronchitis", aliases=["J20.9"]), "Answer: acute bronchitis (J20.9)"),
    (WIND, "Answer: ENE"),
    (WIND, "Answer: East-North-East"),
    (WIND, "Answer: towards the east-northeast."),
    (a("SSW"), "Answer: south-southwest"),
    (MONDAY, "Answer: Monday, 7 June 2027"),
    (MONDAY, "Answer: Monday (2027-06-07)"),
    (MONDAY, "Answer: on Monday"),
    # times in several units
    (FLIGHT, "Answer: 9 hours 12 minutes"),
    (FLIGHT, "Answer: about 9 hours and 12 minutes"),
    (FLIGHT, "Answer: 9h 12m"),
    (SPAN, "Answer: 1 h 30 min"),
    (SPAN, "Answer: 1 hour, 30 minutes"),
    (a(36, unit="hours"), "Answer: 1 day 12 hours"),
    (a(27, unit="months"), "Answer: 2 years and 3 months"),
    # where else the answer stands
    (COUNT, 'Answer: {"answer": 42}'),
    (COUNT, 'Answer:\n```json\n{"answer": "42", "explanation": "counted"}\n```'),
    (COUNT, '{"answer": {"value": 42, "unit": "codes"}}'),
    (COUNT, "Forty and two.\nSo the answer is **42**."),
    (COUNT, "One is 40, one is 2. Therefore, the final answer is $42$."),
    (COUNT, "Answer: 42\n\nSo the answer is 42."),
    (COUNT, "Answer: 42\n\nThe correct answer is 42."),
    (COUNT, "Answer: 42\n\nThe answer is based on the codes of 2025."),
    (KENYA, "Answer: **Kenya**\n\nThe answer is the Republic of Kenya, as the tool has it."),
    (COUNT, "Answer: 42\n\nNo other code counts, and 7 were left out while we had to wait."),
    (NO, "Answer: No.\n\nNo, for 91 is 7 times 13."),
    (KENYA, "Answer: Uganda\n\nWait, no: it is Kenya.\n\nAnswer: Kenya"),
]

WRONG: list[tuple[Answer, str]] = [
    # no answer
    (COUNT, ""),
    (COUNT, "Answer:"),
    (COUNT, "I could not find out.\nThe tool failed 42 times."),
    (COUNT, "<think>Answer: 42"),
    (COUNT, "Let me call the tool.\nIt says 42."),
    (COUNT, '{"result": 42}'),
    (COUNT, "Answer: unknown"),
    # hedged, or everything at once
    (COUNT, "Answer: 41 or 42"),
    (COUNT, "Answer: either 41 or 42"),
    (COUNT, "Answer: 42 (or 43)"),
    (COUNT, "Answer: between 42 and 50"),
    (COUNT, "Answer: 40-42"),
    (COUNT, "Answer: 42–45"),
    (COUNT, "Answer: 42, 43"),
    (COUNT, "Answer: [41, 42, 43]"),
    (COUNT, "Answer: 42\nAnswer: 43"),
    (COUNT, "Answer: 43\nAnswer: 42"),
    (COUNT, "\\boxed{41} or \\boxed{42}"),
    (COUNT, "Answer: maybe 42"),
    (COUNT, "Answer: 42?"),
    (COUNT, "Answer: not 42"),
    (COUNT, "Answer: it isn't 42"),
    (COUNT, "Answer: at least 42"),
    (COUNT, "Answer: more than 42"),
    (COUNT, "Answer: < 42"),
    (COUNT, "Answer: 42+"),
    (COUNT, "Answer: 42 or more"),
    (COUNT, "Answer: 42 ± 5"),
    (COUNT, "Answer: n = 41: no; n = 42"),
    (KENYA, "Answer: Kenya or Uganda"),
    (KENYA, "Answer: either Kenya or Uganda"),
    (KENYA, "Answer: Kenya, Uganda"),
    (KENYA, "Answer: Kenya (possibly Uganda)"),
    (KENYA, "Answer: not Kenya"),
    (KENYA, "Answer: Kenya?? Uganda??"),
    (KENYA, 'Answer: ["Kenya"]\nAnswer: ["Uganda"]'),
    (KENYA, "Answer: Kenya\nAnswer: Uganda"),
    (YES, "Answer: yes and no"),
    (YES, "Answer: yes/no"),
    (YES, "Answer: yes or no"),
    (YES, "Answer: perhaps yes"),
    (YES, "Answer: Yes. No."),
    (YES, "Answer: yes, but then no"),
    (YES, "Answer: not true"),
    (YES, "Answer: Yes, if it rains; no otherwise"),
    (YES, "Answer: Yes, unless it rains"),
    (YES, "Answer: yes if it rains, no if not"),
    (NO, "Answer: It depends; no"),
    (DAY, "Answer: 15 May 2031 or 16 May 2031"),
    (DAY, "Answer: before 15 May 2031"),
    (DAY, "Answer: 15-16 May 2031"),
    (DAY, "Answer: around 15 May 2031"),
    (ISLES, 'Answer: ["Malta", "Cyprus", "Iceland", "Ireland"]'),
    (ISLES, "Answer: Malta, Cyprus, Iceland or Ireland"),
    (ISLES, "Answer: Malta, Cyprus, Iceland and possibly others"),
    (ISLES, "Answer: Malta, Cyprus, Iceland (among others)"),
    (ISLES, "Answer: not Malta, Cyprus, Iceland"),
    (PRIMES, "Answer: 2, 3, 5 or 7"),
    (PONDS, 'Answer: {"a": "0.292 or 0.3", "b": 0.4}'),
    (PONDS, 'Answer: {"a": [0.292, 0.3], "b": 0.4}'),
    (PONDS, 'Answer: {"a": 0.3, "a": 0.292, "b": 0.4}'),
    # another number
    (COUNT, "Answer: 43"),
    (COUNT, "Answer: -42"),
    (COUNT, "Answer: 4.2"),
    (COUNT, "Answer: 42.4"),
    (COUNT, "Answer: 42%"),
    (COUNT, "Answer: 4,2"),
    (COUNT, "Answer: 42 million"),
    (COUNT, "Answer: 42e2"),
    (COUNT, "Answer: 4242"),
    (COUNT, "Answer: true"),
    (COUNT, "Answer: 0x2A"),
    (COUNT, "Answer: 42M"),
    (PEOPLE, "Answer: 1234567 M"),
    (COUNT, "Answer: 42 dozen"),
    (COUNT, "Answer: 42 000"),
    (COUNT, "Answer: 4 2"),
    (COUNT, "Answer: 42 is wrong, it is 43"),
    (COUNT, "Answer: sixty-two"),
    (COUNT, "Answer: forty two hundred"),
    (a(5), "Answer: -5"),
    (a(3), "Answer: 10^3"),
    (a(10000000001), "Answer: 10000000002"),
    (a(1234.0), "Answer: 1.234"),
    (a(1.234), "Answer: 1,234"),
    (a(7), "Answer: seventy"),
    (a(30), "Answer: 10:30"),
    (a(0.35), "Answer: 0.35 %"),
    (PEOPLE, "Answer: 1,234,576"),
    (PEOPLE, "Answer: 1.234567"),
    (PEOPLE, "Answer: 1.2 million"),
    (PI, "Answer: 3.2"),
    (PI, "Answer: 3.14 km"),
    (PI, "Answer: 3.14 km of rope"),
    (a(5, unit="metres above the sea"), "Answer: 5 km"),
    (PI, "Answer: 3.14 feet"),
    (PI, "Answer: 3.14 kg"),
    (PI, "Answer: 3.14 %"),
    (PI, "Answer: pi metres"),
    (SPEED, "Answer: 36 mph"),
    (SPEED, "Answer: 36 m/s"),
    (SPEED, "Answer: 36 km"),
    (WARM, "Answer: 25 °F"),
    (WARM, "Answer: 25 K"),
    (SHARE, "Answer: 0.35"),
    (SHARE, "Answer: 3.5%"),
    (SHARE, "Answer: 35 kg"),
    (MONEY, "Answer: $4.5"),
    (MONEY, "Answer: 4.5 billion US dollars"),
    (MONEY, "Answer: €4.5 million"),
    (PRICE, "Answer: 40.99 euros"),
    (TINY, "Answer: 1.5e5"),
    (TINY, "Answer: 1.5 × 10⁻⁶"),
    (TINY, "Answer: 1.5"),
    (NORTH, "Answer: 31.9° S"),
    (NORTH, "Answer: -31.9"),
    (NORTH, "Answer: 31.9 degrees south"),
    (LEVEL, "Answer: 2720.27 mmol/L"),
    (a(61, unit="exceptions"), "Answer: 61 kg"),
    (a(5, unit="days"), "Answer: 5 hours"),
    # another date
    (DAY, "Answer: 16 May 2031"),
    (DAY, "Answer: May 2031"),
    (DAY, "Answer: 15 May"),
    (DAY, "Answer: 15 May 2013"),
    (DAY, "Answer: 2031-15-05"),
    (a("2031-05-06", "date"), "Answer: 05/06/2031"),
    (a("2031-06-05", "date"), "Answer: 05/06/2031"),
    (LATE, "Answer: 31 April 2026"),
    # the other of yes and no
    (YES, "Answer: no"),
    (NO, "Answer: yes"),
    (YES, "Answer: 1"),
    (YES, "Answer: it holds"),
    # another name, code or formula
    (KENYA, "Answer: Uganda"),
    (KENYA, "Answer: Kenyan"),
    (KENYA, "Answer: K"),
    (a("Niger"), "Answer: Nigeria"),
    (a("Niger"), "Answer: Nigër"),
    (a("Republic of the Congo"), "Answer: Democratic Republic of the Congo"),
    (a("Northern Mariana Islands"), "Answer: Southern Mariana Islands"),
    (a("potassium hypochlorite solution"), "Answer: potassium hypochlorate solution"),
    (a("acute symptomatic epilepsy of childhood"), "Answer: acute asymptomatic epilepsy of childhood"),
    (a("silicon carbide whiskers and fibres"), "Answer: silicone carbide whiskers and fibres"),
    (a("dithionite ion"), "Answer: dithionate ion"),
    (a("HCC 199 with complications and severe course"), "Answer: HCC 198 with complications and severe course"),
    (a("Co"), "Answer: CO"),
    (a("CO"), "Answer: Co"),
    (a("Na+"), "Answer: Na"),
    (a("C++"), "Answer: C"),
    (a("D#"), "Answer: D"),
    (a("T31.5"), "Answer: T315"),
    (a(">="), "Answer: <="),
    (a("A*"), "Answer: A"),
    (a("!="), "Answer: ="),
    (a("()"), "Answer: []"),
    (a("'"), 'Answer: "'),
    (CODE, "Answer: Z3A.13"),
    (HCC, "Answer: HCC 132"),
    (BENZENE, "Answer: C1CCCCC1"),
    (a("C1CCCCC1"), "Answer: c1ccccc1"),
    (a("CC(=O)O"), "Answer: cc(=o)o"),
    (CURVE, "Answer: 4x^3 + 81x^2 + 520x - 1044"),
    (CURVE, "Answer: 4x^3 - 81x^2 + 520x"),
    (a("+55"), "Answer: 55"),
    (a("2.3"), "Answer: 2.30"),
    (a("1 12"), "Answer: 11 2"),
    (HEBREW, "Answer: 17 Sivan 5786"),
    # sets and lists
    (ISLES, 'Answer: ["Malta", "Cyprus"]'),
    (ISLES, 'Answer: ["Malta", "Cyprus", "Cyprus"]'),
    (ISLES, "Answer: Malta, Cyprus, Ireland"),
    (ISLES, "Answer: none"),
    (ISLES, "Answer: all of them"),
    (ISLES, 'Answer: {"Malta": 1, "Cyprus": 2, "Iceland": 3}'),
    (RANKED, "Answer: fuel pumps, water pumps, spark plugs"),
    (RANKED, "Answer: fuel pumps > water pumps > spark plugs"),
    (RANKED, "Answer: spark plugs, water pumps"),
    (RANKED, "Answer: spark plugs < water pumps < fuel pumps"),
    (ZIPS, "Answer: 42376"),
    (ZIPS, "Answer: 42376, 42379"),
    (PRIMES, "Answer: 2, 3, 4"),
    (a([]), "Answer: Malta"),
    (a([1, 2]), "Answer: [1, true]"),
    (a([1, 1], "list"), "Answer: [1, true]"),
    # maps
    (PONDS, 'Answer: {"a": 0.4, "b": 0.292}'),
    (PONDS, 'Answer: {"Jaccard index": 0.292, "Bray–Curtis dissimilarity": 0.4}'),
    (PONDS, 'Answer: {"a": 0.292}'),
    (PONDS, 'Answer: {"a": 0.292, "b": 0.45}'),
    (PONDS, 'Answer: {"a": 0.292, "b": 0.4, "c": 0.4}'),
    (PONDS, "Answer: (a) 0.292"),
    (PONDS, "Answer: 0.292"),
    (PONDS, "Answer: [0.292, 0.4]"),
    (PONDS, 'Answer: {"a": 0.292, "b": null}'),
    (HOST, "Answer: (a) Sudan; (b) 9"),
    (PAIR, 'Answer: {"Population of Uganda": 1, "Population of Kenya": 2}'),
    (PAIR, 'Answer: {"uganda_population": 1, "kenya_population": 2}'),
    (PAIR, 'Answer: {"Uganda (2020)": 1, "Kenya (2020)": 2}'),
    (PAIR, 'Answer: {"Kenya": 1, "Rwanda": 2}'),
    (PAIR, 'Answer: {"Kenya in 2020": 1, "Kenya in 2021": 2}'),
    (PAIR, 'Answer: {"Kenya and Uganda": 1, "Uganda and Kenya": 2}'),
    (PAIR, 'Answer: {"2": 1, "1": 2}'),
    (SUDANS, 'Answer: {"capital of South Sudan": 1, "capital of Sudan": 2}'),
    (OPENED, 'Answer: {"Opening date": 4397073, "Population of the capital": "1946-12-16"}'),
    (RATES, 'Answer: {"area": 7, "ratio of the two": 0.5, "population": 8}'),
    (NAIROBI, "Answer: Nairobi, Uganda"),
    (NAIROBI, "Answer: Kenya"),
    (NAIROBI, "Answer: Nairobi County"),
    (a("Paris, France"), "Answer: Paris, Texas"),
    (a("Paris, Texas"), "Answer: Paris"),
    (a("Georgia, United States"), "Answer: Georgia"),
    (a("Korea, South"), "Answer: Korea"),
    (a("Hemophilia, Male"), "Answer: Hemophilia"),
    (PORTLANDS, "Answer: Gresham, Gresham"),
    (TOWNS, "Answer: Johannesburg, Cape Town, Durban, Kenya"),
    (RAND, "Answer: South African rand (USD)"),
    (RAND, "Answer: rand"),
    (RAND, "Answer: US dollar (ZAR)"),
    (KENYA, "Answer: Kenya (UG)"),
    (a("acute bronchitis", aliases=["J20.9"]), "Answer: acute bronchitis (J21.9)"),
    (KENYA, "Answer: Kenya\n\nEDIT: Uganda"),
    (KENYA, "Answer: Kenya\n\nApologies, it is Uganda."),
    (KENYA, "Answer: Kenya\n\nBut I'm not sure."),
    (KENYA, "Answer: Kenya, no wait, Uganda"),
    (KENYA, "Answer: Uganda (KE)"),
    (a("KE"), "Answer: Uganda (KE)"),
    (a("J20.9"), "Answer: J20.9 (or J21.0)"),
    (a("J20.9"), "Answer: acute bronchitis (J21.9)"),
    (WIND, "Answer: NE"),
    (WIND, "Answer: north-northeast"),
    (WIND, "Answer: WNW"),
    (a("Ne"), "Answer: NE"),
    (MONDAY, "Answer: Monday, 8 June 2027"),
    (MONDAY, "Answer: Tuesday, 7 June 2027"),
    (MONDAY, "Answer: Monday or Tuesday"),
    (FLIGHT, "Answer: 9 hours 30 minutes"),
    (FLIGHT, "Answer: 9 hours or 12 minutes"),
    (FLIGHT, "Answer: 12 minutes 9 hours"),
    (SPAN, "Answer: 1 h 90 min"),
    (SPAN, "Answer: 1 h 30 kg"),
    (a(31, unit="weeks"), "Answer: 31 weeks and 5 days"),
    # taken back, or another answer in the end
    (KENYA, "Answer: Kenya.\n\nWait, no: it is Uganda."),
    (KENYA, "Answer: Kenya\n\nActually, that is Uganda."),
    (KENYA, "Answer: Kenya\n\nI made a mistake: the calls were about Uganda."),
    (COUNT, "Answer: 42. Wait, that is wrong."),
    (COUNT, "Answer: 42\n\nHmm, that’s not right."),
    (COUNT, "Answer: 42\nSo the answer is 43."),
    (COUNT, "Answer: 42\n\nThe correct answer is 43."),
    (COUNT, '{"answer": 42}\nNo, it should be 43.'),
    (COUNT, "\\boxed{42}\n\nHold on, one is missing."),
    (COUNT, "So the answer is 42.\nOr perhaps not."),
    (COUNT, "So the answer is not 42.\nSo the answer is not known."),
    (COUNT, 'Answer: {"answer": 42, "other": 43}'),
    (COUNT, '{"answer": {"value": 42, "or": 43}}'),
    (YES, "Answer: Yes\n\nNo, wait. It has one coast."),
    (a({"rate": 118.67}), 'Answer: {"rate": 118.69}'),
    (a({"x": True}), 'Answer: {"x": 1}'),
]

TABLE = [(*case, True) for case in RIGHT] + [(*case, False) for case in WRONG]


@pytest.mark.parametrize(("answer", "reply", "right"), TABLE)
def test_the_table(answer: Answer, reply: str, right: bool) -> None:
    assert real()  # the value types of the pool are declared
    assert agrees(final(reply), answer) is right


def test_the_table_is_no_short_one() -> None:
    seen = [(str(answer), reply) for answer, reply, _ in TABLE]
    assert len(set(seen)) == len(seen) >= 400
    assert {answer["type"] for answer, _, _ in TABLE} == set(ANSWER_TYPES) - {"text"}


# --- the parts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("Answer: Kenya", "Kenya"),
        ("x\n**Final Answer:** Kenya\ny", "Kenya"),
        ("Kenya", "Kenya"),
        ("I thought.\nKenya", None),
        ("  \n", None),
        ("Answer: <think>hm</think>", None),
        ("Answer: a\n\nAnswer: b", "a; b"),
        ("Answer: a\nAnswer: a", "a"),
        ("My answer: none that I know.\nBye", None),
        ('so {"answer": {"a": 1}} then', '{"a": 1}'),
        ('{"answer": null}', None),
        ('{"answer": ""}', None),
        ("\\boxed{a_{1}}", "a_{1}"),
        ("\\boxed{open", "\\boxed{open"),
        ("Answer: 5\n\\boxed{6}", "5"),
        ('Answer:\n```json\n{"a": 1,\n "b": 2}\n```\nSo.', '{"a": 1,\n "b": 2}'),
        ("Answer:\n(a) 1\n(b) 2\nThat is all.", "(a) 1\n(b) 2"),
        ("Answer: (a) 1\n(b) 2\nThat is all.", "(a) 1\n(b) 2"),
        ("Answer: (a) 1\n(b) 2\nWait, no. One is 3.", None),
        ("Answer: Kenya.\n\nWait, no: it is Uganda.", None),
        ('Answer: {"answer": {"a": 1}}', '{"a": 1}'),
        ("Long ago.\nSo the answer is **42**.", "42"),
        ("Answer: 42\nThe answer is 43.", "42; 43"),
    ],
)
def test_final(reply: str, said: str | None) -> None:
    assert final(reply) == said


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (
            "I looked.\nAnswer: It burns.\nIt melts, too.\n\nAnd it is red.",
            "It burns.\nIt melts, too.\n\nAnd it is red.",
        ),
        ("Answer:\n\nIt burns.\nIt melts.", "It burns.\nIt melts."),
        ("**Answer:** It burns.\n\nWait, no: it melts.", "It burns.\n\nWait, no: it melts."),
        ("It burns.\nIt melts.", "It burns.\nIt melts."),
        ('{"answer": "It burns."}\nOr does it?', "It burns.\n\nOr does it?"),
        ("<think>It melts.</think>Answer: It burns.", "It burns."),
        ("Answer:", None),
        ("", None),
    ],
)
def test_a_text_is_all_that_is_said_from_there(reply: str, said: str | None) -> None:
    assert final(reply, whole=True) == said


def test_a_place_goes_by_its_name_alone_where_the_question_has_no_other() -> None:
    assert agrees("Nairobi", NAIROBI, "Which is larger, Nairobi, Kenya or Kampala, Uganda?")
    assert not agrees("Nairobi", NAIROBI, "Which is larger, Nairobi, Kenya or Nairobi, Texas?")
    assert not agrees("Nairobi", NAIROBI, "Which is larger, Nairobi (Texas) or Nairobi (Kenya)?")
    assert parts("Pretoria, Durban", TOWNS) == 0.5
    assert parts("Gresham, Durban", PORTLANDS) == 0


@pytest.mark.parametrize(
    ("answer", "question", "fair"),
    [
        (YES, "Is it so?", True),
        (KENYA, "Which is larger, Kenya or Uganda?", True),
        (NAIROBI, "Which is larger, Nairobi or Kampala?", True),
        (RANKED, "Put fuel pumps, spark plugs and water pumps in order.", True),
        (ISLES, "Which of Cyprus, Iceland, Malta and Chad are islands?", True),
        (KENYA, "Which neighbour of Uganda is the largest?", False),
        (a("Niger"), "Which neighbour of Nigeria is the largest?", False),
        (ISLES, "Which are islands, as Malta is?", False),
        (a([]), "Which are islands?", False),
        (a(42), "Is it 42 or 43?", False),
        (PONDS, "What are the Bray–Curtis dissimilarity and the Jaccard index?", False),
    ],
)
def test_a_guesser_has_a_fair_chance_where_the_question_names_the_answer(
    answer: Answer, question: str, fair: bool
) -> None:
    assert guessable(answer, question) is fair


@pytest.mark.parametrize(
    "said",
    [None, "", [], {}, 0.5, True, float("nan"), float("inf"), 10**400, "10^400", "a" * 50_000, "9" * 5000, "[" * 5000],
)
@pytest.mark.parametrize("answer", [COUNT, PI, DAY, YES, KENYA, ISLES, RANKED, PONDS])
def test_nothing_that_can_be_said_is_an_error(said: Any, answer: Answer) -> None:
    assert agrees(said, answer) is (said is True and answer is YES)
    assert parts(said, answer) == float(said is True and answer is YES)


def test_a_text_needs_a_judge() -> None:
    text = a("They burn at different temperatures.", "text")
    assert agrees("They burn at different temperatures.", text) is None and parts("x", text) is None
    assert agrees(None, text) is None


@pytest.mark.parametrize(
    ("said", "answer", "share"),
    [
        ('{"a": 0.292, "b": 0.5}', PONDS, 0.5),
        ('{"a": 0.292}', PONDS, 0.5),
        ('{"a": 1, "b": 2}', PONDS, 0.0),
        ("(a) 6840 (b) 7 (c) 29", THREE, 2 / 3),
        ("Malta, Cyprus", ISLES, 2 / 3),
        ("Malta, Cyprus, Ireland, Iceland", ISLES, 0.75),
        ("Malta, Malta, Malta", ISLES, 1 / 3),
        ("spark plugs, fuel pumps, water pumps", RANKED, 1 / 3),
        ("42", COUNT, 1.0),
        ("43", COUNT, 0.0),
    ],
)
def test_a_share_of_the_parts(said: str, answer: Answer, share: float) -> None:
    assert parts(said, answer) == pytest.approx(share)


@pytest.mark.parametrize(
    ("one", "other", "kind", "agree"),
    [
        ("42", "42.0", "integer", True),
        ("42", "43", "integer", False),
        ("3.14 m", "3.1416 metres", "number", True),
        ("3.14", "3.15", "number", False),
        ("3.1", "3", "number", False),
        ("5 km", "5000 m", "number", True),
        ("5 km", "5 kg", "number", False),
        ("5", "5 or 6", "number", False),
        ("unknown", "unknown", "number", False),
        ("Kenya", "kenya.", "string", True),
        ("Kenya", "Uganda", "string", False),
        ("15 May 2031", "2031-05-15", "date", True),
        ("May", "May", "date", False),
        ("yes", "True", "boolean", True),
        ("maybe", "maybe", "boolean", False),
        ("a, b", '["b", "a"]', "set", True),
        ("a, b", "b, a", "list", False),
        ("1, 2", "[1, 2]", "list", True),
        ('{"a": 1, "b": "x"}', "(a) 1 (b) X", "map", True),
        ('{"a": 1}', '{"a": 2}', "map", False),
        ("It burns.", "it burns", "text", True),
        ("It burns.", "It freezes.", "text", False),
    ],
)
def test_two_answers_agree_with_one_another(one: str, other: str, kind: str, agree: bool) -> None:
    assert same(one, other, kind) is agree and same(other, one, kind) is agree


def test_two_numbers_agree_within_the_tolerance_of_the_task() -> None:
    assert not same("3.14", "3.15", "number") and same("3.14", "3.15", "number", tolerance=0.01)


@pytest.mark.parametrize("kind", ANSWER_TYPES)
def test_an_instruction_asks_for_the_form_that_is_found(kind: str) -> None:
    told = instruction(a({"Jaccard index": 31.4}, kind, unit="furlongs"))
    assert "`Answer: `" in told and "31.4" not in told and "Jaccard" not in told and "furlong" not in told


def test_with_tools_a_name_is_asked_for_as_they_spell_it() -> None:
    assert "as the tools spell it" in instruction(NAIROBI, tools=True)
    assert "tools" not in instruction(NAIROBI) and "tools" not in instruction(COUNT, tools=True)


def test_the_unit_is_told_where_the_question_tells_it() -> None:
    assert ", in metres" in instruction(PI, "How long is it, in metres?")
    assert "metres" not in instruction(PI, "How long is it?")
    assert instruction(COUNT) == instruction(a(4.2))


def test_without_pint_no_unit_is_taken_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    caches = (units.conversion, units._registry, units._known, units._leading)
    for found in caches:
        found.cache_clear()
    monkeypatch.setitem(sys.modules, "pint", None)
    assert agrees("3.14 metres", PI) and agrees("3.14", PI) and not agrees("3.14 km", PI) and not agrees("314 cm", PI)
    assert agrees("9 hours 12 minutes", FLIGHT) and not agrees("9 hours 12 minutes", PI)
    assert agrees("42 codes", COUNT) and agrees("61 of them", a(61, unit="exceptions"))
    monkeypatch.undo()
    for found in caches:
        found.cache_clear()
    assert agrees("314 cm", PI)

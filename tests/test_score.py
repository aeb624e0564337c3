"""A table of answers, replies, and whether the one is right by the other; and the parts that it rests on."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village import real

from dive_tools.errors import DiveError
from dive_tools.records import ANSWER_TYPES
from dive_tools.score import agrees, final, guessable, instruction, parts, same, units, written

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


# --- what models write ------------------------------------------------------------------------------------------------

P_VALUE = a(0.169, tolerance=0.0017)
ASK_P = "What is the Bonferroni correction of that two-sided p-value for 5 tests? Round to three significant figures."
POST_TEST = a(12.14, unit="percent", tolerance=0.01)
ASK_POST_TEST = (
    "What is the post-test probability of disease from a pre-test probability of 30 percent and the "
    "likelihood ratio of a negative result of the test? Give the answer to two decimal places."
)
OF_LIGHT = a(36.09, unit="percent", tolerance=0.01)
ASK_OF_LIGHT = (
    "What is the speed of a particle with 100 MeV of kinetic energy and that PDG mass, as a percentage "
    "of that of light? Give the answer to two decimal places."
)
DOUBLING = a(81.26, unit="minutes", tolerance=0.01)
ASK_DOUBLING = (
    "What is the doubling time at the specific growth rate of the culture, in minutes? Give the answer "
    "to two decimal places."
)
DOWNLOAD = a(170.9, unit="seconds", tolerance=0.01)
ASK_DOWNLOAD = (
    "What is the time that the download takes at that highest data rate, in seconds? Round to two decimal places."
)
KNOTS = a(389.49, unit="knots", tolerance=0.01)
ASK_KNOTS = "What is that average speed in knots? Round to two decimal places."
SOLUTE = a(6.69, unit="millimoles")
ASK_SOLUTE = "What is the amount of solute in 75 millilitres at the concentration of the acid solution, in millimoles?"
CALCIUM = a(2.22, unit="millimoles per litre", tolerance=0.01)
ASK_CALCIUM = (
    "What is that albumin-corrected calcium converted to millimoles per litre with 40.078 g/mol? Round "
    "to two decimal places."
)
ACIDITY = a(1344.63, unit="micromoles per litre", tolerance=0.01)
ASK_ACIDITY = (
    "What is the hydrogen ion concentration at the pH of the solution, in micromoles per litre? Give "
    "the answer to two decimal places."
)
BEARING = a(230.0, unit="degrees", tolerance=0.01)
ASK_BEARING = (
    "On what initial bearing, clockwise from true north, does the great circle from that airport to "
    "Khartoum International Airport start, in degrees? Give the answer to two decimal places."
)
MEAN = a(10.67, unit="days", tolerance=0.01)
ASK_MEAN = "What is the mean of these values, in days? Give the answer to two decimal places."
MEDIAN = a(8.0, unit="values")
ASK_MEDIAN = (
    "For each of these groups, find the number of values that the fifth letter of a CFI code can take "
    "in that group, not counting X. What is the median of these values?"
)
BOGOTA = a(7674366)
ASK_BOGOTA = (
    "Take the home city of the Colombian Securities Exchange. How many people live in that home city "
    "according to GeoNames?"
)
APART = a(65, unit="days")
ASK_APART = "How many days apart are that date and the date (UTC) of the December solstice in 1982?"
ROADS = a(3)
ASK_ROADS = "How many direct roads lead out of that town?"
AT_ELEVEN = a(120)
ASK_AT_ELEVEN = (
    "If that discriminant is less than 4,000,000, give the value of the polynomial at x = 11; "
    "otherwise, give its value at x = 5."
)
FRIDAY = a("Friday")
ASK_WEEKDAY = "What is the day of the week on which that date falls?"
NICKEL = a("Ni4+")
ASK_NICKEL = (
    "For each of Ni2+ and Ni4+, find the Shannon ionic radius of that ion in six-fold coordination. "
    "For which of the two ions is this Shannon ionic radius smaller?"
)
CHLORATE = a("chlorate ion")
ASK_CHLORATE = (
    "For each of the cyanide ion, the chlorate ion and the chloride ion, find the standard enthalpy of "
    "formation of that ion in water in the CRC Handbook. For which of them is this standard enthalpy "
    "of formation in water the second highest?"
)
BLOCK = a("179.0.0.0/8")
ASK_BLOCK = "Which of the /8 blocks that bear that designation in the IANA registry has the latest year of allocation?"
PYGMENTS = a("1.5")
ASK_PYGMENTS = (
    "Which Pygments version added the only language that Pygments highlights for the MIME type text/x-powershell?"
)
KIDNEY = a("normal or high")
ASK_KIDNEY = "What is the KDIGO description of that GFR category?"
KIDNEY_WORSE = a("moderately to severely decreased")
PHOENIX = a("Phoenix, United States")
ASK_PHOENIX = "Which city does that airport serve according to airportsdata?"
PORTLAND = a("Portland, United States")
ASK_PORTLAND = (
    "Which city of more than 500,000 inhabitants in GeoNames, not counting any within 25 kilometres, "
    "is nearest to the GeoNames position of ZIP code 97526?"
)
BOLIVAR = a("Venezuelan bolívar (1871–2008)")
ASK_BOLIVAR = (
    "For each of the Venezuelan bolívar (2008–2018) and the Venezuelan bolívar (1871–2008), find the "
    "last year in which that former currency was legal tender anywhere according to CLDR. For which of "
    "the two former currencies is this last year as legal tender earlier?"
)
LEV = a("Bulgarian lev")
ASK_LEV = (
    "For each of the Bulgarian hard lev, the Bulgarian lev (1879–1952), the Bulgarian socialist lev "
    "and the Bulgarian lev, find the last year in which that former currency was legal tender anywhere "
    "according to CLDR. For which of them is this last year as legal tender the latest?"
)
ZONE = a("CST")
ASK_ZONE = (
    "Which abbreviation does the IANA tz database give for the time of that time zone at noon on 1 February 2027?"
)
WEEKS = a("Z3A.12")
ASK_WEEKS = "What is the ICD-10-CM code of category Z3A for the number of completed weeks in that gestational age?"
LOCATOR = a("PL44fi")
ASK_LOCATOR = (
    "What is the six-character Maidenhead locator of the point 1000 kilometres southeast of Nanqiao, "
    "China along the great circle?"
)
AIRPORT = a("KPHX")
ASK_AIRPORT = "Which four-character code does ICAO give that airport?"
MESSIER = a("Messier 45")
ASK_MESSIER = (
    "Take the deep-sky objects in that constellation that have a common name in OpenNGC. For which of "
    "them is this apparent major axis the longest?"
)
GALAXY = a("NGC 7038")
ASK_GALAXY = (
    "For each of NGC 6907 and NGC 7038, find the altitude above the horizon at which that deep-sky "
    "object culminates at latitude 20 degrees north. For which of the two deep-sky objects is this "
    "altitude at culmination higher?"
)
PORTUGAL = a("Portugal")
ASK_PORTUGAL = (
    "For each of Portugal and Sweden, find the length of an IBAN of that country. For which of the two "
    "countries is this length greater?"
)
LAST_HOST = a("172.28.214.254")
ASK_LAST_HOST = "What is the last usable host address of the /28 network that holds the private address 172.28.214.251?"
SHEVAT = a("12 Shevat 5786")
ASK_SHEVAT = "Which date of the Hebrew calendar is that?"
SLOPE = a("4x^3 - 69x^2 + 370x - 601")
ASK_SLOPE = "What is the derivative of the polynomial x^4 - 23x^3 + 185x^2 - 601x + 630?"
KENYA_ALONE = a("Kenya")
ASK_KENYA = "For which of the two countries, Kenya and Uganda, is this number of working weekdays lower?"
ASK_GALLIUM = "Is the melting point of gallium above 300 kelvins?"
LAST_DAY = a("2025-10-19", "date")
ASK_LAST_DAY = "What is the date 30 days after that last working day?"
ALKALI = a(["lithium", "sodium", "potassium"])
ASK_ALKALI = (
    "For each of the non-radioactive elements of group 1, find the melting point of that "
    "non-radioactive element in the mendeleev table. For which of them is this melting point greater "
    "than 320 kelvins?"
)
TUNISIA = a(["Tunisia"])
ASK_TUNISIA = (
    "For each of Egypt, Mauritius, Burundi, Mauritania and Tunisia, find the length of the bank code "
    "inside an IBAN of that country. For which of them is this length less than 3 characters?"
)
FALL_RIVER = a(["02720"])
ASK_FALL_RIVER = (
    "Which of the standard ZIP codes of Fall River, Massachusetts have a latitude in GeoNames above 41.7 degrees north?"
)
ORDERS = a(["2729", "2730"])
ASK_ORDERS = "Which of the orders were placed after 1 December 2025 by Alder Clinic?"
ROOT = a([1])
ASK_ROOT = "For which of the positive integer roots of the polynomial is this Euler's totient less than 2?"
PRASEODYMIUM = a(["Pr3+"])
ASK_PRASEODYMIUM = (
    "For each of Er3+, Pr3+ and Tb3+, find the ionic potential of that ion with its six-fold Shannon "
    "radius. For which of them is this ionic potential less than 32 elementary charges per nanometre?"
)
GALAXIES = a(["Messier 31", "Messier 110"])
ASK_GALAXIES = (
    "For each of the Messier objects that OpenNGC lists in Andromeda, find the surface brightness of "
    "that Messier object in OpenNGC. For which of them is this surface brightness greater than 23 "
    "magnitudes per square arcsecond?"
)
CHEAP = a(["aluminium", "sulfur", "chlorine"])
ASK_CHEAP = (
    "For each of aluminium, sodium, sulfur and chlorine, find the price of a kilogram of that chemical "
    "element in the mendeleev table. For which of them is this price per kilogram less than 2 US "
    "dollars per kilogram?"
)
LONG_LIVED = a(["Spain", "Hungary", "Portugal"])
ASK_LONG_LIVED = (
    "For each of Spain, Hungary, Portugal and Romania, find the life expectancy at birth in that "
    "country in 1972 according to Gapminder. For which of them is this life expectancy at birth "
    "greater than 69.25 years?"
)
CODONS = a(["AUG", "GUG", "AUA"], "list")
ASK_CODONS = "Rank the start codons by this relative frequency among synonymous codons, from highest to lowest."
ACIDS = a(["histidine", "phenylalanine", "tryptophan"], "list")
ASK_ACIDS = "Rank the amino acids by this number of carbon atoms, from smallest to largest."
NORTHWARD = a(["55371", "56330", "56353"], "list")
ASK_NORTHWARD = (
    "Rank the standard ZIP codes of Mille Lacs County, Minnesota by latitude in GeoNames, from "
    "southernmost to northernmost."
)
GROUPS = a(["Rates (Forwards)", "Equity (Forwards)", "Credit (Forwards)"], "list")
ASK_GROUPS = "Rank the groups by this number of values, from smallest to largest."
ANIMALS = a(["Monodelphis domestica", "Macaca mulatta", "Gorilla gorilla"], "list")
ASK_ANIMALS = (
    "Rank Monodelphis domestica, Gorilla gorilla and Macaca mulatta by diploid chromosome number, from "
    "lowest to highest."
)
DIAMORPHINE = a({"Crippen logP": 1.99, "molecular formula": "C21H23NO5", "number of hydrogen-bond donors": 0})
ASK_DIAMORPHINE = (
    "(a) What is the Crippen logP of diamorphine, to two decimal places? (b) What is the molecular "
    "formula of diamorphine? (c) What is the number of hydrogen-bond donors of diamorphine (RDKit "
    "count)?"
)
ICELAND = a(
    {"population": 209275, "average annual growth rate (compounded)": 1.54, "inflation-adjusted GDP": 1075000000.0}
)
ASK_ICELAND = (
    "(a) How many people lived in Iceland in 1972 according to Gapminder? (b) What is the average "
    "annual growth rate (compounded) of the population of Iceland from 1952 to 1982 according to "
    "Gapminder, in percent per year, to two decimal places? (c) What is the inflation-adjusted GDP of "
    "Iceland in 1952 by Gapminder's population and GDP per capita, in US dollars, to four significant "
    "figures?"
)
CATEGORY = a({"label": "Diabetes with Chronic Complications", "number of ICD-10-CM codes": 308})
ASK_CATEGORY = (
    "(a) What does the CMS-HCC V28 category HCC 37 stand for? (b) How many ICD-10-CM codes map to the "
    "CMS-HCC V28 category HCC 37 in the 2026 table?"
)
TELEPHONE = a({"national form": "0939 90 12 34", "number to dial": "000262939901234", "kind of line": "VoIP"})
ASK_TELEPHONE = (
    "(a) How does libphonenumber write the telephone number +262 939 90 12 34 in national form? (b) "
    "What does one dial, digit by digit, to call the telephone number +262 939 90 12 34 from a "
    "landline in Kenya? (c) What is the kind of line (such as fixed-line, mobile or toll-free) of the "
    "telephone number +262 939 90 12 34 according to libphonenumber?"
)
FACTORS = a({"smallest prime factor": 5, "previous prime number": 3323, "Euler's totient": 2160})
ASK_FACTORS = (
    "(a) What is the smallest prime factor of 3325? (b) What is the largest prime number smaller than "
    "3325? (c) How many integers from 1 to 3325 are coprime to 3325?"
)
ROSE = a({"WCAG relative luminance": 0.822, "hex code": "#ffe4e1"})
ASK_ROSE = (
    "(a) What is the WCAG relative luminance of CSS mistyrose, to three significant figures? (b) What "
    "is the hex code of CSS mistyrose?"
)
SEYCHELLES = a({"country": "Seychelles", "local time": "04:00", "national form": "4 217 123"})
ASK_SEYCHELLES = (
    "(a) To which country does the telephone number +248 4 217 123 belong? (b) What is the local time "
    "in the area of the telephone number +248 4 217 123 when it is 00:00 UTC on 15 January 2026? (c) "
    "How does libphonenumber write the telephone number +248 4 217 123 in national form?"
)
FIT = a({"two-sided p-value": 2.12e-05, "slope": 1.53})
ASK_FIT = (
    "(a) What is the two-sided p-value of Pearson's correlation between concentration and signal in "
    "the calibration, to three significant figures? (b) What is the slope of the least-squares line of "
    "the calibration, in units per mg/L, to two decimal places?"
)
RETURNS = a({"mean annual return": 6.0, "covariance": -6.75})
ASK_RETURNS = (
    "(a) What is the mean annual return of the portfolio, rebalanced every year, in percent? (b) What "
    "is the sample covariance between the annual returns of the two shares of the portfolio, in "
    "squared percentage points?"
)
RUBIDIUM = a(
    {"limiting molar conductivity": 145.1, "standard enthalpy of formation": -380.5, "mean activity coefficient": 0.949}
)
ASK_RUBIDIUM = (
    "(a) What is the limiting molar conductivity of rubidium perchlorate in water at 25 °C by "
    "Kohlrausch's law, in siemens square centimetres per mole? (b) What is the standard enthalpy of "
    "formation of rubidium perchlorate in water by the ion values of the CRC Handbook, in kilojoules "
    "per mole? (c) What is the mean activity coefficient in a solution of 0.002 moles of rubidium "
    "perchlorate per kilogram of water at 25 °C by the Debye–Hückel limiting law, to three significant "
    "figures?"
)
DOSE = a({"single dose": 640, "body surface area": 0.657, "hourly rate": 77.5})
ASK_DOSE = (
    "(a) What is the single dose of the child at 40 mg per kg, in milligrams? (b) What is the body "
    "surface area of the child by the Mosteller formula, in square metres, to three significant "
    "figures? (c) What is the hourly rate for the child, in millilitres per hour?"
)
TOWN = a({"town": "Aldmoor", "smallest total length": 112, "road distance": 45})
ASK_TOWN = (
    "(a) What is the town of the road network that is farthest by road from the depot? (b) What is the "
    "smallest total length of roads that keeps all towns of the road network connected, in kilometres? "
    "(c) What is the length of the shortest route by road from the depot to that town, in kilometres?"
)
LICENCE = a({"simplest equivalent": "ISC OR (EPL-2.0 AND MPL-2.0)", "ScanCode category": "Copyleft Limited"})
ASK_LICENCE = (
    "(a) What is the simplest equivalent of the licence expression? (b) To which ScanCode category "
    "does the licence EPL-2.0 belong?"
)
BASE = a({"Pygments version": "2.13", "base class": "OSError"})
ASK_BASE = "(a) Which Pygments version added the language? (b) What is the base class of the exception?"
EUROPIUM = a("europium(III) ion")
ASK_EUROPIUM = (
    "For each of the europium(III) ion and the europium(II) ion, find the limiting molar conductivity "
    "of that ion. For which of the two ions is it lower?"
)
WARMING = a("HFO-1132a")
ASK_WARMING = "Which of HFO-1132a, HFO-1141 and HFO-1123 has the smallest global warming potential?"
CHAPTER = a("Symptoms, signs and abnormal clinical and laboratory findings, not elsewhere classified")
ASK_CHAPTER = "What is the title of that ICD-10-CM chapter?"
TAMIL = a("Tamil Nādu, India")
ASK_TAMIL = "Which first-level division holds that city?"
THOUGHT = (
    "Let me work through this step by step.\n\n### Step 1: Look up the readings\n| group | mean | sd "
    "|\n|-------|------|----|\n| control | 71.0 | 4.53 |\n| treated | 77.8 | 2.59 |\n\n### Step 2: "
    "Welch's t\n$$t = \\frac{77.8-71.0}{\\sqrt{4.53^2/5 + 2.59^2/5}} = 2.914$$\n\nWith $\\nu \\approx "
    "6.37$ this gives $p = 0.0338$ (the tool said 0.03384).\n\n### Step 3: Correction\nAnswer to the "
    "sub-question: $p = 0.0338$; times 5 is $0.169$.\n\n"
)
SOUTH_SUDAN = a("South Sudan")
ASK_SUDANS = (
    "For each of Sudan and South Sudan, find the number of suffixes. For which of the two countries is it greater?"
)
SUDAN = a("Sudan")
ASK_NOVI = "Which of the standard ZIP codes of Novi, Michigan have a latitude below 42.47 degrees north?"
NOVI = a(["48375"])
ACAMAR = a("Acamar")
ASK_ACAMAR = "Which named star of that constellation is the brightest?"
GLUTAMINE = a("glutamine")
ASK_GLUTAMINE = "Of asparagine, glutamine and glutamic acid, which amino acid has the highest number?"
SULFATE = a("rubidium sulfate")
ASK_SULFATE = (
    "For each of rubidium sulfate and rubidium sulfite, find the mean activity coefficient of that "
    "salt. For which of the two salts is it lower?"
)
POUNDS = a(["Israeli pound", "Maltese pound"])
ASK_POUNDS = (
    "For each of the Israeli pound, the Sudanese pound (1957–1998), the Irish pound and the Maltese "
    "pound, find the last year. For which of them is this less than 1990?"
)
HOST_ALONE = a("10.0.0.161")
ASK_HOST_ALONE = "What is the host address of the /27 network?"
UPWARD = a(["a1", "b2", "c3"], "list")
ASK_UPWARD = "Rank them from lowest to highest."
ASK_DOWNWARD = "Rank them from highest to lowest."
GROWTH = a({"growth": 1.54, "share": 0.5})
ASK_GROWTH = "(a) What is the growth, in percent per year, to two decimal places? (b) What is the share of it?"
INVESTED = a({"gdp": 530.6, "people": 217.09})
ASK_INVESTED = (
    "(a) What is the investment, in billions of chained 2005 US dollars, to one decimal place? (b) "
    "What is the population in millions, in million people, to two decimal places?"
)
FOUR = a("04:00")
ASK_FOUR = "What is the local time?"
HCC_132 = a("HCC 132")
ASK_HCC_132 = (
    "For each of the category HCC 132 and the Part D category RxHCC 132, find the number of codes. For "
    "which of the two categories is it smaller?"
)
PRESSURE = a(8.74, unit="kilopascals", tolerance=0.01)
ASK_PRESSURE = "What is that pressure, in kilopascals? Round to two decimal places."
ENTHALPY = a(-393.5, unit="kilojoules")
ASK_ENTHALPY = "What is the enthalpy change, in kilojoules?"
ORDER = a(1250000.0, unit="US dollars")
ASK_ORDER = "What is the value of the order, in US dollars?"
FOUNDED = a(1966)
ASK_FOUNDED = "In which year was it founded?"
WEEK = a(10)
ASK_WEEK = "What is the ISO 8601 week number of that last working day?"
GRAMS = a(0.5, unit="grams")
ASK_GRAMS = "What is the mass, in grams?"
COLD = a(-12.5, unit="degrees Celsius", tolerance=0.1)
ASK_COLD = "What is the temperature, in degrees Celsius?"
GEORGIA = a("Georgia")
ASK_GEORGIA = "Which country has that code?"
EXPRESSION = a("BSD-3-Clause AND MPL-2.0")
ASK_EXPRESSION = "What is the simplest equivalent of the licence expression?"
BYTES = a("E2 82 AC")
ASK_BYTES = "What is the hexadecimal form in UTF-8?"
NACE = a("Manufacture of other electronic and electric wires and cables")
ASK_NACE = "What is the title of that class in NACE Rev. 2?"
SMILES = a("CC(=O)Oc1ccccc1C(=O)O")
ASK_SMILES = "What is the SMILES string?"
DOMAIN = a(".nl")
ASK_DOMAIN = "Which top-level domain is it?"
SARAJEVO = a("Europe/Sarajevo")
ASK_SARAJEVO = "Which IANA time zone is it?"
PEPTIDES = a(["LLG", "DFLRNLVPRTES", "DFFRKSKEKIGKEFKRIVQRIK"], "list")
ASK_PEPTIDES = "Rank the peptides by this monoisotopic m/z, from lowest to highest."
YEARS = a([1961, 1972])
ASK_YEARS = "Which years are they?"
NICARAGUA = a({"country": "Nicaragua", "number to dial": "00573211234567", "IANA time zone": "America/Chicago"})
ASK_NICARAGUA = "(a) Which country is it? (b) What does one dial? (c) Which IANA time zone does it have?"
PRIME = a({"is prime": False, "next": 11})
ASK_PRIME = "(a) Is it prime? (b) What is the next prime?"
DUE = a({"due date": "2026-03-16", "weeks": 13})
ASK_DUE = "(a) What is the due date? (b) How many completed weeks is it?"
PAYMENT = a(2308.93, unit="US dollars", tolerance=0.01)
ASK_PAYMENT = "What is the payment, in US dollars? Round to two decimal places."
ASK_CODON = (
    "For each of the codon AGU and the codon AGA, find the number of synonymous substitutions of that "
    "codon. For which of the two codons is it smaller?"
)
HEXANONE = a("3-hexanone")
ASK_HEXANONE = (
    "Of pentanal, 3-hexanone and tetrahydropyran, which has the highest normal boiling point in the CRC Handbook?"
)
REGION = a("四川")
ASK_REGION = "该地区叫什么？"

ASKED_RIGHT: list[tuple[Answer, str, str]] = [
    (P_VALUE, ASK_P, THOUGHT + "**Answer: p ≈ 0.169**"),
    (P_VALUE, ASK_P, THOUGHT + "Therefore\n\\[\n\\boxed{p_{\\text{adj}} = 0.169}\n\\]"),
    (P_VALUE, ASK_P, THOUGHT + "Answer: 0,169"),
    (P_VALUE, ASK_P, THOUGHT + "Answer: 16.9%"),
    (P_VALUE, ASK_P, THOUGHT + "Answer: approximately 0.169 (three significant figures)."),
    (P_VALUE, ASK_P, "Answer: $p_{\\mathrm{Bonf}} \\approx 1.69 \\times 10^{-1}$"),
    (POST_TEST, ASK_POST_TEST, "The post-test odds are 0.1382.\n\n**Answer:** 12.14 %"),
    (POST_TEST, ASK_POST_TEST, "Answer: 12.14 percent (about 1 in 8)"),
    (POST_TEST, ASK_POST_TEST, "Answer: **12.14 %** 🎯"),
    (POST_TEST, ASK_POST_TEST, "Final answer: the post-test probability is 12.14%."),
    (OF_LIGHT, ASK_OF_LIGHT, "β = 0.3609, so v = 0.3609 c.\n\nAnswer: 36.09% of c"),
    (OF_LIGHT, ASK_OF_LIGHT, "Answer: 36.09% of the speed of light"),
    (DOUBLING, ASK_DOUBLING, "Answer: T_d = 81.26 minutes"),
    (DOUBLING, ASK_DOUBLING, "### Final Answer\n\n$$\\boxed{t_d = 81.26\\ \\text{min}}$$"),
    (DOUBLING, ASK_DOUBLING, "Answer: ~81.26 min (≈ 1.35 h)"),
    (DOUBLING, ASK_DOUBLING, "Answer: 1 h 21 min 15.6 s"),
    (DOUBLING, ASK_DOUBLING, '```json\n{"answer": 81.26, "unit": "minutes"}\n```'),
    (
        DOUBLING,
        ASK_DOUBLING,
        ('```json\n{\n  "reasoning": "ln 2 / mu with mu = 0.5118 per hour",\n  "answer": "81.26 minutes"\n}\n```'),
    ),
    (DOWNLOAD, ASK_DOWNLOAD, "Answer: 2 min 50.9 s"),
    (DOWNLOAD, ASK_DOWNLOAD, "Answer: 170,9 s"),
    (DOWNLOAD, ASK_DOWNLOAD, "Answer: 170.9s."),
    (KNOTS, ASK_KNOTS, "Answer: 389.49 kn"),
    (KNOTS, ASK_KNOTS, "Answer: 389.49 kt"),
    (KNOTS, ASK_KNOTS, "Answer: ≈ 389.49 knots (721.34 km/h)"),
    (SOLUTE, ASK_SOLUTE, "Answer: 6.69 mmol"),
    (SOLUTE, ASK_SOLUTE, "n = c·V = 0.0892 mol/L × 0.075 L\n\nAnswer: 6.69 × 10⁻³ mol"),
    (SOLUTE, ASK_SOLUTE, "\\boxed{6.69\\times10^{-3}\\ \\mathrm{mol}}"),
    (SOLUTE, ASK_SOLUTE, "Answer: 0.00669 moles"),
    (CALCIUM, ASK_CALCIUM, "Answer: 2.22 mmol·L⁻¹"),
    (CALCIUM, ASK_CALCIUM, "Answer: Corrected Ca = 2.22 mM"),
    (ACIDITY, ASK_ACIDITY, "Answer: 1.34463 × 10^-3 M"),
    (ACIDITY, ASK_ACIDITY, "Answer: 1.344,63 µmol/L"),
    (ACIDITY, ASK_ACIDITY, "Answer: 1 344,63 µmol/l"),
    (ACIDITY, ASK_ACIDITY, "Answer: [H⁺] = 1,344.63 μM"),
    (BEARING, ASK_BEARING, "Answer: 230.00° (clockwise from true north)"),
    (BEARING, ASK_BEARING, "Answer: 230 degrees"),
    (MEAN, ASK_MEAN, "(11 + 10 + 11)/3 = 32/3\n\nAnswer: 32/3 ≈ 10.67 days"),
    (MEDIAN, ASK_MEDIAN, "Answer: eight"),
    (MEDIAN, ASK_MEDIAN, "Answer: **8** values."),
    (BOGOTA, ASK_BOGOTA, "The exchange is in Bogotá.\n\nAnswer: 7.674.366 habitantes"),
    (BOGOTA, ASK_BOGOTA, "Answer: 7 674 366 people"),
    (BOGOTA, ASK_BOGOTA, "Answer: Bogotá has 7,674,366 inhabitants according to GeoNames."),
    (BOGOTA, ASK_BOGOTA, "Answer: ７,６７４,３６６"),
    (APART, ASK_APART, "Answer: sixty-five days"),
    (APART, ASK_APART, "Answer: 65 days (from 18 October 1982 to 22 December 1982)"),
    (APART, ASK_APART, "Answer: 64\n\nWait, the solstice is on the 22nd, not the 21st, so one more day.\n\nAnswer: 65"),
    (APART, ASK_APART, "The two dates are 18 October and 22 December. The answer is 65 days."),
    (ROADS, ASK_ROADS, "Answer: 3 (Birchwick, Foxley and Harwick)"),
    (ROADS, ASK_ROADS, "<think>Answer: 4? No, three.</think>\n\nAnswer: three roads"),
    (ROADS, ASK_ROADS, "<answer>3</answer>"),
    (AT_ELEVEN, ASK_AT_ELEVEN, "The discriminant is 3,732,480 < 4,000,000, so x = 11.\n\nAnswer: f(11) = 120"),
    (
        AT_ELEVEN,
        ASK_AT_ELEVEN,
        (
            "Answer: 120\n\n**Explanation:** the discriminant is 3,732,480, which is less than 4,000,000, "
            "hence x = 11.\n\nLet me know if you need more! 😊"
        ),
    ),
    (FRIDAY, ASK_WEEKDAY, "Answer: It falls on a Friday."),
    (FRIDAY, ASK_WEEKDAY, "Answer: **Friday** (4 January 1991)"),
    (FRIDAY, ASK_WEEKDAY, 'Answer: "Friday".'),
    (NICKEL, ASK_NICKEL, "Answer: Ni⁴⁺"),
    (NICKEL, ASK_NICKEL, "Answer: $\\mathrm{Ni^{4+}}$"),
    (NICKEL, ASK_NICKEL, "\\[\\boxed{\\text{Ni}^{4+}}\\]"),
    (NICKEL, ASK_NICKEL, "Answer: Ni4+ (0.48 Å, against 0.69 Å for Ni2+)"),
    (CHLORATE, ASK_CHLORATE, "Answer: the chlorate ion (ClO₃⁻)"),
    (CHLORATE, ASK_CHLORATE, "Answer: chlorate"),
    (BLOCK, ASK_BLOCK, "Answer: `179.0.0.0/8` (allocated in February 2011)"),
    (PYGMENTS, ASK_PYGMENTS, "Answer: Pygments 1.5"),
    (PYGMENTS, ASK_PYGMENTS, "Answer: version 1.5"),
    (PYGMENTS, ASK_PYGMENTS, "Answer: v1.5."),
    (KIDNEY, ASK_KIDNEY, 'Answer: "Normal or high" (category G1)'),
    (KIDNEY, ASK_KIDNEY, "Answer: G1 – normal or high"),
    (KIDNEY_WORSE, ASK_KIDNEY, "Answer: Moderately to severely decreased (G3b)"),
    (PHOENIX, ASK_PHOENIX, "Answer: Phoenix, Arizona"),
    (PHOENIX, ASK_PHOENIX, "Answer: Phoenix, AZ, USA"),
    (PHOENIX, ASK_PHOENIX, "Answer: Phoenix"),
    (PORTLAND, ASK_PORTLAND, "Answer: Portland, Oregon, United States"),
    (BOLIVAR, ASK_BOLIVAR, "Answer: Venezuelan bolivar (1871-2008)"),
    (BOLIVAR, ASK_BOLIVAR, "Answer: the **Venezuelan bolívar (1871–2008)**"),
    (LEV, ASK_LEV, "Answer: Bulgarian lev"),
    (LEV, ASK_LEV, "Answer: The Bulgarian lev."),
    (ZONE, ASK_ZONE, "Answer: CST (Central Standard Time, UTC−06:00)"),
    (ZONE, ASK_ZONE, "Answer: Central Standard Time (CST)"),
    (WEEKS, ASK_WEEKS, "Answer: Z3A.12 (12 weeks gestation of pregnancy)"),
    (WEEKS, ASK_WEEKS, "Answer: ICD-10-CM code **Z3A.12**"),
    (LOCATOR, ASK_LOCATOR, "Answer: PL44FI"),
    (AIRPORT, ASK_AIRPORT, "Answer: KPHX (Phoenix Sky Harbor International Airport)"),
    (MESSIER, ASK_MESSIER, "Answer: M45"),
    (MESSIER, ASK_MESSIER, "Answer: Messier 45 (the Pleiades)"),
    (GALAXY, ASK_GALAXY, "Answer: NGC7038"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal (25 characters, versus 24 for Sweden)"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal, with 25 characters"),
    (PORTUGAL, ASK_PORTUGAL, '{"answer": "Portugal"}'),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal rather than Sweden"),
    (LAST_HOST, ASK_LAST_HOST, "Answer: 172.28.214.254/28"),
    (SHEVAT, ASK_SHEVAT, "Answer: 12th of Shevat, 5786"),
    (SLOPE, ASK_SLOPE, "Answer: $f'(x) = 4x^3 - 69x^2 + 370x - 601$"),
    (SLOPE, ASK_SLOPE, "Answer: 4x³ − 69x² + 370x − 601"),
    (KENYA_ALONE, ASK_KENYA, "**Answer:**\n\nKenya 🇰🇪"),
    (EUROPIUM, ASK_EUROPIUM, "Answer: europium(III)"),
    (WARMING, ASK_WARMING, "Answer: HFO‑1132a"),
    (
        CHAPTER,
        ASK_CHAPTER,
        ("Answer: Symptoms, signs, and abnormal clinical and laboratory findings, not elsewhere classified (R00–R99)"),
    ),
    (TAMIL, ASK_TAMIL, "Answer: Tamil Nadu"),
    (YES, ASK_GALLIUM, "Answer: Yes — 302.91 K is above 300 K."),
    (YES, ASK_GALLIUM, "Answer: ✅ Yes"),
    (YES, ASK_GALLIUM, "Answer: True"),
    (YES, ASK_GALLIUM, "Answer: Yes, it is."),
    (NO, ASK_GALLIUM, "Answer: No, it isn't; it melts at 298 K."),
    (NO, ASK_GALLIUM, '{"answer": false}'),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 19 October 2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: Sunday, October 19th, 2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 19.10.2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 10/19/2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 2025年10月19日"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 19 de octubre de 2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 19. Oktober 2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 2025-10-19 (a Sunday)"),
    (
        LAST_DAY,
        ASK_LAST_DAY,
        (
            "The last working day is 2025-09-19, and 30 days later it is 2025-10-19.\n\n"
            "\\boxed{2025\\text{-}10\\text{-}19}"
        ),
    ),
    (ALKALI, ASK_ALKALI, "Answer:\n- **Lithium** (453.65 K)\n- **Sodium** (370.94 K)\n- **Potassium** (336.65 K)"),
    (ALKALI, ASK_ALKALI, 'Answer: ["potassium", "lithium", "sodium"]'),
    (ALKALI, ASK_ALKALI, "\\boxed{\\{\\text{lithium}, \\text{sodium}, \\text{potassium}\\}}"),
    (ALKALI, ASK_ALKALI, "Answer: potassium, lithium & sodium"),
    (ALKALI, ASK_ALKALI, "**Final Answer**\n\n1. Lithium\n2. Sodium\n3. Potassium\n"),
    (ALKALI, ASK_ALKALI, '```json\n{"answer": ["Lithium", "Sodium", "Potassium"]}\n```'),
    (TUNISIA, ASK_TUNISIA, "Answer: Only Tunisia."),
    (TUNISIA, ASK_TUNISIA, 'Answer: ["Tunisia"]'),
    (FALL_RIVER, ASK_FALL_RIVER, "Answer: ZIP code 02720"),
    (ORDERS, ASK_ORDERS, "Answer: [2729, 2730]"),
    (ORDERS, ASK_ORDERS, "Answer: orders 2729 and 2730"),
    (ROOT, ASK_ROOT, "Answer: {1}"),
    (ROOT, ASK_ROOT, "Answer: x = 1"),
    (PRASEODYMIUM, ASK_PRASEODYMIUM, "Answer: Pr³⁺ only"),
    (GALAXIES, ASK_GALAXIES, "Answer: M31 and M110"),
    (GALAXIES, ASK_GALAXIES, 'Answer: ["Messier 110", "Messier 31"]'),
    (CHEAP, ASK_CHEAP, "Answer: aluminum, sulphur, and chlorine"),
    (LONG_LIVED, ASK_LONG_LIVED, "Answer: Spain (72.1), Hungary (69.8) and Portugal (69.3)"),
    (CODONS, ASK_CODONS, "Answer: AUG > GUG > AUA"),
    (CODONS, ASK_CODONS, "Answer: AUG (1.00), GUG (0.46), AUA (0.17)"),
    (ACIDS, ASK_ACIDS, "Answer: Histidine (6) → Phenylalanine (9) → Tryptophan (11)"),
    (
        ACIDS,
        ASK_ACIDS,
        ("Answer:\n1. histidine — 6 carbon atoms\n2. phenylalanine — 9 carbon atoms\n3. tryptophan — 11 carbon atoms"),
    ),
    (NORTHWARD, ASK_NORTHWARD, "Answer: 55371, 56330, 56353"),
    (
        NORTHWARD,
        ASK_NORTHWARD,
        ('Answer: ["55371", "56330", "56353"]\n\n(From south to north, latitudes 45.53, 45.70 and 46.07.)'),
    ),
    (GROUPS, ASK_GROUPS, 'Answer: ["Rates (Forwards)", "Equity (Forwards)", "Credit (Forwards)"]'),
    (GROUPS, ASK_GROUPS, "Answer: Rates (Forwards) < Equity (Forwards) < Credit (Forwards)"),
    (ANIMALS, ASK_ANIMALS, "Answer: *Monodelphis domestica*, *Macaca mulatta*, *Gorilla gorilla*"),
    (DIAMORPHINE, ASK_DIAMORPHINE, "Answer: (a) 1.99; (b) C₂₁H₂₃NO₅; (c) 0"),
    (
        DIAMORPHINE,
        ASK_DIAMORPHINE,
        ('Answer: {"Crippen logP": 1.99, "molecular formula": "C21H23NO5", "number of hydrogen-bond donors": 0}'),
    ),
    (DIAMORPHINE, ASK_DIAMORPHINE, 'Answer: {"a": 1.99, "b": "C21H23NO5", "c": 0}'),
    (
        DIAMORPHINE,
        ASK_DIAMORPHINE,
        (
            "**Answer:**\n- **(a)** Crippen logP: 1.99\n- **(b)** Molecular formula: C21H23NO5\n- **(c)** "
            "H-bond donors: 0"
        ),
    ),
    (ICELAND, ASK_ICELAND, "Answer: (a) 209,275 people; (b) 1.54 % per year; (c) $1.075 billion"),
    (ICELAND, ASK_ICELAND, 'Answer: {"population": "209,275", "growth_rate": "1.54%", "gdp": 1.075e9}'),
    (CATEGORY, ASK_CATEGORY, "Answer:\n(a) Diabetes with Chronic Complications\n(b) 308 codes"),
    (TELEPHONE, ASK_TELEPHONE, "Answer: (a) 0939 90 12 34 (b) 000 262 939 90 12 34 (c) VoIP"),
    (FACTORS, ASK_FACTORS, "Answer: (a) 5, (b) 3,323, (c) φ(3325) = 2,160"),
    (FACTORS, ASK_FACTORS, '```json\n{"a": 5, "b": 3323, "c": 2160}\n```\nAnswer: {"a": 5, "b": 3323, "c": 2160}'),
    (ROSE, ASK_ROSE, "Answer: (a) 0.822, (b) #FFE4E1"),
    (SEYCHELLES, ASK_SEYCHELLES, "Answer: (a) Seychelles (b) 4:00 AM (c) 4 217 123"),
    (FIT, ASK_FIT, "Answer: (a) p ≈ 2.12 × 10⁻⁵; (b) 1.53 units per mg/L"),
    (FIT, ASK_FIT, "Answer: (a) 0.0000212 (b) 1.53"),
    (RETURNS, ASK_RETURNS, "Answer: (a) 6.0 %, (b) −6.75"),
    (RUBIDIUM, ASK_RUBIDIUM, "Answer: (a) 145.1 S·cm²/mol, (b) -380.5 kJ/mol, (c) 0.949"),
    (DOSE, ASK_DOSE, "Answer: (a) 640 mg; (b) 0.657 m²; (c) 77.5 mL/h"),
    (TOWN, ASK_TOWN, "Answer: a) Aldmoor, b) 112 km, c) 45 km"),
    (LICENCE, ASK_LICENCE, "Answer: (a) `ISC OR (EPL-2.0 AND MPL-2.0)` (b) Copyleft Limited"),
    (BASE, ASK_BASE, 'Answer: {"a": "2.13", "b": "OSError"}'),
    (SOUTH_SUDAN, ASK_SUDANS, "Answer: South Sudan (9 suffixes, against 5 for Sudan)"),
    (SUDAN, ASK_SUDANS, "Answer: Sudan, not South Sudan"),
    (NOVI, ASK_NOVI, "Answer: the ZIP code 48375"),
    (GLUTAMINE, ASK_GLUTAMINE, "Answer: the amino acid glutamine"),
    (GLUTAMINE, ASK_GLUTAMINE, "Answer: glutamine, with 10 atoms"),
    (SULFATE, ASK_SULFATE, "Answer: rubidium sulphate"),
    (POUNDS, ASK_POUNDS, "Answer:\n- Israeli pound: 1980\n- Maltese pound: 1983"),
    (HOST_ALONE, ASK_HOST_ALONE, "Answer: 10.0.0.161/27"),
    (UPWARD, ASK_UPWARD, "Answer: a1 < b2 < c3"),
    (UPWARD, ASK_UPWARD, "Answer: a1 (3.2 kg), b2 (4 kg), c3 (10 kg)"),
    (UPWARD, ASK_DOWNWARD, "Answer: a1 > b2 > c3"),
    (GROWTH, ASK_GROWTH, "Answer: (a) 1.54% per year, (b) 50%"),
    (INVESTED, ASK_INVESTED, "Answer: (a) $530.6 billion, (b) 217.09 million"),
    (INVESTED, ASK_INVESTED, "Answer: (a) 530.6 billion chained 2005 US dollars; (b) 217.09 million people"),
    (INVESTED, ASK_INVESTED, "Answer: (a) 530.6; (b) 217.09"),
    (FOUR, ASK_FOUR, "Answer: 4 a.m."),
    (FOUR, ASK_FOUR, "Answer: 04:00 local time"),
    (COUNT, "", "Answer: 42 (counted on 3 May 2024)"),
    (COUNT, "", "<answer>\n42\n</answer>"),
    (COUNT, "", "Some thoughts.\n<answer>41</answer>\nNo...\n<answer>42</answer>"),
    (PORTLAND, ASK_PORTLAND, "Answer: Portland, OR"),
    (a(81.26, unit="minutes", tolerance=0.01), ASK_DOUBLING, "Answer: 81.26 minutes (1.354 hours)"),
    (HCC_132, ASK_HCC_132, "Answer: category HCC 132"),
    (a("Friday"), ASK_WEEKDAY, "Answer: That was a Friday"),
    (a("2025-10-19", "date"), ASK_LAST_DAY, "Answer: le 19 octobre 2025"),
    (a("São Tomé and Príncipe"), "", "Answer: Sao Tome and Principe"),
    (PRESSURE, ASK_PRESSURE, "**Final answer:** 8.74 kPa (≈ 65.6 mmHg)"),
    (PRESSURE, ASK_PRESSURE, "I used the tool twice.\n\n---\n\n**Answer: 8.74 kPa**\n\n---"),
    (PRESSURE, ASK_PRESSURE, "Answer: 8740 Pa"),
    (PRESSURE, ASK_PRESSURE, "Answer: 8,74 kPa"),
    (PRESSURE, ASK_PRESSURE, "Answer: P = 8.74 kPa."),
    (PRESSURE, ASK_PRESSURE, "Answer: `8.74`"),
    (
        PRESSURE,
        ASK_PRESSURE,
        ("The pressure works out to 8.74 kPa.\n\n\\[\n\\boxed{8.74\\,\\text{kPa}}\n\\]\n\nThis is a plausible value."),
    ),
    (ENTHALPY, ASK_ENTHALPY, "Answer: ΔH = −393.5 kJ"),
    (ENTHALPY, ASK_ENTHALPY, "Answer: -393.5 kJ (exothermic)"),
    (ENTHALPY, ASK_ENTHALPY, "Answer: -393500 J"),
    (ORDER, ASK_ORDER, "Answer: $1.25M"),
    (ORDER, ASK_ORDER, "Answer: US$ 1,250,000.00"),
    (ORDER, ASK_ORDER, "Answer: 1.25 million USD"),
    (ORDER, ASK_ORDER, "Answer: 1 250 000"),
    (FOUNDED, ASK_FOUNDED, "Answer: 1966"),
    (FOUNDED, ASK_FOUNDED, "Answer: It was founded in 1966."),
    (FOUNDED, ASK_FOUNDED, "Answer: the year 1966"),
    (WEEK, ASK_WEEK, "Answer: Week 10"),
    (WEEK, ASK_WEEK, "Answer: W10"),
    (WEEK, ASK_WEEK, "Answer: ISO week 10 of 2026"),
    (GRAMS, ASK_GRAMS, "Answer: 500 mg"),
    (GRAMS, ASK_GRAMS, "Answer: ½ g"),
    (GRAMS, ASK_GRAMS, "Answer: 0.5g"),
    (COLD, ASK_COLD, "Answer: −12.5 °C"),
    (COLD, ASK_COLD, "Answer: minus 12.5 degrees Celsius"),
    (COLD, ASK_COLD, "Answer: -12.5℃"),
    (GEORGIA, ASK_GEORGIA, "Answer: Georgia 🇬🇪"),
    (GEORGIA, ASK_GEORGIA, "Answer: **Georgia** (ISO code GE)"),
    (GEORGIA, ASK_GEORGIA, "My reasoning is long.\n\nThe country with that code is Georgia.\n\nAnswer: Georgia"),
    (GEORGIA, ASK_GEORGIA, "Based on the above, the final answer is: Georgia"),
    (EXPRESSION, ASK_EXPRESSION, "Answer: `BSD-3-Clause AND MPL-2.0`"),
    (EXPRESSION, ASK_EXPRESSION, "Answer: BSD-3-Clause and MPL-2.0"),
    (BYTES, ASK_BYTES, "Answer: e2 82 ac"),
    (NACE, ASK_NACE, 'Answer: "Manufacture of other electronic and electric wires and cables" (27.32)'),
    (NACE, ASK_NACE, "Answer: 27.32 – Manufacture of other electronic and electric wires and cables"),
    (SMILES, ASK_SMILES, "Answer: `CC(=O)Oc1ccccc1C(=O)O`"),
    (DOMAIN, ASK_DOMAIN, "Answer: .NL"),
    (DOMAIN, ASK_DOMAIN, "Answer: `.nl` (the Netherlands)"),
    (SARAJEVO, ASK_SARAJEVO, "Answer: Europe/Sarajevo (CET, UTC+1)"),
    (SARAJEVO, ASK_SARAJEVO, "<answer>Europe/Sarajevo</answer>"),
    (PEPTIDES, ASK_PEPTIDES, "Answer: LLG, DFLRNLVPRTES, DFFRKSKEKIGKEFKRIVQRIK"),
    (PEPTIDES, ASK_PEPTIDES, "Answer: 1. LLG, 2. DFLRNLVPRTES, 3. DFFRKSKEKIGKEFKRIVQRIK"),
    (PEPTIDES, ASK_PEPTIDES, "Answer: LLG (302.2) < DFLRNLVPRTES (1418.7) < DFFRKSKEKIGKEFKRIVQRIK (2801.6)"),
    (
        PEPTIDES,
        ASK_PEPTIDES,
        ("Answer:\n\n| rank | peptide |\n|---|---|\n| 1 | LLG |\n| 2 | DFLRNLVPRTES |\n| 3 | DFFRKSKEKIGKEFKRIVQRIK |"),
    ),
    (YEARS, ASK_YEARS, "Answer: 1961 and 1972"),
    (YEARS, ASK_YEARS, "Answer: {1961, 1972}"),
    (NICARAGUA, ASK_NICARAGUA, "Answer: (a) Nicaragua, (b) 00 57 321 1234567, (c) America/Chicago"),
    (NICARAGUA, ASK_NICARAGUA, 'Answer: {"a": "Nicaragua", "b": "00573211234567", "c": "America/Chicago"}'),
    (NICARAGUA, ASK_NICARAGUA, "**Answer:**\n\n**(a)** Nicaragua\n**(b)** 00573211234567\n**(c)** America/Chicago"),
    (NICARAGUA, ASK_NICARAGUA, "Answer:\na. Nicaragua\nb. 00573211234567\nc. America/Chicago"),
    (
        NICARAGUA,
        ASK_NICARAGUA,
        (
            "Answer:\n\n| part | answer |\n|---|---|\n| (a) | Nicaragua |\n| (b) | 00573211234567 |\n| (c) | "
            "America/Chicago |"
        ),
    ),
    (PRIME, ASK_PRIME, "Answer: (a) No, (b) 11"),
    (PRIME, ASK_PRIME, 'Answer: {"a": false, "b": 11}'),
    (DUE, ASK_DUE, "Answer: (a) 16 March 2026; (b) 13 weeks"),
    (DUE, ASK_DUE, 'Answer: {"due date": "March 16, 2026", "weeks": "13"}'),
    (REGION, ASK_REGION, "Answer: 四川。"),
    (ROADS, ASK_ROADS, "Answer: $3$ roads"),
    (ALKALI, ASK_ALKALI, "Answer: Lithium, sodium and potassium."),
    (ALKALI, ASK_ALKALI, "Answer:\n• lithium\n• sodium\n• potassium"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal."),
    (PORTUGAL, ASK_PORTUGAL, "Portugal's IBAN has 25 characters, Sweden's 24.\n\n> **Answer: Portugal**"),
    (PORTUGAL, ASK_PORTUGAL, "**Answer**: Portugal 🎉"),
    (APART, ASK_APART, "| date | value |\n|---|---|\n| a | 18 Oct |\n| b | 22 Dec |\n\nAnswer: **65 days**"),
    (APART, ASK_APART, "Answer: 65 d"),
    (POST_TEST, ASK_POST_TEST, "Answer: ≈12.14%"),
    (DOUBLING, ASK_DOUBLING, "Answer: $t_{d} \\approx 81.26$ min"),
    (ACIDITY, ASK_ACIDITY, "Answer: 1344.63 micromol/L"),
    (SOLUTE, ASK_SOLUTE, "Answer: 6.69 millimol"),
    (FRIDAY, ASK_WEEKDAY, "Answer: friday"),
    (NICKEL, ASK_NICKEL, "Answer: Ni^4+"),
    (GALAXY, ASK_GALAXY, "Answer: NGC 7038 (89.2° versus 88.1° for NGC 6907)"),
    (WEEKS, ASK_WEEKS, "Answer: Z3A.12: 12 weeks gestation of pregnancy"),
    (ALKALI, ASK_ALKALI, 'Answer: {"answer": ["lithium", "sodium", "potassium"]}'),
    (LONG_LIVED, ASK_LONG_LIVED, "Answer: **Spain**, **Hungary** and **Portugal**"),
    (CODONS, ASK_CODONS, "Answer:\n1) AUG\n2) GUG\n3) AUA"),
    (ICELAND, ASK_ICELAND, "Answer: (a) 209275; (b) 1.54; (c) 1,075,000,000"),
    (ICELAND, ASK_ICELAND, "Answer: (a) 209275; (b) 1.54; (c) 1.075 × 10^9 US dollars"),
    (DOSE, ASK_DOSE, 'Answer: {"a": "640 mg", "b": "0.657 m^2", "c": "77.5 mL/hour"}'),
    (RUBIDIUM, ASK_RUBIDIUM, "Answer: (a) 145.1 S cm² mol⁻¹; (b) −380.5 kJ mol⁻¹; (c) 0.949"),
    (SEYCHELLES, ASK_SEYCHELLES, "Answer: (a) Seychelles; (b) 04:00; (c) 4 217 123"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: Oct 19, 2025"),
    (YES, ASK_GALLIUM, "Answer: yes, since 302.9 K > 300 K"),
]

ASKED_WRONG: list[tuple[Answer, str, str]] = [
    (P_VALUE, ASK_P, "Answer: 0.169 or 0.0338"),
    (P_VALUE, ASK_P, "Answer: 0.169 for a two-sided test, but 0.0845 for a one-sided one"),
    (P_VALUE, ASK_P, "Answer: between 0.16 and 0.18"),
    (P_VALUE, ASK_P, "Answer: 0.15–0.19"),
    (P_VALUE, ASK_P, "Answer: 169"),
    (P_VALUE, ASK_P, "Answer: 0.169 or maybe not"),
    (P_VALUE, ASK_P, THOUGHT + "I am not sure that this is right, so I would rather not state it."),
    (P_VALUE, ASK_P, "Answer: p < 0.169"),
    (P_VALUE, ASK_P, "Answer: 0.16; 0.167; 0.168; 0.169; 0.17; 0.171"),
    (P_VALUE, ASK_P, THOUGHT + "Answer: 0.0338"),
    (POST_TEST, ASK_POST_TEST, "Answer: 87.86%"),
    (POST_TEST, ASK_POST_TEST, "Answer: 12.14‰"),
    (POST_TEST, ASK_POST_TEST, "Answer: 1.214%"),
    (POST_TEST, ASK_POST_TEST, "Answer: 12%"),
    (POST_TEST, ASK_POST_TEST, "Answer: 12.14% if prevalence is 30%, 42.9% before the test"),
    (OF_LIGHT, ASK_OF_LIGHT, "Answer: 36.09 m/s"),
    (OF_LIGHT, ASK_OF_LIGHT, "Answer: 0.3609%"),
    (DOUBLING, ASK_DOUBLING, "Answer: 81.26 hours"),
    (DOUBLING, ASK_DOUBLING, "Answer: 81.26 s"),
    (DOUBLING, ASK_DOUBLING, "Answer: 81 or 82 minutes"),
    (
        DOUBLING,
        ASK_DOUBLING,
        "Answer: 81.26 minutes\n\nCorrection: I used the wrong logarithm. It should be 117.23 minutes.",
    ),
    (DOUBLING, ASK_DOUBLING, '{"answer": [81.26, 117.23]}'),
    (DOWNLOAD, ASK_DOWNLOAD, "Answer: 170.9 ms"),
    (DOWNLOAD, ASK_DOWNLOAD, "Answer: 1709 s"),
    (DOWNLOAD, ASK_DOWNLOAD, "Answer: 140.0, 170.9"),
    (DOWNLOAD, ASK_DOWNLOAD, "Answer: 170.9 s (window-limited) / 140 s (link-limited)"),
    (KNOTS, ASK_KNOTS, "Answer: 389.49 km/h"),
    (KNOTS, ASK_KNOTS, "Answer: 389.49 mph"),
    (KNOTS, ASK_KNOTS, "Answer: 389.49–721.34"),
    (SOLUTE, ASK_SOLUTE, "Answer: 6.69 mol"),
    (SOLUTE, ASK_SOLUTE, "Answer: 6.69 µmol"),
    (SOLUTE, ASK_SOLUTE, "Answer: 6.69 × 10³ mol"),
    (SOLUTE, ASK_SOLUTE, "Answer: 6.69 M"),
    (CALCIUM, ASK_CALCIUM, "Answer: 2.22 mg/dL"),
    (CALCIUM, ASK_CALCIUM, "Answer: 2.22 or 2.10 mmol/L depending on the formula"),
    (ACIDITY, ASK_ACIDITY, "Answer: 1.34463 µmol/L"),
    (ACIDITY, ASK_ACIDITY, "Answer: 1.34463 mol/L"),
    (ACIDITY, ASK_ACIDITY, "Answer: pH 2.87, i.e. c(H⁺) somewhere near 1300 µmol/L"),
    (BEARING, ASK_BEARING, "Answer: 50°"),
    (BEARING, ASK_BEARING, "Answer: 230 radians"),
    (BEARING, ASK_BEARING, "Answer: roughly 200–260 degrees"),
    (MEAN, ASK_MEAN, "Answer: 10, 11 and 11 days"),
    (MEAN, ASK_MEAN, "Answer: 10 days"),
    (MEDIAN, ASK_MEDIAN, "Answer: eight or nine"),
    (MEDIAN, ASK_MEDIAN, "Answer: 7, 8, 9"),
    (BOGOTA, ASK_BOGOTA, "Answer: 7.67 million"),
    (BOGOTA, ASK_BOGOTA, "Answer: about 7.7 million people"),
    (BOGOTA, ASK_BOGOTA, "Answer: 7,674,366 or 8,034,649"),
    (BOGOTA, ASK_BOGOTA, "Answer: 7674367"),
    (BOGOTA, ASK_BOGOTA, "Answer: 7,674,366 thousand"),
    (APART, ASK_APART, "Answer: 65 weeks"),
    (APART, ASK_APART, "Answer: 64 to 66 days"),
    (APART, ASK_APART, "Answer: not 65"),
    (APART, ASK_APART, "Answer: 65? No, 64."),
    (APART, ASK_APART, "Answer: at least 65 days"),
    (APART, ASK_APART, "Answer: more than 65"),
    (APART, ASK_APART, "Answer: 60, 61, 62, 63, 64, 65, 66, 67, 68, 69, 70"),
    (APART, ASK_APART, "Answer: 65\nAnswer: 64"),
    (APART, ASK_APART, "Answer: 65.\n\nActually, that counts both ends, so the answer is 64."),
    (APART, ASK_APART, "Answer: \n\n"),
    (APART, ASK_APART, "Answer: <number>"),
    (APART, ASK_APART, "Answer: one number in digits"),
    (APART, ASK_APART, "Answer: 6 5"),
    (ROADS, ASK_ROADS, "Answer: 3 or 4"),
    (ROADS, ASK_ROADS, "Answer: 3.5"),
    (ROADS, ASK_ROADS, "Answer: 3rd"),
    (ROADS, ASK_ROADS, "Answer: 3×2"),
    (ROADS, ASK_ROADS, "Answer: 13"),
    (ROADS, ASK_ROADS, "I looked at three roads and think that the tool is broken. I could not find the town."),
    (AT_ELEVEN, ASK_AT_ELEVEN, "Answer: 120 if the discriminant is below 4,000,000, otherwise -12"),
    (AT_ELEVEN, ASK_AT_ELEVEN, "Answer: -120"),
    (AT_ELEVEN, ASK_AT_ELEVEN, "Answer: |120| or 12"),
    (FRIDAY, ASK_WEEKDAY, "Answer: Friday or Saturday"),
    (FRIDAY, ASK_WEEKDAY, "Answer: Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
    (FRIDAY, ASK_WEEKDAY, "Answer: a weekday (Monday–Friday)"),
    (FRIDAY, ASK_WEEKDAY, "Answer: the day before Friday"),
    (FRIDAY, ASK_WEEKDAY, "Answer: not Friday"),
    (FRIDAY, ASK_WEEKDAY, "Answer: Fri/Sat"),
    (NICKEL, ASK_NICKEL, "Answer: Ni²⁺"),
    (NICKEL, ASK_NICKEL, "Answer: Ni"),
    (NICKEL, ASK_NICKEL, "Answer: Ni2+ and Ni4+"),
    (
        NICKEL,
        ASK_NICKEL,
        ("Answer: For each of Ni2+ and Ni4+, find the Shannon ionic radius of that ion in six-fold coordination."),
    ),
    (NICKEL, ASK_NICKEL, "Answer: Ni4-"),
    (CHLORATE, ASK_CHLORATE, "Answer: chloride ion"),
    (CHLORATE, ASK_CHLORATE, "Answer: chlorite ion"),
    (CHLORATE, ASK_CHLORATE, "Answer: perchlorate ion"),
    (CHLORATE, ASK_CHLORATE, "Answer: cyanide ion, chlorate ion, chloride ion"),
    (CHLORATE, ASK_CHLORATE, "Answer: chlorate ion or chloride ion"),
    (BLOCK, ASK_BLOCK, "Answer: 179.0.0.0/16"),
    (BLOCK, ASK_BLOCK, "Answer: 177.0.0.0/8"),
    (BLOCK, ASK_BLOCK, "Answer: 177.0.0.0/8, 179.0.0.0/8, 181.0.0.0/8, 186.0.0.0/8"),
    (PYGMENTS, ASK_PYGMENTS, "Answer: 1.5.1"),
    (PYGMENTS, ASK_PYGMENTS, "Answer: 1.50"),
    (PYGMENTS, ASK_PYGMENTS, "Answer: 1.5 or later"),
    (PYGMENTS, ASK_PYGMENTS, "Answer: 1.4–1.6"),
    (PYGMENTS, ASK_PYGMENTS, "Answer: before 1.5"),
    (KIDNEY, ASK_KIDNEY, "Answer: normal"),
    (KIDNEY, ASK_KIDNEY, "Answer: mildly decreased"),
    (KIDNEY, ASK_KIDNEY, "Answer: normal or high, or mildly decreased"),
    (KIDNEY_WORSE, ASK_KIDNEY, "Answer: mildly to moderately decreased"),
    (KIDNEY_WORSE, ASK_KIDNEY, "Answer: moderately decreased or severely decreased"),
    (KIDNEY_WORSE, ASK_KIDNEY, "Answer: severely decreased"),
    (PHOENIX, ASK_PHOENIX, "Answer: Glendale, United States"),
    (PHOENIX, ASK_PHOENIX, "Answer: United States"),
    (PHOENIX, ASK_PHOENIX, "Answer: Phoenix or Glendale, United States"),
    (PHOENIX, ASK_PHOENIX, "Answer: Mesa, Phoenix, Glendale and Goodyear"),
    (PORTLAND, ASK_PORTLAND, "Answer: Portland, Australia"),
    (BOLIVAR, ASK_BOLIVAR, "Answer: Venezuelan bolívar (2008–2018)"),
    (BOLIVAR, ASK_BOLIVAR, "Answer: Venezuelan bolívar"),
    (BOLIVAR, ASK_BOLIVAR, "Answer: Venezuelan bolívar (1871–2008) and Venezuelan bolívar (2008–2018)"),
    (LEV, ASK_LEV, "Answer: Bulgarian hard lev"),
    (LEV, ASK_LEV, "Answer: Bulgarian lev (1879–1952)"),
    (LEV, ASK_LEV, "Answer: lev"),
    (LEV, ASK_LEV, "Answer: Bulgarian socialist lev / Bulgarian lev"),
    (ZONE, ASK_ZONE, "Answer: CST/CDT"),
    (ZONE, ASK_ZONE, "Answer: CDT"),
    (ZONE, ASK_ZONE, "Answer: CST (or EST)"),
    (WEEKS, ASK_WEEKS, "Answer: Z3A.13"),
    (WEEKS, ASK_WEEKS, "Answer: Z3A"),
    (WEEKS, ASK_WEEKS, "Answer: Z3A.12, Z3A.13"),
    (WEEKS, ASK_WEEKS, "Answer: Z3A.10 to Z3A.14"),
    (LOCATOR, ASK_LOCATOR, "Answer: PL44"),
    (LOCATOR, ASK_LOCATOR, "Answer: PL44fj"),
    (AIRPORT, ASK_AIRPORT, "Answer: PHX"),
    (AIRPORT, ASK_AIRPORT, "Answer: KLUF"),
    (MESSIER, ASK_MESSIER, "Answer: M44"),
    (GALAXY, ASK_GALAXY, "Answer: NGC 6907"),
    (GALAXY, ASK_GALAXY, "Answer: NGC 6907 and NGC 7038 culminate at the same altitude"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal/Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal (or Sweden)"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: both Portugal and Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Sweden (not Portugal)"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Not Portugal"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: either Portugal or Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Sweden, since Portugal has 25"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal unless the new format counts, in which case Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal\nAlternative answer: Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: the one with the greater length"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Sweden rather than Portugal"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal? I am guessing; it could also be Sweden."),
    (PORTUGAL, ASK_PORTUGAL, '{"answer": "Sweden", "alternative": "Portugal"}'),
    (PORTUGAL, ASK_PORTUGAL, '{"answer": ["Portugal", "Sweden"]}'),
    (PORTUGAL, ASK_PORTUGAL, "Answer: " + ASK_PORTUGAL),
    (LAST_HOST, ASK_LAST_HOST, "Answer: 172.28.214.255"),
    (LAST_HOST, ASK_LAST_HOST, "Answer: 172.28.214.241 - 172.28.214.254"),
    (SHEVAT, ASK_SHEVAT, "Answer: 12 Adar 5786"),
    (SHEVAT, ASK_SHEVAT, "Answer: 13 Shevat 5786"),
    (SLOPE, ASK_SLOPE, "Answer: 4x^3 - 69x^2 + 370x + 601"),
    (SLOPE, ASK_SLOPE, "Answer: 4x^3 - 69x^2 - 370x - 601"),
    (KENYA_ALONE, ASK_KENYA, "Answer: Kenya and Uganda"),
    (KENYA_ALONE, ASK_KENYA, "Answer: Kenya vs Uganda"),
    (KENYA_ALONE, ASK_KENYA, "Answer: Probably Kenya, possibly Uganda"),
    (EUROPIUM, ASK_EUROPIUM, "Answer: europium(II) ion"),
    (EUROPIUM, ASK_EUROPIUM, "Answer: europium"),
    (WARMING, ASK_WARMING, "Answer: HFO-1132"),
    (WARMING, ASK_WARMING, "Answer: HFO-1123"),
    (CHAPTER, ASK_CHAPTER, "Answer: Symptoms and signs"),
    (TAMIL, ASK_TAMIL, "Answer: India"),
    (YES, ASK_GALLIUM, "Answer: Yes and no"),
    (YES, ASK_GALLIUM, "Answer: yes/no"),
    (YES, ASK_GALLIUM, "Answer: It depends"),
    (YES, ASK_GALLIUM, "Answer: Not yes"),
    (YES, ASK_GALLIUM, "Answer: yes\nHowever, strictly speaking, the answer is no."),
    (YES, ASK_GALLIUM, "Answer: Yes? No."),
    (YES, ASK_GALLIUM, "Answer: true or false"),
    (NO, ASK_GALLIUM, "Answer: No idea"),
    (NO, ASK_GALLIUM, "Answer: No answer can be given"),
    (NO, ASK_GALLIUM, "Answer: not sure"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 2025-10-18"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 19 October"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: October 2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 18–19 October 2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 2025-10-19 or 2025-10-20"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: before 19 October 2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 19 October 2024"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 2025-09-19, then 2025-10-19, then 2025-11-19"),
    (ALKALI, ASK_ALKALI, "Answer: lithium, sodium, potassium, rubidium, caesium"),
    (ALKALI, ASK_ALKALI, "Answer: lithium and sodium"),
    (ALKALI, ASK_ALKALI, "Answer: lithium, sodium, potassium (and possibly rubidium)"),
    (ALKALI, ASK_ALKALI, "Answer: lithium, sodium, but not potassium"),
    (ALKALI, ASK_ALKALI, "Answer: lithium, sodium, potassium, etc."),
    (ALKALI, ASK_ALKALI, "Answer: lithium, sodium, and potassium or rubidium"),
    (ALKALI, ASK_ALKALI, "Answer: []"),
    (ALKALI, ASK_ALKALI, "Answer: all of the elements of group 1, such as lithium, sodium and potassium"),
    (ALKALI, ASK_ALKALI, "Answer: none of lithium, sodium, potassium"),
    (TUNISIA, ASK_TUNISIA, "Answer: Egypt, Mauritius, Burundi, Mauritania and Tunisia"),
    (TUNISIA, ASK_TUNISIA, "Answer: Tunisia and Egypt"),
    (TUNISIA, ASK_TUNISIA, "Answer: None of them"),
    (TUNISIA, ASK_TUNISIA, "Answer: all except Tunisia"),
    (FALL_RIVER, ASK_FALL_RIVER, "Answer: 02721"),
    (FALL_RIVER, ASK_FALL_RIVER, "Answer: 02720, 02721, 02723, 02724"),
    (ORDERS, ASK_ORDERS, "Answer: 2729"),
    (ORDERS, ASK_ORDERS, "Answer: 2728, 2729 and 2730"),
    (ROOT, ASK_ROOT, "Answer: 1 and 7"),
    (ROOT, ASK_ROOT, "Answer: ∅"),
    (PRASEODYMIUM, ASK_PRASEODYMIUM, "Answer: Er³⁺, Pr³⁺ and Tb³⁺"),
    (PRASEODYMIUM, ASK_PRASEODYMIUM, "Answer: Pr2+"),
    (GALAXIES, ASK_GALAXIES, "Answer: M31 and M101"),
    (CHEAP, ASK_CHEAP, "Answer: aluminium, sulfur, chlorine and sodium"),
    (LONG_LIVED, ASK_LONG_LIVED, "Answer: Spain, Hungary and Romania"),
    (LONG_LIVED, ASK_LONG_LIVED, "Answer: Spain, Hungary and maybe Portugal"),
    (CODONS, ASK_CODONS, "Answer: AUA > GUG > AUG"),
    (CODONS, ASK_CODONS, "Answer: AUG > GUG = AUA"),
    (CODONS, ASK_CODONS, "Answer: AUG, AUA, GUG"),
    (CODONS, ASK_CODONS, "Answer: AUG, GUG"),
    (CODONS, ASK_CODONS, "Answer: AUG > GUG > AUA or AUG > AUA > GUG"),
    (ACIDS, ASK_ACIDS, "Answer: tryptophan, phenylalanine, histidine"),
    (ACIDS, ASK_ACIDS, "Answer: histidine, then phenylalanine and tryptophan in some order"),
    (NORTHWARD, ASK_NORTHWARD, "Answer: 56353, 56330, 55371"),
    (NORTHWARD, ASK_NORTHWARD, "Answer: 55371, 56330, 56353, 56330"),
    (GROUPS, ASK_GROUPS, 'Answer: ["Credit (Forwards)", "Equity (Forwards)", "Rates (Forwards)"]'),
    (ANIMALS, ASK_ANIMALS, "Answer: Monodelphis domestica, Gorilla gorilla, Macaca mulatta"),
    (DIAMORPHINE, ASK_DIAMORPHINE, "Answer: (a) 1.99; (b) C21H23NO5"),
    (DIAMORPHINE, ASK_DIAMORPHINE, "Answer: (a) 1.99; (b) C21H23NO4; (c) 0"),
    (DIAMORPHINE, ASK_DIAMORPHINE, "Answer: (a) 0; (b) C21H23NO5; (c) 1.99"),
    (DIAMORPHINE, ASK_DIAMORPHINE, "Answer: (a) 1.99 or 2.05; (b) C21H23NO5; (c) 0"),
    (ICELAND, ASK_ICELAND, "Answer: (a) 209,275; (b) 1.54; (c) 1.075 million"),
    (ICELAND, ASK_ICELAND, "Answer: (a) 209,275; (b) 1.54; (c) 1.08 billion"),
    (ICELAND, ASK_ICELAND, "Answer: (a) 209 thousand; (b) 1.54; (c) 1.075e9"),
    (CATEGORY, ASK_CATEGORY, "Answer: (a) Diabetes without Complication (b) 308"),
    (CATEGORY, ASK_CATEGORY, "Answer: (a) Diabetes with Acute Complications (b) 308"),
    (TELEPHONE, ASK_TELEPHONE, "Answer: (a) 0939 90 12 34 (b) 00262939901234 (c) VoIP"),
    (
        TELEPHONE,
        ASK_TELEPHONE,
        "Answer: (a) 0939 90 12 34 (b) 000262939901234 (c) fixed-line, mobile, toll-free or VoIP",
    ),
    (FACTORS, ASK_FACTORS, "Answer: (a) 5, (b) 3323, (c) 2161"),
    (FACTORS, ASK_FACTORS, 'Answer: {"a": 3323, "b": 5, "c": 2160}'),
    (FACTORS, ASK_FACTORS, 'Answer: {"a": [5, 7, 19], "b": 3323, "c": 2160}'),
    (ROSE, ASK_ROSE, "Answer: (a) 0.822, (b) #ffe4e2"),
    (SEYCHELLES, ASK_SEYCHELLES, "Answer: (a) Seychelles (b) 4:00 PM (c) 4 217 123"),
    (SEYCHELLES, ASK_SEYCHELLES, "Answer: (a) Seychelles (b) 16:00 (c) 4 217 123"),
    (FIT, ASK_FIT, "Answer: (a) 2.12 × 10⁵; (b) 1.53"),
    (FIT, ASK_FIT, "Answer: (a) < 0.001; (b) 1.53"),
    (FIT, ASK_FIT, "Answer: (a) 0; (b) 1.53"),
    (RETURNS, ASK_RETURNS, "Answer: (a) 6.0 %, (b) 6.75"),
    (RUBIDIUM, ASK_RUBIDIUM, "Answer: (a) 145.1, (b) 380.5, (c) 0.949"),
    (DOSE, ASK_DOSE, "Answer: (a) 640 g; (b) 0.657 m²; (c) 77.5 mL/h"),
    (DOSE, ASK_DOSE, "Answer: (a) 640 mg; (b) 0.66 m²; (c) 77.5 mL/h"),
    (DOSE, ASK_DOSE, "Answer: (a) 640 mg; (b) 0.657 m²; (c) 77.5 L/h"),
    (TOWN, ASK_TOWN, "Answer: (a) Aldmoor, (b) 45 km, (c) 112 km"),
    (TOWN, ASK_TOWN, "Answer: (a) Aldmoor or Grindon, (b) 112 km, (c) 45 km"),
    (LICENCE, ASK_LICENCE, "Answer: (a) ISC AND (EPL-2.0 OR MPL-2.0) (b) Copyleft Limited"),
    (LICENCE, ASK_LICENCE, "Answer: (a) ISC OR (EPL-2.0 AND MPL-2.0) (b) Copyleft"),
    (BASE, ASK_BASE, 'Answer: {"a": "2.1", "b": "OSError"}'),
    (BASE, ASK_BASE, 'Answer: {"a": "2.13", "b": "IOError or OSError"}'),
    (SUDAN, ASK_SUDANS, "Answer: South Sudan"),
    (SOUTH_SUDAN, ASK_SUDANS, "Answer: Sudan"),
    (SOUTH_SUDAN, ASK_SUDANS, "Answer: South Sudan (Sudan)"),
    (SOUTH_SUDAN, ASK_SUDANS, "Answer: South Sudan (and Sudan 9)"),
    (SOUTH_SUDAN, ASK_SUDANS, "Answer: South Sudan, with Sudan tied at 9"),
    (SOUTH_SUDAN, ASK_SUDANS, "Answer: South Sudan (could be Sudan with 9)"),
    (SOUTH_SUDAN, ASK_SUDANS, "Answer: country South or Sudan"),
    (SUDAN, ASK_SUDANS, "Answer: not South Sudan but Sudan or Chad"),
    (SUDAN, ASK_SUDANS, "Answer: Sudan, not Sudan"),
    (SUDAN, ASK_SUDANS, "Answer: Sudan, not sure"),
    (NOVI, ASK_NOVI, "Answer: ZIP codes 48374 and 48375"),
    (NOVI, ASK_NOVI, "Answer: ZIP code 148375"),
    (NOVI, ASK_NOVI, "Answer: 48375 (48374)"),
    (ACAMAR, ASK_ACAMAR, "Answer: Acamar (Achernar)"),
    (ACAMAR, ASK_ACAMAR, "Answer: Acamar, because Achernar is not known"),
    (ACAMAR, ASK_ACAMAR, "Answer: Acamar (1 of 2 candidates, the other is possible too)"),
    (GLUTAMINE, ASK_GLUTAMINE, "Answer: asparagine"),
    (GLUTAMINE, ASK_GLUTAMINE, "Answer: glutamine (asparagine)"),
    (GLUTAMINE, ASK_GLUTAMINE, "Answer: glutamine, asparagine and glutamic acid"),
    (SULFATE, ASK_SULFATE, "Answer: rubidium"),
    (SULFATE, ASK_SULFATE, "Answer: rubidium sulfite"),
    (SULFATE, ASK_SULFATE, "Answer: sulfate"),
    (POUNDS, ASK_POUNDS, "Answer: Israeli pound: 1980, Maltese pound: 1983, Irish pound: 2002"),
    (POUNDS, ASK_POUNDS, "Answer: Israeli pound (1980), Maltese pound (1983) or Irish pound"),
    (HOST_ALONE, ASK_HOST_ALONE, "Answer: 10.0.0.161/28"),
    (HOST_ALONE, ASK_HOST_ALONE, "Answer: 10.0.0.16/27"),
    (UPWARD, ASK_UPWARD, "Answer: c3 < b2 < a1"),
    (UPWARD, ASK_DOWNWARD, "Answer: a1 < b2 < c3"),
    (UPWARD, ASK_UPWARD, "Answer: c3 (1), b2 (2), a1 (3)"),
    (GROWTH, ASK_GROWTH, "Answer: (a) 154%, (b) 0.5"),
    (INVESTED, ASK_INVESTED, "Answer: (a) $530.6 million, (b) 217.09 million"),
    (INVESTED, ASK_INVESTED, "Answer: (a) 530.6 billion euros, (b) 217.09 million"),
    (INVESTED, ASK_INVESTED, "Answer: (a) 530.6, (b) 217.09 thousand"),
    (FOUR, ASK_FOUR, "Answer: 4"),
    (FOUR, ASK_FOUR, "Answer: 04:00 or 16:00"),
    (FOUR, ASK_FOUR, "Answer: 4:00 PM"),
    (FOUR, ASK_FOUR, "Answer: 14:00"),
    (COUNT, "", "Answer: 42 (43)"),
    (COUNT, "", "Answer: 42 (43 with the last)"),
    (COUNT, "", "Answer: 42 (4.2 dozen)"),
    (COUNT, "", "<answer>42</answer>\nWait, that is wrong."),
    (COUNT, "", "<answer>41 or 42</answer>"),
    (COUNT, "", "<answer>42"),
    (COUNT, "", "Answer: 42nd"),
    (PORTLAND, ASK_PORTLAND, "Answer: Portland, Maine"),
    (PORTLAND, ASK_PORTLAND, "Answer: Portland, ME, United States"),
    (PORTLAND, ASK_PORTLAND, "Answer: Oregon"),
    (a(81.26, unit="minutes", tolerance=0.01), ASK_DOUBLING, "Answer: 81.26 minutes (2 hours)"),
    (HCC_132, ASK_HCC_132, "Answer: category RxHCC 132"),
    (HCC_132, ASK_HCC_132, "Answer: category HCC 133"),
    (HCC_132, ASK_HCC_132, "Answer: HCC 132 (RxHCC 132)"),
    (a("Friday"), ASK_WEEKDAY, "Answer: It falls on a Friday or a Sunday"),
    (a("Friday"), ASK_WEEKDAY, "Answer: That was not a Friday"),
    (a("Friday"), ASK_WEEKDAY, "Answer: Friday (Saturday 3 May)"),
    (a("Kenya"), ASK_KENYA, "Answer: it is Kenya's neighbour"),
    (a("Kenya"), ASK_KENYA, "Answer: Kenya\n\nAnother possible answer: Uganda"),
    (a("Kenya"), ASK_KENYA, "Answer: Kenya\n\nHowever, the answer is Uganda."),
    (a("Sudanese pound"), "", "Answer: Sudanese pound (1957–1998)"),
    (a("Paris"), "", "Answer: Paris (Texas)"),
    (a("Georgia"), "", "Answer: Georgia (United States)"),
    (a("europium(III) ion"), ASK_EUROPIUM, "Answer: europium(III) or europium(II)"),
    (a("iron"), "", "Answer: iron (III)"),
    (a("uranium"), "", "Answer: uranium (235)"),
    (a("normal"), ASK_KIDNEY, "Answer: normal or high"),
    (a("Nigér"), "", "Answer: Niger?"),
    (a("sodium chlorate"), "Which salt is it?", "Answer: sodium chlorite (NaClO2)"),
    (a("M31"), "", "Answer: Messier 3"),
    (a(["Spain"]), ASK_LONG_LIVED, "Answer: Spain: 72, Romania: 67"),
    (a("1.5"), ASK_PYGMENTS, "Answer: Pygments before 1.5"),
    (a("1.5"), ASK_PYGMENTS, "Answer: Pygments 1.5 or 1.6"),
    (a("1.5"), ASK_PYGMENTS, "Answer: Pygments 0 1.5"),
    (a("1.5"), ASK_PYGMENTS, "Answer: v11.5"),
    (PRESSURE, ASK_PRESSURE, "Answer: 8.74 mmHg"),
    (PRESSURE, ASK_PRESSURE, "Answer: 8.74 or 8.75 MPa"),
    (PRESSURE, ASK_PRESSURE, "Answer: around 8 to 9 kPa"),
    (PRESSURE, ASK_PRESSURE, "Answer: 8.74 kPa (65.6 kPa)"),
    (PRESSURE, ASK_PRESSURE, "Answer: 874 kPa"),
    (PRESSURE, ASK_PRESSURE, "Answer: 8.74 kPa\n\nThat cannot be right though. Recomputing gives 9.12 kPa."),
    (ENTHALPY, ASK_ENTHALPY, "Answer: 393.5 kJ"),
    (ENTHALPY, ASK_ENTHALPY, "Answer: ±393.5 kJ"),
    (ENTHALPY, ASK_ENTHALPY, "Answer: -393.5 J"),
    (ENTHALPY, ASK_ENTHALPY, "Answer: -393.5 kcal"),
    (ORDER, ASK_ORDER, "Answer: $1.25 billion"),
    (ORDER, ASK_ORDER, "Answer: €1,250,000"),
    (ORDER, ASK_ORDER, "Answer: 1,25"),
    (ORDER, ASK_ORDER, "Answer: $1.25M or $1.52M"),
    (FOUNDED, ASK_FOUNDED, "Answer: 1966–1968"),
    (FOUNDED, ASK_FOUNDED, "Answer: 1960s"),
    (FOUNDED, ASK_FOUNDED, "Answer: after 1966"),
    (FOUNDED, ASK_FOUNDED, "Answer: 1966 BC"),
    (FOUNDED, ASK_FOUNDED, "Answer: c. 1966 or so"),
    (WEEK, ASK_WEEK, "Answer: Week 10 or 11"),
    (WEEK, ASK_WEEK, "Answer: Week 9"),
    (WEEK, ASK_WEEK, "Answer: weeks 9-10"),
    (GRAMS, ASK_GRAMS, "Answer: 500 g"),
    (GRAMS, ASK_GRAMS, "Answer: 0.5 mg"),
    (GRAMS, ASK_GRAMS, "Answer: 0.5 kg"),
    (COLD, ASK_COLD, "Answer: 12.5 °C"),
    (COLD, ASK_COLD, "Answer: -12.5 °F"),
    (COLD, ASK_COLD, "Answer: below -12.5 °C"),
    (GEORGIA, ASK_GEORGIA, "Answer: Georgia, United States"),
    (GEORGIA, ASK_GEORGIA, "Answer: South Georgia"),
    (GEORGIA, ASK_GEORGIA, "Answer: Georgian"),
    (GEORGIA, ASK_GEORGIA, "Answer: Georgia / Armenia"),
    (GEORGIA, ASK_GEORGIA, "Answer: Armenia (formerly part of Georgia since 1991)"),
    (GEORGIA, ASK_GEORGIA, "The country could be Georgia.\nIt could be Armenia."),
    (EXPRESSION, ASK_EXPRESSION, "Answer: BSD-3-Clause OR MPL-2.0"),
    (EXPRESSION, ASK_EXPRESSION, "Answer: BSD-3-Clause"),
    (EXPRESSION, ASK_EXPRESSION, "Answer: BSD-2-Clause AND MPL-2.0"),
    (BYTES, ASK_BYTES, "Answer: E2 82 AD"),
    (BYTES, ASK_BYTES, "Answer: 20 AC"),
    (NACE, ASK_NACE, "Answer: Manufacture of electronic and electric wires and cables"),
    (NACE, ASK_NACE, "Answer: Manufacture of fibre optic cables"),
    (SMILES, ASK_SMILES, "Answer: CC(=O)Oc1ccccc1C(=O)N"),
    (SMILES, ASK_SMILES, "Answer: CC(=O)OC1CCCCC1C(=O)O"),
    (DOMAIN, ASK_DOMAIN, "Answer: .no"),
    (DOMAIN, ASK_DOMAIN, "Answer: .nl or .eu"),
    (SARAJEVO, ASK_SARAJEVO, "Answer: Europe/Zagreb"),
    (SARAJEVO, ASK_SARAJEVO, "Answer: Europe"),
    (SARAJEVO, ASK_SARAJEVO, "Answer: Europe/Sarajevo, Europe/Zagreb, Europe/Belgrade"),
    (PEPTIDES, ASK_PEPTIDES, "Answer: LLG (302.2) > DFLRNLVPRTES (1418.7)"),
    (PEPTIDES, ASK_PEPTIDES, "Answer: DFFRKSKEKIGKEFKRIVQRIK, DFLRNLVPRTES, LLG"),
    (PEPTIDES, ASK_PEPTIDES, "Answer: LLG, then the other two"),
    (YEARS, ASK_YEARS, "Answer: 1961-1972"),
    (YEARS, ASK_YEARS, "Answer: 1961, 1962, 1972"),
    (YEARS, ASK_YEARS, "Answer: between 1961 and 1972"),
    (NICARAGUA, ASK_NICARAGUA, "Answer: (a) Nicaragua, (b) 00573211234568, (c) America/Chicago"),
    (NICARAGUA, ASK_NICARAGUA, "Answer: (a) Nicaragua, (b) 00573211234567, (c) America/Chicago or America/Managua"),
    (NICARAGUA, ASK_NICARAGUA, "Answer: (a) America/Chicago, (b) 00573211234567, (c) Nicaragua"),
    (NICARAGUA, ASK_NICARAGUA, "Answer: (a) Nicaragua (b) 00573211234567"),
    (PRIME, ASK_PRIME, "Answer: (a) Yes, (b) 11"),
    (PRIME, ASK_PRIME, "Answer: (a) yes/no, (b) 11"),
    (PRIME, ASK_PRIME, 'Answer: {"a": 0, "b": 11}'),
    (DUE, ASK_DUE, "Answer: (a) 16 March 2025; (b) 13 weeks"),
    (DUE, ASK_DUE, "Answer: (a) 16 March; (b) 13 weeks"),
    (DUE, ASK_DUE, "Answer: (a) 16 March 2026 ± 1 week; (b) 13 weeks"),
    (REGION, ASK_REGION, "Answer: 四川或云南"),
    (REGION, ASK_REGION, "Answer: 云南"),
    (ALKALI, ASK_ALKALI, "Answer: the first three of them"),
    (ALKALI, ASK_ALKALI, "Answer: lithium, sodium, potassium? rubidium?"),
    (ALKALI, ASK_ALKALI, "Answer: at least lithium, sodium, potassium"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal has a shorter IBAN than Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: It is not possible to say; Portugal has 25 characters"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Sweden is not as long as Portugal"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: correct"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: The correct answer is the reference answer."),
    (PORTUGAL, ASK_PORTUGAL, "Answer: P"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal Sweden"),
    (YES, ASK_GALLIUM, "Answer: It is likely yes"),
    (YES, ASK_GALLIUM, "Answer: Yes (50%) / No (50%)"),
    (NO, ASK_GALLIUM, "Answer: no, yes"),
    (NO, ASK_GALLIUM, "Answer: None"),
    (PAYMENT, ASK_PAYMENT, "Answer: 2308.93 kg"),
    (OF_LIGHT, ASK_OF_LIGHT, "Answer: 36.09 mmHg"),
    (MEDIAN, ASK_MEDIAN, "Answer: 8 parsecs"),
    (BOGOTA, ASK_BOGOTA, "Answer: 7674366 (76743660)"),
    (BOGOTA, ASK_BOGOTA, "Answer: 7674366/1"),
    (a(0), ASK_ROADS, "Answer: 0/5"),
    (SOLUTE, ASK_SOLUTE, "Answer: 6.69 mmol (6.694 mmol)"),
    (ROOT, ASK_ROOT, "Answer: 1, 7"),
    (ROOT, ASK_ROOT, "Answer: 1, etc."),
    (ROOT, ASK_ROOT, "Answer:\n- 1\n- 7"),
    (PRASEODYMIUM, ASK_PRASEODYMIUM, "Answer:\n- Pr3+\n- F17"),
    (a("AGU"), ASK_CODON, "Answer: AGU (codon AGA)"),
    (a("AGU"), ASK_CODON, "Answer: codon AGA (AGU)"),
    (a("AGU"), ASK_CODON, "Answer: AGU with AGA"),
    (HEXANONE, ASK_HEXANONE, "Answer: pentanal 3-hexanone"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal with Sweden"),
    (a("Kenya"), ASK_KENYA, "Answer: Kenya?"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal | Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal and/or Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal, else Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: If forced, Portugal; otherwise Sweden"),
    (PORTUGAL, ASK_PORTUGAL, 'Answer: ["Portugal", "Sweden"][0]'),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal ∨ Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal→Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal == Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: {Portugal, Sweden}"),
    (PORTUGAL, ASK_PORTUGAL, 'Answer: "Portugal" "Sweden"'),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal (60%), Sweden (40%)"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal 60%, Sweden 40%"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal (60%); Sweden (40%)"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal\n\nP.S. The answer is Sweden."),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Sweden\n\nNote: Portugal"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal\n\nAnswer: Sweden"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal\n\nOn reflection, it is Sweden."),
    (PORTUGAL, ASK_PORTUGAL, "\\boxed{Portugal} \\boxed{Sweden}"),
    (PORTUGAL, ASK_PORTUGAL, '{"answer": "Portugal or Sweden"}'),
    (PORTUGAL, ASK_PORTUGAL, "<answer>Portugal</answer><answer>Sweden</answer>"),
    (PORTUGAL, ASK_PORTUGAL, "<answer>Portugal; Sweden</answer>"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: $ANSWER"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: see above (Portugal)"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: I cannot tell whether it is Portugal"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portuguese"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: Portugal's neighbour"),
    (PORTUGAL, ASK_PORTUGAL, "Answer: country with the longest IBAN: Portugal, Sweden"),
    (APART, ASK_APART, "Answer: 65 (or 64 if exclusive)"),
    (APART, ASK_APART, "Answer: 65 (inclusive), 64 (exclusive)"),
    (APART, ASK_APART, "Answer: 64 (65 inclusive)"),
    (APART, ASK_APART, "Answer: ~60"),
    (APART, ASK_APART, "Answer: 65 hours"),
    (APART, ASK_APART, "Answer: 6.5e2"),
    (APART, ASK_APART, "Answer: 65/2"),
    (APART, ASK_APART, "Answer: 130/2 or 64"),
    (APART, ASK_APART, "Answer: 0-100"),
    (APART, ASK_APART, "Answer: any number from 1 to 100"),
    (APART, ASK_APART, "Answer: 65 is the upper bound"),
    (APART, ASK_APART, "Answer: ≤65"),
    (APART, ASK_APART, "Answer: fewer than sixty-five days"),
    (APART, ASK_APART, "Answer: sixty-five or sixty-four"),
    (POST_TEST, ASK_POST_TEST, "Answer: 12.14% to 12.20%"),
    (POST_TEST, ASK_POST_TEST, "Answer: 12.14% (95% CI 10-14%) or 13%"),
    (DOUBLING, ASK_DOUBLING, "Answer: 81.26 minutes per hour or 1.35"),
    (ACIDITY, ASK_ACIDITY, "Answer: 1344.63 mg/L"),
    (FRIDAY, ASK_WEEKDAY, "Answer: Friday/Sat"),
    (FRIDAY, ASK_WEEKDAY, "Answer: Friday the day before, or Thursday"),
    (FRIDAY, ASK_WEEKDAY, "Answer: Friday (UTC), Saturday (local)"),
    (FRIDAY, ASK_WEEKDAY, "Answer: Friday (Saturday in local time, 5 May)"),
    (GALAXY, ASK_GALAXY, "Answer: NGC 7038, NGC 6907"),
    (WEEKS, ASK_WEEKS, "Answer: Z3A.12: or Z3A.13"),
    (WEEKS, ASK_WEEKS, "Answer: Z3A.12-Z3A.13"),
    (ALKALI, ASK_ALKALI, 'Answer: {"answer": ["lithium", "sodium", "potassium", "rubidium"]}'),
    (ALKALI, ASK_ALKALI, "Answer: lithium: yes, sodium: yes, potassium: yes, rubidium: no, caesium: no"),
    (ALKALI, ASK_ALKALI, "Answer: lithium, sodium, potassium, not rubidium, caesium"),
    (ALKALI, ASK_ALKALI, 'Answer: [["lithium", "sodium", "potassium"], ["lithium"]]'),
    (CODONS, ASK_CODONS, "Answer: AUG, GUG, AUA; AUA, GUG, AUG"),
    (CODONS, ASK_CODONS, 'Answer: ["AUG", "GUG", "AUA"] or reversed'),
    (ICELAND, ASK_ICELAND, "Answer: (a) 209275 (b) 1.54 (c) 1.075 billion (d) 5"),
    (ICELAND, ASK_ICELAND, "Answer: (a) 209275; (b) 1.54 or 1.55; (c) 1.075e9"),
    (ICELAND, ASK_ICELAND, "Answer: (a) 209275; (a) 5; (b) 1.54; (c) 1.075e9"),
    (DOSE, ASK_DOSE, "Answer: (a) 640 µg; (b) 0.657 m²; (c) 77.5 mL/h"),
    (DOSE, ASK_DOSE, "Answer: (a) 640 mg; (b) 0.657 m²; (c) 77.5 mL/min"),
    (RUBIDIUM, ASK_RUBIDIUM, "Answer: (a) 145.1; (b) −380.5 J/mol; (c) 0.949"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 19 October 2025 (or 18 October 2025)"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 19 October 2025 / 20 October 2025"),
    (LAST_DAY, ASK_LAST_DAY, "Answer: 10-19"),
    (YES, ASK_GALLIUM, "Answer: Yes.\n\nBut no."),
    (YES, ASK_GALLIUM, "Answer: yes (but technically no)"),
    (YES, ASK_GALLIUM, "Answer: Yes or rather no"),
    (YES, ASK_GALLIUM, "Answer: not no"),
    (NO, ASK_GALLIUM, "Answer: no? yes?"),
]

ASKED = [(*case, True) for case in ASKED_RIGHT] + [(*case, False) for case in ASKED_WRONG]


@pytest.mark.parametrize(("answer", "question", "reply", "right"), ASKED)
def test_the_table_of_questions(answer: Answer, question: str, reply: str, right: bool) -> None:
    assert real()
    assert agrees(final(reply), answer, question) is right


def test_half_of_the_questions_are_answered_wrongly() -> None:
    seen = [(str(answer), question, reply) for answer, question, reply, _ in ASKED]
    assert len(set(seen)) == len(seen) >= 400 and len(ASKED_WRONG) >= len(ASKED) / 2


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
        ('{"answer": "It burns."}\nOr does it?', '{"answer": "It burns."}\nOr does it?'),
        ('{"answer": "It burns.", "or": "It melts."}', '{"answer": "It burns.", "or": "It melts."}'),
        ("Answer: It burns.\n<think>Does it?</think>", "It burns."),
        ("<think>It melts.</think>It burns.<think>Does it?", "It burns."),
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


# --- an answer as a perfect solver writes it --------------------------------------------------------------------------

ODD = st.sampled_from(
    [
        "a, b",
        '{"a": 1}',
        "[1]",
        "**bold**",
        "`x`",
        "wait, no",
        "- item",
        "1. x",
        "x = 3",
        "A < B",
        "Answer: 3",
        '"q"',
        "\\boxed{3}",
        "$5$",
        "a\nb",
        " lead",
        "x; y",
        "(a) b",
        "東京",
        "3 or 4",
        "not x",
        "<answer>1</answer>",
        "<think>x",
        "none",
        "https://a.b/c?d=e&f",
        "C:\\dir",
        "5%",
        "1,000",
        "km/h",
        "yes",
        "null",
        "__init__",
        "*",
        "😀",
        "x" * 900,
    ]
)
NAMES = ODD | st.text(alphabet="abc ,;:.()[]{}\"'\\`*_-/\n", min_size=1, max_size=30).map(lambda text: f"n{text}")
NUMBERS = st.integers(-(10**18), 10**18) | st.floats(-1e299, 1e299) | st.sampled_from([-0.0, 1e-300, 5e-324, 1e20])
MEMBERS = NAMES | NUMBERS | st.booleans()
UNITS = st.sampled_from(["", "percent", "mL/min", "million US dollars", "degrees south", "participants", "°C"])
MADE = st.one_of(
    st.builds(lambda value, unit: a(value, "number", unit=unit), NUMBERS, UNITS),
    st.builds(lambda value, unit: a(value, "integer", unit=unit), st.integers(-(10**20), 10**20), UNITS),
    NAMES.map(lambda value: a(value)),
    st.booleans().map(lambda value: a(value)),
    st.dates().map(lambda value: a(value.isoformat(), "date")),
    st.lists(MEMBERS, max_size=6, unique_by=repr).map(lambda value: a(value)),
    st.lists(MEMBERS, max_size=6).map(lambda value: a(value, "list")),
    st.dictionaries(NAMES, MEMBERS | st.lists(MEMBERS, max_size=3), max_size=5).map(lambda value: a(value)),
)


@settings(max_examples=300, deadline=None)
@given(MADE)
def test_what_is_written_is_found_and_agrees(answer: Answer) -> None:
    said = written(answer)
    assert agrees(final(f"I made 3 calls.\n\nAnswer: {said}"), answer) is True
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(("answer", "question"), [(case[0], case[1]) for case in ASKED])
def test_a_perfect_solver_is_right(answer: Answer, question: str) -> None:
    assert agrees(final(f"Answer: {written(answer, question)}"), answer, question) is True


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (COUNT, "42"),
        (a(1075000000.0), "1075000000"),
        (TINY, "1.5e-05"),
        (SHARE, "35"),
        (YES, "yes"),
        (NO, "no"),
        (DAY, "2031-05-15"),
        (KENYA, "Kenya"),
        (a(" Kenya "), "Kenya"),
        (a("a\nb"), '"a\\nb"'),
        (ZIPS, '["42376", "42378"]'),
        (a({"São Tomé": 1}), '{"São Tomé": 1}'),
        (a("It burns.\nIt melts.", "text"), "It burns.\nIt melts."),
    ],
)
def test_an_answer_is_written_as_it_is_asked_for(answer: Answer, said: str) -> None:
    assert written(answer) == said


@pytest.mark.parametrize("value", ["", " \n", "Kenya. Wait, that is wrong.", 10**301])
def test_what_no_form_holds_is_said(value: Any) -> None:
    with pytest.raises(DiveError, match="no form of an answer"):
        written(a(value))

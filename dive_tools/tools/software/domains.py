"""URLs, domain names, the Public Suffix List and top-level domains."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, TypedDict
from urllib.parse import parse_qsl, urlsplit

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.geography.countries import GEONAMES, country_rows
from dive_tools.values import Entity, Quantity, entity, says

PSL = {"needs": ("publicsuffixlist",), "source": "Public Suffix List, by publicsuffixlist", "licence": "MPL-2.0"}
RFC3986 = {"source": "RFC 3986", "licence": "public domain"}


@lru_cache(maxsize=1)
def _list() -> object:
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=True)


@lru_cache(maxsize=1)
def _rules() -> dict[str, list[str]]:
    """The plain ICANN rules of two labels in ASCII, by top-level domain."""
    import publicsuffixlist

    path = publicsuffixlist.PSLFILE
    with open(path, encoding="utf-8") as lines:
        text = lines.read().split("===END ICANN DOMAINS===")[0]
    found: dict[str, list[str]] = {}
    for line in map(str.strip, text.splitlines()):
        if line and not line.startswith(("//", "!", "*")) and line.isascii() and line.count(".") == 1:
            found.setdefault("." + line.rpartition(".")[2], []).append(line)
    return found


@lru_cache(maxsize=1)
def _by_tld() -> dict[str, str]:
    return {row["tld"]: name for name, row in country_rows().items() if row["tld"] and row["population"]}


_SHOPS = ("shop", "www", "blog", "api", "docs", "mail", "status")
_PARTS = ("", "eu.", "", "v2.", "", "old.")


@lru_cache(maxsize=1)
def _hosts() -> list[str]:
    found = []
    for i, tld in enumerate(_by_tld()):
        suffixes = [s for s in _rules().get(tld, []) if s.split(".")[0] in ("co", "com", "ac", "org", "net", "gov")]
        for k, suffix in enumerate([tld[1:], *suffixes[:2]]):
            found.append(f"{_SHOPS[(i + k) % 7]}.{_PARTS[(i * 2 + k) % 6]}example.{suffix}")
    return found


_PATHS = ("/catalogue/lamps", "/v2/orders/8812/items", "/login", "/docs/install/linux/arm64", "/cart/checkout")
_QUERIES = ("?page=3", "?q=desk&sort=price&limit=50", "", "?utm_source=mail&id=77", "?lang=en&debug=1&v=4&trace=on")


def _urls() -> list[str]:
    ports = ("", "", ":8443", "", ":8080", ":9000", "")
    return [
        f"https://{host}{ports[i % 7]}{_PATHS[i % 5]}{_QUERIES[(i // 2) % 5]}"
        for i, host in enumerate(_hosts())
        if i % 2
    ]


entity("url", "URL", spoken="literal", opening="A web page links to {}.", samples=_urls)
entity("host_name", "host name", intro="the host {}", samples=_hosts)
entity("registered_domain", "registrable domain", intro="the domain {}")
entity("public_suffix", "public suffix", "public suffixes", intro="the public suffix {}")
entity("top_level_domain", "top-level domain", intro="the top-level domain {}", samples=lambda: sorted(_by_tld()))
Url = Annotated[str, Entity("url"), Meta(description="absolute http or https URL")]
Host = Annotated[str, Entity("host_name"), Meta(description='host name, as "www.example.co.uk"')]
Tld = Annotated[str, Entity("top_level_domain"), Meta(description='with its dot, as ".uk"', pattern=r"^\.[a-z]+$")]


class UrlParts(TypedDict):
    host: Annotated[
        str, Entity("host_name"), says("the host of {url}", noun="host", ask="Which host does {url} point to")
    ]
    port: Annotated[
        int, Quantity("TCP port", scale="ordinal"), says("the TCP port that {url} is fetched from", noun="TCP port")
    ]
    segments: Annotated[
        int,
        Quantity("path segments", "segments"),
        says("the number of segments in the path of {url}", noun="number of path segments"),
    ]
    parameters: Annotated[
        list[str],
        says("the names of the query parameters of {url}", noun="query parameter", plural="query parameters"),
    ]
    complete: bool


@tool(
    "processing",
    examples=[
        example(
            {"url": "https://example.com:8042/over/there?name=ferret"},
            {"/host": "example.com", "/port": 8042, "/segments": 2, "/parameters": ["name"]},
            "published: RFC 3986, section 3",
        ),
        example({"url": "http://example.org"}, {"/port": 80, "/segments": 0}, "published: RFC 9110, section 4.2.1"),
        example({"url": "example.org"}, {"error": "refused"}, "identity: a URL without a scheme"),
    ],
    **RFC3986,  # type: ignore[arg-type]
)
def url_parts(url: Url) -> UrlParts:
    """Split an http or https URL: host in lowercase, port (443 or 80 where none is written), number of path segments,
    and the names of its query parameters in order (complete)."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Refusal(f"{url!r} is no absolute http or https URL")
    return {
        "host": parts.hostname,
        "port": parts.port or {"http": 80, "https": 443}[parts.scheme],
        "segments": len([s for s in parts.path.split("/") if s]),
        "parameters": list(dict(parse_qsl(parts.query, keep_blank_values=True))),
        "complete": True,
    }


class HostParts(TypedDict):
    domain: Annotated[
        str,
        Entity("registered_domain"),
        says(
            "the registrable domain of {host} by the Public Suffix List",
            noun="registrable domain",
            scope="by the Public Suffix List",
        ),
    ]
    suffix: Annotated[
        str,
        Entity("public_suffix"),
        says("the public suffix of {host} in the ICANN section of the Public Suffix List", noun="public suffix"),
    ]
    top_level: Annotated[
        str, Entity("top_level_domain"), says("the top-level domain of {host}", noun="top-level domain")
    ]


@tool(
    "processing",
    examples=[
        example(
            {"host": "www.example.co.uk"},
            {"/domain": "example.co.uk", "/suffix": "co.uk", "/top_level": ".uk"},
            "second-library: tldextract",
        ),
        example(
            {"host": "mail.example.com"}, {"/domain": "example.com", "/suffix": "com"}, "second-library: tldextract"
        ),
        example({"host": "co.uk"}, {"error": "refused"}, "identity: a public suffix by itself"),
    ],
    **PSL,  # type: ignore[arg-type]
)
def host_name_parts(host: Host) -> HostParts:
    """Split a host name by the ICANN section of the Public Suffix List: registrable domain, public suffix (no leading
    dot) and top-level domain. Refuses a name that has no registrable domain."""
    name = host.lower().rstrip(".")
    domain = _list().privatesuffix(name)  # type: ignore[attr-defined]
    if domain is None:
        raise Refusal(f"{host!r} has no registrable domain")
    return {"domain": domain, "suffix": domain.partition(".")[2], "top_level": "." + name.rpartition(".")[2]}


class Home(TypedDict):
    country: Annotated[
        str,
        says(
            "the country or territory of {top_level_domain}",
            noun="country or territory",
            ask="To which country or territory does {top_level_domain} belong",
        ),
    ]


@tool(
    "retrieval",
    examples=[
        example({"top_level_domain": ".ke"}, {"/country": "Kenya"}, "published: IANA root zone database"),
        example({"top_level_domain": ".ch"}, {"/country": "Switzerland"}, "published: IANA root zone database"),
        example({"top_level_domain": ".com"}, {"error": "refused"}, "identity: of no one country"),
    ],
    **GEONAMES,  # type: ignore[arg-type]
)
def top_level_domain_country(top_level_domain: Tld) -> Home:
    """Look up the country or territory of a country-code top-level domain in the GeoNames country table.

    Refuses any other domain.
    """
    if top_level_domain not in _by_tld():
        raise Refusal(f"{top_level_domain} belongs to no one country")
    return {"country": _by_tld()[top_level_domain]}


class Suffixes(TypedDict):
    suffixes: Annotated[
        list[Annotated[str, Entity("public_suffix")]],
        says(
            "the two-label public suffixes under {top_level_domain} in the ICANN section of the Public Suffix List",
            noun="public suffix",
            plural="public suffixes",
        ),
    ]
    count: Annotated[
        int,
        Quantity("public suffixes", "public suffixes", scale="ordinal"),
        says(
            "the number of two-label public suffixes of {top_level_domain} in the ICANN section of the "
            "Public Suffix List",
            noun="number of two-label public suffixes",
            scope="in the ICANN section of the Public Suffix List",
        ),
    ]
    complete: bool


@tool(
    "retrieval",
    examples=[
        example(
            {"top_level_domain": ".nz"},
            {"/suffixes/0": "ac.nz", "/suffixes/1": "co.nz"},
            "published: Public Suffix List, New Zealand",
        ),
        example({"top_level_domain": ".za"}, {"/suffixes/0": "ac.za"}, "published: Public Suffix List, South Africa"),
        example({"top_level_domain": ".ch"}, {"error": "refused"}, "published: Public Suffix List, Switzerland"),
    ],
    **PSL,  # type: ignore[arg-type]
)
def public_suffixes_under(top_level_domain: Tld) -> Suffixes:
    """List the public suffixes of two labels in ASCII under a top-level domain, in the ICANN section of the Public
    Suffix List, sorted; complete. Rules with wildcards do not count. Refuses a domain that has none."""
    found = sorted(_rules().get(top_level_domain, []))
    if not found:
        raise Refusal(f"the list has no two-label suffix under {top_level_domain}")
    return {"suffixes": found, "count": len(found), "complete": True}

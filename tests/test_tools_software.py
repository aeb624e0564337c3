"""What the examples of the software tools cannot show: cross-checks with second libraries, refusals, whole lists."""

import datetime
import ipaddress
import json
import zlib

import pytest

from dive_tools.pool import builtin
from dive_tools.tools.door import Door
from dive_tools.tools.software import SEEDS
from dive_tools.values import samples


@pytest.fixture(scope="module")
def door():
    return Door(builtin(["software"]).tools)


def result(door, name, **arguments):
    outcome = door.call(name, arguments)
    assert "result" in outcome, outcome
    return outcome["result"]


def refused(door, name, **arguments):
    return door.call(name, arguments).get("error", {}).get("kind") == "refused"


def spread(name, count=60):
    values = samples(name)
    return values[:: max(1, len(values) // count)]


def test_roles_are_balanced():
    tools = [tool for tool in builtin(["software"]).tools.values() if tool.domain == "software"]
    lookups = sum(tool.role == "retrieval" for tool in tools)
    assert 0.4 <= lookups / len(tools) <= 0.6


@pytest.mark.parametrize("name", SEEDS)
def test_samples_are_many_and_unique(name):
    values = [json.dumps(value, sort_keys=True) for value in samples(name)]
    assert len(set(values)) == len(values) > 8


# --- networks ---------------------------------------------------------------------------------------------------------


def test_networks_agree_with_netaddr(door):
    netaddr = pytest.importorskip("netaddr")
    for text in spread("ip_network"):
        other = netaddr.IPNetwork(text)
        bounds = result(door, "network_bounds", network=text)
        assert bounds["broadcast"] == str(other.broadcast)
        assert [bounds["first"], bounds["last"]] == [str(other[1]), str(other[-2])]
        size = result(door, "network_size", network=text)
        assert (size["hosts"], size["mask"]) == (other.size - 2, str(other.netmask))


def test_split_networks_make_up_the_whole(door):
    for text in spread("ip_network", 20):
        pieces = result(door, "split_network", network=text, parts=2)["subnets"]
        whole = list(ipaddress.collapse_addresses(map(ipaddress.ip_network, pieces)))
        assert list(map(str, whole)) == [text]


def test_addresses_agree_with_netaddr(door):
    netaddr = pytest.importorskip("netaddr")
    for text in spread("private_address"):
        home = result(door, "network_of_address", address=text, prefix=26)["network"]
        assert home == str(netaddr.IPNetwork(f"{text}/26").cidr)


def test_designations_list_the_block_of_the_address(door):
    for text in spread("ip_address", 30):
        row = result(door, "ipv4_block_registration", address=text)
        blocks = result(door, "blocks_of_designation", designation=row["designation"])["blocks"]
        assert {"block": text.split(".")[0] + ".0.0.0/8", "year": row["year"]} in blocks


def test_subnets_of_a_plan_hold_the_hosts(door):
    for plan in spread("subnet_plan", 40):
        wanted = result(door, "subnet_for_hosts", hosts=plan["hosts"])
        assert 2 ** (32 - wanted["prefix"]) - 2 == plan["hosts"] + wanted["spare"]
        assert 2 ** (31 - wanted["prefix"]) - 2 < plan["hosts"]
        args = {"block": plan["block"], "sites": plan["sites"], "prefix": wanted["prefix"]}
        last = ipaddress.ip_network(result(door, "subnet_plan", **args)["last"])
        subnets = ipaddress.ip_network(plan["block"]).subnets(new_prefix=wanted["prefix"])
        assert last == next(net for i, net in enumerate(subnets) if i == plan["sites"] - 1)


def test_mac_addresses_agree_with_netaddr(door):
    netaddr = pytest.importorskip("netaddr")
    for text in spread("mac_address"):
        parts = result(door, "mac_address_parts", mac_address=text)
        assert parts["eui64"] == str(netaddr.EUI(text).modified_eui64())
        assert parts["link_local"] == str(netaddr.EUI(text).ipv6_link_local())
        assert (
            result(door, "oui_registration", oui=parts["oui"])["organisation"]
            == netaddr.EUI(text).oui.registration().org
        )


def test_organisations_and_ouis_both_ways(door):
    for oui in spread("oui", 40):
        holder = result(door, "oui_registration", oui=oui)["organisation"]
        assert oui in result(door, "organisation_ouis", organisation=holder)["ouis"]


# --- names ------------------------------------------------------------------------------------------------------------


def test_hosts_agree_with_tldextract(door):
    tldextract = pytest.importorskip("tldextract")
    extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    differ = []
    for host in spread("host_name", 150):
        parts, other = result(door, "host_name_parts", host=host), extract(host)
        if (parts["suffix"], parts["domain"]) != (other.suffix, f"{other.domain}.{other.suffix}"):
            differ.append(host)
    assert len(differ) <= 4, differ  # the two packages carry the list of different days


def test_suffixes_are_suffixes(door):
    for tld in spread("top_level_domain", 40):
        if not refused(door, "public_suffixes_under", top_level_domain=tld):
            for suffix in result(door, "public_suffixes_under", top_level_domain=tld)["suffixes"][:20]:
                assert refused(door, "host_name_parts", host=suffix)
                assert result(door, "host_name_parts", host=f"example.{suffix}")["suffix"] == suffix


def test_every_url_has_a_known_host(door):
    for url in spread("url"):
        parts = result(door, "url_parts", url=url)
        assert result(door, "host_name_parts", host=parts["host"])["top_level"] == "." + parts["host"].split(".")[-1]


# --- characters -------------------------------------------------------------------------------------------------------


def test_references_both_ways(door):
    from html import unescape

    for name in spread("html_reference", 80):
        point = result(door, "html_reference_character", reference=name)["character"]
        assert chr(int(point[2:], 16)) == unescape(name)
        assert name in result(door, "html_references", character=point)["references"]


def test_characters_encode_and_compose_back(door):
    import unicodedata

    for point in spread("unicode_character", 200):
        row = result(door, "unicode_character_record", character=point)
        raw = bytes.fromhex(result(door, "utf8_encoding", character=point)["bytes"])
        assert raw.decode() == row["symbol"] == unicodedata.lookup(row["name"])
        parts = result(door, "unicode_decomposition", character=point)["characters"]
        whole = "".join(chr(int(p[2:], 16)) for p in parts)
        assert unicodedata.normalize("NFC", whole) == unicodedata.normalize("NFC", row["symbol"])


def test_emoji_are_their_code_points(door):
    for name in spread("emoji", 80):
        symbol = result(door, "emoji_record", emoji=name)["symbol"]
        parts = result(door, "emoji_code_points", emoji=name)
        assert "".join(chr(int(p[2:], 16)) for p in parts["characters"]) == symbol
        assert parts["count"] == len(symbol)


# --- languages and licences -------------------------------------------------------------------------------------------


def test_languages_and_extensions_both_ways(door):
    for extension in spread("file_extension", 80):
        for language in result(door, "languages_of_extension", extension=extension)["languages"]:
            assert extension in result(door, "language_extensions", language=language)["extensions"]


def test_languages_agree_with_the_lexers(door):
    from pygments.lexers import find_lexer_class

    for language in spread("programming_language", 25):
        outcome = door.call("language_lexer_record", {"language": language})
        if "result" in outcome:
            assert outcome["result"]["mime_types"] == sorted(find_lexer_class(language).mimetypes)


def test_licence_versions_go_both_ways(door):
    for licence in spread("licence", 150):
        for other in result(door, "other_licence_versions", licence=licence)["licences"]:
            assert licence in result(door, "other_licence_versions", licence=other)["licences"]


def test_simplified_expressions_mean_the_same(door):
    from itertools import product

    for text in spread("licence_expression", 40):
        plain = result(door, "simplified_licence_expression", expression=text)["expression"]
        names = result(door, "licences_in_expression", expression=text)["licences"]
        for values in product((False, True), repeat=len(names)):
            truth = dict(zip(names, values, strict=True))
            assert _true(text, truth) == _true(plain, truth)


def _true(text, truth):
    words = text.replace("(", " ( ").replace(")", " ) ").split()
    return eval(" ".join(w.lower() if w in ("AND", "OR", "(", ")") else str(truth[w]) for w in words))


# --- Python -----------------------------------------------------------------------------------------------------------


def test_exceptions_hang_in_one_tree(door):
    for name in samples("python_exception"):
        base = result(door, "exception_base_class", exception=name)["base"]
        assert name in result(door, "exception_subclasses", exception=base)["subclasses"]


def test_error_codes_raise_what_they_say(door):
    import builtins
    import errno

    for code in samples("error_code"):
        name = result(door, "exception_of_error_code", error_code=code)["exception"]
        with pytest.raises(getattr(builtins, name)) as caught:
            raise OSError(getattr(errno, code), "")
        assert caught.type.__name__ == name


def test_removed_modules_both_ways(door):
    for module in samples("removed_module"):
        version = result(door, "module_removed_in", module=module)["version"]
        assert module in result(door, "stdlib_changes", version=version)["removed"]


def test_functions_compile_and_count_as_inspect_says(door):
    import inspect

    for source in spread("python_function", 40):
        scope = {}
        exec(source, scope)
        found = next(v for k, v in scope.items() if k != "__builtins__")
        parameters = inspect.signature(found).parameters.values()
        needed = [p for p in parameters if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
        counted = result(door, "function_signature", function=source)
        assert (counted["parameters"], counted["required"]) == (len(parameters), len(needed))
        assert 1 < result(door, "cyclomatic_complexity", function=source)["complexity"] < 12


def test_queries_run_on_sqlite(door):
    import sqlite3

    schema = "id, name, city, title, owner_id, total, year, kind, amount, day, ref, label"
    for query in spread("sql_query", 40):
        read = result(door, "sql_tables_read", query=query)["tables"]
        base = sqlite3.connect(":memory:")
        for table in read:
            base.execute(f"CREATE TABLE {table} ({schema})")
        columns = [row[0] for row in base.execute(query).description]
        assert columns == result(door, "sql_output_columns", query=query)["columns"]


# --- versions, schedules, scores --------------------------------------------------------------------------------------


def test_releases_by_hand(door):
    for row in spread("dependency", 60):
        best = result(door, "newest_allowed_release", **row)["version"]
        assert best in row["releases"] and "rc" not in best
        assert result(door, "next_semantic_version", version=best, step="major")["version"].endswith(".0.0")


def test_runs_agree_with_croniter(door):
    croniter = pytest.importorskip("croniter")
    for job in spread("cron_job", 60):
        args = {"schedule": job["schedule"], "today": job["today"]}
        start = datetime.datetime.fromisoformat(job["today"] + "T23:59")
        runs = croniter.croniter(job["schedule"], start)
        times = [runs.get_next(datetime.datetime) for _ in range(10)]
        found = result(door, "cron_next_run", **args)
        assert (found["date"], found["time"]) == (times[0].date().isoformat(), f"{times[0]:%H:%M}")
        assert found["tenth"] == times[9].date().isoformat()


def test_vectors_are_severe_as_they_score(door):
    bands = (("None", 0), ("Low", 3.9), ("Medium", 6.9), ("High", 8.9), ("Critical", 10))
    for vector in spread("cvss_vector"):
        row = result(door, "cvss_base_score", vector=vector)
        assert row["severity"] == next(name for name, top in bands if row["score"] <= top)
        later = result(door, "cvss_temporal_score", vector=vector, exploit="U", remedy="O")["score"]
        assert later <= row["score"]


def test_contrast_is_symmetric_and_shades_exist(door):
    for one, two in zip(samples("css_colour"), samples("css_colour")[1:], strict=False):
        ratio = result(door, "wcag_contrast_ratio", first=one, second=two)["ratio"]
        assert ratio == result(door, "wcag_contrast_ratio", first=two, second=one)["ratio"]
        assert 1 <= ratio <= 21


def test_checksums(door):
    for key in spread("cache_key", 30):
        number = result(door, "key_checksums", key=key)["number"]
        assert number == zlib.crc32(key.encode())
        assert result(door, "shard_of_checksum", crc=number, shards=10)["shard"] == number % 10


def test_bad_arguments_are_refused(door):
    assert refused(door, "network_size", network="10.0.0.1/24")
    assert refused(door, "oui_registration", oui="FF-FF-FE")
    assert refused(door, "cron_next_run", schedule="* * *", today="2026-01-01")
    assert refused(door, "next_semantic_version", version="1.2", step="minor")
    assert refused(door, "sql_output_columns", query="DROP TABLE t")
    assert refused(door, "unicode_character_record", character="U+0378")

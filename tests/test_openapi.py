"""OpenAPI documents as tools: every construct in a small document, one large document, and calls to a real server."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from aiohttp import web
from loopback import serve

from dive_tools.errors import DiveError
from dive_tools.sources import http, openapi
from dive_tools.sources.common import Skipped
from dive_tools.tools.door import run
from dive_tools.tools.manifest import tool_of

OK = {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}}


def document(paths: dict[str, Any], *, version: str = "3.0.3", **more: Any) -> dict[str, Any]:
    info = {"title": "Town API", "version": "2", "license": {"name": "CC0"}}
    return {
        "openapi": version,
        "info": info,
        "servers": [{"url": "https://towns.example.org/v1"}],
        "paths": paths,
        **more,
    }


def get(*parameters: Any, **more: Any) -> dict[str, Any]:
    return {"get": {"operationId": "probe", "parameters": list(parameters), "responses": OK, **more}}


def query(name: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema, **more}


def found(folder: Path, said: Any, **options: Any) -> list[Any]:
    path = folder / "api.json"
    path.write_text(json.dumps(said) if not isinstance(said, str) else said)
    rows = list(openapi.tools(path, **options))
    for row in rows:
        if not isinstance(row, Skipped):
            tool = tool_of(json.loads(json.dumps(row)))
            assert tool.check_arguments
            assert tool.check_result
    return rows


def one(folder: Path, said: Any, **options: Any) -> Any:
    (row,) = found(folder, said, **options)
    return row


def parameter(folder: Path, schema: Any, version: str = "3.0.3", **more: Any) -> Any:
    """How the schema of a parameter comes out."""
    row = one(folder, document({"/t": get(query("q", schema))}, version=version, **more))
    return row if isinstance(row, Skipped) else row["parameters"]["properties"]["q"]


# --- schemas ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ({"type": "string", "enum": ["a"], "nullable": True}, {"type": ["string", "null"], "enum": ["a", None]}),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, {"type": "integer", "exclusiveMinimum": 1}),
        ({"type": "integer", "maximum": 9, "exclusiveMaximum": False}, {"type": "integer", "maximum": 9}),
        ({"oneOf": [{"type": "string"}], "nullable": True},
         {"anyOf": [{"oneOf": [{"type": "string"}]}, {"type": "null"}]}),
        ({"type": "array"}, {"type": "array", "items": {}}),
        ({"type": "string", "example": "x", "x-note": 1, "xml": {}}, {"type": "string", "examples": ["x"]}),
        ({"type": "string", "pattern": "(?<n"}, {"type": "string"}),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"$ref": "#/components/schemas/Id"}, {"type": "integer", "minimum": 0}),
        ({"nullable": True, "allOf": [{"$ref": "#/components/schemas/Id"}]},
         {"type": ["integer", "null"], "minimum": 0}),
    ],
)  # fmt: skip
def test_schemas_of_3_0(tmp_path: Path, old: Any, new: Any) -> None:
    components = {"schemas": {"Id": {"type": "integer", "minimum": 0}}}
    assert parameter(tmp_path, old, components=components) == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "integer", "exclusiveMinimum": 1}, {"type": "integer", "exclusiveMinimum": 1}),
        ({"const": 1}, {"const": 1}),
        ({"$ref": "#/components/schemas/Id", "description": "d"}, {"type": "integer", "description": "d"}),
        ({"type": "array", "prefixItems": [{"type": "string"}]},
         {"type": "array", "items": {}, "prefixItems": [{"type": "string"}]}),
        (True, {}),
    ],
)  # fmt: skip
def test_schemas_of_3_1(tmp_path: Path, old: Any, new: Any) -> None:
    components = {"schemas": {"Id": {"type": "integer"}}}
    assert parameter(tmp_path, old, "3.1.0", components=components) == new


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "file"}, "bad_schema"),
        ("text", "bad_schema"),
        ({"$ref": "#/components/schemas/None"}, "bad_reference"),
        ({"$ref": "#anchor"}, "bad_reference"),
        ({"$ref": "../../etc/passwd"}, "bad_reference"),
        ({"$ref": "https://example.org/x.json"}, "bad_reference"),
    ],
)
def test_schemas_that_cannot_be_read(tmp_path: Path, schema: Any, reason: str) -> None:
    row = parameter(tmp_path, schema)
    assert isinstance(row, Skipped)
    assert (row.name, row.reason) == ("probe", reason)
    assert row.detail


def test_all_of_is_merged(tmp_path: Path) -> None:
    schemas = {
        "Base": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "readOnly": True}}},
        "Named": {"allOf": [{"$ref": "#/components/schemas/Base"}, {"properties": {"name": {"type": "string"}}}]},
        "Town": {
            "allOf": [{"$ref": "#/components/schemas/Named"}, {"type": "object", "required": ["name", "id"]}],
            "properties": {"code": {"type": "string", "writeOnly": True}},
        },
    }
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Town"}}}
    post = {"post": {"requestBody": {"required": True, "content": content}, "responses": {"201": {"content": content}}}}
    row = one(tmp_path, document({"/t": post}, components={"schemas": schemas}))
    assert row["parameters"]["properties"] == {"name": {"type": "string"}, "code": {"type": "string"}}
    assert row["parameters"]["required"] == ["name"]  # id is readOnly: not sent, so not asked for
    assert row["result"] == {
        "type": "object",
        "properties": {"id": {"type": "integer"}, "name": {"type": "string"}},
        "required": ["name", "id"],
    }


def test_all_of_that_does_not_fit_together_is_kept(tmp_path: Path) -> None:
    parts = [{"type": "string", "minLength": 1}, {"type": "string", "minLength": 2}]
    assert parameter(tmp_path, {"allOf": parts}) == {"allOf": parts}


TREE = {
    "Tree": {
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {"type": "string"},
            "kids": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        },
    },
    "Self": {"allOf": [{"$ref": "#/components/schemas/Self"}, {"type": "object"}]},
    "Ring": {"$ref": "#/components/schemas/Ring2"},
    "Ring2": {"$ref": "#/components/schemas/Ring"},
}


def test_recursive_schemas_stay_references(tmp_path: Path) -> None:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}
    paths = {"/t": {"post": {"requestBody": {"content": content}, "responses": {"200": {"content": content}}}}}
    row = one(tmp_path, document(paths, components={"schemas": TREE}))
    forest = {"name": "a", "kids": [{"name": "b", "kids": []}]}
    for schema in (row["parameters"], row["result"]):
        held = jsonschema_rs.validator_for(schema)
        assert held.is_valid(forest)
        assert not held.is_valid({"name": "a", "kids": [{"kids": []}]})


@pytest.mark.parametrize("name", ["Self", "Ring"])
def test_schemas_in_a_circle_do_not_hang(tmp_path: Path, name: str) -> None:
    row = parameter(tmp_path, {"$ref": f"#/components/schemas/{name}"}, components={"schemas": TREE})
    assert isinstance(row, Skipped | dict)


def test_schemas_that_blow_up_stay_small(tmp_path: Path) -> None:
    schemas: dict[str, Any] = {"S0": {"type": "string"}}
    for n in range(1, 40):
        part = {"$ref": f"#/components/schemas/S{n - 1}"}
        schemas[f"S{n}"] = {"type": "object", "properties": {"a": part, "b": part}}
    said = document({"/t": get(query("q", {"$ref": "#/components/schemas/S39"}))}, components={"schemas": schemas})
    assert len(json.dumps(one(tmp_path, said))) < 20_000


def test_nested_aliases_of_yaml_do_not_blow_up(tmp_path: Path) -> None:
    lines = ["openapi: 3.0.0", "info: {title: Bomb, version: '1'}", "x-a0: &a0 {type: string}"]
    lines += [f"x-a{n}: &a{n} {{anyOf: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)]
    lines += [
        "servers: [{url: 'https://x.org'}]",
        "paths: {/t: {get: {parameters: [{name: q, in: query, schema: *a11}]}}}",
    ]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines))
    start = time.monotonic()
    (row,) = openapi.tools(path)
    assert isinstance(row, Skipped)
    assert row.reason == "bad_schema"
    assert time.monotonic() - start < 60


def test_references_to_files_beside_the_document(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "town.yaml").write_text(
        "Town: {type: object, properties: {mayor: {$ref: 'people.yaml#/Mayor'}}}\n"
        "Q: {name: q, in: query, schema: {$ref: '#/Word'}}\nWord: {type: string, enum: [no, 2024-01-01]}\n"
        "Path: {get: {operationId: beside, parameters: [{$ref: '#/Q'}], responses: {200: {description: ok}}}}\n"
    )
    (tmp_path / "parts" / "people.yaml").write_text("Mayor: {type: string}\n")
    content = {"application/json": {"schema": {"$ref": "parts/town.yaml#/Town"}}}
    said = document(
        {
            "/t": get({"$ref": "parts/town.yaml#/Q"}, responses={"200": {"content": content}}),
            "/p": {"$ref": "parts/town.yaml#/Path"},
        }
    )
    first, second = found(tmp_path, said)
    assert first["result"]["properties"] == {"mayor": {"type": "string"}}
    assert first["parameters"]["properties"]["q"] == {"type": "string", "enum": ["no", "2024-01-01"]}
    assert second["name"] == "town_beside"
    assert second["parameters"]["properties"]["q"]["enum"] == ["no", "2024-01-01"]


# --- parameters and bodies -------------------------------------------------------------------------------------------


def test_names_that_clash_get_their_place(tmp_path: Path) -> None:
    body = {"type": "object", "properties": {"id": {"type": "string"}, "a[b]": {"type": "string"}}, "required": ["id"]}
    item = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
        "put": {
            "operationId": "putTown",
            "parameters": [query("id", {"type": "boolean"}), query("filter[x]", {"type": "string"})],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": OK,
        },
    }
    row = one(tmp_path, document({"/t/{id}": item}))
    assert list(row["parameters"]["properties"]) == ["id", "id_query", "filter_x", "id_body", "a_b"]
    assert row["parameters"]["required"] == ["id", "id_body"]
    assert row["via"]["parameters"] == [
        {"name": "id", "in": "path"},
        {"name": "id", "in": "query", "as": "id_query"},
        {"name": "filter[x]", "in": "query", "as": "filter_x"},
        {"name": "id", "in": "body", "as": "id_body"},
        {"name": "a[b]", "in": "body", "as": "a_b"},
    ]
    assert row["via"]["body_required"]


def test_an_operation_replaces_a_parameter_of_its_path(tmp_path: Path) -> None:
    item = {"parameters": [query("q", {"type": "string"})], **get(query("q", {"type": "integer"}))}
    row = one(tmp_path, document({"/t": item}))
    assert row["parameters"]["properties"] == {"q": {"type": "integer"}}


def test_parameters_keep_what_is_said_of_them(tmp_path: Path) -> None:
    said = query("q", {"type": "string"}, required=True, description="which", example="x", style="form", explode=False)
    as_json = {"name": "f", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}}
    ours = {"name": "Authorization", "in": "header", "schema": {"type": "string"}}
    row = one(tmp_path, document({"/t": get(said, as_json, ours)}))
    assert row["parameters"]["properties"] == {
        "q": {"type": "string", "description": "which", "examples": ["x"]},
        "f": {"type": "object"},
    }
    assert row["parameters"]["required"] == ["q"]
    assert row["via"]["parameters"] == [
        {"name": "q", "in": "query", "style": "form", "explode": False},
        {"name": "f", "in": "query", "style": "json"},
    ]


@pytest.mark.parametrize(
    ("media", "schema", "properties", "kind"),
    [
        ("application/json", {"type": "array", "items": {"type": "string"}}, {"body"}, "json"),
        ("application/merge-patch+json", {"type": "object", "additionalProperties": {"type": "string"}},
         {"body"}, "json"),
        ("application/x-www-form-urlencoded", {"properties": {"a": {"type": "string"}}}, {"a"}, "form"),
        ("multipart/form-data", {"properties": {"a": {}, "f": {"type": "string", "format": "binary"}}},
         {"a"}, "multipart"),
        ("text/plain", {"type": "string"}, {"body"}, "text"),
    ],
)  # fmt: skip
def test_bodies(tmp_path: Path, media: str, schema: Any, properties: set[str], kind: str) -> None:
    if media.startswith("multipart"):
        schema["properties"]["a"] = {"type": "string"}
    item = {"post": {"requestBody": {"content": {media: {"schema": schema}}}, "responses": OK}}
    row = one(tmp_path, document({"/t": item}))
    assert set(row["parameters"]["properties"]) == properties
    assert row["via"]["body"] == kind


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"post": {"requestBody": {"content": {"application/pdf": {}}}, "responses": OK}}, "body_media_type"),
        ({"post": {"requestBody": {"content": {"multipart/form-data": {"schema": {
            "properties": {"f": {"type": "string", "format": "binary"}}, "required": ["f"]}}}}}}, "binary_body"),
        ({"get": {"responses": {"200": {"content": {"image/png": {}}}}}}, "binary_result"),
        ({"get": {"parameters": [{"in": "query"}]}}, "bad_parameter"),
        ({"get": {"parameters": [query("q", {}, style="odd")]}}, "bad_parameter"),
        ({"get": {"security": [{"none": []}], "responses": OK}}, "auth"),
        ({"get": {"security": [{"digest": []}], "responses": OK}}, "auth"),
        ({"get": {"servers": [{"url": "/v2"}], "responses": OK}}, "no_server"),
        ({"get": {"servers": [{"url": "https://{t}.org"}], "responses": OK}}, "no_server"),
        ({"trace": {"responses": OK}}, "method"),
        ({"$ref": "#/nowhere"}, "bad_reference"),
    ],
)  # fmt: skip
def test_what_cannot_be_mapped_says_why(tmp_path: Path, item: Any, reason: str) -> None:
    schemes = {"digest": {"type": "http", "scheme": "digest"}}
    row, kept = found(tmp_path, document({"/t": item, "/ok": get()}, components={"securitySchemes": schemes}))
    assert isinstance(row, Skipped)
    assert (row.reason, kept["name"]) == (reason, "town_probe")


def test_a_hole_that_nothing_fills(tmp_path: Path) -> None:
    assert one(tmp_path, document({"/t/{id}": get()})).reason == "bad_parameter"


@pytest.mark.parametrize(
    ("responses", "result", "reply"),
    [
        ({"2XX": OK["200"]}, {"type": "object"}, "json"),
        ({"default": OK["200"]}, {"type": "object"}, "json"),
        ({"201": OK["200"], "default": {"content": {"application/json": {"schema": {"type": "string"}}}}},
         {"type": "object"}, "json"),
        ({"200": OK["200"], "204": {"description": "none"}}, {"anyOf": [{"type": "object"}, {"type": "null"}]}, "json"),
        ({"204": {"description": "none"}}, {}, "auto"),
        ({"200": {"content": {"application/json": {}}}}, {}, "json"),
        ({"200": {"content": {"text/plain": {}}}}, {"type": "string"}, "text"),
        ({"200": {"content": {"application/geo+json": {"schema": {"type": "array"}}}}},
         {"type": "array", "items": {}}, "json"),
        ({}, {}, "auto"),
    ],
)  # fmt: skip
def test_results(tmp_path: Path, responses: Any, result: Any, reply: str) -> None:
    row = one(tmp_path, document({"/t": {"get": {"responses": responses}}}))
    assert (row["result"], row["via"]["reply"]) == (result, reply)


# --- security, servers, choices --------------------------------------------------------------------------------------

SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "inQuery": {"type": "apiKey", "in": "query", "name": "k"},
    "inCookie": {"type": "apiKey", "in": "cookie", "name": "c"},
    "token": {"type": "http", "scheme": "Bearer"},
    "user": {"type": "http", "scheme": "basic"},
    "oauth": {"type": "oauth2", "flows": {}},
}


@pytest.mark.parametrize(
    ("security", "auth", "part", "value"),
    [
        ([{"key": []}], {}, "headers", {"Accept": "application/json", "X-Key": "${TOWN_KEY}"}),
        ([{"inQuery": []}], {}, "query", {"k": "${TOWN_IN_QUERY}"}),
        ([{"inCookie": []}], {"inCookie": "MINE"}, "cookies", {"c": "${MINE}"}),
        ([{"token": []}], {}, "headers", {"Accept": "application/json", "Authorization": "Bearer ${TOWN_TOKEN}"}),
        ([{"user": []}], {"user": "LOGIN"}, "basic", "${LOGIN}"),
        ([{"oauth": ["read"]}], {}, "headers", {"Accept": "application/json", "Authorization": "Bearer ${TOWN_OAUTH}"}),
        ([{"key": []}, {"inQuery": []}], {"inQuery": "Q"}, "query", {"k": "${Q}"}),
        ([{"key": []}, {}], {}, "headers", {"Accept": "application/json"}),
        ([{"key": []}, {}], {"key": "K"}, "headers", {"Accept": "application/json", "X-Key": "${K}"}),
        ([], {}, "headers", {"Accept": "application/json"}),
    ],
)
def test_security(tmp_path: Path, security: Any, auth: Any, part: str, value: Any) -> None:
    said = document(
        {"/t": get(query("k", {"type": "string"}), security=security)}, components={"securitySchemes": SCHEMES}
    )
    row = one(tmp_path, said, auth=auth)
    assert row["via"][part] == value
    if part == "query":
        assert row["parameters"]["properties"] == {}  # the scheme fills it


def test_what_is_wrong_with_auth_is_said_without_the_secret(tmp_path: Path) -> None:
    said = document({"/t": get()}, components={"securitySchemes": SCHEMES})
    with pytest.raises(DiveError, match="no security scheme is called 'tokn'") as caught:
        found(tmp_path, said, auth={"tokn": "X"})
    assert caught.value.hint == "there is token"
    with pytest.raises(DiveError) as caught:
        found(tmp_path, said, auth={"token": "sk-live-123"})
    assert "sk-live" not in f"{caught.value} {caught.value.hint}"
    with pytest.raises(DiveError, match="Authorization is written out"):
        found(tmp_path, said, headers={"Authorization": "Bearer abc"})


def test_servers(tmp_path: Path) -> None:
    servers = [
        {"url": "https://{region}.example.org/{v}/", "variables": {"region": {"default": "eu"}, "v": {"default": "v1"}}}
    ]
    said = document({"/t": get()}) | {"servers": servers}
    assert one(tmp_path, said)["via"]["base"] == "https://eu.example.org/v1"
    assert one(tmp_path, said, variables={"region": "us"})["via"]["base"] == "https://us.example.org/v1"
    assert one(tmp_path, said, base="http://localhost:8000/")["via"]["base"] == "http://localhost:8000"
    assert one(tmp_path, said | {"servers": [{"url": "//x.org/v1"}]})["via"]["base"] == "https://x.org/v1"
    for url, detail in (("/v1", "its server is '/v1'"), ("https://{a}.org", "wants the variable a")):
        with pytest.raises(DiveError, match=detail) as caught:
            found(tmp_path, said | {"servers": [{"url": url}]})
        assert "--base" in str(caught.value.hint)
    with pytest.raises(DiveError, match="holds a user name"):
        found(tmp_path, said, base="https://me:pw@example.org")


def test_choices(tmp_path: Path) -> None:
    paths = {
        "/a": {
            "get": {"operationId": "listTowns", "tags": ["towns"]},
            "delete": {"operationId": "dropTowns", "tags": ["towns"]},
        },
        "/b": {"get": {"operationId": "listMayors", "tags": ["mayors"], "deprecated": True, "x-readOnly": True}},
        "/c": {"get": {}},
    }

    def names(**options: Any) -> list[str]:
        return [row["name"] for row in found(tmp_path, document(paths), **options)]

    assert names() == ["town_list_towns", "town_drop_towns", "town_list_mayors", "town_get_c"]
    assert names(tags=["towns"]) == ["town_list_towns", "town_drop_towns"]
    assert names(include=["list*"], exclude=["*Mayors"]) == ["town_list_towns"]
    assert names(methods=["get"], include=["GET /c"], prefix="") == ["get_c"]
    for options, said in (
        ({"tags": ["town"]}, "no tag of the document meets 'town'"),
        ({"include": ["lst*"]}, "no operation of the document meets 'lst*'"),
        ({"methods": ["fetch"]}, "there is no method FETCH"),
    ):
        with pytest.raises(DiveError) as caught:
            names(**options)
        assert said in caught.value.message
        assert caught.value.hint
    rows = {row["name"]: row for row in found(tmp_path, document(paths))}
    assert rows["town_drop_towns"]["hints"] == {
        "method": "DELETE", "safeMethod": False, "operation": "DELETE /a", "tags": ["towns"]
    }  # fmt: skip
    hints = rows["town_list_mayors"]["hints"]
    assert (hints["deprecated"], hints["x-readOnly"], hints["safeMethod"]) == (True, True, True)
    assert {row["effects"] for row in rows.values()} == {"unknown"}
    assert rows["town_get_c"]["licence"] == ""  # that of the document is not that of the data
    assert found(tmp_path, document(paths), licence="CC0")[0]["licence"] == "CC0"


def test_names_are_unique(tmp_path: Path) -> None:
    paths = {f"/{n}": {"get": {"operationId": "same-name" if n < 2 else "x" * 80 + str(n)}} for n in range(4)}
    names = [row["name"] for row in found(tmp_path, document(paths))]
    assert len(set(names)) == 4
    assert all(len(name) <= 64 for name in names)
    assert names[0] == "town_same_name"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"swagger": "2.0", "paths": {}}', "is Swagger 2.0"),
        ('{"info": {}}', "is no OpenAPI 3 document"),
        ("[1, 2", "neither JSON nor YAML"),
        ("just words", "is no OpenAPI 3 document"),
        ('{"openapi": "3.0.0", "paths": []}', "`paths` is no object"),
    ],
)
def test_documents_that_cannot_be_read(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "api.yaml"
    path.write_text(text)
    with pytest.raises(DiveError) as caught:
        list(openapi.tools(path))
    assert said in caught.value.message
    assert str(path) in caught.value.message
    assert caught.value.hint
    with pytest.raises(DiveError, match="cannot read"):
        list(openapi.tools(tmp_path / "none.yaml"))


# --- calls -----------------------------------------------------------------------------------------------------------

YAML = """
openapi: 3.0.3
info: {title: Swagger Towns - OpenAPI 3.0, version: 1.0.0}
servers: [{url: /api}]
security: [{key: []}]
paths:
  /towns/{id}:
    get:
      summary: A town by its number
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: with, in: query, schema: {type: array, items: {type: string}}, explode: false}
      responses:
        200: {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Town'}}}}
        default: {description: no, content: {application/json: {schema: {type: object}}}}
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Key}}
  schemas:
    Town:
      type: object
      required: [name]
      properties:
        name: {type: string, nullable: true}
        twin: {$ref: towns.yaml#/components/schemas/Town}
"""


def test_a_document_by_its_address_and_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "open sesame")

    async def text(request: web.Request) -> web.Response:
        return web.Response(text=YAML, content_type="application/yaml")

    async def town(request: web.Request) -> web.Response:
        if request.headers.get("X-Key") != "open sesame":
            return web.json_response({"message": "no key"}, status=401)
        return web.json_response({"name": None if request.query["with"] == "a,b" else 1, "twin": {"name": "x"}})

    with serve({"/docs/towns.yaml": text, "/api/towns/7": town}) as server:
        where = f"{server.base}/docs/towns.yaml?token=abcdef"
        with pytest.raises(DiveError, match="private address") as caught:
            list(openapi.tools(where))
        assert "abcdef" not in str(caught.value)
        (row,) = openapi.tools(where, auth={"key": "MY_KEY"}, allow_private=True)
        assert (row["name"], row["via"]["base"]) == ("towns_get_towns_id", f"{server.base}/api")
        assert row["description"] == "A town by its number"
        assert "abcdef" not in json.dumps(row)
        tool = tool_of(row)
        tool.function = http.function(tool)
        assert run(tool, {"id": 7, "with": ["a", "b"]}) == {"result": {"name": None, "twin": {"name": "x"}}}
        assert run(tool, {"id": 7, "with": ["a"]})["error"]["kind"] == "bad_result"
        assert run(tool, {"id": 8})["error"] == {"kind": "refused", "message": "404 Not Found: no such path"}


def large(operations: int) -> dict[str, Any]:
    """A document in which every operation has parameters, a body, and answers with nested and recursive schemas."""
    schemas: dict[str, Any] = {
        f"S{n}": {
            "type": "object",
            "required": ["id"],
            "properties": {
                "id": {"type": "integer", "readOnly": True},
                **{f"p{m}": {"type": "string", "description": "words " * 8, "nullable": True} for m in range(12)},
                "next": {"$ref": f"#/components/schemas/S{(n * 7 + 1) % 300}"},
                "kin": {"type": "array", "items": {"$ref": f"#/components/schemas/S{n // 2}"}},
            },
        }
        for n in range(300)
    }
    paths: dict[str, Any] = {}
    for n in range(operations):
        content = {"application/json": {"schema": {"$ref": f"#/components/schemas/S{n % 300}"}}}
        flat = {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}
        paths[f"/r{n // 2}/{{id}}"] = paths.get(f"/r{n // 2}/{{id}}", {}) | {
            "get" if n % 2 else "post": {
                "operationId": f"op{n}",
                "summary": f"Operation number {n}",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"$ref": "#/components/parameters/Page"},
                ],
                **({} if n % 2 else {"requestBody": {"content": flat}}),
                "responses": {"200": {"description": "ok", "content": content}},
            }
        }
    page = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}
    return document(paths, components={"schemas": schemas, "parameters": {"Page": page}})


def test_thousands_of_operations_in_seconds(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_text(json.dumps(large(3000)))
    start = time.process_time()
    rows = list(openapi.tools(path))
    seconds = time.process_time() - start
    assert len(rows) == 3000
    assert not any(isinstance(row, Skipped) for row in rows)
    assert seconds < 10  # 2 on a quiet core
    assert max(len(json.dumps(row)) for row in rows[:50]) < 80_000  # though each schema leads to all 300

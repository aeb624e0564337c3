"""Short Python functions and SQL queries made up for a question, and what static analysis says of them."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import Annotated, Any, TypedDict

from msgspec import Meta

from dive_tools.tools.base import Refusal, example, tool
from dive_tools.tools.software.code_samples import functions, queries
from dive_tools.values import Entity, Quantity, entity, says

RADON = {"needs": ("radon",), "source": "McCabe's cyclomatic complexity, by radon", "licence": "MIT"}
AST: dict[str, Any] = {"source": "Python grammar, by ast", "licence": "PSF-2.0"}
SQLGLOT = {"needs": ("sqlglot",), "source": "SQL parsed by sqlglot", "licence": "MIT"}

entity(
    "python_function",
    "function",
    spoken="literal",
    opening="Here is a Python function:\n```python\n{}\n```\n",
    samples=functions,
)
entity("sql_query", "query", "queries", spoken="literal", opening="Here is an SQL query: {}.", samples=queries)
Function = Annotated[str, Entity("python_function"), Meta(description="source of one Python function", max_length=9999)]
Query = Annotated[str, Entity("sql_query"), Meta(description="one SELECT statement in standard SQL", max_length=9999)]
SIMPLE = "def f(a, b=1, *c):\n\tif a and b:\n\t\treturn len(c)\n\treturn max(a, b)"
JOIN = "SELECT a.x, COUNT(*) AS n FROM t AS a JOIN u ON u.i = a.i GROUP BY a.x"

# --- Python -----------------------------------------------------------------------------------------------------------


def _parsed(source: str) -> ast.FunctionDef:
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise Refusal(f"no Python: {error}") from None
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        raise Refusal("the source is not one function")
    return body[0]


class Complexity(TypedDict):
    complexity: Annotated[
        int,
        Quantity("cyclomatic complexity"),
        says(
            "the cyclomatic complexity of {function} as radon counts it",
            noun="cyclomatic complexity",
            scope="as radon counts it",
        ),
    ]


class Signature(TypedDict):
    parameters: Annotated[
        int,
        Quantity("parameters", "parameters"),
        says("the number of parameters of {function}, starred ones included", noun="number of parameters"),
    ]
    required: Annotated[
        int,
        Quantity("required arguments", "arguments"),
        says("the number of arguments that a call of {function} cannot leave out", noun="number of required arguments"),
    ]
    calls: Annotated[
        list[str],
        says("the builtins and methods that {function} calls", noun="callee", plural="callees"),
    ]
    complete: bool


@tool(
    "processing",
    examples=[
        example({"function": SIMPLE}, {"/complexity": 3}, "published: radon documentation, if and Boolean operator"),
        example({"function": "def f():\n\treturn 1"}, {"/complexity": 1}, "identity: a straight line has one path"),
        example({"function": "def f("}, {"error": "refused"}, "identity: a syntax error"),
    ],
    **RADON,  # type: ignore[arg-type]
)
def cyclomatic_complexity(function: Function) -> Complexity:
    """Compute the cyclomatic complexity of a Python function as radon counts it: one, and one more for each branch,
    loop, except clause, Boolean operator, conditional expression, assert, comprehension and condition in it."""
    from radon.complexity import cc_visit

    _parsed(function)
    return {"complexity": cc_visit(function)[0].complexity}


@tool(
    "processing",
    examples=[
        example(
            {"function": SIMPLE}, {"/parameters": 3, "/required": 1, "/calls": ["len", "max"]}, "identity: read off"
        ),
        example({"function": "def f(x, *, y):\n\tpass"}, {"/required": 2, "/calls": []}, "identity: read off"),
    ],
    **AST,
)
def function_signature(function: Function) -> Signature:
    """Count the parameters of a Python function and those that a call must give, and list the names of the functions
    and methods that its body calls, sorted; complete."""
    found = _parsed(function)
    args = found.args
    plain = [*args.posonlyargs, *args.args]
    starred = [a for a in (args.vararg, args.kwarg) if a]
    called = (node.func for node in ast.walk(found) if isinstance(node, ast.Call))
    names = {n.id if isinstance(n, ast.Name) else n.attr for n in called if isinstance(n, ast.Name | ast.Attribute)}
    return {
        "parameters": len(plain) + len(args.kwonlyargs) + len(starred),
        "required": len(plain) - len(args.defaults) + sum(d is None for d in args.kw_defaults),
        "calls": sorted(names),
        "complete": True,
    }


# --- SQL --------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def _select(query: str) -> Any:
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        found = sqlglot.parse_one(query)
    except SqlglotError as error:
        raise Refusal(f"no SQL: {str(error).splitlines()[0]}") from None
    if not isinstance(found, sqlglot.exp.Query):
        raise Refusal("the statement is no SELECT")
    return found


class Reads(TypedDict):
    tables: Annotated[
        list[str],
        says(
            "the tables that {query} reads",
            noun="table",
            plural="tables",
            ask_count="How many tables does {query} read",
        ),
    ]
    count: Annotated[
        int,
        Quantity("tables read", "tables"),
        says(
            "the number of stored tables that {query} reads",
            noun="number of tables read",
            ask="How many stored tables does {query} read",
        ),
    ]
    joins: Annotated[
        int, Quantity("joins", "JOINs"), says("the number of explicit JOINs in {query}", noun="number of joins")
    ]
    complete: bool


class Output(TypedDict):
    columns: Annotated[list[str], says("the columns that {query} returns", noun="column", plural="columns")]
    count: Annotated[
        int,
        Quantity("columns returned", "columns"),
        says(
            "the number of columns that {query} returns",
            noun="number of columns returned",
            ask="How many columns does {query} return",
        ),
    ]
    last: Annotated[
        str,
        says("the name of the last column that {query} returns", noun="last column"),
    ]
    complete: bool


@tool(
    "processing",
    examples=[
        example({"query": JOIN}, {"/tables": ["t", "u"], "/count": 2, "/joins": 1}, "identity: read off the text"),
        example(
            {"query": "WITH r AS (SELECT a FROM t) SELECT a FROM r"},
            {"/tables": ["t"], "/joins": 0},
            "identity: r is a common table expression",
        ),
        example({"query": "SELECT FROM WHERE"}, {"error": "refused"}, "identity: a syntax error"),
    ],
    **SQLGLOT,  # type: ignore[arg-type]
)
def sql_tables_read(query: Query) -> Reads:
    """List the stored tables that a SELECT statement reads, common table expressions left out, sorted (complete), with
    their number and that of its explicit joins."""
    from sqlglot import exp

    found = _select(query)
    own = {cte.alias for cte in found.find_all(exp.CTE)}
    tables = sorted({t.name for t in found.find_all(exp.Table)} - own)
    joins = len(list(found.find_all(exp.Join)))
    return {"tables": tables, "count": len(tables), "joins": joins, "complete": True}


@tool(
    "processing",
    examples=[
        example({"query": JOIN}, {"/columns": ["x", "n"], "/count": 2, "/last": "n"}, "identity: read off the text"),
        example({"query": "SELECT 1 AS one"}, {"/columns": ["one"]}, "identity: read off the text"),
        example({"query": "SELECT * FROM t"}, {"error": "refused"}, "identity: a star says no names"),
    ],
    **SQLGLOT,  # type: ignore[arg-type]
)
def sql_output_columns(query: Query) -> Output:
    """List the names of the columns that a SELECT statement returns, in order; complete. Refuses a star."""
    names = list(_select(query).named_selects)
    if "*" in names:
        raise Refusal("a star does not say which columns come back")
    return {"columns": names, "count": len(names), "last": names[-1], "complete": True}

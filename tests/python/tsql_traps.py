"""What SQL Server refuses, or reads otherwise than the other engines, although a T-SQL grammar lets it pass.

Meant for statements that stand in a view (dbt-sqlserver builds tables and tests through views), on SQL Server 2019.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.tokenizer_core import Token, TokenType

# Functions of SQL Server 2019 that the project may call. Anything else is a trap until somebody looked it up.
FUNCTIONS = frozenset(
    """
    abs ascii avg cast ceiling char charindex choose coalesce concat concat_ws convert cos count count_big cume_dist
    datalength dateadd datediff datediff_big datefromparts datename datepart datetime2fromparts day dense_rank
    eomonth exp first_value floor format hashbytes iif isnull lag last_value lead left len log log10 lower ltrim max
    min month nchar ntile nullif patindex percent_rank power quotename rank replace replicate reverse right round
    row_number rtrim sign space sqrt stdev str string_agg stuff substring sum sysdatetime sysutcdatetime translate
    trim try_cast try_convert unicode upper var year
    """.split()
)
# Words that may stand before a bracket without being a function.
_BEFORE_BRACKET = frozenset(
    """
    all and any apply as between by case distinct else except exists from group having if in inner intersect into join
    like not on or order outer over partition select set some then top union values when where with within
    char datetime2 decimal nchar numeric nvarchar varbinary varchar
    """.split()
)
_FOREIGN = frozenset(
    {"limit", "qualify", "ilike", "using", "interval", "unnest", "lateral", "rlike", "asof", "natural"}
)
_FOREIGN_TYPES = frozenset(
    {"hugeint", "boolean", "string", "text", "timestamp", "timestamptz", "timestamp_ntz", "number"}
)
_TYPES_WITH_LENGTH = {
    exp.DataType.Type.NVARCHAR,
    exp.DataType.Type.VARCHAR,
    exp.DataType.Type.NCHAR,
    exp.DataType.Type.CHAR,
    exp.DataType.Type.DECIMAL,
}
_TYPES = _TYPES_WITH_LENGTH | {
    exp.DataType.Type.BIGINT,
    exp.DataType.Type.BIT,
    exp.DataType.Type.DATE,
    exp.DataType.Type.DATETIME2,
    exp.DataType.Type.DOUBLE,
    exp.DataType.Type.FLOAT,
    exp.DataType.Type.INT,
    exp.DataType.Type.SMALLINT,
    exp.DataType.Type.VARBINARY,
}
RESERVED = frozenset(
    """
    add all alter and any as asc authorization backup begin between break browse bulk by cascade case check checkpoint
    close clustered coalesce collate column commit compute constraint contains containstable continue convert create
    cross current current_date current_time current_timestamp current_user cursor database dbcc deallocate declare
    default delete deny desc disk distinct distributed double drop dump else end errlvl escape except exec execute
    exists exit external fetch file fillfactor for foreign freetext freetexttable from full function goto grant group
    having holdlock identity identity_insert identitycol if in index inner insert intersect into is join key kill left
    like lineno load merge national nocheck nonclustered not null nullif of off offsets on open opendatasource
    openquery openrowset openxml option or order outer over percent pivot plan precision primary print proc procedure
    public raiserror read readtext reconfigure references replication restore restrict return revert revoke right
    rollback rowcount rowguidcol rule save schema securityaudit select semantickeyphrasetable
    semanticsimilaritydetailstable semanticsimilaritytable session_user set setuser shutdown some statistics
    system_user table tablesample textsize then to top tran transaction trigger truncate try_convert tsequal union
    unique unpivot update updatetext use user values varying view waitfor when where while with within writetext
    """.split()
)
_RANKING = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue)
_RANKING_NAMES = {"rank", "dense_rank", "ntile", "percent_rank", "cume_dist", "row_number", "lag", "lead"}

Schema = dict[str, dict[str, dict[str, dict[str, str]]]]


def find_traps(sql: str) -> list[str]:
    """Name each trap in a statement; none for a statement that SQL Server takes and reads like the other engines."""
    statements, problems = _parsed(sql)
    found = [trap for statement in statements for trap in _tree_traps(statement)]
    return list(dict.fromkeys([*problems, *(() if problems else _token_traps(sql)), *found]))


def find_name_traps(sql: str, schema: Schema) -> list[str]:
    """Name each column that is not found where T-SQL would look, such as an alias used beside itself, or found twice.

    Args:
        sql: one compiled statement.
        schema: {database: {schema: {relation: {column: type}}}}.
    """
    statements, _ = _parsed(sql)
    found = [trap for query in statements if isinstance(query, exp.Query) for trap in _name_traps(query, schema)]
    return list(dict.fromkeys(found))


@cache
def _parsed(sql: str) -> tuple[tuple[exp.Expression, ...], tuple[str, ...]]:
    try:
        return tuple(statement for statement in sqlglot.parse(sql, read="tsql") if statement is not None), ()
    except SqlglotError as error:
        return (), (f"not T-SQL: {str(error).splitlines()[0]}",)


# Words --------------------------------------------------------------------------------------------------------------


def _token_traps(sql: str) -> Iterator[str]:
    tokens = sqlglot.tokenize(sql, read="tsql")
    for index, token in enumerate(tokens):
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        word = token.text.lower()
        if token.token_type in (TokenType.IDENTIFIER, TokenType.STRING, TokenType.NATIONAL_STRING):
            if token.token_type is TokenType.STRING and not token.text.isascii():
                yield f"text outside ASCII without N before it: '{token.text}'"
            continue
        if token.token_type is TokenType.DPIPE:
            yield "|| (use concat)"
        elif token.token_type is TokenType.DCOLON:
            yield ":: (use cast)"
        elif token.token_type is TokenType.L_PAREN and before and before.token_type is not TokenType.IDENTIFIER:
            name = before.text.lower()
            is_known = name in FUNCTIONS or name in _BEFORE_BRACKET or _is_type(tokens, index)
            if _is_word(before) and not is_known:
                yield f"function {name}()"
        elif word in _FOREIGN:
            if _is_word(token) and not (before and before.token_type is TokenType.DOT):
                yield word
        elif word in {"true", "false"} and not (before and before.token_type is TokenType.DOT):
            yield f"{word} (T-SQL has no boolean)"
        elif word == "nulls" and after and after.text.lower() in {"first", "last"}:
            yield "nulls first/last (use a case)"
        elif word == "filter" and after and after.token_type is TokenType.L_PAREN:
            yield "filter (where ...)"
        elif word in {"date", "timestamp", "time"} and after and after.token_type is TokenType.STRING:
            yield f"{word} literal (use cast)"
        elif word == "all" and before and before.text.lower() in {"except", "intersect"}:
            yield f"{before.text.lower()} all"
        elif word == "all" and before and before.text.lower() == "by":
            yield "group by all"
        elif word == "window" and after and _is_word(after) and before and before.token_type is not TokenType.DOT:
            yield "named window"
        elif (
            word in _FOREIGN_TYPES
            and (before and before.token_type is TokenType.ALIAS)
            and (after and after.token_type in (TokenType.R_PAREN, TokenType.L_PAREN))
        ):
            yield f"type {word}"


def _is_word(token: Token) -> bool:
    return bool(token.text[:1].isalpha() or token.text[:1] == "_")


def _is_type(tokens: list[Token], bracket: int) -> bool:
    """Whether the bracket belongs to a type, `as decimal(18, 2)`, or to the column list of a CTE or values table."""
    return bracket >= 2 and tokens[bracket - 2].token_type is TokenType.ALIAS


# Structure ----------------------------------------------------------------------------------------------------------


def _is_condition(node: exp.Expr) -> bool:
    while isinstance(node, exp.Paren):
        node = node.this
    return isinstance(node, (exp.Predicate, exp.Connector, exp.Not, exp.Exists, exp.RegexpLike))


def _wants_condition(parent: exp.Expr | None, child: exp.Expr) -> bool:
    if isinstance(parent, (exp.Where, exp.Having, exp.Connector, exp.Not)):
        return True
    if isinstance(parent, exp.If):
        searched = not (isinstance(parent.parent, exp.Case) and parent.parent.args.get("this") is not None)
        return searched and parent.this is child
    if isinstance(parent, exp.Join):
        return parent.args.get("on") is child
    if isinstance(parent, exp.Merge):
        return parent.args.get("on") is child
    if isinstance(parent, exp.Paren):
        return _wants_condition(parent.parent, parent)
    return False


def _shown(node: exp.Expr) -> str:
    text = " ".join(node.sql(dialect="tsql").split())
    return text if len(text) <= 100 else text[:97] + "..."


def _tree_traps(statement: exp.Expr) -> list[str]:
    traps: list[str] = []
    for node in statement.walk():
        traps += _node_traps(node, statement)
    return traps


def _node_traps(node: exp.Expr, statement: exp.Expr) -> Iterator[str]:
    wants = _wants_condition(node.parent, node)
    if not isinstance(node, exp.Paren):
        if _is_condition(node) and not wants:
            yield f"a condition where a value is wanted: {_shown(node)}"
        elif wants and not _is_condition(node):
            yield f"a value where a condition is wanted: {_shown(node)}"

    if isinstance(node, exp.With) and node.parent is not statement:
        yield "with inside a CTE or subquery"
    elif isinstance(node, exp.Identifier):
        if not node.quoted and node.name.lower() in RESERVED:
            yield f"reserved word as a name: {node.name}"
    elif isinstance(node, exp.DataType):
        # sqlglot itself writes such a cast around the text of left(), right() and len().
        is_own = not isinstance(node.parent.parent, (exp.Left, exp.Right, exp.Length))
        if isinstance(node.parent, (exp.Cast, exp.TryCast, exp.ColumnDef)) and is_own:
            yield from _type_traps(node)
    elif isinstance(node, exp.Group):
        for key in node.expressions:
            if not list(key.find_all(exp.Column)):
                yield f"group by a constant or an ordinal: {_shown(key)}"
            if key.find(exp.Select):
                yield "group by a subquery"
        if any(node.args.get(kind) for kind in ("all", "totals")):
            yield "group by all"
    elif isinstance(node, exp.Order):
        if isinstance(node.parent, exp.Query) and not (node.parent.args.get("limit") or node.parent.args.get("offset")):
            yield "order by outside a window"
    elif isinstance(node, exp.AggFunc):
        if node.find(exp.Select):
            yield f"aggregate over a subquery: {_shown(node)}"
        inner = [found for found in node.find_all(exp.AggFunc) if found is not node]
        if inner and not isinstance(node.parent, exp.Window):
            yield f"aggregate over an aggregate: {_shown(node)}"
        distinct = node.this
        if isinstance(distinct, exp.Distinct):
            if len(distinct.expressions) > 1:
                yield f"count(distinct) of several columns: {_shown(node)}"
            if isinstance(node.parent, exp.Window):
                yield f"distinct aggregate over a window: {_shown(node.parent)}"
    elif isinstance(node, exp.Window):
        yield from _window_traps(node)
    elif isinstance(node, exp.Tuple):
        if isinstance(node.parent, (exp.In, exp.Predicate)) and node.arg_key == "this":
            yield f"row value: {_shown(node.parent)}"
    elif isinstance(node, exp.Select):
        yield from _select_traps(node)
    elif isinstance(node, exp.Case):
        results = [branch.args.get("true") for branch in node.args["ifs"]] + [node.args.get("default")]
        if all(result is None or isinstance(result, exp.Null) for result in results):
            yield f"case with nothing but nulls: {_shown(node)}"
    elif isinstance(node, (exp.NullSafeEQ, exp.NullSafeNEQ)):
        yield f"is distinct from: {_shown(node)}"
    elif isinstance(node, (exp.Bracket, exp.Array, exp.Struct, exp.Lambda)):
        yield f"list or struct: {_shown(node)}"
    elif isinstance(node, exp.IgnoreNulls):
        yield "ignore nulls"


def _type_traps(kind: exp.DataType) -> Iterator[str]:
    shown = kind.sql(dialect="tsql").lower()
    if kind.this not in _TYPES:
        yield f"type {shown}"
    elif kind.this in _TYPES_WITH_LENGTH and not kind.expressions:
        yield f"type {shown} without a length (30 characters, or no decimals, in a cast)"


def _window_traps(node: exp.Window) -> Iterator[str]:
    function = node.this
    name = function.name.lower() if isinstance(function, exp.Anonymous) else function.key
    order = node.args.get("order")
    ranks = isinstance(function, _RANKING) or name in _RANKING_NAMES
    if ranks and order is None:
        yield f"ranking without order by: {_shown(node)}"
    if isinstance(function, exp.GroupConcat):
        yield f"string_agg over a window: {_shown(node)}"
    for key in order.expressions if order else []:
        if isinstance(key.this, (exp.Literal, exp.Null)):
            yield f"window ordered by a constant: {_shown(node)}"
    place = node.find_ancestor(exp.Where, exp.Group, exp.Having, exp.Select, exp.AggFunc)
    if isinstance(place, (exp.Where, exp.Group, exp.Having, exp.AggFunc)):
        yield f"window function inside {place.key}: {_shown(node)}"


def _select_traps(node: exp.Select) -> Iterator[str]:
    parent = node.parent
    while isinstance(parent, (exp.SetOperation, exp.Subquery)) and not isinstance(parent.parent, (exp.From, exp.Join)):
        parent = parent.parent
    is_table = parent is None or isinstance(parent, (exp.CTE, exp.Subquery))
    if not is_table:
        return
    names: set[str] = set()
    for column in node.expressions:
        if isinstance(column, exp.Star) or (isinstance(column, exp.Column) and column.is_star):
            continue
        is_named_above = isinstance(node.parent, exp.SetOperation) and node.arg_key == "expression"
        if not isinstance(column, (exp.Alias, exp.Column)) and not is_named_above:
            yield f"column without a name: {_shown(column)}"
        name = column.alias_or_name.lower()
        # What follows a union takes its names from what it follows.
        if name and name in names and not is_named_above:
            yield f"two columns called {name}"
        names.add(name)
        if isinstance(column.unalias(), exp.Null):
            yield f"null without a type: {_shown(column)}"


# Names --------------------------------------------------------------------------------------------------------------


def _name_traps(statement: exp.Query, schema: Schema) -> Iterator[str]:
    try:
        qualified = qualify(
            statement.copy(),
            dialect="tsql",
            schema=dict(schema),
            expand_alias_refs=False,
            validate_qualify_columns=True,
            quote_identifiers=False,
            identify=False,
        )
    except SqlglotError as error:
        yield f"a name T-SQL does not find: {str(error).splitlines()[0]}"
        return
    for select in qualified.find_all(exp.Select):
        if isinstance(select.parent, (exp.CTE, exp.Subquery)) or select is qualified:
            names: set[str] = set()
            for column in select.expressions:
                name = column.alias_or_name.lower()
                if name in names:
                    yield f"two columns called {name}"
                names.add(name)

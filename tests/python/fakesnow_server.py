"""fakesnow's server with seven of its gaps closed: `python fakesnow_server.py PORT`.

- Temporary tables and views with a three-part name, which dbt makes wherever something is built a second time, are
  refused there: they become ordinary ones.
- The bare column names that a MERGE inserts, which are those of its source, are ambiguous there: they get its name.
- Sums of decimals, which are exact on Snowflake, are sums of floats there: they stay decimals.
- The star of a clustered table with a contract is looked up there in no dialect at all: its columns are spelled out.
- A moment that is null arrives as 1970 from there: it stays null.
- A transaction may write to one database only there, and the server keeps notes in a second one: there is none.
- An error of the engine below answers 500, which the connector tries again for ever: it becomes an error of SQL.
"""

from __future__ import annotations

import sys
from typing import Any

import duckdb
import fakesnow.arrow
import fakesnow.cli
import fakesnow.transforms
import pyarrow as pa
import snowflake.connector.errors
from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp


def main() -> int:
    """Serve until interrupted."""
    cursor: Any = FakeSnowflakeCursor
    explode, execute = cursor._transform_explode, cursor.execute

    def explode_without_gaps(self: Any, expression: exp.Expr) -> Any:
        if isinstance(expression, (exp.Transaction, exp.Commit, exp.Rollback)):
            return [exp.select(exp.Literal.string("Statement executed successfully.").as_("status"))]
        _make_ordinary(expression)
        _name_source(expression)
        return explode(self, expression)

    def execute_or_say_why(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return execute(self, *args, **kwargs)
        except duckdb.Error as error:
            raise snowflake.connector.errors.ProgrammingError(msg=str(error), errno=1, sqlstate="42000") from error

    arrow: Any = fakesnow.arrow
    transforms: Any = fakesnow.transforms
    create_table_as = transforms.create_table_as

    def create_table_as_described(statement: exp.Expr, connection: Any) -> exp.Expr:
        _spell_out_star(statement, connection)
        return create_table_as(statement, connection)

    transforms.create_table_as = create_table_as_described
    transforms.numeric_agg_implicit_cast = lambda expression: expression
    to_struct = arrow.timestamp_to_sf_struct

    def to_struct_or_null(moments: Any) -> Any:
        struct = to_struct(moments)
        parts = [struct.field(number) for number in range(struct.type.num_fields)]
        missing = pa.array(moments.is_null().to_pylist(), pa.bool_())
        return pa.StructArray.from_arrays([part.fill_null(0) for part in parts], fields=list(struct.type), mask=missing)

    arrow.timestamp_to_sf_struct = to_struct_or_null
    cursor._transform_explode = explode_without_gaps
    cursor.execute = execute_or_say_why
    return fakesnow.cli.main(["-s", "-p", sys.argv[1]])


def _make_ordinary(statement: exp.Expr) -> None:
    named = statement.find(exp.Table) if isinstance(statement, exp.Create) else None
    if named is not None and named.db:
        for temporary in list(statement.find_all(exp.TemporaryProperty)):
            temporary.pop()


def _spell_out_star(statement: exp.Expr, connection: Any) -> None:
    if not isinstance(statement, exp.Create) or not isinstance(statement.this, exp.Schema):
        return
    query = statement.expression.unnest() if isinstance(statement.expression, exp.Subquery) else statement.expression
    if isinstance(query, exp.Select) and any(isinstance(column, exp.Star) for column in query.expressions):
        described = connection.execute(f"describe {query.sql(dialect='duckdb')}").fetchall()
        query.set("expressions", [exp.column(name) for name, *_ in described])


def _name_source(statement: exp.Expr) -> None:
    if not isinstance(statement, exp.Merge):
        return
    source = statement.args["using"].alias_or_name
    for insert in statement.find_all(exp.Insert):
        for value in insert.expression.expressions:
            if isinstance(value, exp.Column) and not value.table:
                value.set("table", exp.to_identifier(source))


if __name__ == "__main__":
    sys.exit(main())

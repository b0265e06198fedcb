"""Compilers of Django's queries for MongoDB; Django looks them up here by name."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import NotSupportedError
from django.db.models.sql import Query
from django.db.models.sql.constants import MULTI
from django.db.transaction import TransactionManagementError
from django_mongodb_backend import compiler

SQLInsertCompiler = compiler.SQLInsertCompiler
SQLAggregateCompiler = compiler.SQLAggregateCompiler


class SQLCompiler(compiler.SQLCompiler):
    """Adds select_for_update()."""

    def execute_sql(self, result_type: str = MULTI, *args: Any, **kwargs: Any) -> Any:
        if self.query.select_for_update:
            self._lock()
        return super().execute_sql(result_type, *args, **kwargs)

    def _lock(self) -> None:
        if self.connection.get_autocommit():
            raise TransactionManagementError(
                "select_for_update cannot be used outside of a transaction."
            )
        # Setting a query up changes its compiler, so this one gets a compiler of its own.
        mine = self.query.clone().get_compiler(self.using, self.connection)
        mine.pre_sql_setup()
        try:
            query = mine.build_query()
        except EmptyResultSet:
            return
        if query.lookup_pipeline or query.subqueries or query.aggregation_pipeline:
            raise NotSupportedError("select_for_update() locks documents of one collection.")
        self.collection.lock(query.match_mql)


class SQLUpdateCompiler(compiler.SQLUpdateCompiler):
    """Adds updates with joins: a query of its own finds the ids first."""

    def pre_sql_setup(self, with_col_aliases: bool = False) -> Any:
        # Django queries the ids first if the database cannot do it (update_can_self_select).
        made = super().pre_sql_setup()
        _forget_joins(self.query)
        return made

    def build_query(self, columns: Any = None) -> Any:
        query = super().build_query(columns)
        if self.subqueries:
            raise NotSupportedError("An update cannot hold a subquery on MongoDB.")
        return query


class SQLDeleteCompiler(compiler.SQLDeleteCompiler):
    """Adds deletions with joins, in the same way."""

    def execute_sql(self, result_type: str = MULTI) -> int:
        if not self.single_alias:
            key = self.query.get_meta().pk
            found = self.query.chain(klass=Query)
            found.clear_ordering(force=True)
            found.select = ()
            found.add_fields([key.name])
            rows = found.get_compiler(self.using).execute_sql(MULTI)
            ids = [row[0] for chunk in rows for row in chunk]
            self.query.clear_where()
            _forget_joins(self.query)
            self.query.add_filter("pk__in", ids)
            del self.single_alias
        deleted: int = super().execute_sql(result_type)
        return deleted


def _forget_joins(query: Query) -> None:
    """Drop the joins of a query that now selects by ids."""
    mine = query.get_initial_alias()
    for alias in query.alias_refcount:
        if alias != mine:
            query.alias_refcount[alias] = 0

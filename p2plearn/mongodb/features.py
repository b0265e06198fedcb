from django_mongodb_backend import features


class DatabaseFeatures(features.DatabaseFeatures):
    """What this engine supports beyond django-mongodb-backend."""

    supports_transactions = True
    uses_savepoints = True
    has_select_for_update = True
    has_select_for_no_key_update = True
    supports_table_check_constraints = True
    supports_column_check_constraints = True
    # Collections and indexes are made outside of transactions.
    can_rollback_ddl = False
    # An update with joins first queries the ids (SQLUpdateCompiler).
    update_can_self_select = False

from django_mongodb_backend import features


class DatabaseFeatures(features.DatabaseFeatures):
    """What the engine adds to what django-mongodb-backend can do."""

    supports_transactions = True
    uses_savepoints = True
    has_select_for_update = True
    has_select_for_no_key_update = True
    supports_table_check_constraints = True
    supports_column_check_constraints = True
    # Collections and indexes are made outside of transactions.
    can_rollback_ddl = False
    # An update across collections is one of the documents that a query of its own has found.
    update_can_self_select = False

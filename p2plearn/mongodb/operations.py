import re

from django_mongodb_backend import operations


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "p2plearn.mongodb.compiler"

    def prep_for_iexact_query(self, x: str) -> str:
        """Escape x for a regular expression, which django-mongodb-backend leaves out."""
        return re.escape(x)

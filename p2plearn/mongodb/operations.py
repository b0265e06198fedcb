import re

from django_mongodb_backend import operations


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "p2plearn.mongodb.compiler"

    def prep_for_iexact_query(self, x: str) -> str:
        """django-mongodb-backend leaves it as it is: `.*` was everybody, and `a+b` nobody."""
        return re.escape(x)

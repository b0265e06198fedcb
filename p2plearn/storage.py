from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files; our ES modules import each other by hashed names too."""

    support_js_module_import_aggregation = True
    # Only our files: comments in those of packages mention imports of files that do not exist.
    _js_module_import_aggregation_patterns: Any = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed and compressed files; our ES modules import each other by hashed names too."""

    support_js_module_import_aggregation = True
    # Only ours: what packages bring also mentions imports in its comments, and those lead nowhere.
    _js_module_import_aggregation_patterns: Any = (
        "js/*.js",
        CompressedManifestStaticFilesStorage._js_module_import_aggregation_patterns[1],
    )

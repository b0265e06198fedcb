"""What has become of the first version's tables and columns since.

What is not named here is still where it was, and every value as it was.
"""

# `{model: model}`: it is called otherwise.
RENAMED_MODELS: dict[str, str] = {}
# `{model: {field: field}}`: the field is called otherwise. Models by the name that they had.
RENAMED_FIELDS: dict[str, dict[str, str]] = {}
# `{model: {field}}`: its values are somewhere else or others now, for which there are other tests.
MOVED_FIELDS: dict[str, set[str]] = {}

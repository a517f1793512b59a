"""Static files with the hash of their content in their name, so that a browser keeps them for ever."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Also rewrites the imports between our JavaScript modules: there is no build step that would."""

    support_js_module_import_aggregation = True

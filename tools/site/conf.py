"""Sphinx's configuration; tools/site/build.py says what it cannot know, by variables."""

import os

project = "Production-grade machine learning with Flyte"
html_title = project
extensions = ["myst_parser"]
root_doc = "README"
exclude_patterns = ["**/tests/**"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
# Links between pages, and to their headings, are checked by -W.
nitpicky = True

html_theme = "furo"
html_copy_source = False
html_show_copyright = False
html_extra_path = [os.environ["SITE_RUNS"]]
html_static_path = [os.environ["SITE_STYLE"]]
html_css_files = ["site.css"]
if repository := os.environ.get("SITE_REPOSITORY"):
    html_theme_options = {"source_repository": repository, "source_branch": "main", "source_directory": ""}

"""Jinja2 templates of the reports: everything escaped, every missing name an error."""

from pathlib import Path

import jinja2


def read_template(path: Path) -> jinja2.Template:
    """Reads a template from a file; templates that it includes lie beside it.

    Args:
        path: file of the template, such as templates/report.html.

    Raises:
        jinja2.TemplateError: the file is missing or is no template.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(path.parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template(path.name)

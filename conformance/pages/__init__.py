"""Self-contained HTML pages: templates, styles and scripts, and how they become one file.

A page loads nothing: styles, scripts and data stand in it. Its content security policy allows the
scripts and styles that we ship, by their hashes, and nothing else, so that text from a target could
not run even if it became markup. It does not: templates escape, and scripts only ever set text.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

import jinja2
from markupsafe import Markup

from conformance.reports.plain import plain, plain_data

#: What every page has.
_SHARED = ("style.css", "common.js")


def render(
    template: str, *, title: str, data: Any, assets: Sequence[str] = (), **values: Any
) -> str:
    """The page that ``template``, a file in this folder that extends base.html, makes of ``data``.

    ``assets`` are the page's own styles (``*.css``) and scripts (``*.js``) in this folder; they
    follow those of all pages. Scripts find ``data``, anything that JSON can hold, in the constant
    ``DATA``. ``values`` are further variables of the template.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("conformance", "pages"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"separators": (",", ":")}
    names = (*_SHARED, *assets)
    styles = [_asset(name) for name in names if name.endswith(".css")]
    scripts = [_asset(name) for name in names if name.endswith(".js")]
    return environment.get_template(template).render(
        title=title,
        data=plain_data(data),
        styles=[Markup(each) for each in styles],
        scripts=[Markup(each) for each in scripts],
        policy=_policy(styles, scripts),
        **values,
    )


def packed(data: Any) -> str:
    """``data`` as text that a script turns back with ``await unpack(...)``: small, if it is big."""
    text = json.dumps(plain_data(data), separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def _finalized(value: Any) -> Any:
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    return (resources.files(__name__) / name).read_text(encoding="utf-8")


def _policy(styles: Sequence[str], scripts: Sequence[str]) -> str:
    """The content security policy of a page that holds just these styles and scripts."""
    return (
        f"default-src 'none'; style-src {_hashes(styles)}; script-src {_hashes(scripts)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _hashes(texts: Sequence[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


__all__ = ["packed", "render"]

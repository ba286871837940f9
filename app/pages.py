"""What every page asks for dozens of times, made once: the language it is in, and addresses without arguments."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache
from typing import Any

import flask_babel
from flask import Flask, g, request
from flask_babel import Babel, Domain, get_locale
from markupsafe import Markup
from werkzeug.routing import Rule

from app import compiling


class Address(Rule):
    """A rule that makes what writes its addresses when the first is written: made at the start, that was a fifth of it."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:  # noqa: FBT001, FBT002 - werkzeug calls it
        def build(rule: Address, /, **values: Any) -> tuple[str, str]:
            compiled: Any = Rule._compile_builder(rule, append_unknown)  # noqa: SLF001
            made = compiled.__get__(rule, None)
            setattr(rule, "_build_unknown" if append_unknown else "_build", made)
            return made(**values)

        return build


class Site(Flask):
    """Flask, which remembers the addresses of pages that are one of a kind."""

    url_rule_class = Address

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._addresses: dict[tuple[str, str], str] = {}

    def url_for(self, /, endpoint: str, **values: Any) -> str:
        """Return an address; *values* and their meaning are Flask's."""
        if not request or endpoint.startswith(".") or any(value is not None for value in values.values()):
            return super().url_for(endpoint, **values)
        key = (request.root_path, endpoint)
        if key not in self._addresses:
            self._addresses[key] = super().url_for(endpoint)
        return self._addresses[key]


class Sentences(Domain):
    """Flask-Babel's catalogue, which does not look up anew for every sentence which language the page is in."""

    def get_translations(self) -> Any:
        """Return the sentences of the language that holds now; within a page a letter may be written in another."""
        if not g:
            return super().get_translations()
        here = vars(g._get_current_object())  # noqa: SLF001 - each look through the proxy costs as much as a translation
        locale = getattr(here.get("_flask_babel"), "babel_locale", None) or get_locale()
        kept = here.get("translations")
        if kept is None or kept[0] is not locale:
            kept = g.translations = (locale, super().get_translations())
        return kept[1]


class Languages(Babel):
    """Flask-Babel with that catalogue."""

    @cached_property
    def domain_instance(self) -> Sentences:
        """The catalogue of all that is said."""
        return Sentences(domain=self.domain)

    def init_app(self, app: Flask, *args: Any, **how: Any) -> None:
        """Translate in *app*, and in its templates by the shortest way."""
        super().init_app(app, *args, **how)
        flask_babel.get_domain = lambda: self.domain_instance if g else Domain()  # ty: ignore[invalid-assignment] - it looked twice through `g` for each sentence
        app.jinja_env.context_class = compiling.Calls
        app.jinja_env.code_generator_class = compiling.Sentences
        # No template has globals of its own; a chain of them would be walked for each import.
        app.jinja_env.make_globals = lambda d: app.jinja_env.globals  # noqa: ARG005 - Jinja names it
        app.jinja_env.said = self.said  # ty: ignore[missing-attribute] - what its compiled templates ask
        install: Callable[..., None] = app.jinja_env.install_gettext_callables  # ty: ignore[missing-attribute] - of its extension i18n
        install(
            lambda sentence: self._said().ugettext(sentence),
            lambda one, many, number: self._said().ungettext(one, many, number),
            newstyle=True,
            pgettext=lambda where, sentence: self._said().upgettext(where, sentence),
            npgettext=lambda where, one, many, number: self._said().unpgettext(where, one, many, number),
        )

    def said(self, sentence: str, values: dict[str, Any]) -> Markup:
        """Return a sentence of a template in the language of the page, with *values* in its places, escaped."""
        return _fixed(self._said(), sentence) if not values else _sentence(self._said(), sentence) % values

    def _said(self) -> Any:
        return self.domain_instance.get_translations()


@lru_cache(8_192)  # templates hold some thousand sentences
def _sentence(catalogue: Any, sentence: str) -> Markup:
    return Markup(catalogue.ugettext(sentence))  # noqa: S704 - a sentence of ours, as Jinja takes it


@lru_cache(8_192)
def _fixed(catalogue: Any, sentence: str) -> Markup:
    return _sentence(catalogue, sentence) % {}

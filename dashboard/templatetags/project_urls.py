"""`{% url %}` in the project's language, which its addresses may begin with; a page may be in another one, English."""

from __future__ import annotations

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as plain_url

from dashboard.languages import in_project_language

register = template.Library()


class ProjectURLNode(URLNode):
    def render(self, context: Context) -> str:
        with in_project_language():
            return super().render(context)


@register.tag
def url(parser: Parser, token: Token) -> ProjectURLNode:
    node = plain_url(parser, token)
    return ProjectURLNode(node.view_name, node.args, node.kwargs, node.asvar)

from django import template

register = template.Library()


@register.filter
def degrees(value):
    return f"{value} °C"

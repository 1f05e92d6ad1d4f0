from django.shortcuts import render


def front_page(request):
    return render(request, "letters/front_page.html")

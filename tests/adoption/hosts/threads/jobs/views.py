from django.shortcuts import render

from jobs.models import Job


def jobs(request):
    return render(request, "jobs/jobs.html", {"benches": Job.objects.values_list("bench", flat=True).distinct()})

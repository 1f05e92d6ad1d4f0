from django.db import models


class Shelf(models.Model):
    goods = models.CharField(max_length=50)
    left = models.PositiveIntegerField(default=0)
    restocked = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "shelves"

    def __str__(self):
        return self.goods

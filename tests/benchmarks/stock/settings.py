"""A project that has nothing but Channels and a layer. STOCK_LAYER: redis or memory."""

import os

SECRET_KEY = "only for measuring"
INSTALLED_APPS = ["channels"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True

# redis-py 8 gives up a blocking read after 5 s, which would end the layer's consumers.
REDIS = {
    "BACKEND": "channels_redis.core.RedisChannelLayer",
    "CONFIG": {"hosts": [{"address": os.environ["REDIS_URL"], "socket_timeout": None}], "prefix": "stock"},
}
MEMORY = {"BACKEND": "channels.layers.InMemoryChannelLayer"}
CHANNEL_LAYERS = {"default": MEMORY if os.environ.get("STOCK_LAYER") == "memory" else REDIS}

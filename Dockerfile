# Web, worker, scheduler and migrations run from this one image; docker-compose.yml says which.
ARG BASE=docker.io/library/python:3.13-slim-bookworm
FROM ${BASE}

# What WeasyPrint renders PDF documents with.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/*

WORKDIR /app
COPY requirements.lock ./
RUN python3 -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=msp.settings \
    MAINSTAY_DATA=/data \
    MAINSTAY_STATIC=/app/staticfiles \
    XDG_CACHE_HOME=/tmp/cache

COPY . .
# The settings want their variables; nothing is connected to and nothing of this stays in the image.
RUN SECRET_KEY=build MAINSTAY_FIELD_KEYS= REDIS_URL=redis://build DATABASE_URL=postgresql://build/build \
    DATABASE_OWNER_URL=postgresql://build/build DATABASE_TIMERS_URL=postgresql://build/build \
    python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q .

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin mainstay && install -d -o mainstay -g mainstay /data
USER 10001
VOLUME /data
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", "--blocking-threads", "2", "--no-ws", "--http", "1", "msp.wsgi:application"]

# The production image: a virtual environment, the viewer, the fonts and the static files, made in the first stage.
# Nothing that builds them, no compiler and no npm, is in the last one.

FROM python:3.11-slim-bookworm AS builder
RUN apt-get update \
    && apt-get install -y --no-install-recommends npm \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/base.txt requirements/analysis.txt requirements/reports.txt requirements/viewer.txt requirements/locale.txt requirements/
# The wheels are enough: a package that would have to be compiled fails here, and not on the site.
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --only-binary=:all: -r requirements/base.txt -r requirements/analysis.txt \
        -r requirements/reports.txt
# docker build --build-arg RENDER=1: pictures in three dimensions, some 700 MB more; AI=1: networks, 1 GB and more.
ARG RENDER=
ARG AI=
COPY requirements/render.txt requirements/ai.txt requirements/
RUN [ -z "$RENDER" ] || .venv/bin/pip install --no-cache-dir --only-binary=:all: -r requirements/render.txt
RUN [ -z "$AI" ] || .venv/bin/pip install --no-cache-dir --only-binary=:all: -r requirements/ai.txt
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --no-cache-dir --only-binary=:all: -r requirements/viewer.txt
COPY apps apps
RUN /opt/build/bin/python -m apps.viewer.dist --into .ohif \
    && /opt/build/bin/python -m apps.reports.printing.fonts --into .fonts
COPY manage.py ./
COPY config config
COPY static static
COPY templates templates
COPY locale locale
RUN FOVEA_SECRET_KEY=not-used-here .venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
    && .venv/bin/pip install --no-cache-dir --only-binary=:all: -r requirements/locale.txt \
    && FOVEA_SECRET_KEY=not-used-here .venv/bin/python manage.py catalogues compile \
    && .venv/bin/pip uninstall --yes --quiet -r requirements/locale.txt \
    && .venv/bin/pip uninstall --yes --quiet pip setuptools \
    && .venv/bin/python -m compileall -q apps config


FROM python:3.11-slim-bookworm
# tini collects the processes that a part of the server leaves behind when it is killed; PDFs are set with Pango.
ARG RENDER=
RUN apt-get update \
    && apt-get upgrade -y \
    && apt-get install -y --no-install-recommends tini libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
        ${RENDER:+libegl1 libgl1-mesa-dri} \
    && rm -rf /var/lib/apt/lists/* \
    && pip uninstall --yes --quiet --root-user-action=ignore pip setuptools wheel \
    && groupadd --gid 10001 fovea \
    && useradd --uid 10001 --gid fovea --no-create-home --home-dir /data --shell /usr/sbin/nologin fovea \
    && install --directory --owner=fovea --group=fovea --mode=0750 /data
WORKDIR /app
COPY --from=builder /app /app
COPY LICENSE NOTICE ./
ENV FOVEA_DATA=/data \
    FOVEA_HTTP=0.0.0.0:8000 \
    FOVEA_DIMSE=0.0.0.0:11112 \
    FOVEA_EVENTS=0.0.0.0:8044 \
    FOVEA_LOG_JSON=1 \
    PYTHONDONTWRITEBYTECODE=1
USER fovea
VOLUME /data
EXPOSE 8000 8044 11112
# The first start may have to migrate a large database.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s \
    CMD ["/app/.venv/bin/python", "-c", "import http.client as c; h = c.HTTPConnection('127.0.0.1', 8000, timeout=4); h.request('GET', '/healthz'); raise SystemExit(h.getresponse().status != 200)"]
ENTRYPOINT ["tini", "--"]
CMD ["/app/.venv/bin/python", "manage.py", "serve", "--initialise"]

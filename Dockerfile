# One image, three commands: web (default), worker, migrate. The RUN steps are scripts that the tests execute.
FROM python:3.11-slim AS build
COPY . /source
RUN /source/deploy/docker/build-app.sh /source /opt/sprintreports

FROM python:3.11-slim
COPY deploy/docker/install-printer.sh /usr/local/bin/install-printer.sh
RUN /usr/local/bin/install-printer.sh
COPY deploy/docker/prepare-runtime.sh /usr/local/bin/prepare-runtime.sh
RUN /usr/local/bin/prepare-runtime.sh 10001 /var/lib/sprintreports
COPY --from=build /opt/sprintreports /opt/sprintreports
USER 10001:10001
WORKDIR /opt/sprintreports/app
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SPRINTREPORTS_DATA_DIR=/var/lib/sprintreports \
    SPRINTREPORTS_WEB_DIR=/opt/sprintreports/web \
    SPRINTREPORTS_HOST=0.0.0.0
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 \
    CMD ["/opt/sprintreports/venv/bin/sprintreports", "health"]
ENTRYPOINT ["/opt/sprintreports/venv/bin/sprintreports"]
CMD ["web"]

# The image of every Homeward process: front end, back end and the operator's command. Node.js
# runs the TypeScript as it is, so nothing is built; there is one image, and what a container
# does is its command. Needs no BuildKit.
#
#   docker build -t homeward .
#   docker run --rm homeward --help

# The manifests alone: the layer of dependencies below changes with them, not with the sources.
FROM node:24-bookworm-slim AS manifests
WORKDIR /opt/homeward
COPY package.json package-lock.json .npmrc ./
COPY packages packages
RUN find packages -type f ! -name package.json -delete && find packages -type d -empty -delete \
  && npm pkg delete devDependencies optionalDependencies --workspaces --include-workspace-root

# What the command needs, which is everything that is shipped, as the lock has it. No development
# tools, and no pinned Node.js: it is optional, and this image has its own.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /opt/homeward
COPY --from=manifests /opt/homeward ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts --workspace=packages/cli \
  && rm package-lock.json .npmrc

FROM node:24-bookworm-slim
LABEL org.opencontainers.image.title="Homeward" \
  org.opencontainers.image.description="One public hostname for POP3 and IMAP4; mailboxes at many sites."
# With it front ends need less memory for their connections, and give it back.
RUN apt-get update && apt-get install -y --no-install-recommends libjemalloc2 \
  && apt-get clean && rm -rf /var/lib/apt/lists/*
# A new volume gets its owner from the folder that it is mounted on, so there must be one for each:
# those of sites are where `docker compose` has its init step hand out their secrets.
ARG SITES="dublin oslo"
RUN install -d -o node -g node -m 0700 /srv/deployment /srv/mail /run/homeward \
  && for role in frontend $SITES; do install -d -o node -g node -m 0700 /srv/roles/$role; done \
  && install -d -o node -g node -m 0755 /srv/roles/redis \
  && ln -s /opt/homeward/packages/cli/bin/homeward.js /usr/local/bin/homeward
COPY --from=dependencies /opt/homeward /opt/homeward
COPY packages /opt/homeward/packages
COPY docker/init.sh /usr/local/bin/
# Threads for file syncs and look-ups of names, half of them at most for the latter: with four, two
# names that nobody answers for would hold up all others.
ENV NODE_ENV=production UV_THREADPOOL_SIZE=16
USER node
# Clients are told goodbye, and what is acknowledged is on the disk, before the process ends.
STOPSIGNAL SIGTERM
# The ops port must be open (ops.enabled). bash asks for a hundredth of what a Node.js would.
HEALTHCHECK --interval=5s --timeout=2s --start-period=20s --retries=3 CMD ["bash", "-c", "\
  exec 3<>/dev/tcp/127.0.0.1/9600 && printf 'GET /readyz HTTP/1.0\r\n\r\n' >&3 \
  && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["homeward"]
CMD ["--help"]

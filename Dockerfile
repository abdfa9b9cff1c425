# The issuer for production: MongoDB is a replica set of its own (MONGODB_URI); the embedded one and the demo world
# are not used here. Runs as a user without rights on a read-only root file system:
#   docker run --read-only --cap-drop ALL --security-opt no-new-privileges -p 3000:3000 --env-file … symbolon

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The package "node" brings Node.js 24 to machines without it; this image is one.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/node node_modules/node-bin-*

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="Symbolon" \
  org.opencontainers.image.description="One OpenID Connect identity provider for every brand of a customer loyalty program" \
  org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
# Owned by root, so that the running process cannot change its own program.
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .

# argon2 and WebCrypto share libuv's threads: four would let a password hash keep a signature waiting.
ENV NODE_ENV=production \
  UV_THREADPOOL_SIZE=16 \
  SYMBOLON_HOST=0.0.0.0 \
  SYMBOLON_OPS_HOST=0.0.0.0

USER 1000:1000
EXPOSE 3000 9464
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.SYMBOLON_OPS_PORT ?? 9464}/health/ready`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--disable-proto=delete", "src/main.ts"]

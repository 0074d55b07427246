# The command alone, as a static binary.

FROM rust:1.95-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /source
COPY . .
RUN cargo build --locked --release

FROM scratch
COPY --from=build /source/target/release/mdb-emulator /mdb-emulator
# Nobody in particular: there is no user in this image.
USER 65532:65532
ENV MDB_EMULATOR_LISTEN=0.0.0.0:7300
EXPOSE 7300
HEALTHCHECK --interval=5s --timeout=5s --start-period=2s CMD ["/mdb-emulator", "check", "--address", "127.0.0.1:7300"]
ENTRYPOINT ["/mdb-emulator"]
CMD ["serve"]

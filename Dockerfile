# The command alone, as a static binary.
#
#   docker build --tag mdb-emulator .
#   docker run --rm --publish 7300:7300 mdb-emulator serve --demo

FROM rust:1.95-alpine AS build
# A C compiler, for the cryptography and the allocator; the rest of the build is Rust alone.
RUN apk add --no-cache gcc musl-dev
WORKDIR /source
COPY . .
RUN cargo build --locked --release --package mdb-emulator

FROM scratch
COPY --from=build /source/target/release/mdb-emulator /mdb-emulator
COPY LICENSE /LICENSE
# Nobody in particular: there is no user in this image.
USER 65532:65532
ENV MDB_EMULATOR_LISTEN=0.0.0.0:7300
EXPOSE 7300
# It asks where the variable above says, whatever that is changed to.
HEALTHCHECK --interval=5s --timeout=5s --start-period=2s CMD ["/mdb-emulator", "check"]
ENTRYPOINT ["/mdb-emulator"]
CMD ["serve"]

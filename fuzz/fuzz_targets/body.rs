#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mdb_emulator_fuzz::body(data));

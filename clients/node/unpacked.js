import assert from 'node:assert/strict';

// The message that is packed, which must be the one of this name.
export function unpacked({ typeUrl, value }, name, messages) {
    assert.equal(typeUrl.split('.').at(-1), name);
    return messages[name].decode(value);
}

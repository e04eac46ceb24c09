/** What a replication connection hands on from its thread, a frame each. */
export const FrameKind = {
    /** CopyData messages as the server has sent them, one after the other: plugin's messages and keepalives. */
    messages: 1,
    /** JSON: what the server says of the relation that the next message names. */
    facts: 2,
    /** The kind of a frame that is too long for the shared memory: its bytes come by a message. */
    long: 3,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** What a replication connection hands on from its thread, a frame each. */
export const FrameKind = {
    /** An XLogData message without its letter: where the log has it, its end, the server's time, the plugin's bytes. */
    data: 1,
    /** The server has nothing more up to that place of its log (8 bytes); 1 if it asks for an answer. */
    idle: 2,
    /** JSON: what the server says of the relation that the next message names. */
    facts: 3,
    /** The kind of a frame that is too long for the shared memory: its bytes come by a message. */
    long: 4,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

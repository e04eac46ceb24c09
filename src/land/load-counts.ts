/** The counts of a load so far, as in `elt_loads`. */
export interface LoadCounts {
    records: number;
    changes: number;
    messages: number;
    rejected: number;
    repeated: number;
}

/** Into an object that is there: this happens for every record. */
export function copyCounts({ records, changes, messages, rejected, repeated }: LoadCounts, into: LoadCounts): void {
    into.records = records;
    into.changes = changes;
    into.messages = messages;
    into.rejected = rejected;
    into.repeated = repeated;
}

/** A migration, as in its file. */
export interface MigrationFile {
    /** `control/0001_create_control_tables`, `payments/0001_create_metrics`. */
    readonly name: string;
    /** `migrations/payments/0001_create_metrics.sql`, as shown in messages. */
    readonly file: string;
    readonly sql: string;
    /** SHA-256 of the file's bytes (line ends as LF), in hex. */
    readonly checksum: string;
    /** The SQL that undoes it, from `<name>.down.sql`; undefined if there is no such file. */
    readonly down: { readonly file: string; readonly sql: string } | undefined;
}

/** What others get of the files and folders that are created: nothing; and the group does not write. */
const PRIVATE = 0o027;

/**
 * From now on files are created 0640 and folders 0750 at most, SQLite's too: what lands are the rows of somebody's
 * database. A stricter mask of the system stays.
 */
export function createFilesPrivate(): void {
    const before = process.umask(PRIVATE);
    process.umask(before | PRIVATE);
}

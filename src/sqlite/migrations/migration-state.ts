import { EltError } from '../../core/errors.ts';
import type { Database } from '../database.ts';
import type { MigrationFile } from './migration-file.ts';

/** An applied migration, from `elt_migrations`. */
interface AppliedMigration {
    readonly name: string;
    readonly checksum: string;
    readonly applied_at: string;
}

export interface MigrationStatus {
    readonly name: string;
    readonly state: 'applied' | 'pending';
    readonly appliedAt: string | null;
}

/** Each migration and whether it is applied. Reads only; throws if the files do not match what was applied. */
export function migrationStatus(database: Database, files: readonly MigrationFile[]): readonly MigrationStatus[] {
    const migrations = appliedMigrations(database);
    refuseWhatDoesNotFit(migrations, files);
    const applied = new Map(migrations.map((migration) => [migration.name, migration]));
    return files.map(({ name }) => ({
        name,
        state: applied.has(name) ? 'applied' : 'pending',
        appliedAt: applied.get(name)?.applied_at ?? null,
    }));
}

/** Names of the migrations that `Migrator.up` would apply. */
export function pendingMigrations(database: Database, files: readonly MigrationFile[]): readonly string[] {
    return migrationStatus(database, files)
        .filter((migration) => migration.state === 'pending')
        .map((migration) => migration.name);
}

/** A file of another elt is refused before anything is read or written: its control tables may mean something else. */
export function refuseOtherElt(database: Database, control: readonly MigrationFile[]): void {
    const ours = appliedMigrations(database).filter(({ name }) => isOurs(name));
    refuseWhatDoesNotFit(ours, control);
}

export function appliedMigrations(database: Database): readonly AppliedMigration[] {
    const exists = database.prepare("select 1 from sqlite_schema where name = 'elt_migrations'").get();
    if (exists === undefined) {
        return [];
    }
    return database
        .prepare('select name, checksum, applied_at from elt_migrations order by position')
        .all() as AppliedMigration[];
}

/** Records that a migration is in effect, in the transaction of its effect. */
export function recordMigration(database: Database, { name, checksum }: MigrationFile): void {
    database.exec(`create table if not exists elt_migrations (
        position integer primary key,
        name text not null unique,
        checksum text not null,
        applied_at text not null
    ) strict`);
    database
        .prepare('insert into elt_migrations (name, checksum, applied_at) values (?, ?, ?)')
        .run(name, checksum, new Date().toISOString());
}

/** Applied migrations must still exist, unedited, and sort before all new ones. */
function refuseWhatDoesNotFit(applied: readonly AppliedMigration[], files: readonly MigrationFile[]): void {
    for (const migration of applied) {
        const file = files.find((candidate) => candidate.name === migration.name);
        if (file === undefined) {
            throw missing(migration.name, files);
        }
        if (file.checksum !== migration.checksum) {
            throw edited(file, migration);
        }
    }
    const names = new Set(applied.map((migration) => migration.name));
    for (const file of files.filter((candidate) => !names.has(candidate.name))) {
        const folder = `${file.name.split('/')[0]}/`;
        const later = [...names].find((name) => name.startsWith(folder) && name > file.name);
        if (later !== undefined) {
            throw new EltError({
                code: 'MIGRATION_ORDER',
                message: `migration "${file.name}" is new but sorts before "${later}", which is applied`,
                where: file.file,
                state: 'nothing was changed',
                next: 'give it a number above the last applied one',
            });
        }
    }
}

function missing(name: string, files: readonly MigrationFile[]): EltError {
    if (isOurs(name)) {
        return new EltError({
            code: 'DATABASE_NEWER',
            message: `the database was written by a newer elt, which applied migration "${name}"`,
            found: 'a migration of elt itself that this elt does not have',
            state: 'nothing was changed',
            next: 'use that newer elt, or another file with --db',
        });
    }
    const [folder] = name.split('/');
    const isOther = !files.some((file) => file.name.startsWith(`${folder}/`));
    return new EltError({
        code: 'MIGRATION_MISSING',
        message: `migration "${name}" is applied, but its file is gone`,
        found: isOther ? `the database belongs to pipeline "${folder}"` : `no file migrations/${name}.sql`,
        state: 'nothing was changed',
        next: isOther ? `run with --pipeline ${folder}, or name another file with --db` : 'restore the file',
    });
}

function edited(file: MigrationFile, migration: AppliedMigration): EltError {
    return new EltError({
        code: 'MIGRATION_EDITED',
        message: `migration "${file.name}" was edited after it was applied on ${migration.applied_at}`,
        where: file.file,
        found: `checksum ${file.checksum.slice(0, 12)}; expected ${migration.checksum.slice(0, 12)}`,
        state: 'nothing was changed',
        next: isOurs(file.name)
            ? 'it is elt that has changed: use the elt that wrote the database, or load its sources into a new file with --db'
            : 'restore the file as it was, and put the change into a new migration',
    });
}

/** It comes with elt: nobody who uses elt has edited or removed it. */
function isOurs(name: string): boolean {
    return name.startsWith('control/');
}

import { EltError, escapeControls } from '../core/errors.ts';
import { readSource } from '../ledger/sources.ts';
import { readCluster } from '../ledger/topics.ts';
import { checkSource } from '../load/postgres/begin-source.ts';
import { dropSource, forgetSource } from '../load/postgres/drop-source.ts';
import { requestAllCopies, requestCopies } from '../load/postgres/request-copies.ts';
import { followedSource, sourceStatus } from '../load/postgres/source-status.ts';
import { passwordWarning, sourceOptions } from '../load/postgres/source-words.ts';
import { withMigrated } from '../project/open-database.ts';
import { findingLines, statusLines } from '../report/source-report.ts';
import { counted } from '../report/text-table.ts';
import { FollowerLock } from '../sqlite/follower-lock.ts';
import type { CommandContext, RunCommand } from './command.ts';
import { wordsOf } from './follow.ts';
import { namesTopics } from './names-topics.ts';

/** How long a request waits for its moment. */
const PATIENCE_MS = 30_000;

/** Everything that could go wrong, before anything is made. */
export const checkFollowed: RunCommand = async (context, words) => {
    const { output } = context;
    const address = words[0] ?? process.env.ELT_SOURCE;
    if (address !== undefined && namesTopics(address)) {
        const { checkTopicsOf } = await import('./source-topics.ts');
        return await checkTopicsOf(context, address);
    }
    const { findings, tables, version } = await checkSource(optionsOf(context, words[0]));
    for (const line of findings.flatMap(findingLines)) {
        output.print(escapeControls(line));
    }
    const refusals = findings.filter(({ refuses }) => refuses).length;
    output.print(
        refusals === 0
            ? `${counted(tables.length, 'table')} can be followed: PostgreSQL ${version}`
            : `${counted(refusals, 'finding')} must be changed before this server can be followed`,
    );
    const names = tables.map(({ schema, table, identity }) => ({ schema, table, identity }));
    output.result({ version, tables: names, findings });
    return refusals === 0 ? 0 : 3;
};

export const showSource: RunCommand = async (context, words) => {
    return await withMigrated(context.settings, { readonly: true }, async (database) => {
        const cluster = readCluster(database);
        if (cluster !== null && (readSource(database) === null || namesTopics(words[0]))) {
            const { showTopics } = await import('./source-topics.ts');
            return await showTopics(context, database, words[0], cluster.name);
        }
        const isOffline = context.options.offline === true;
        const status = await sourceStatus(database, isOffline ? null : optionsOf(context, words[0]).address);
        for (const line of statusLines(status)) {
            context.output.print(escapeControls(line));
        }
        const { unreachable, ...known } = status;
        context.output.result({ ...known, unreachable: unreachable?.facts ?? null });
        return 0;
    });
};

export const dropFollowed: RunCommand = async (context, words) => {
    return await withMigrated(context.settings, {}, async (database) => {
        const lock = FollowerLock.take(database);
        try {
            if (readCluster(database) !== null && (readSource(database) === null || namesTopics(words[0]))) {
                const { dropTopics } = await import('./source-topics.ts');
                return dropTopics(context, database);
            }
            const source = followedSource(database);
            if (context.options.offline === true) {
                forgetSource(database, source);
                context.output.print(`forgot   ${source.name}; its slot "${source.slot}" was left as it is`);
            } else {
                await dropSource(database, optionsOf(context, words[0]).address);
                context.output.print(`dropped  the slot "${source.slot}" of ${source.name}; what has landed stays`);
            }
            context.output.result({ source: source.name, slot: source.slot });
            return 0;
        } finally {
            lock.release();
        }
    });
};

export const resnapshot: RunCommand = async ({ settings, options, output }, words) => {
    if ((words.length === 0) === (options.all !== true)) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: 'it is not clear which tables are to be copied again',
            found: words.length === 0 ? 'neither a table nor --all' : 'tables and --all',
            next: 'name tables, or give --all',
        });
    }
    // A follower that is busy frees the write lock between two commits only, for moments.
    return await withMigrated(settings, { busyTimeoutMs: PATIENCE_MS }, async (database) => {
        const lock = options.all === true ? FollowerLock.take(database) : null;
        try {
            const tables = options.all === true ? requestAllCopies(database) : requestCopies(database, words);
            for (const table of tables) {
                output.print(`to be copied  ${table}`);
            }
            output.print(
                options.all === true
                    ? 'the next "elt follow" copies them; models stay as they are until all are whole'
                    : 'the follower that runs copies them, else the next one',
            );
            output.result({ tables });
            return 0;
        } finally {
            lock?.release();
        }
    });
};

function optionsOf(context: CommandContext, address: string | undefined) {
    const warning = passwordWarning(address);
    if (warning !== null) {
        context.output.note(`warning: ${warning}`);
    }
    return sourceOptions(wordsOf(context, address));
}

import { EltError, escapeControls } from '../core/errors.ts';
import { checkCluster, forgetTopics, topicsStatus } from '../load/kafka/source-status.ts';
import { kafkaOptions } from '../load/kafka/source-words.ts';
import { withMigrated } from '../project/open-database.ts';
import { findingLines } from '../report/source-report.ts';
import { counted } from '../report/text-table.ts';
import { topicLines } from '../report/topics-report.ts';
import type { Database } from '../sqlite/database.ts';
import type { CommandContext } from './command.ts';
import { wordsOf } from './follow-topics.ts';

/** Everything that could go wrong, before anything is landed. */
export async function checkTopicsOf(context: CommandContext, address: string): Promise<number> {
    const { output, settings } = context;
    const options = kafkaOptions(wordsOf(context, address));
    const check = async (database: Database | null): Promise<number> => {
        const { facts, findings } = await checkCluster(database, options.address);
        for (const line of findings.flatMap((one) => findingLines({ ...one, sql: [] }))) {
            output.print(escapeControls(line));
        }
        const refusals = findings.filter(({ refuses }) => refuses).length;
        const partitions = facts.topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
        output.print(
            refusals === 0
                ? `${counted(facts.topics.length, 'topic')} of ${counted(partitions, 'partition')} can be followed`
                : `${counted(refusals, 'finding')} must be decided before these topics can be followed`,
        );
        output.result({ ...facts, findings });
        return refusals === 0 ? 0 : 3;
    };
    try {
        return await withMigrated(settings, { readonly: true }, check);
    } catch (error) {
        if (error instanceof EltError && ['DATABASE_MISSING', 'DATABASE_NOT_MIGRATED'].includes(error.code)) {
            return await check(null);
        }
        throw error;
    }
}

export async function showTopics(
    context: CommandContext,
    database: Database,
    word: string | undefined,
    name: string,
): Promise<number> {
    const isOffline = context.options.offline === true;
    const { address } = kafkaOptions(wordsOf(context, word ?? (process.env.ELT_SOURCE || name)));
    const { unreachable, ...status } = await topicsStatus(database, isOffline ? null : address);
    for (const line of topicLines({ ...status, unreachable })) {
        context.output.print(escapeControls(line));
    }
    context.output.result({ ...status, unreachable: unreachable?.facts ?? null });
    return 0;
}

/** A cluster holds nothing of ours: only the database forgets. */
export function dropTopics(context: CommandContext, database: Database): number {
    const name = forgetTopics(database);
    context.output.print(`forgot   ${name} and the offsets in its topics; what has landed stays`);
    context.output.result({ source: name });
    return 0;
}

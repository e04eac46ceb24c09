import { EltError } from '../core/errors.ts';

/** Whether a word names topics of a Kafka cluster, and not a file or a PostgreSQL server. */
export function namesTopics(word: string | undefined): boolean {
    return word !== undefined && /^kafka:\/\//i.test(word);
}

/** @throws EltError COMMAND_WRONG: what is followed is one source, with all its topics in one address. */
export function refuseSeveral(words: readonly string[]): void {
    if (words.length > 1) {
        throw new EltError({
            code: 'COMMAND_WRONG',
            message: 'a source that is followed cannot be named with others',
            found: `${words.length} sources`,
            state: 'nothing was landed',
            next: 'name one server or cluster; topics are separated by commas: kafka://host:9092/one,two',
        });
    }
}

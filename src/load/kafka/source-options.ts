import type { ServerAddress } from '../../capture/kafka/server-address.ts';
import type { From } from '../../capture/kafka/topic-start.ts';
import type { MessageFormat } from '../../project/declared-source.ts';

/** What a person asked for of topics. */
export interface KafkaOptions {
    readonly address: ServerAddress;
    /** Where reading begins, where the database does not know or messages are missing; null: not said. */
    readonly from: From | null;
    /** What the messages are, of topics whose declaration does not say it; null: rows as JSON objects. */
    readonly format: MessageFormat | null;
    /** The consumer group that hears what has landed; null: none. */
    readonly group: string | null;
    /** Messages in one commit; null: as the declarations say, else as many as is fast. */
    readonly chunk: number | null;
}

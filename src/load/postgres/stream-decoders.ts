import { Framer } from '../../capture/frame/framer.ts';
import type { PluginMessage, StreamMessage } from '../../capture/postgres/stream-message.ts';
import type { Frame } from '../../core/frame.ts';
import type { EmitEvent } from '../../core/stream-event.ts';
import { PgoutputDecoder } from '../../decode/pgoutput/pgoutput-decoder.ts';
import { Decoder } from '../../decode/wal2json/decoder.ts';
import type { SourceRow } from '../../ledger/sources.ts';
import { declaredText, type PipelineSettings } from '../../project/pipeline-settings.ts';
import type { FollowedDecoder } from '../follow-parts.ts';

/** What makes events of a slot's messages, by the plugin that writes them. A connection begins with a new one. */
export function streamDecoder(plugin: SourceRow['plugin'], settings: PipelineSettings): FollowedDecoder<StreamMessage> {
    return plugin === 'pgoutput' ? pgoutputDecoder(settings) : wal2jsonDecoder(settings);
}

function pgoutputDecoder(settings: PipelineSettings): FollowedDecoder<StreamMessage> {
    const decoder = new PgoutputDecoder({ declared: declaredText(settings) });
    return {
        decode: (message, emit) => {
            if (message.kind === 'plugin') {
                decoder.decode(message, emit);
            } else if (message.kind === 'facts') {
                decoder.learn(message.facts);
            }
        },
    };
}

const LINE_FEED = Buffer.from('\n');
const BEGIN = Buffer.from('{"action":"B"');

/** Each message is a record of format 2, as a file of wal2json would have it in a line. */
function wal2jsonDecoder(settings: PipelineSettings): FollowedDecoder<StreamMessage> {
    const framer = new Framer();
    const decoder = new Decoder({ declared: declaredText(settings) });
    return {
        decode: (message, emit) => {
            if (message.kind !== 'plugin') {
                return;
            }
            const record = message.source.subarray(message.start, message.end);
            const take = record.subarray(0, BEGIN.length).equals(BEGIN) ? atItsCommit(record, emit) : emit;
            const decode = (frame: Frame): void => decoder.decode(frame, take);
            framer.push(record, decode);
            framer.push(LINE_FEED, decode);
        },
    };
}

/** A file tells a transaction by where its commit ends; here it is where that begins, as `pgoutput` tells it. */
function atItsCommit(record: Buffer, emit: EmitEvent): EmitEvent {
    const lsn = /"lsn":"([^"]+)"/.exec(record.toString('latin1'))?.[1] ?? null;
    return (event) => emit(event.kind === 'begin' ? { ...event, position: lsn, streamed: false } : event);
}

/** The options that the plugin is started with. */
export function pluginOptions(
    { plugin, publications }: SourceRow,
    tables: readonly { readonly schema_name: string; readonly table_name: string }[],
): Readonly<Record<string, string>> {
    if (plugin === 'pgoutput') {
        const names = publications.map((name) => `"${name.replaceAll('"', '""')}"`).join(',');
        return { proto_version: '1', publication_names: names, messages: 'true' };
    }
    return {
        'format-version': '2',
        'include-xids': '1',
        'include-timestamp': '1',
        'include-lsn': '1',
        'include-pk': '1',
        'add-tables': tables.map((row) => `${escaped(row.schema_name)}.${escaped(row.table_name)}`).join(','),
    };
}

/** Source: wal2json's README, "filter-tables": blanks, commas, full stops and asterisks are escaped. */
function escaped(name: string): string {
    return name.replace(/[\\ '.,*]/g, (character) => `\\${character}`);
}

/** Whether a message belongs to a transaction's beginning, for those who hold messages back. */
export function isBeginning(message: PluginMessage): boolean {
    const { source, start, end } = message;
    return source[start] === BEGIN_TAG || source.subarray(start, Math.min(end, start + BEGIN.length)).equals(BEGIN);
}

const BEGIN_TAG = 0x42;

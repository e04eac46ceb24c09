import { failpoint } from '../../process/failpoint.ts';
import type { Comparison, PushJob, PushOutcome, PushTarget, TakenPush, TargetState } from '../push-target.ts';
import { startOf } from '../push-target.ts';
import type { TargetAddress } from '../target-address.ts';
import { refuseAhead, refuseDifferent, refuseForeign, refuseMissing } from '../target-errors.ts';
import { BulkWriter } from './bulk-writer.ts';
import { compareDocuments } from './compare-documents.ts';
import { deleteOlder } from './delete-older.ts';
import { documentId, documentText, isPlainKey, keyText } from './document.ts';
import { compareFields, type FieldMapping, indexBody } from './mapping.ts';
import { SearchConnection } from './search-connection.ts';

type SearchAddress = Extract<TargetAddress, { kind: 'search' }>;

/** What the server says of an index. */
interface IndexFacts {
    readonly aliases: Readonly<Record<string, unknown>>;
    readonly mappings: {
        readonly _meta?: { readonly elt?: { readonly origin: string } };
        readonly properties?: Readonly<Record<string, FieldMapping>>;
    };
    readonly settings: { readonly index: { readonly uuid: string } };
}
type Indexes = Readonly<Record<string, IndexFacts>>;

interface TakenByIndex extends TakenPush {
    /** Of the index that took it in: one of the same name is another. */
    readonly uuid: string;
}

/** `fresh`: a new index, and then the alias; `whole`: all rows into the one that is there. */
interface Plan extends TargetState {
    readonly way: 'fresh' | 'whole' | 'changes';
    readonly after: number | null;
    /** The index that is written. */
    readonly index: string;
    /** The fields that it gets before. */
    readonly missing: Readonly<Record<string, FieldMapping>>;
    /** What goes when the alias has moved. */
    readonly old: readonly string[];
}

/** Where the server keeps how far each index is: one document an index. */
const POSITIONS = 'elt_pushes';
const ROWS_A_BREATH = 2_000;

/**
 * An index of OpenSearch or Elasticsearch. The address names an alias: behind it is `<alias>-1`, and after a `--full`
 * `<alias>-2`, which readers get when it is filled. Documents carry the number of the last change as their version.
 */
export class SearchTarget implements PushTarget {
    readonly kind = 'search';
    readonly name: string;
    readonly #alias: string;
    readonly #connection: SearchConnection;

    constructor(address: SearchAddress) {
        this.name = address.name;
        this.#alias = address.index;
        this.#connection = new SearchConnection(address.base);
    }

    async look(job: PushJob): Promise<TargetState> {
        return await this.#plan(job);
    }

    async push(job: PushJob): Promise<PushOutcome> {
        const plan = await this.#plan(job);
        if (plan.way === 'fresh') {
            await this.#connection.json('PUT', path(plan.index), indexBody(job.shape, job.origin), 'create an index');
        } else if (Object.keys(plan.missing).length > 0) {
            const body = { properties: plan.missing };
            await this.#connection.json('PUT', path(plan.index, '_mapping'), body, 'add fields');
        }
        const writer = await this.#write(job, plan);
        failpoint('documents written');
        if (plan.way === 'fresh') {
            await this.#publish(plan);
        }
        job.takes();
        await this.#savePosition(job, plan.index);
        failpoint('position written');
        for (const old of plan.old) {
            await this.#connection.send('DELETE', path(old));
        }
        return {
            isWhole: plan.way !== 'changes',
            written: writer.written,
            deleted: writer.deleted,
            rejects: writer.rejects,
            accepted: plan.way === 'changes' ? writer.accepted : null,
            steps: plan.steps,
        };
    }

    async compare(job: PushJob): Promise<Comparison> {
        const plan = await this.#plan(job);
        if (plan.way === 'fresh' || plan.steps.length > 0) {
            throw refuseMissing(this.name, job.shape.mart);
        }
        return await compareDocuments(this.#connection, plan.index, job);
    }

    async close(): Promise<void> {
        this.#connection.close();
    }

    async #plan(job: PushJob): Promise<Plan> {
        const found = await this.#indexes(this.#alias);
        const [index] = Object.keys(found);
        if (index === undefined || job.isFull) {
            return await this.#planFresh(job, Object.keys(found));
        }
        const facts = found[index] as IndexFacts;
        const owner = facts.mappings._meta?.elt?.origin;
        if (Object.keys(found).length > 1 || index === this.#alias || owner !== job.origin) {
            throw refuseForeign(this.name, job.shape.mart, owner === undefined ? 'no push has filled it' : undefined);
        }
        const { missing, differs } = compareFields(facts.mappings.properties ?? {}, job.shape);
        if (differs.length > 0) {
            throw refuseDifferent(this.name, job.shape.mart, differs);
        }
        const known = await this.#readPosition(facts.settings.index.uuid);
        if (known !== undefined && !job.knownTokens.includes(known.token)) {
            throw refuseAhead(this.name, job.shape.mart, known.position);
        }
        const isAltered = Object.keys(missing).length > 0;
        const position = known?.position ?? null;
        const after = isAltered ? null : startOf(job, position);
        return {
            way: after === null ? 'whole' : 'changes',
            position,
            after,
            index,
            missing,
            old: [],
            steps: isAltered ? [`PUT /${index}/_mapping ${JSON.stringify({ properties: missing })}`] : [],
        };
    }

    async #planFresh(job: PushJob, old: readonly string[]): Promise<Plan> {
        const numbered = Object.entries(await this.#indexes(`${this.#alias}-*`)).filter(([name]) =>
            /^\d+$/.test(name.slice(this.#alias.length + 1)),
        );
        // What an interrupted push has left behind.
        const left = numbered.filter(
            ([, { aliases, mappings }]) =>
                Object.keys(aliases).length === 0 && mappings._meta?.elt?.origin === job.origin,
        );
        const numbers = numbered.map(([name]) => Number(name.slice(this.#alias.length + 1)));
        const index = `${this.#alias}-${Math.max(0, ...numbers) + 1}`;
        return {
            way: 'fresh',
            position: null,
            after: null,
            index,
            missing: {},
            old: [...old.filter((name) => name !== this.#alias), ...left.map(([name]) => name)],
            steps: [
                `PUT /${index} ${JSON.stringify(indexBody(job.shape, job.origin))}`,
                `POST /_aliases ${JSON.stringify(this.#aliasBody(index, old))}`,
            ],
        };
    }

    /** One request moves readers from the old index to the new one. An index that has the alias' name gives way to it. */
    #aliasBody(index: string, old: readonly string[]): unknown {
        const actions = old.map((name) =>
            name === this.#alias ? { remove_index: { index: name } } : { remove: { index: name, alias: this.#alias } },
        );
        return { actions: [...actions, { add: { index, alias: this.#alias } }] };
    }

    async #publish({ index }: Plan): Promise<void> {
        await this.#connection.json(
            'PUT',
            path(index, '_settings'),
            { index: { refresh_interval: null } },
            'set up an index',
        );
        await this.#connection.json('POST', path(index, '_refresh'), undefined, 'refresh');
        const old = Object.keys(await this.#indexes(this.#alias));
        await this.#connection.json('POST', '/_aliases', this.#aliasBody(index, old), 'move an alias');
    }

    async #write(job: PushJob, plan: Plan): Promise<BulkWriter> {
        const { shape, position, refused } = job;
        const writer = new BulkWriter(this.#connection, plan.index, position, refused);
        const names = shape.columns.map(({ name }) => JSON.stringify(name));
        const kinds = shape.columns.map(({ type }) => type.kind);
        const isPlain = isPlainKey(shape);
        let count = 0;
        for (const { key, values } of job.rows(plan.after)) {
            const text = values === null ? null : documentText(names, kinds, values);
            await writer.add({ id: documentId(key, isPlain), key: keyText(key), text });
            if (++count % ROWS_A_BREATH === 0) {
                await job.breathe(count);
            }
        }
        await writer.end();
        if (plan.position === null && writer.newer > 0) {
            throw refuseAhead(this.name, shape.mart, null);
        }
        if (plan.way === 'whole') {
            await deleteOlder(this.#connection, plan.index, writer, position);
        }
        return writer;
    }

    async #indexes(name: string): Promise<Indexes> {
        const answer = await this.#connection.send('GET', path(name));
        if (answer.status === 404) {
            return {};
        }
        if (answer.status >= 300) {
            throw this.#connection.refusal(answer, 'show an index');
        }
        return JSON.parse(answer.body) as Indexes;
    }

    /** Undefined where it speaks of another index: a push was interrupted when the alias had moved. */
    async #readPosition(uuid: string): Promise<TakenByIndex | undefined> {
        const answer = await this.#connection.send('GET', path(POSITIONS, '_doc', this.#alias));
        if (answer.status === 404) {
            return undefined;
        }
        if (answer.status >= 300) {
            throw this.#connection.refusal(answer, `read "${POSITIONS}"`);
        }
        const taken = (JSON.parse(answer.body) as { readonly _source: TakenByIndex })._source;
        return taken.uuid === uuid ? taken : undefined;
    }

    async #savePosition({ origin, token, shape, position }: PushJob, index: string): Promise<void> {
        const facts = (await this.#indexes(index))[index];
        await this.#connection.json(
            'PUT',
            path(POSITIONS, '_doc', this.#alias),
            {
                origin,
                token,
                uuid: facts?.settings.index.uuid,
                mart: shape.mart,
                position,
                pushed_at: new Date().toISOString(),
            },
            `write "${POSITIONS}"`,
        );
    }
}

function path(...parts: readonly string[]): string {
    return parts.map((part) => `/${part === '_doc' ? part : encodeURIComponent(part).replaceAll('%2A', '*')}`).join('');
}

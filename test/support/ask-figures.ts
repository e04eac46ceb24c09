import { join } from 'node:path';
import { answer, bindParameters } from '../../src/query/answer.ts';
import { readFigure } from '../../src/query/figure.ts';
import type { Question } from '../../src/query/question.ts';
import { type Database, openDatabase } from '../../src/sqlite/database.ts';
import { PROJECT } from './elt.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Given = Readonly<Record<string, string>>;

/** Asks the figures that come with elt, in the databases of a folder. */
export class AskFigures {
    readonly #databases = new Map<string, Database>();
    readonly #folder: string;

    constructor(folder: string) {
        this.#folder = folder;
    }

    figure(pipeline: string, name: string, given: Given = {}): readonly Row[] {
        return this.ask(pipeline, readFigure(join(PROJECT, 'sql'), pipeline, name), given);
    }

    /** The rows behind one row of a figure, as the page asks for them. */
    rows(pipeline: string, name: string, row: Row, filters: Given = {}): readonly Row[] {
        const { rows } = readFigure(join(PROJECT, 'sql'), pipeline, name);
        return rows === null ? [] : this.ask(pipeline, rows, valuesFor(rows, row, filters));
    }

    ask(pipeline: string, question: Question, given: Given): readonly Row[] {
        const database = this.#databases.get(pipeline) ?? openDatabase(this.file(pipeline), { readonly: true });
        this.#databases.set(pipeline, database);
        const own = Object.entries(given).filter(([name]) => question.parameters.some((one) => one.name === name));
        const { columns, rows } = answer(database, question, bindParameters(question, new Map(own)));
        return [...rows].map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index]])));
    }

    file(pipeline: string): string {
        return join(this.#folder, `${pipeline}.db`);
    }

    close(): void {
        for (const database of this.#databases.values()) {
            database.close();
        }
    }
}

/** What a question for rows is given: columns of the row, else filters. */
export function valuesFor(question: Question, row: Row, filters: Given): Given {
    return Object.fromEntries(
        question.parameters.flatMap(({ name }) => {
            const value = row[name] ?? filters[name];
            return value === undefined || value === null ? [] : [[name, String(value)]];
        }),
    );
}

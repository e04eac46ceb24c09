import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HeaderKey, headerValue } from '../sqlfile/header.ts';
import { type Question, questionWithKeys } from './question.ts';

export const CHARTS = ['number', 'line', 'bar', 'table'] as const;

/** A figure of a dashboard: a question that also says how it is drawn, in `sql/<pipeline>/dashboard/NN_name.sql`. */
export interface Figure extends Question {
    readonly title: string;
    readonly chart: (typeof CHARTS)[number];
    /** Of the numbers, e.g. `USD`. */
    readonly unit: string | null;
}

/** A file that cannot be read has its place on the page too. */
export interface BrokenFigure {
    readonly name: string;
    readonly file: string;
    readonly error: unknown;
}

const KEYS: readonly HeaderKey[] = [{ name: 'title' }, { name: 'chart', values: CHARTS }, { name: 'unit' }];

/** The figures of a pipeline's dashboard, in the order of their file names. */
export function readFigures(sqlFolder: string, pipeline: string): readonly (Figure | BrokenFigure)[] {
    return figureNames(sqlFolder, pipeline).map((name) => {
        const file = `sql/${pipeline}/dashboard/${name}.sql`;
        try {
            const path = join(sqlFolder, pipeline, 'dashboard', `${name}.sql`);
            return figureOf(name, file, readFileSync(path, 'utf8').replaceAll('\r\n', '\n'));
        } catch (error) {
            return { name, file, error };
        }
    });
}

/** Names of the figures: `NN_name`, without the suffix. */
export function figureNames(sqlFolder: string, pipeline: string): readonly string[] {
    const folder = join(sqlFolder, pipeline, 'dashboard');
    const files = existsSync(folder) ? readdirSync(folder) : [];
    return files
        .filter((name) => /^\d+_[^.]+\.sql$/.test(name))
        .sort()
        .map((name) => name.slice(0, -'.sql'.length));
}

/** A figure's text. @throws EltError SQL_HEADER, SQL_STATEMENT. */
export function figureOf(name: string, file: string, text: string): Figure {
    const { question, entries } = questionWithKeys(name, file, text, KEYS);
    const chart = CHARTS.find((one) => one === headerValue(entries, 'chart')) ?? 'table';
    const title = headerValue(entries, 'title') ?? name.replace(/^\d+_/, '').replaceAll('_', ' ');
    return { ...question, title, chart, unit: headerValue(entries, 'unit') ?? null };
}

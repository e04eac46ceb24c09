import { headerValue } from '../project/file-head.ts';
import type { ProjectFiles } from '../project/model-files.ts';
import { parseNames } from '../sql/relation-name.ts';
import { martsJson } from './marts-json.ts';
import type { TableFacts } from './plan-table.ts';

/** What the files of a pipeline say of a staging table: its key, and the values that marts read out of its documents. */
export function tableFacts({ models }: ProjectFiles): (staging: string) => TableFacts {
    const json = martsJson(models);
    const keys = new Map(
        models.flatMap(({ kind, name, head }) => {
            const key = kind === 'current' ? parseNames(headerValue(head, 'key') ?? '', ',') : undefined;
            return key === undefined ? [] : [[name, key] as const];
        }),
    );
    return (staging) => ({ key: keys.get(staging.replace(/^stg_/, 'current_')), json });
}
